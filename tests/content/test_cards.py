"""The whole pack: every card passes vetting; a broken file is named with its line; only checked helplines are shown."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from unittest.mock import patch

import pytest
from typer.testing import CliRunner

from accessibility.reading import read
from accessibility.rule_finding import Answer
from content.__main__ import app
from content.card import HOUSE_KEYS, LEVELS, BrokenCard, Card, Level
from content.card_file import CARDS, load_cards, read_card, refuse_strangers
from content.glossary import forms, load_glossary
from content.helplines import HELPLINES, load_helplines
from content.rendering import Renderer, html
from content.slots import load_slots
from content.vetting import Vetting

FIRST = {
    "who-gets-told",
    "tell-parents",
    "tell-school",
    "how-long-kept",
    "see-my-record",
    "delete-my-record",
    "fix-mistakes",
    "where-it-is-kept",
    "what-police-write-down",
    "off-the-record",
    "my-phone",
    "video-interview",
    "will-they-know-it-was-me",
    "lifelong-anonymity",
    "take-it-back",
    "fingerprints-dna",
    "custody-photo",
    "bodycam",
    "stop-search-record",
    "custody-record",
    "solicitor-private",
    "youth-caution",
    "enhanced-dbs-police-info",
    "nudes-shared",
    "missing",
    "made-to-do-crime",
    "worry-reported",
    "victim-rights",
    "who-speaks-up",
    "complain-police",
    "this-chatbot-data",
    "helping-a-child",
}
glossary = cache(load_glossary)
GOOD = (CARDS / "bodycam.md").read_text("utf-8") if (CARDS / "bodycam.md").exists() else ""


@pytest.fixture(scope="module")
def vetting(renderer: Renderer) -> Vetting:
    return Vetting(renderer, glossary())


def test_every_house_card_and_the_most_asked_are_here(cards: dict[str, Card]) -> None:
    assert set(HOUSE_KEYS) | FIRST <= set(cards)
    refuse_strangers(cards)


# That every card of the pack passes is `content check`, which `make check` and so `make test` run.
@pytest.mark.parametrize("key", ["fingerprints-dna", "alarm-suicide", "what-is-this"])
def test_a_card_may_be_signed(vetting: Vetting, cards: dict[str, Card], key: str) -> None:
    assert [report for report in vetting.vet(cards[key]) if report.blocks] == []


def test_the_check_command_names_file_line_and_rule_and_fails(tmp_path: Path) -> None:
    (tmp_path / "bodycam.md").write_text(
        GOOD.replace("# easy", "# easy\n\nTrust the police, we promise.\n", 1), "utf-8"
    )
    ended = CliRunner().invoke(app, ["check", "bodycam", "--folder", str(tmp_path)])
    assert ended.exit_code == 1
    assert re.search(r"bodycam\.md:\d+: easy rule 30 error", ended.output)
    assert "try: " in ended.output


def test_every_slot_is_vetted_too(renderer: Renderer) -> None:
    explained = forms(glossary())
    for slot in load_slots().values():
        answer = Answer("easy", "Who can I ask?", "Ask", (slot.missing,))
        assert [found for found in read(answer, explained) if found.severity == "error"] == [], slot.id


def _broken(tmp_path: Path, text: str) -> str:
    path = tmp_path / "bodycam.md"
    path.write_text(text, "utf-8")
    with pytest.raises(BrokenCard) as caught:
        read_card(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("---\nkey", "key", "front matter between"),
        ("key: bodycam", "key: other", "must match"),
        ("# easy", "# tiny", "not a level"),
        ("{: symbol=", "{: picture=", "not understood"),
        ("review_months:", "review_month:", "unknown field"),
        ("asks:", "unasks:", "unknown field"),
        ("about: ", "about: [", "not valid YAML"),
        ("https://", "http://", "https url"),
    ],
)
def test_a_broken_card_names_file_and_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in GOOD
    message = _broken(tmp_path, GOOD.replace(old, new, 1))
    assert says in message
    assert "bodycam.md:" in message


def test_a_level_that_is_missing_is_named(tmp_path: Path) -> None:
    assert 'no bubbles under "# easy"' in _broken(tmp_path, GOOD[: GOOD.index("# easy")])


def test_a_near_card_that_does_not_exist_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "bodycam.md").write_text(GOOD, "utf-8")
    with pytest.raises(BrokenCard, match="has no file"):
        refuse_strangers(load_cards(tmp_path))


def test_a_fact_dropped_at_one_level_blocks(vetting: Vetting, tmp_path: Path) -> None:
    easy = GOOD.index("# easy")
    path = tmp_path / "bodycam.md"
    path.write_text(GOOD[:easy] + GOOD[easy:].replace("says=evidence ", "", 1), "utf-8")
    assert any(report.finding.rule == 32 and report.blocks for report in vetting.vet(read_card(path)))


def test_an_unknown_slot_and_an_unknown_picture_block(vetting: Vetting, tmp_path: Path) -> None:
    path = tmp_path / "bodycam.md"
    path.write_text(GOOD.replace("local.bodycam_days", "local.no_such_slot"), "utf-8")
    assert any("no_such_slot" in report.finding.problem for report in vetting.vet(read_card(path)) if report.blocks)
    path.write_text(GOOD.replace("symbol=", "symbol=dragon-", 1), "utf-8")
    assert any(report.finding.rule == 36 for report in vetting.vet(read_card(path)))


def test_only_checked_helplines_are_shown(cards: dict[str, Card]) -> None:
    assert "verified: false" in HELPLINES.read_text("utf-8")
    assert "commissioner-wales" not in load_helplines()
    for line in load_helplines().values():
        assert line.source.startswith("https://") or line.source.startswith("http")
        assert line.phone or line.web or line.id == "emergency-bsl"


def test_a_slot_without_a_local_fact_is_honest_and_with_one_is_filled(
    renderer: Renderer, cards: dict[str, Card]
) -> None:
    empty, full = (renderer.words(cards["bodycam"], local) for local in ({}, {"bodycam_days": "31"}))
    for level in LEVELS:
        assert any(
            "do not know how many days your police keep body-worn video" in bubble.text
            for bubble in empty.levels[level].bubbles
        )
        assert any("31" in bubble.text for bubble in full.levels[level].bubbles)


@pytest.mark.parametrize("text", ["<script>x</script>", "[link](https://x.example)", "![x](y)", "<b>hi</b>", "&amp;"])
def test_words_are_escaped(text: str) -> None:
    assert "<script" not in html(text)
    assert "<a" not in html(text)
    assert "<img" not in html(text)
    assert "<b>" not in html(text)


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("call 999 now", ["999"]),
        ("call Childline on 0800 1111", ["08001111"]),
        ("call 116 123", ["116123"]),
        ("use the 999 BSL app", []),
        ("call 0808 80 10 800.", ["08088010800"]),
        ("in 2026, 31 days, 1999", []),
    ],
)
def test_numbers_can_be_called(text: str, calls: list[str]) -> None:
    assert re.findall(r'href="tel:(\d+)"', html(text)) == calls


def test_bold_and_lists_are_kept() -> None:
    assert html("**6 months**") == "<p><strong>6 months</strong></p>"
    assert "<li>" in html("- one\n- two")


@pytest.mark.parametrize(
    "evil", ["{{ ''.__class__.__mro__ }}", "{{ local.__class__ }}", "{{ local.x.y }}", "{% include 'x' %}"]
)
def test_slots_cannot_reach_into_python(renderer: Renderer, cards: dict[str, Card], evil: str) -> None:
    card = cards["bodycam"]
    bubble = replace(card.levels["easy"].bubbles[0], text=evil)
    with pytest.raises(BrokenCard, match=r"bodycam\.md"):
        renderer.fill(card, bubble, {"x": "y"})


# A card of the tests' own: its words stay as they are when editors change theirs. It passes without any advice.
BAG = """---
key: bag
question: Can the police look in my bag?
about: bag
asks: can-they
jurisdiction: England and Wales
near: [bodycam, my-phone]
review_months: 12
sources:
  law: {title: The law on bags, url: https://www.legislation.gov.uk/bag, checked: 2026-07-01}
must_say:
  - {id: why, fact: The police must say why., source: law}
  - {id: days, fact: You can ask for 5½ days., source: law}
  - {id: copy, fact: You might get a copy., source: law, certain: false}
ask: ["Who can see my bag?", "How long will you keep my bag?", "How do I ask for my bag?"]
examples: [one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve]
---
""" + "".join(
    f"""
# {level}

Yes. The police must say why they look at it.
{{: symbol=ask says=why }}

You can ask for 5½ days. You might get a copy.
{{: symbol=calendar says=days,copy }}
"""
    for level in LEVELS
)
EASY = ("# easy\n", "# easy\n\nYes. The photo and the bag are with your mum. It can stay.\n{: symbol=ask }\n")
"""Adds an "it" that may mean several things at easy level (rule 25) and breaks nothing else."""
WHY = ("sources:", "reasons: {25: Only a bag can stay.}\nsources:")
LOCAL = "\n\nYour police keep it for {{ local.bodycam_days }} days.\n{: symbol=calendar }\n"


def bag(folder: Path, *changes: tuple[str, str]) -> Path:
    """The bag card with these changes, as a file. Each change is made once."""
    text = BAG
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = folder / "bag.md"
    path.write_text(text, "utf-8")
    return path


def blocking(vetting: Vetting, path: Path) -> list[tuple[int, str]]:
    return [(report.finding.rule, report.level) for report in vetting.vet(read_card(path)) if report.blocks]


def checked(*words: str) -> tuple[int, str]:
    """The exit code and the output of `content check`, with the glossary that these tests have read already."""
    with patch("content.__main__.load_glossary", glossary):
        ended = CliRunner().invoke(app, ["check", *words])
    return ended.exit_code, ended.output


def test_a_good_card_has_nothing_to_say_about(vetting: Vetting, tmp_path: Path) -> None:
    assert vetting.vet(read_card(bag(tmp_path))) == []


def test_advice_without_a_reason_blocks(vetting: Vetting, tmp_path: Path) -> None:
    assert blocking(vetting, bag(tmp_path, EASY)) == [(25, "easy")]


def test_advice_with_a_reason_is_kept_and_printed(vetting: Vetting, tmp_path: Path) -> None:
    path = bag(tmp_path, EASY, WHY)
    (kept,) = vetting.vet(read_card(path))
    assert (kept.finding.rule, kept.blocks, kept.reason) == (25, False, "Only a bag can stay.")
    code, output = checked("bag", "--folder", str(tmp_path))
    assert code == 0
    assert "kept because: Only a bag can stay." in output
    assert "1 cards checked: 0 block signing, 1 kept with a reason" in output


@pytest.mark.parametrize("why", ['""', '"  "', "", "ok"])
def test_a_reason_that_says_nothing_is_none(vetting: Vetting, tmp_path: Path, why: str) -> None:
    path = bag(tmp_path, EASY, ("sources:", f"reasons:\n  25: {why}\nsources:"))
    assert blocking(vetting, path) == [(25, "easy")]


@pytest.mark.parametrize("rule", [25, 27, 99])
def test_an_idle_reason_blocks(vetting: Vetting, tmp_path: Path, rule: int) -> None:
    path = bag(tmp_path, ("sources:", f"reasons: {{{rule}: Nothing needs it any more.}}\nsources:"))
    (report,) = vetting.vet(read_card(path))
    assert (report.finding.rule, report.finding.severity, report.blocks) == (rule, "error", True)
    assert "take it out" in report.finding.suggestion


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        (1, EASY[1], EASY[1].replace("bag are", "bag and the things in it are now there")),
        (30, "You might get a copy.\n", "We promise you might get a copy.\n"),
        (32, "{: symbol=ask says=why }", "{: symbol=ask }"),
        (36, EASY[1], EASY[1].replace("{: symbol=ask }\n", "")),
    ],
)
def test_a_reason_never_silences_an_error(vetting: Vetting, tmp_path: Path, rule: int, old: str, new: str) -> None:
    reason = ("sources:", f"reasons: {{{rule}: We like it as it is.}}\nsources:")
    found = vetting.vet(read_card(bag(tmp_path, EASY, (old, new), reason)))
    errors = [report for report in found if report.finding.rule == rule and report.finding.severity == "error"]
    assert errors
    assert all(report.blocks and report.reason is None for report in errors)


def test_one_local_bubble_is_free_and_a_second_is_not(vetting: Vetting, tmp_path: Path) -> None:
    third = "\n\nThe police might look at it.\n{: symbol=police }\n\nA worker might look at it.\n{: symbol=police }\n"
    end = "You can ask for 5½ days. You might get a copy.\n{: symbol=calendar says=days,copy }\n\n# simple"
    whole = end.removesuffix("\n# simple") + third
    assert blocking(vetting, bag(tmp_path, (end, whole + LOCAL + "\n# simple"))) == []
    assert blocking(vetting, bag(tmp_path, (end, whole + third + "\n# simple"))) == [(21, "standard")]
    assert blocking(vetting, bag(tmp_path, (end, whole + LOCAL + LOCAL + "\n# simple"))) == [(21, "standard")]


def test_an_unknown_slot_helpline_or_symbol_stops_the_check_naming_the_file(tmp_path: Path) -> None:
    slot = ("# simple", "Ask {{ local.no_such_slot }} now.\n{: symbol=ask }\n\n# simple")
    line = ("# easy", "Ask {{ help.no_such_line }} now.\n{: symbol=ask }\n\n# easy")
    symbol = (EASY[0], EASY[1].replace("symbol=ask", "symbol=dragon"))
    code, output = checked("bag", "--folder", str(bag(tmp_path, symbol, slot, line).parent))
    assert code == 1
    for says in ('standard rule 35 .*no slot "no_such_slot"', "simple .*no_such_line", 'easy .*no symbol "dragon"'):
        assert re.search(rf"bag\.md:\d+: {says}", output), says


def test_an_unknown_near_card_stops_the_check_naming_the_file(tmp_path: Path) -> None:
    code, output = checked("--folder", str(bag(tmp_path, ("bodycam, my-phone", "bag, no-such-card")).parent))
    assert code == 1
    assert re.search(r'bag\.md:\d+: near card "no-such-card"', output)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("bail: {word: bail, standard: A rule., simple: A rule.}", '"bail" lacks easy'),
        ("bail: {standard: A rule., simple: A rule., easy: A rule.}", '"bail" lacks word'),
    ],
)
def test_a_glossary_word_without_a_meaning_stops_the_check_naming_the_file(
    tmp_path: Path, text: str, says: str
) -> None:
    (tmp_path / "law.yml").write_text(text, "utf-8")
    with pytest.raises(ValueError, match=rf"law\.yml: {says}"):
        load_glossary(tmp_path)


def test_a_hard_word_that_no_glossary_explains_blocks(vetting: Vetting, tmp_path: Path) -> None:
    path = bag(tmp_path, ("You might get a copy.\n", "You might get a chromatogram.\n"))
    assert (8, "standard") in blocking(vetting, path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("says=why", "says=no-such-fact"),
        ("for 5½ days", "for 5 days"),
        ("ask for 5½ days., source", "ask for 5 days., source"),
        ("You can ask for 5½ days. You might get a copy.\n", "You have 5½ days. You get a copy.\n"),
        ("must_say:", "must_say: []\nasks: other\nsituations:"),
        ("You might get a copy.\n", "You may get a copy for {{ local.bodycam_days }} days.\n"),
    ],
)
def test_rule_32_facts_at_every_level(vetting: Vetting, tmp_path: Path, old: str, new: str) -> None:
    assert 32 in {rule for rule, _ in blocking(vetting, bag(tmp_path, (old, new)))}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("near: [bodycam, my-phone]", "near: [bodycam]"),
        ("near: [bodycam, my-phone]", "near: [bodycam, my-phone, missing, nudes-shared, tell-parents]"),
        ("eleven, twelve", "eleven, Eleven"),
        ("review_months: 12", "review_months: 13"),
        ("review_months: 12", "review_months: 0"),
        ("jurisdiction: England and Wales", 'jurisdiction: ""'),
        ("source: law", "source: hearsay"),
        ("You might get a copy.\n", "You might get a copy. Call 0800 1111.\n"),
        ("You might get a copy.\n", "You might get a copy. Call 116 123.\n"),
        ("You might get a copy.\n", "You might get a copy. Call 0808 80 10 800.\n"),
    ],
)
def test_rule_35_source_place_date_and_helplines(vetting: Vetting, tmp_path: Path, old: str, new: str) -> None:
    assert 35 in {rule for rule, _ in blocking(vetting, bag(tmp_path, (old, new)))}


def test_the_check_prints_where_what_and_a_kinder_way(tmp_path: Path) -> None:
    path = bag(
        tmp_path,
        (
            "# easy\n\nYes. The police must say why they look at it.",
            "# easy\n\nYes. The cops must say why they look at it.",
        ),
    )
    line = path.read_text("utf-8").splitlines().index("Yes. The cops must say why they look at it.") + 1
    code, output = checked("bag", "--folder", str(tmp_path))
    assert code == 1
    assert f'{path}:{line}: easy rule 11 error: "cops" is our "the police" by another name' in output
    assert "'The cops must say why they look at it.'" in output
    assert 'try: say "the police"' in output


def test_the_check_asks_for_a_reason_where_one_would_do(tmp_path: Path) -> None:
    code, output = checked("bag", "--folder", str(bag(tmp_path, EASY).parent))
    assert code == 1
    assert re.search(r"try: .*; or say why in the card: reasons: \{25: \.\.\.\}", output)


def test_the_check_knows_no_card_without_a_file(tmp_path: Path) -> None:
    code, output = checked("no-such-card", "--folder", str(bag(tmp_path).parent))
    assert code == 1
    assert "no-such-card" in output


def test_the_check_names_line_100_as_it_is(tmp_path: Path) -> None:
    above = BAG[: BAG.index("# easy")].count("\n")
    path = bag(
        tmp_path, ("# easy", "\n" * (97 - above) + "# easy"), ("# easy\n\nYes. The police", "# easy\n\nYes. The cops")
    )
    assert f"{path}:100: easy rule 11" in checked("bag", "--folder", str(tmp_path))[1]


@pytest.mark.parametrize("level", LEVELS)
def test_rule_24_no_two_cards_have_the_same_button(cards: dict[str, Card], level: Level) -> None:
    labels = [card.version(level).label.lower() for card in cards.values()]
    assert sorted(labels) == sorted(set(labels))
