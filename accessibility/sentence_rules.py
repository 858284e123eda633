"""Rules on sentences: length, clauses, negatives, contractions, marks, questions (1-3, 12, 13, 18, 19, 28, 45)."""

import re
from collections.abc import Iterator
from functools import lru_cache
from statistics import mean

from accessibility.language import sentences, words
from accessibility.markup import plain
from accessibility.rule_finding import Answer, Finding
from accessibility.rulebook import rulebook

_NEGATIVE_CONTRACTION = re.compile(r"\b\w+n['’]t\b", re.I)
_SHOULD_HAVE = re.compile(r"\b(?:should|could|would|might|must)['’]ve\b", re.I)
_CONTRACTION = re.compile(
    r"\b(?:\w+['’](?:ll|re|ve|m|d)|(?:it|that|he|she|there|here|what|who|where|when|how|let)['’]s)\b", re.I
)
_NEW_SUBJECT = re.compile(
    r"\b(?:and|but|or|so)\s+(?:then\s+)?(?:I|you|he|she|it|we|they|the police|the court|someone|nobody|anyone)\s+\w",
    re.I,
)
_EMBEDDED = re.compile(
    r"\b(?:ask|asks|asked|know|tell|tells|told|say|says|see|show|shows|check|decide|decides|choose|means)\b"
    r"(?:\s+(?!if\b|when\b|who\b|which\b|whether\b)\w+){0,3}\s+(?:if|when|who|which|whether)\b",
    re.I,
)
_CONDITION = re.compile(r"(?:(?:but|and) )?(?:if|when)\b", re.I)
_REASON = re.compile(r"\bbecause\b", re.I)
_TAG = re.compile(
    r",\s*(?:right|okay|ok|(?:is|are|do|does|did|was|were|have|has|ca|can|wo|will|would)(?:n['’]?t)?\s+"
    r"(?:it|you|they|he|she|we))\s*\?",
    re.I,
)
_NEGATIVE_QUESTION = re.compile(r"\b(?:not|never|no|cannot|\w+n['’]t)\b[^.?!]*\?", re.I)
_EMOJI = re.compile(r"[\U0001F000-\U0001FAFF\u2300-\u23FF\u2600-\u27BF\u2B00-\u2BFF]")
# One star or any underscore; two stars are bold, and a star before a space is a list mark.
_SLANTED = re.compile(r"(?<![*\w])\*(?![*\s])[^*\n]+\*(?!\*)|(?<!\w)_+[^_\s][^_\n]*_+(?!\w)|</?[iu]>")
_LINK_OR_DATE = re.compile(r"https?://\S+|\b[\w-]+(?:\.[\w-]+)+/\S*|\b\d{1,2}/\d{1,2}(?:/\d{2,4})?\b")
_NOT_ONLY = re.compile(r"\bnot (?:only|just)\b", re.I)
_CAPITALS = re.compile(r"\b[A-Z]{7,}\b|\b[A-Z]{2,}\s+[A-Z]{2,}\s+[A-Z]{2,}\b")


def clauses(sentence: str) -> int:
    """About how many finite clauses a sentence has.

    One, plus one for each joining word that opens a clause, and for each and/but/or/so with a new subject.
    A question inside ("ask who sees it") is one idea with its verb and is not counted.
    """
    rest = _EMBEDDED.sub(" ", sentence)
    joins = sum(1 for word in words(rest) if word.lower() in rulebook().words["subordinators"])
    return 1 + joins + len(_NEW_SUBJECT.findall(rest))


def _allowed_clauses(sentence: str, figure: float) -> float:
    # Rights need conditions and reasons, so one leading "If you ..." and one "because" are free.
    return figure + bool(_CONDITION.match(sentence)) + bool(_REASON.search(sentence))


def length(answer: Answer) -> Iterator[Finding]:
    """Rules 1 and 2: words in a sentence, and on average."""
    book, level = rulebook(), answer.level
    most, usual, conditional = (book.limits[name] for name in ("sentence_words", "mean_words", "sentence_words_if"))
    for text in [*sentences(answer.body), answer.question]:
        figure = (conditional if _CONDITION.match(text) else most).figures[level]
        if len(words(text)) > figure:
            problem = f"{len(words(text))} words; at most {figure:g}"
            yield most.finding(level, text, problem, "split it into two whole sentences, one idea each")
    average = mean([len(words(text)) for text in sentences(answer.body)] or [0])
    if average > usual.figures[level]:
        problem = f"sentences average {average:.1f} words; at most {usual.figures[level]:g}"
        yield usual.finding(level, "", problem, "shorten the longest ones")


def ideas(answer: Answer) -> Iterator[Finding]:
    """Rules 3, 13 and 45: clauses, negatives and limiting words in a sentence."""
    book, level = rulebook(), answer.level
    clause, negator, limiting = (book.limits[name] for name in ("clauses", "negators", "limiting_words"))
    for text in sentences(answer.body):
        if clauses(text) > _allowed_clauses(text, clause.figures[level]):
            problem = f"{clauses(text)} clauses; at most {clause.figures[level]:g}"
            yield clause.finding(level, text, problem, "say one thing, then the next, in two sentences")
        count = sum(map(_negative, words(_NOT_ONLY.sub(" ", text))))
        if count > negator.figures[level]:
            yield negator.finding(level, text, f"{count} negatives; at most 1", "say what is true, not what is not")
            continue
        narrowed = [word for word in words(_NOT_ONLY.sub(" ", text)) if word.lower() in book.words["limiting"]]
        if narrowed and count + len(narrowed) > limiting.figures[level]:
            problem = f'"{narrowed[0]}" takes away what another negative does; at most 1 in a sentence'
            yield limiting.finding(level, text, problem, 'say who can, then who cannot: "Only you can. Others cannot."')


def _negative(word: str) -> bool:
    return word.lower() in rulebook().words["negators"] or bool(_NEGATIVE_CONTRACTION.fullmatch(word))


def contractions(answer: Answer) -> Iterator[Finding]:
    """Rule 12: words written short."""
    limit, level = rulebook().limits["contractions"], answer.level
    for text in [*sentences(answer.body), answer.question, answer.button]:
        found = [*_NEGATIVE_CONTRACTION.findall(text), *_SHOULD_HAVE.findall(text)]
        found += _CONTRACTION.findall(text) if level == "easy" else []
        for hit in found:
            yield limit.finding(level, text, f'"{hit}" is a contraction', "write both words in full")


def marks(answer: Answer) -> Iterator[Finding]:
    """Rules 18 and 19: abbreviations and marks; capitals, emoji, italics and underline."""
    book, level = rulebook(), answer.level
    mark, shout = book.limits["marks"], book.limits["shouting"]
    for text in [*answer.own_bubbles, answer.question]:
        for sign, pattern in _signs().items():
            if pattern.search(text):
                yield mark.finding(level, text, f'"{sign}" is hard to read aloud', book.phrases["marks"][sign])
        if "/" in _LINK_OR_DATE.sub(" ", text.replace("</", " ")):
            yield mark.finding(level, text, '"/" is hard to read aloud', 'write "or"')
        if level == "easy" and re.search(r"[()]", text):
            yield mark.finding(level, text, "brackets hold a second idea", "make it a sentence of its own")
        if _EMOJI.search(text) or _CAPITALS.search(text):
            yield shout.finding(level, text, "capitals or emoji in the words", "use ordinary letters")
        if _SLANTED.search(text):
            yield shout.finding(level, text, "italics or underline in the words", "use ordinary letters, or **bold**")


@lru_cache(maxsize=1)
def _signs() -> dict[str, re.Pattern[str]]:
    """Each mark of the rulebook as it is looked for: those in letters only as whole words."""
    whole = {sign: r"(?<!\w){}(?!\w)" if sign[0].isalpha() else "{}" for sign in rulebook().phrases["marks"]}
    return {sign: re.compile(around.format(re.escape(sign)), re.I) for sign, around in whole.items()}


def questions(answer: Answer) -> Iterator[Finding]:
    """Rule 28: one question at most, never a negative one or a tag."""
    limit, level = rulebook().limits["questions"], answer.level
    asked = [text for text in sentences(plain(answer.body)) if text.endswith("?")]
    if len(asked) > limit.figures[level]:
        yield limit.finding(level, asked[1], f"{len(asked)} questions in one answer", "ask one thing at most")
    for text in asked:
        if _TAG.search(text) or _NEGATIVE_QUESTION.search(text):
            yield limit.finding(level, text, "a negative or tag question", "ask it straight, or say it")
