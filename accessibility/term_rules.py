"""Rules on terms: a hard word is explained where it first stands, one term for one thing, speakable (10, 11, 34)."""

import re
from collections.abc import Iterator
from functools import lru_cache

from accessibility.language import lemmas, sentences, words, zipf
from accessibility.markup import EVERYDAY, plain
from accessibility.rule_finding import Answer, Finding
from accessibility.rulebook import rulebook
from accessibility.speech import unspeakable
from accessibility.terms import Terms


def hard_words(text: str, terms: Terms, level_zipf: float) -> list[str]:
    """The glossary words of a text to explain to a child of the level, those of police and law first, then in order.

    Words of police and law are explained however common they are: "appropriate" and "adult" are easy, the adult is not.
    """
    found = terms.within(plain(EVERYDAY.sub(" ", text)))
    law = {terms.ids[form] for form in rulebook().words["law"] if form in terms.ids} if found else set()
    first = [form for form in found if terms.ids[form] in law or _legal(form)]
    return first + [form for form in found if form not in first and _rare(form, level_zipf)]


@lru_cache(maxsize=20_000)
def _legal(form: str) -> bool:
    """True when a word of the form may be taken in another sense than that of the law."""
    return any(not lemmas(part).isdisjoint(rulebook().words["homographs"]) for part in words(form))


@lru_cache(maxsize=20_000)
def _rare(form: str, level_zipf: float) -> bool:
    book = rulebook()
    parts = [part for part in words(form) if part.upper() not in book.words["acronyms"]]
    return any(zipf(part) < level_zipf and lemmas(part).isdisjoint(book.words["known"]) for part in parts)


def explained(answer: Answer, terms: Terms) -> Iterator[Finding]:
    """Rule 10: few new hard words in one bubble.

    The page prints each new hard word's meaning right under its bubble, so a word is always explained where it first
    stands, unless the next sentence does it already ("Bail means ..."). What an author can get wrong is to bring so
    many at once that the meanings bury the answer.
    """
    limit, level = rulebook().limits["new_hard_words"], answer.level
    cut, seen = rulebook().limits["word_zipf"].figures[level], set[str]()
    for bubble in answer.own_bubbles:
        hard = [form for form in terms.within(plain(EVERYDAY.sub(" ", bubble))) if _legal(form) or _rare(form, cut)]
        fresh = {terms.ids[form]: form for form in hard if terms.ids[form] not in seen}
        seen |= fresh.keys()
        left = [form for form in fresh.values() if not _explains_itself(bubble, form)]
        if len(left) > limit.figures[level]:
            problem = f"{len(left)} new hard words at once; at most {limit.figures[level]:g}"
            yield limit.finding(
                level, ", ".join(left), problem, "explain one in the next sentence, or use easier words"
            )


def _explains_itself(bubble: str, form: str) -> bool:
    """True when the sentence after the word's first one explains it."""
    texts = [text.lower() for text in sentences(plain(bubble))]
    first = next((at for at, text in enumerate(texts) if re.search(rf"\b{re.escape(form)}\b", text)), len(texts))
    says = rf"(?:(?:this|that|it) (?:means|is)|(?:an? |the )?{re.escape(form)} (?:means|is|are))\b"
    return any(re.match(says, text) for text in texts[first : first + 2])


def one_term(answer: Answer) -> Iterator[Finding]:
    """Rule 11: the same word for the same thing, all through the pack."""
    limit, listed = rulebook().limits["synonyms"], rulebook().phrases["synonyms"]
    for text in [*sentences(plain(answer.body)), answer.question, answer.button]:
        for other in listed.said(text):
            ours = listed[other]
            yield limit.finding(answer.level, text, f'"{other}" is our "{ours}" by another name', f'say "{ours}"')


def speakable(answer: Answer) -> Iterator[Finding]:
    """Rule 34: everything in the words can be read aloud as it should sound."""
    limit = rulebook().limits["speakable"]
    for piece in unspeakable(plain("\n".join([*answer.bubbles, answer.question]))):
        suggestion = "write it in words, or say in rules.yml under `aloud` how it sounds"
        yield limit.finding(answer.level, piece, f'a voice reads "{piece}" badly', suggestion)
