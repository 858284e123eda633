"""Rules on who does what: active voice, clear pronouns, you and the police as actors, few heavy nouns (4, 25-27)."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from lemminflect import getAllLemmas, getInflection

from accessibility.language import sentences, words, zipf
from accessibility.rule_finding import Answer, Finding
from accessibility.rulebook import rulebook
from accessibility.terms import Terms

_BE = frozenset(["be", "is", "are", "was", "were", "been", "being", "am", "get", "gets", "got", "getting"])
_SUBJECTS = frozenset(["i", "you", "he", "she", "it", "we", "they"])
_ADVERB = re.compile(r"\w+ly$|^(?:not|always|never|also|only|still|often|now|then|usually|sometimes|first|ever|just)$")
_POINTER = re.compile(
    r"^(?:it|this|that|they|these|those)\b(?!\s+(?:is|are)\s+(?:free|ok|private|voluntary|true)\b)", re.I
)
# "They" after "the police" is the police; children say it so themselves.
_POLICE_THEN_THEY = re.compile(r"\bpolice\b.*\n\s*they\b", re.I)
# Nouns as common as "question" are no burden, whatever they were made from.
_EVERYDAY_ZIPF = 5.0
_MADE = re.compile(r"\w{3,}(?:tions?|sions?|ments?|ances?|ences?)", re.I)
_EXPLAINS = re.compile(r"^(?:this|that|it) means\b", re.I)


@lru_cache(maxsize=20_000)
def _participle(word: str) -> bool:
    """True for a past participle that is not also the verb's own plain form; "put" is one all the same."""
    found = getAllLemmas(word).get("VERB", ())
    same = word in rulebook().words["same_participles"]
    return same or any(word in getInflection(lemma, tag="VBN") and word != lemma for lemma in found)


@lru_cache(maxsize=20_000)
def _noun(word: str) -> bool:
    """True for a word that the dictionary knows only as a noun."""
    kinds = getAllLemmas(word)
    return "NOUN" in kinds and not {"VERB", "ADJ", "ADV", "AUX"} & set(kinds)


def passive(sentence: str) -> str | None:
    """The passive verb of a sentence ("is kept"), or None: be or get, adverbs, then a past participle."""
    spoken = [word.lower() for word in words(sentence)]
    fine = rulebook().words["passive_fine"]
    for at, word in enumerate(spoken):
        if word not in _BE:
            continue
        rest = [later for later in spoken[at + 1 : at + 4] if not _ADVERB.search(later)]
        # "Was I told?" turns the two round.
        rest = rest[1:] if rest and rest[0] in _SUBJECTS else rest
        if rest and rest[0] not in fine and _participle(rest[0]):
            return f"{word} {rest[0]}"
    return None


def active(answer: Answer) -> Iterator[Finding]:
    """Rule 4: who does it comes first ("the police keep it", not "it is kept")."""
    limit, level, texts = rulebook().limits["passive"], answer.level, sentences(answer.body)
    found = [(text, verb) for text in texts if (verb := passive(text))]
    if texts and 100 * len(found) / len(texts) > limit.figures[level]:
        for text, verb in found:
            yield limit.finding(level, text, f'"{verb}" does not say who does it', "say who: the police, you, a judge")


def pronouns(answer: Answer) -> Iterator[Finding]:
    """Rule 25: a sentence that opens with it, this, that or they, after a sentence with several things in it."""
    limit, level = rulebook().limits["pointers"], answer.level
    for bubble in answer.own_bubbles:
        texts = sentences(bubble)
        for before, text in pairwise(texts):
            things = {word.lower() for word in words(before) if _noun(word.lower())}
            unclear = _POINTER.match(text) and not _POLICE_THEN_THEY.search(f"{before}\n{text}")
            if len(things) > limit.figures[level] and unclear and not _EXPLAINS.match(text):
                yield limit.finding(level, text, f'"{text.split()[0]}" may mean several things', "say the noun again")


def actors(answer: Answer) -> Iterator[Finding]:
    """Rule 26: the words speak to "you" and name who acts, in at least so many of 100 sentences."""
    limit, level, texts = rulebook().limits["actors"], answer.level, sentences(answer.body)
    named = rulebook().words["actors"]
    names = [{word.lower().replace("’", "'").partition("'")[0] for word in words(text)} for text in texts]
    share = 100 * sum(not named.isdisjoint(heard) for heard in names) / max(1, len(texts))
    if share < limit.figures[level]:
        problem = f"only {share:.0f} in 100 sentences name you or who acts; at least {limit.figures[level]:g}"
        yield limit.finding(level, "", problem, "say you, the police, a judge, a worker")


def heavy_nouns(answer: Answer, terms: Terms) -> Iterator[Finding]:
    """Rule 27: nouns made from verbs (-tion, -ment, -ance) outside the glossary, of 100 words."""
    limit, level = rulebook().limits["heavy_nouns"], answer.level
    every = words(answer.body)
    rest = words(terms.without(answer.body))
    heavy = [word for word in rest if _MADE.fullmatch(word) and zipf(word) < _EVERYDAY_ZIPF]
    if every and 100 * len(heavy) / len(every) > limit.figures[level]:
        problem = f"{100 * len(heavy) / len(every):.0f} in 100 words are nouns made from verbs"
        yield limit.finding(level, ", ".join(sorted(set(heavy))), problem, "use the verb: decide, not decision")
