"""Hard words: pressed where they stand, explained in the list, used in a sentence, and asked about in a message."""

import html as escapes
import re

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessibility.reading import read
from accessibility.rule_finding import Answer
from accessibility.symbols import symbols
from content import rendering
from content.glossary import Word, forms, load_glossary
from content.message_questions import WordQuestions
from content.signed_words import SignedWord
from content.word_marks import WordMarks
from tests.chat.test_pages import say
from tests.fake_brain import FakeBrain
from tests.json_child import Child

GLOSSARY = load_glossary()
FORMS = forms(GLOSSARY)
QUESTIONS = WordQuestions(GLOSSARY)
# One sentence is too short to count how many of its words are common, and letters such as UCAS are what is explained.
# And it is no bubble of an answer, so "they" may open it.
OF_THE_WHOLE_ANSWER = {7, 17, 34, 38}
ALL = [SignedWord(word.id, word.word, "Meaning.") for word in GLOSSARY.values()]
SIGNS = [
    "<b>",
    "&amp;",
    "&",
    '"',
    "<",
    ">",
    "**",
    "* ",
    "\n",
    "[",
    "]{everyday}",
    "999",
    "0800 1111",
    "bail",
    "Court",
    "'",
    "#",
    "\ue000",
]


@pytest.mark.parametrize("word", GLOSSARY.values(), ids=lambda word: word.id)
def test_every_word_is_used_in_one_easy_sentence(word: Word) -> None:
    assert word.used.endswith(".")
    assert len(word.used.split()) <= 12
    assert any(re.search(rf"(?<!\w){re.escape(form)}(?!\w)", word.used.lower()) for form in word.forms)
    found = read(Answer("easy", "Who can see it?", "Ask", (word.used,)), FORMS)
    assert [one for one in found if one.severity == "error" and one.rule not in OF_THE_WHOLE_ANSWER] == []
    assert word.used not in word.meaning.values()


def test_every_picture_of_a_word_is_an_approved_one() -> None:
    assert {word.symbol for word in GLOSSARY.values() if word.symbol} <= set(symbols())


def marked(text: str, *keys: str) -> str:
    words = [SignedWord(key, GLOSSARY[key].word, "Meaning.") for key in keys]
    return WordMarks(words, "word-1-").html(text)


def found(marks: str) -> list[str]:
    return re.findall(r'<span class="word" data-entry="word-1-[a-z0-9-]+">([^<]+)</span>', marks)


@pytest.mark.parametrize(
    ("text", "keys", "words"),
    [
        ("You are on bail. Bail ends.", ["bail"], ["bail"]),
        ("They arrested him.", ["arrest"], ["arrested"]),
        ("The youth court is a court.", ["court", "youth-court"], ["youth court", "court"]),
        ("A courtyard is no place.", ["court"], []),
        ("**Bail** has rules.", ["bail"], ["Bail"]),
        ("This helps to prevent harm. Prevent is a plan.", ["prevent"], ["Prevent"]),
        ("Just over the [right]{everyday}. You have a right.", ["right"], ["right"]),
        ("Call 0800 1111 for bail.", ["bail"], ["bail"]),
        ("A solicitor helps.", ["bail"], []),
        ("The Victims’ Code and the Victims' Code.", ["victims-code"], ["Victims’ Code"]),
    ],
)
def test_a_word_is_marked_once_where_it_first_stands(text: str, keys: list[str], words: list[str]) -> None:
    assert found(marked(text, *keys)) == words


def _text(html: str) -> str:
    return escapes.unescape(re.sub(r"<[^>]*>", "", html))


@given(st.lists(st.one_of(st.sampled_from(SIGNS + [word.word for word in GLOSSARY.values()]), st.text()), max_size=12))
def test_marking_changes_no_word_and_opens_no_markup(parts: list[str]) -> None:
    text = " ".join(parts)
    plain, marks = rendering.html(text), WordMarks(ALL, "word-1-").html(text)
    without = re.sub(r'<span class="word" data-entry="word-1-[a-z0-9-]+">(.*?)</span>', r"\1", marks)
    assert without == plain
    assert _text(marks) == _text(plain)
    assert set(re.findall(r"</?(\w+)", marks)) <= {"p", "strong", "em", "ul", "ol", "li", "br", "a", "span"}
    assert not re.search(r"<(a|span) [^>]*>[^<]*<(a|span) ", marks)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("what does bail mean", "bail"),
        ("whats a caution", "caution"),
        ("what is an appropriate adult", "appropriate-adult"),
        ("wot does custody mean", "custody"),
        ("meaning of solicitor", "solicitor"),
        ("What’s a WITNESS???", "witness"),
        ("what does charged mean", "charge"),
        ("i dont know what custody means", "custody"),
        ("what do you mean by evidence", "evidence"),
        ("custody what does that mean", "custody"),
        ("define consent pls", "consent"),
        ("whats a statment", "statement"),
        ("what does evidance mean", "evidence"),
        ("what is a sollicitor", "solicitor"),
        ("wot is a prime number", None),
        ("what is a production order", None),
        ("whats the weather", None),
        ("what is bial", None),
        ("what does that word mean", None),
        ("what case", None),
        ("what is a youth caution and who gets to see it", None),
        ("how long is bail", None),
        ("bail", None),
        ("", None),
        ("what is " + "a" * 5_000, None),
    ],
)
def test_only_a_whole_question_about_a_word_is_one(text: str, key: str | None) -> None:
    assert QUESTIONS.hear(text) == key


@given(st.text())
def test_any_text_is_heard_without_a_fault(text: str) -> None:
    assert QUESTIONS.hear(text) is None or QUESTIONS.hear(text) in GLOSSARY


@pytest.mark.parametrize("level", ["standard", "simple", "easy"])
async def test_a_typed_question_gets_the_meaning_at_the_level_of_the_reader(
    client: httpx.AsyncClient, level: str
) -> None:
    child, bail = Child(client), GLOSSARY["bail"]
    await child.start(level=level)
    reply = await child.say("what does bail mean")
    assert (reply["kind"], reply["card"]["key"]) == ("act", "what-word")
    assert reply["word"] == {"word": "bail", "meaning": bail.meaning[level], "used": bail.used, "picture": bail.symbol}  # type: ignore[index]
    assert reply["near"][0]["key"] == "bail"
    page = await child.page()
    assert escapes.escape(bail.meaning[level]) in page  # type: ignore[index]
    assert bail.used in page
    assert 'value="bail"' in page


async def test_whoever_asks_for_a_meaning_in_other_words_gets_it(client: httpx.AsyncClient, brain: FakeBrain) -> None:
    child = Child(client)
    await child.start()
    for text in ("suspect what mean", "what does suspect even mean to them lot tho"):
        brain.tell(text, ("what-word", 0.9))
        page = await child.say(text)
        assert page["kind"] == "act"
        assert "think might have done a crime" in await child.page()


async def test_no_other_reply_has_a_word(client: httpx.AsyncClient) -> None:
    child = Child(client)
    await child.start()
    assert "word" not in await child.press("bail")


async def test_a_question_that_may_be_danger_is_first_heard_by_the_alarm(
    client: httpx.AsyncClient, brain: FakeBrain
) -> None:
    brain.tell("what does suicide mean", ("alarm-suicide", 0.95))
    child = Child(client)
    await child.start()
    assert (await child.say("what does suicide mean"))["kind"] == "alarm"
    assert (await child.say("what does bail mean im going to kill myself"))["kind"] == "alarm"


async def test_a_word_that_nobody_signed_has_no_meaning_here(client: httpx.AsyncClient) -> None:
    signed = {word for card in (await client.get("/api/v1/forces/northmoor/cards?level=easy")).json() for word in card}
    assert signed
    child = Child(client)
    await child.start(force="northmoor")
    unsigned = await _unsigned(client)
    reply = await child.say(f"what does {GLOSSARY[unsigned].word} mean")
    assert reply["card"]["key"] == "what-word"
    assert "word" not in reply


async def _unsigned(client: httpx.AsyncClient) -> str:
    """A glossary word that no live card of this force explains, at any level."""
    keys = [card["key"] for card in (await client.get("/api/v1/forces/northmoor/cards")).json()]
    seen = set[str]()
    for level in ("standard", "simple", "easy"):
        for key in keys:
            seen |= set(
                (await client.get(f"/api/v1/forces/northmoor/cards/{key}?level={level}")).json().get("words", ())
            )
    left = [key for key in GLOSSARY if key not in seen]
    if not left:
        pytest.skip("every word of the glossary is signed")
    return left[0]


async def test_the_page_lists_each_word_with_its_meaning_picture_and_sentence(client: httpx.AsyncClient) -> None:
    page = (await say(client, await client.get("/northmoor?level=easy"), card="solicitor-private")).text
    link = re.search(r'<span class="word" data-entry="(word-\d+-solicitor)">', page)
    assert link
    entry = page[page.index(f'id="{link[1]}"') :][:900]
    assert GLOSSARY["solicitor"].meaning["easy"] in entry
    assert GLOSSARY["solicitor"].used in entry
    assert f"/pictures/{GLOSSARY['solicitor'].symbol}.svg" in entry
