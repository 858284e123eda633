"""The whole pack: every card passes vetting; a broken file is named with its line; only checked helplines are shown."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from accessibility.finding import Answer
from accessibility.reading import read
from content.__main__ import app
from content.card import HOUSE_KEYS, LEVELS, BrokenCard, Card
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
GOOD = (CARDS / "bodycam.md").read_text("utf-8") if (CARDS / "bodycam.md").exists() else ""


@pytest.fixture(scope="module")
def vetting(renderer: Renderer) -> Vetting:
    return Vetting(renderer, load_glossary())


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
    explained = forms(load_glossary())
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
    path.write_text(GOOD[:easy] + GOOD[easy:].replace("says=", "says=,", 1).replace(",", "none", 1), "utf-8")
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
            "do not know how many days your police keep it" in bubble.text for bubble in empty.levels[level].bubbles
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
