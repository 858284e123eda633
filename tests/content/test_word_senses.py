"""Words that only look like a hard word: "say so right away", "in other cases", "in charge", "before you send it"."""

import re
from collections.abc import Iterator

import pytest

from accessibility.term_rules import hard_words
from accessibility.terms import Terms
from content.card import Card
from content.glossary import forms, load_glossary
from content.rendering import Renderer, html
from content.signed_words import SignedVersion, SignedWord
from content.word_marks import WordMarks

GLOSSARY = load_glossary()
FORMS = forms(GLOSSARY)
ALL = [SignedWord(word.id, word.word, "Meaning.") for word in GLOSSARY.values()]
LINK = re.compile(r'<span class="word" data-entry="word-1-([a-z0-9-]+)">(.*?)</span>')

EVERYDAY = {
    "right": [
        "Say so right away.",
        "Right away, they must write.",
        "You are all right.",
        "Ask for help right now.",
        "Press the button on the right side.",
        "You are in the right place.",
        "They must put things right.",
        "It is not right to hurt you.",
    ],
    "case": [
        "In rare cases they ask.",
        "That is for rare cases.",
        "In other cases they wait.",
        "Take a pen in case you need it.",
        "In a family court case, parents see it.",
    ],
    "charge": [
        "The person in charge can help.",
        "People in charge must agree.",
        "This is free of charge.",
        "You can charge your phone.",
    ],
    "court-sentence": ["Say it in a sentence.", "Read each sentence again."],
    "record": [
        "The police record the interview.",
        "They record it, and keep it.",
        "They may record a crime.",
        "They record and keep what you say.",
        "Ask what they record.",
        "They may ask for bank records.",
    ],
    "record-verb": ["Ask if they recorded a crime."],
    "police-force": ["Nobody can force you.", "They must not use force.", "He took it by force."],
    "spent": ["I spent time at home.", "All my money was spent on food."],
    "special-needs": ["Ask before you send a form.", "Send it to nobody."],
    "statement": ["They may ask for a bank statement."],
    "suspect": ["They suspect you of a crime.", "An officer suspects you of a crime."],
    "police-cell": ["They rub skin cells from your cheek."],
    "court": ["We met at the basketball court."],
    "online-post": ["The office posts the certificate to you.", "Someone posts your name.", "I posted it."],
    "post-verb": ["The office posts the certificate to you.", "I will keep you posted.", "They can see my posts."],
    "worker": ["The court workers come too.", "Ask a youth justice worker."],
    "youth-justice-service": ["Ask a youth justice worker."],
    "dbs-check": ["Only an enhanced check can show it.", "The DBS sends you a letter."],
    "dbs": ["The school asked for a DBS check."],
    "database": ["It is on the national police computer."],
    "review": ["The Police Investigations and Review Commissioner can check it."],
}
THEIR_OWN = {
    "right": ["You have a right to see it.", "The right to ask is yours.", "You have this right in an interview."],
    "case": ["A witness in the case can ask.", "Your case may stop.", "There are many cases."],
    "charge": ["They may charge you.", "With no charge, they must stop.", "After a charge, you go to court."],
    "court-sentence": ["The judge gives a sentence."],
    "record": ["You can see your record.", "A record is kept."],
    "record-verb": [
        "The police record the interview.",
        "They recorded me.",
        "They record and keep what you say.",
        "Ask what they record.",
    ],
    "record-a-crime": ["They may record a crime.", "Ask if they recorded a crime."],
    "police-force": ["Ask your police force.", "Each force has its own rule."],
    "spent": ["The caution is spent right away."],
    "special-needs": ["They know that you have SEND.", "Tell them of your special needs."],
    "suspect": ["The suspect may see it."],
    "police-cell": ["A cell is a small room."],
    "court": ["A court can decide."],
    "online-post": ["They can see my posts."],
    "post-verb": ["Someone posts your name.", "I posted it."],
    "worker": ["Tell a worker at school."],
    "youth-justice-worker": ["Ask a youth justice worker."],
    "enhanced-dbs-check": ["Only an enhanced check can show it.", "Ask for an enhanced DBS check."],
    "dbs": ["The DBS sends you a letter."],
    "police-national-computer": ["It is on the national police computer."],
    "review": ["Ask for a review."],
}


def linked(text: str) -> set[str]:
    return {key for key, _ in LINK.findall(WordMarks(ALL, "word-1-").html(text))}


def _pairs(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(key, text) for key, texts in table.items() for text in texts]


@pytest.mark.parametrize(("key", "text"), _pairs(EVERYDAY))
def test_an_everyday_phrase_is_no_link_no_entry_and_not_explained(renderer: Renderer, key: str, text: str) -> None:
    assert key not in linked(text)
    assert key not in {word.id for word in renderer.explained(text, "easy")}
    assert key not in {FORMS[form] for form in hard_words(text, Terms(FORMS), 4.5)}


@pytest.mark.parametrize(("key", "text"), _pairs(THEIR_OWN))
def test_the_word_in_its_own_sense_is_still_a_link(renderer: Renderer, key: str, text: str) -> None:
    assert key in linked(text)
    assert key in {word.id for word in renderer.explained(text, "easy")}


def test_a_word_that_stands_in_both_senses_is_marked_in_its_own() -> None:
    marks = WordMarks(ALL, "word-1-").html("Say so right away. You have a right to know.")
    assert re.search(r'right away.*a <span class="word" data-entry="word-1-right">right</span> to know', marks)


def test_what_an_editor_marked_as_everyday_is_not_explained_under_the_bubble() -> None:
    assert hard_words("[In this case]{everyday} you can ask.", Terms(FORMS), 4.5) == []


def _versions(renderer: Renderer, cards: dict[str, Card]) -> Iterator[tuple[str, SignedVersion]]:
    for card in cards.values():
        for level, version in renderer.words(card, {}).levels.items():
            yield f"{card.key} {level}", version


# Written down by hand, so that a phrase forgotten in the glossary is found here.
_NEVER = re.compile(
    r"\bright (?:away|now|side|place|person|thing|time|answer)\b|\ball right\b"
    r"|\b(?:things|put it) right\b|\b(?:is|are|was|not) right\b|\bin charge\b|\bfree of charge\b"
    r"|\bin (?:rare|other|some|most|many|all|few|such|both) cases\b|\bin case\b|\bcharg\w+ (?:your|my|a|the) phone\b"
    r"|\b[Ss]end(?:s|ing)?\b|\b(?:police|they|officers) (?:\w+ )?record (?:it|the|a|your|what)\b"
    r"|\b(?:use|used|by) force\b|\bforces? (?:you|them|someone)\b|\bin a sentence\b",
    re.I,
)
_LEGAL = {"right", "charge", "case", "court-sentence", "record", "police-force", "special-needs"}


def test_no_signed_text_links_an_everyday_phrase(renderer: Renderer, cards: dict[str, Card]) -> None:
    wrong, seen = [], 0
    for where, version in _versions(renderer, cards):
        for bubble in version.bubbles:
            marks = WordMarks(version.words, "word-1-").html(bubble.text)
            plain = LINK.sub(r"\2", marks)
            spans = [(hit.start(), hit.end()) for hit in _NEVER.finditer(plain)]
            seen += len(spans)
            wrong += [
                (where, plain[start:end])
                for key, start, end in _links(marks)
                if key in _LEGAL and any(first <= start and end <= last for first, last in spans)
            ]
            assert plain == html(bubble.text)
    assert wrong == []
    assert seen > 30


def _links(marks: str) -> Iterator[tuple[str, int, int]]:
    """Each link's word and where its text stands once the links are taken out."""
    taken = 0
    for hit in LINK.finditer(marks):
        start = hit.start() - taken
        yield hit[1], start, start + len(hit[2])
        taken += len(hit[0]) - len(hit[2])


def test_no_signed_text_explains_a_word_that_it_has_only_in_an_everyday_phrase(
    renderer: Renderer, cards: dict[str, Card]
) -> None:
    wrong = []
    for where, version in _versions(renderer, cards):
        text = "\n".join([version.question, *(bubble.text for bubble in version.bubbles)])
        rest = _NEVER.sub(" ", text).lower()
        listed = {word.id for word in version.words} | {
            word.id for bubble in version.bubbles for word in bubble.meanings
        }
        wrong += [
            (where, key)
            for key in listed & _LEGAL
            if not any(re.search(rf"\b{re.escape(form)}\b", rest) for form in GLOSSARY[key].forms)
        ]
    assert wrong == []


def test_every_everyday_phrase_of_the_glossary_holds_one_of_its_words_forms() -> None:
    for word in GLOSSARY.values():
        for phrase in word.everyday:
            assert any(re.search(rf"\b{re.escape(form)}\b", phrase) for form in word.forms), phrase
            assert phrase not in FORMS or FORMS[phrase] == ""
