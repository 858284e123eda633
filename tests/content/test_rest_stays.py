"""`rest=stays`: while a force has not told its fact, only that sentence gives way, and the other sentences stay."""

import re
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData

from accessibility.language import sentences
from accessibility.rule_finding import LEVELS
from api.desk.wording_form import read_form
from content.card import BrokenCard, Bubble, Card
from content.card_file import parse_card
from content.card_text import card_text
from content.editing import Typed, typed, written
from content.glossary import load_glossary
from content.rendering import Renderer
from content.slots import load_slots
from content.vetting import Vetting
from tests.chat.test_journey import Form
from tests.conftest import release_for
from tests.content.test_cards import BAG, bag, blocking
from tests.desk_app import DeskApp
from tests.doors import doors

SLOTS = load_slots()
DAYS, UNIT = SLOTS["bodycam_days"].missing, SLOTS["victim_unit"].missing
SAFE, NEWS = "Keep it where it is safe.", "You can ask for news."
TEXT = f"{SAFE} Your police keep it for {{{{ local.bodycam_days }}}} days. {NEWS}"
TWO = f"{SAFE} The team is {{{{ local.victim_unit }}}}. It keeps it for {{{{ local.bodycam_days }}}} days. {NEWS}"
MARKED = [
    pytest.param(card, bubble, id=f"{card.key}-{level}-{bubble.line}")
    for card in release_for(practice=True).cards.values()
    for level, version in card.levels.items()
    for bubble in version.bubbles
    if bubble.rest_stays
]


def with_bubble(text: str, marks: str = "symbol=ask rest=stays") -> Card:
    """The bag card with one bubble more at each level; it is the first one."""
    changed = re.sub(r"^(# \w+\n)", lambda level: f"{level[0]}\n{text}\n{{: {marks} }}\n", BAG, flags=re.M)
    return parse_card(changed, Path("bag.md"))


def shown(renderer: Renderer, text: str, **local: str) -> str:
    """What a child reads of a bubble whose rest stays."""
    card = with_bubble(text)
    found = {renderer.words(card, local).levels[level].bubbles[0].text for level in LEVELS}
    assert len(found) == 1
    return found.pop()


def first(card: Card) -> Bubble:
    return card.version("easy").bubbles[0]


def test_a_bubble_says_it_in_its_marks_and_the_file_gives_it_back() -> None:
    card = with_bubble(TEXT, "symbol=ask answers=how-long rest=stays")
    assert [first(card).rest_stays, card.version("easy").bubbles[1].rest_stays] == [True, False]
    again = parse_card(card_text(card), Path("bag.md"))
    assert first(again) == replace(first(card), line=first(again).line)
    assert card_text(again) == card_text(card)


@pytest.mark.parametrize(
    ("text", "mark", "says"),
    [
        (TEXT, "rest=goes", r'bag\.md:\d+: rest="goes" is not known; use stays'),
        (TEXT, "rest=", 'rest="" is not known; use stays'),
        (TEXT, "rest", '"rest" is not understood'),
        (SAFE, "rest=stays", "rest=stays needs a {{ local.slot }} .* take it out"),
        ("You can {{ help.police }}.", "rest=stays", "needs a {{ local.slot }}"),
    ],
)
def test_what_it_cannot_say_is_refused_with_what_to_do(text: str, mark: str, says: str) -> None:
    with pytest.raises(BrokenCard, match=says):
        with_bubble(text, mark)


def test_a_fact_that_is_told_stands_among_the_other_sentences(renderer: Renderer) -> None:
    assert shown(renderer, TEXT, bodycam_days="31") == f"{SAFE} Your police keep it for 31 days. {NEWS}"


@pytest.mark.parametrize("local", [{}, {"bodycam_days": ""}, {"victim_unit": "the helpers"}])
def test_a_fact_that_is_not_told_takes_its_own_sentence_away(renderer: Renderer, local: dict[str, str]) -> None:
    assert shown(renderer, TEXT, **local) == f"{SAFE} {DAYS} {NEWS}"


def test_without_the_mark_the_honest_sentence_stands_alone(renderer: Renderer) -> None:
    words = renderer.words(with_bubble(TEXT, "symbol=ask"), {})
    assert words.levels["easy"].bubbles[0].text == DAYS


def test_each_of_two_facts_is_told_of_in_its_place(renderer: Renderer) -> None:
    assert shown(renderer, TWO) == f"{SAFE} {UNIT} {DAYS} {NEWS}"
    assert shown(renderer, TWO, bodycam_days="31") == f"{SAFE} {UNIT} It keeps it for 31 days. {NEWS}"
    assert shown(renderer, TWO, victim_unit="the helpers") == f"{SAFE} The team is the helpers. {DAYS} {NEWS}"
    told = shown(renderer, TWO, victim_unit="the helpers", bodycam_days="31")
    assert told == f"{SAFE} The team is the helpers. It keeps it for 31 days. {NEWS}"


def test_two_facts_in_one_sentence_are_told_of_once(renderer: Renderer) -> None:
    text = f"{{{{ local.victim_unit }}}} keeps it for {{{{ local.bodycam_days }}}} days. {SAFE}"
    assert shown(renderer, text) == f"{UNIT} {SAFE}"
    assert shown(renderer, text, victim_unit="The team") == f"{DAYS} {SAFE}"


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("It is {{ local.bodycam_days }}. {safe} It stays {{ local.bodycam_days }}. {news}", "{days} {safe} {news}"),
        ("It is {{ local.bodycam_days }}. {safe} It stays {{ local.bodycam_days }}.", "{days} {safe}"),
        ("{safe}\n- It is {{local.bodycam_days}}.\n- {news}", "{safe}\n- {days}\n- {news}"),
        ("- It is {{ local.bodycam_days }}.\n- Then {{ local.bodycam_days }}.\n- {news}", "- {days}\n- {news}"),
        ("You can {{ help.police }}. It is {{ local.bodycam_days }}.", "You can call 101. {days}"),
        ("**{safe}** It is **{{ local.bodycam_days }}** days.", "**{safe}** {days}"),
        ("**{safe}** **It is {{ local.bodycam_days }}.** {news}", "**{safe}** **{days}** {news}"),
        # Half of a pair would be shown as two stars.
        ("{safe} It is **{{ local.bodycam_days }}. Ask** now.", "{days}"),
    ],
)
def test_lists_bold_words_helplines_and_a_fact_said_twice(renderer: Renderer, text: str, reads: str) -> None:
    text, reads = (one.replace("{safe}", SAFE).replace("{news}", NEWS).replace("{days}", DAYS) for one in (text, reads))
    found = shown(renderer, text)
    assert re.sub(r"\bcall 101\b[^.]*", "call 101", found) == reads


def test_a_slot_that_nobody_knows_is_refused(renderer: Renderer) -> None:
    with pytest.raises(BrokenCard, match='no slot "no_such_slot"'):
        renderer.words(with_bubble(f"{SAFE} It is {{{{ local.bodycam_days }}}}. {{{{ local.no_such_slot }}}}"), {})


@given(
    st.lists(st.sampled_from([SAFE, NEWS, "Days: {{ local.bodycam_days }}", "\n- ", "{{local.victim_unit}}", "☉ ∯"]))
)
def test_no_words_leave_a_slot_open_or_lose_a_sentence(pieces: list[str]) -> None:
    text = "\n".join(line for line in " ".join(["Ask {{ local.bodycam_days }}.", *pieces]).splitlines() if line.strip())
    bubble = Bubble(text, None, (), verbatim=False, line=1, rest_stays=True)
    renderer = release_for(practice=True).vetting.renderer
    found = renderer.fill(with_bubble(TEXT), bubble, {})
    assert "{" not in found
    assert found.count(DAYS) == 1
    if "☉ ∯" not in pieces:
        kept = [sentence for sentence in sentences(text) if "local." not in sentence]
        assert [sentence for sentence in kept if sentence not in found] == []


@pytest.mark.parametrize(("card", "bubble"), MARKED)
def test_while_no_force_has_told_anything_every_other_sentence_is_shown(
    renderer: Renderer, card: Card, bubble: Bubble
) -> None:
    stays = [sentence for sentence in sentences(bubble.text) if "local." not in sentence]
    assert stays
    (told,) = [
        signed.text
        for level, version in card.levels.items()
        for one, signed in zip(version.bubbles, renderer.words(card, {}).levels[level].bubbles, strict=True)
        if one is bubble
    ]
    for sentence in stays:
        assert renderer.fill(card, replace(bubble, text=sentence), {}) in told
    assert [told.count(SLOTS[slot].missing) for slot in renderer.slots_of(bubble.text)] == [1]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("prevent-record", "If letters to your home are not safe, ask the police to answer in another way."),
        ("case-gone-quiet", "If you are a suspect, ask your solicitor for news."),
        ("see-my-record", "Keep your copy where it is safe."),
    ],
)
async def test_a_child_whose_force_told_nothing_reads_the_line(client: httpx.AsyncClient, key: str, said: str) -> None:
    for level in LEVELS:
        answer = await client.get(f"/api/v1/forces/kent/cards/{key}", params={"level": level})
        assert said in answer.text, level


LONG = "You can ask a teacher or someone at home if you want to know more of this."


@pytest.mark.parametrize(
    ("rest", "found"),
    [
        # Empty, this has more sentences than easy allows, and no more than simple does.
        ("Ask a friend. Ask a teacher.", []),
        # Filled, this has more words than easy allows; empty, just as many as simple does.
        (f"{LONG} You can show this to a friend or someone at school.", [(20, "easy")]),
        (f"{LONG} {LONG}", [(20, "simple"), (20, "easy")]),
        ("Trust the police.", [(30, "standard"), (30, "simple"), (30, "easy")]),
    ],
)
def test_it_is_vetted_filled_and_empty(
    renderer: Renderer, tmp_path: Path, rest: str, found: list[tuple[int, str]]
) -> None:
    text = "The police near you usually keep it for {{ local.bodycam_days }} days."
    idea = f"{text} {rest}\n{{: symbol=ask rest=stays }}"
    changes = ((f"# {level}\n", f"# {level}\n\n{idea}\n") for level in LEVELS)
    told = blocking(Vetting(renderer, load_glossary()), bag(tmp_path, *changes))
    assert [one for one in dict.fromkeys(told) if one[0] in (20, 30)] == found


def edited(card: Card, texts: Typed) -> Card:
    return parse_card(written(card, card, texts, {}), Path("bag.md"))


def with_words(texts: Typed, text: str) -> Typed:
    """What an editor typed, with other words in the first idea of each level."""
    return {
        level: replace(one, ideas=(replace(one.ideas[0], text=text), *one.ideas[1:])) for level, one in texts.items()
    }


def test_an_editor_who_changes_words_keeps_it_and_who_takes_the_slot_out_loses_it() -> None:
    card = with_bubble(TEXT)
    assert first(edited(card, with_words(typed(card), f"{TEXT} Ask now."))).rest_stays
    assert not first(edited(card, with_words(typed(card), SAFE))).rest_stays
    sent = FormData([("text_easy_0", TEXT), ("rest_easy_0", "stays"), ("text_easy_1", TEXT)])
    assert [idea.rest_stays for idea in read_form(sent)["easy"].ideas] == [True, False]


async def test_the_desks_form_sends_it_back(desk: DeskApp) -> None:
    editor = await desk.person("northmoor", "editor")
    page = await editor.get("/desk/northmoor/cards/see-my-record/edit")
    known = doors(desk.app).desk.wordings.cards["see-my-record"]
    again = read_form(FormData(Form(page.text).fields))
    for level in LEVELS:
        kept = [idea.rest_stays for idea in again[level].ideas if idea.text]
        assert kept == [bubble.rest_stays for bubble in known.version(level).bubbles]
    assert any(idea.rest_stays for idea in again["easy"].ideas)
