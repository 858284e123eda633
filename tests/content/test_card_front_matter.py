"""What a card's file says beside its words: safety lines, touching cards, readers, who read it, what is answered."""

from dataclasses import replace
from pathlib import Path

import pytest
from starlette.datastructures import FormData

from accessibility.rule_finding import LEVELS
from api.desk.wording_form import read_form
from content.card import ANSWERS, BrokenCard, Card, Fact
from content.card_file import load_cards, parse_card
from content.card_text import card_text
from content.editing import typed, written
from content.glossary import load_glossary
from content.own_wording import own_wording
from content.rendering import Renderer
from content.signed_words import SignedWords
from content.touching import touching
from content.vetting import Vetting
from tests.content.test_cards import BAG, bag, blocking, checked

KEEP = ("sources:", 'keep: [{id: afraid, fact: "If you are afraid, tell a teacher."}]\nsources:')
SAID = tuple(
    (
        f"# {level}\n",
        f"# {level}\n\nYes. If you are afraid, tell a teacher.\n{{: symbol=ask says=afraid answers=help }}\n",
    )
    for level in LEVELS
)
ALL = (
    "sources:",
    "keep: [{id: afraid, fact: Tell a teacher.}]\ntouches: [bodycam, my-phone]\nfor: [suspect, worker]\n"
    "read_by: [A. Reader]\nlaw_read_by: [B. Lawyer]\nsources:",
)
COPY = ("checked: 2026-07-01}", "checked: 2026-07-01, place: section 4, read: copy, copy_date: 2026-06-01}")


@pytest.fixture(scope="module")
def vetting(renderer: Renderer) -> Vetting:
    return Vetting(renderer, load_glossary())


def parsed(*changes: tuple[str, str]) -> Card:
    text = BAG
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return parse_card(text, Path("bag.md"))


def test_a_card_without_them_has_none() -> None:
    card = parsed()
    assert (card.keep, card.touches, card.readers, card.read_by, card.law_read_by) == ((), (), (), (), ())
    assert {(source.place, source.read, source.copy_date) for source in card.sources.values()} == {("", None, None)}


def test_what_is_written_is_read_again() -> None:
    card = parsed(ALL, COPY, ("says=why }", "says=why answers=why,if-no }"))
    assert card.keep == (Fact("afraid", "Tell a teacher.", "", certain=True),)
    assert (card.touches, card.readers) == (("bodycam", "my-phone"), ("suspect", "worker"))
    assert (card.read_by, card.law_read_by) == (("A. Reader",), ("B. Lawyer",))
    assert (card.sources["law"].place, card.sources["law"].read) == ("section 4", "copy")
    assert card.version("standard").bubbles[0].answers == ("why", "if-no")
    again = parse_card(card_text(card), Path("bag.md"))
    assert card_text(again) == card_text(card)
    assert replace(again, levels={}) == replace(card, levels={})


def test_the_button_of_a_card_without_a_label_is_its_question() -> None:
    assert {version.label for version in parsed().levels.values()} == {"Can the police look in my bag?"}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("sources:", "for: [everyone]\nsources:", "use suspect, victim, witness, worried, worker"),
        ("sources:", "for: suspect\nsources:", r'"for" is a list: write for: \[suspect\]'),
        ("sources:", "touches: bodycam\nsources:", r'"touches" is a list'),
        (
            "sources:",
            "keep: [{id: a, fact: b, source: c}]\nsources:",
            'keep "a" has an unknown field "source"; known are',
        ),
        ("sources:", "keep: [{id: a}]\nsources:", "fact"),
        ("source: law}", "source: law, sure: true}", 'unknown field "sure"; known are'),
        ("says=why }", "says=why answers=whenever }", 'answers="whenever" is not known; use can-i'),
        ("checked: 2026-07-01}", "checked: 2026-07-01, read: heard}", "use live, copy"),
        ("checked: 2026-07-01}", "checked: 2026-07-01, copy_date: 2026-06-01}", "needs read: copy and a copy_date"),
        (
            "checked: 2026-07-01}",
            "checked: 2026-07-01, read: copy, copy_date: June}",
            "needs read: copy and a copy_date",
        ),
        ("checked: 2026-07-01}", "checked: 2026-07-01, page: 4}", 'unknown field "page"; known are'),
    ],
)
def test_an_unknown_name_is_refused_with_what_to_do(old: str, new: str, says: str) -> None:
    with pytest.raises(BrokenCard, match=says):
        parsed((old, new))


def test_rule_43_a_safety_line_stands_at_every_level(vetting: Vetting, tmp_path: Path) -> None:
    assert blocking(vetting, bag(tmp_path, KEEP, *SAID)) == []
    assert blocking(vetting, bag(tmp_path, KEEP, *SAID[:2])) == [(43, "")]
    assert blocking(vetting, bag(tmp_path, KEEP)) == [(43, "")] * 3


def test_rule_43_one_id_is_not_both_fact_and_safety_line(vetting: Vetting, tmp_path: Path) -> None:
    assert (43, "") in blocking(vetting, bag(tmp_path, ("sources:", "keep: [{id: why, fact: Why.}]\nsources:")))


def test_a_layers_own_wording_drops_no_safety_line() -> None:
    national = parsed(KEEP, *SAID)
    assert own_wording(national, card_text(national)).keep == national.keep
    with pytest.raises(BrokenCard, match="safety line"):
        own_wording(national, card_text(replace(national, keep=())))


def test_rule_46_cards_that_touch_name_each_other_and_agree() -> None:
    one, other = replace(parsed(), key="one", touches=("other",)), replace(parsed(), key="other", touches=("one",))
    both = {"one": one, "other": other}
    assert [finding for card in both.values() for finding in touching(card, both)] == []
    assert [found.rule for found in touching(one, {"one": one})] == [46]
    assert [found.rule for found in touching(replace(one, touches=("one",)), both)] == [46]
    silent = both | {"other": replace(other, touches=())}
    assert "write touches: [one]" in next(touching(one, silent)).suggestion
    facts = (replace(other.must_say[0], text="The police need not say why."), *other.must_say[1:])
    (found,) = touching(one, both | {"other": replace(other, must_say=facts)})
    assert '"why" is told otherwise in other' in found.problem


def test_the_touching_cards_of_the_pack_name_each_other_and_agree() -> None:
    cards = load_cards()
    assert [(card.key, found.problem) for card in cards.values() for found in touching(card, cards)] == []


def test_advice_of_formulas_needs_no_reason(vetting: Vetting, tmp_path: Path) -> None:
    longer = "It is there. That is so. The bag is big. The bag is here. The bag is red. The bag is old."
    path = bag(
        tmp_path, ("You can ask for 5½ days. You might get a copy.\n", f"For 5½ days. You might get one.\n\n{longer}\n")
    )
    assert 26 not in {rule for rule, _ in blocking(vetting, path)}


def test_a_named_card_is_held_to_every_rule_and_a_level_shows_its_own_findings(tmp_path: Path) -> None:
    path = bag(tmp_path, ("# easy\n", "# easy\n\nYes. Police may look at it.\n{: symbol=ask }\n"))
    code, output = checked("bag", "--folder", str(path.parent), "--level", "easy")
    assert code == 1
    assert 'rule 39 error: "may" is both chance and permission' in output
    assert 'try: say "might" for what is possible' in output
    assert checked("bag", "--folder", str(path.parent), "--level", "simple")[0] == 0


def test_an_editor_who_changes_words_keeps_what_each_answers() -> None:
    card = parsed(ALL, ("says=why }", "says=why answers=why }"))
    again = parse_card(written(card, card, typed(card), {}), Path("bag.md"))
    assert again.version("standard").bubbles[0].answers == ("why",)
    sent = FormData([("text_easy_0", "You can ask."), ("answers_easy_0", "ask"), ("answers_easy_0", "whenever")])
    assert read_form(sent)["easy"].ideas[0].answers == ("ask",)


def test_words_without_them_keep_the_fingerprint_they_had(renderer: Renderer) -> None:
    words = renderer.words(parsed(), {})
    assert "answers" not in words.as_json()
    assert "readers" not in words.as_json()


def test_words_with_them_are_signed_and_read_again(renderer: Renderer) -> None:
    card = parsed(ALL, ("says=why }", "says=why answers=why }"))
    words = renderer.words(card, {})
    again = SignedWords.from_json(words.as_json())
    assert again.readers == ("suspect", "worker")
    assert again.levels["standard"].bubbles[0].answers == ("why",)
    assert again.fingerprint == words.fingerprint != renderer.words(parsed(), {}).fingerprint


def test_the_guide_names_every_answer() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "cards.md").read_text("utf-8")
    assert [name for name in ANSWERS if f"`{name}`" not in guide] == []
