"""Rules on numbers: in digits, whole, and with a meaning that a child can feel, in its own sentence (15, 42)."""

import re
from collections.abc import Iterator, Sequence

from accessibility.language import sentences, words
from accessibility.markup import plain
from accessibility.rule_finding import Answer, Finding
from accessibility.rulebook import rulebook

# Decimals, ranges, Roman numerals ("I" is a person, not a number) and parts of a hundred.
_ODD_FIGURE = re.compile(
    r"\d+\.\d+|(?<![\d-])\d+\s?[-–—]\s?\d+(?![\d-])|\b(?:I[IVX]+|[VX][IVX]*)\b|\d+\s?(?:%|per ?cent\b)"
)
_TIME = re.compile(r"\b(\d+½?) (hour|day|week|month|year)s?\b", re.I)
_SIDE_BY_SIDE = re.compile(
    r"\b(\d+½? (hour|day|week|month|year)s?)(?:,| \(|\s*[–—]|,? (?:which|that) is)\s*"
    r"(?:about |or |around |that is |which is )*"
    r"(\d+½? (hour|day|week|month|year)s?)\b",
    re.I,
)
# The most of each unit that a child can picture; after that, the next unit says more.
_FELT = {"hour": 24, "day": 31, "week": 8, "month": 12}


def digits(answer: Answer) -> Iterator[Finding]:
    """Rule 15: numbers in digits; at easy level only whole ones."""
    limit, level = rulebook().limits["number_words"], answer.level
    for text in [*sentences(answer.body), answer.question, answer.button]:
        for word in words(text):
            # "Twenty-one" is one word of two numbers.
            if not rulebook().words["number_words"].isdisjoint(word.lower().split("-")):
                yield limit.finding(level, text, f'"{word}" is a number in letters', "use digits")
        for hit in _ODD_FIGURE.findall(text) if level == "easy" else ():
            yield limit.finding(level, text, f'"{hit}" is a hard number', "use whole numbers: 3 to 5, Part 2")


def meaning(answer: Answer) -> Iterator[Finding]:
    """Rule 15: a time that is hard to picture is said in another unit in the next sentence ("That is 30 days.")."""
    limit, level = rulebook().limits["number_meaning"], answer.level
    for bubble in answer.own_bubbles if limit.figures[level] else ():
        for text, time in _unpictured(sentences(plain(bubble))):
            yield limit.finding(
                level,
                text,
                f'"{time}" is hard to picture',
                'say it again in the next sentence: "That is about 30 days."',
            )


def side_by_side(answer: Answer) -> Iterator[Finding]:
    """Rule 42: at easy level a time stands alone; the same time in another unit has its own sentence."""
    limit, level = rulebook().limits["two_figures"], answer.level
    for text in sentences(plain(answer.body)) if limit.figures[level] else ():
        for hit in _SIDE_BY_SIDE.finditer(text):
            if hit[2].lower() != hit[4].lower():
                problem = f'"{hit[0]}" puts two figures side by side'
                yield limit.finding(level, text, problem, f'say it in two sentences: "{hit[1]}. That is {hit[3]}."')


def _unpictured(texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each hard time with its sentence, unless a time in another unit stands beside it, there or in the next one."""
    times = [(at, hit) for at, text in enumerate(texts) for hit in _TIME.finditer(text)]
    for number, (at, hit) in enumerate(times):
        beside = [other for where, other in times[max(0, number - 1) : number + 2] if at <= where <= at + 1]
        if _hard(hit) and all(other[2].lower() == hit[2].lower() for other in beside):
            yield texts[at], hit[0]


def _hard(time: re.Match[str]) -> bool:
    count, unit = int(time[1].rstrip("½")), time[2].lower()
    # A month has no fixed length, so even one of them is said in days.
    return (count, unit) == (1, "month") or count > _FELT.get(unit, count)
