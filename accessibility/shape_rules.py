"""Rules on the shape of an answer: bubbles, lists, choices, buttons, quoted law, pictures (20-24, 33, 36)."""

import re
from collections.abc import Iterator, Sequence

from accessibility.language import sentences, words
from accessibility.rule_finding import Answer, Finding, Level
from accessibility.rulebook import rulebook

_ITEM = re.compile(r"^\s*(?:[-*]|\d+\.)\s+(.*)$", re.M)
_BULLET = re.compile(r"^\s*[-*]\s+", re.M)
# "First name" and "next of kin" are things, not steps.
_STEP = re.compile(r"(?:first|then|next|after (?:that|this)|finally|last|lastly)\b(?!\s+(?:names?|of|time)\b)", re.I)
_LEADS_TO_STEPS = re.compile(
    r"\b(?:steps?|in (?:this|that) order|one (?:by|after) (?:one|another))\b[^\n]*:\s*\n", re.I
)


def bubbles(answer: Answer) -> Iterator[Finding]:
    """Rules 20 and 21: words and sentences in a bubble, bubbles in an answer."""
    limits, level = rulebook().limits, answer.level
    # What a child's own police say is one short line more; leaving it out would cost more than reading it.
    counted = len(answer.bubbles) - min(1, len(answer.local))
    if counted > limits["bubbles"].figures[level]:
        problem = f"{counted} bubbles; at most {limits['bubbles'].figures[level]:g}"
        yield limits["bubbles"].finding(level, "", problem, "move the rest to a near card")
    for text in answer.own_bubbles:
        for name, count in (("bubble_words", len(words(text))), ("bubble_sentences", _sentences(text))):
            if count > limits[name].figures[level]:
                problem = f"{count} {name.split('_')[1]} in one bubble; at most {limits[name].figures[level]:g}"
                yield limits[name].finding(level, text, problem, "make two bubbles, or cut")


def _sentences(text: str) -> int:
    """How many sentences a bubble has. A list is one with the words before it; rule 22 counts its items."""
    return len(sentences(text)) - len(_ITEM.findall(text))


def lists(answer: Answer) -> Iterator[Finding]:
    """Rule 22: items in a list, words in an item, and steps that have numbers."""
    limits, level = rulebook().limits, answer.level
    for text in answer.own_bubbles:
        items = _ITEM.findall(text)
        if len(items) > limits["list_items"].figures[level]:
            problem = f"{len(items)} items; at most {limits['list_items'].figures[level]:g}"
            yield limits["list_items"].finding(level, items[0], problem, "keep the ones that matter most")
        for item in items:
            if len(words(item)) > limits["list_words"].figures[level]:
                yield limits["list_words"].finding(level, item, f"{len(words(item))} words", "shorten the item")
        if _BULLET.search(text) and (_LEADS_TO_STEPS.search(text) or any(map(_STEP.match, items))):
            yield limits["list_steps"].finding(level, items[0], "steps without numbers", "number them: 1. 2. 3.")


def choices(labels: Sequence[str], level: Level) -> Iterator[Finding]:
    """Rule 23: how many buttons a reader of the level can choose among; the row that is always there is not counted."""
    limit = rulebook().limits["choices"]
    if len(labels) > limit.figures[level]:
        problem = f"{len(labels)} choices; at most {limit.figures[level]:g}"
        yield limit.finding(level, ", ".join(labels), problem, "offer the likeliest, and a way to more")


def pictures(answer: Answer) -> Iterator[Finding]:
    """Rule 36: at easy level each bubble has its one picture. Answers read without pictures (None) are not asked."""
    limit, level = rulebook().limits["picture"], answer.level
    for text, picture in zip(answer.bubbles, answer.pictures or (), strict=False):
        if picture is None and limit.figures[level]:
            yield limit.finding(level, text, "no picture", "add symbol= with an id of accessibility/symbols.yml")


def button(answer: Answer) -> Iterator[Finding]:
    """Rule 24: a button is the whole question, or a short label in sentence case without a full stop."""
    limit, level, label = rulebook().limits["button_words"], answer.level, answer.button
    if label and label == answer.question and label.endswith("?"):
        yield from _whole_question(answer)
        return
    if not 0 < len(words(label)) <= limit.figures[level]:
        problem = f"{len(words(label))} words; 1 to {limit.figures[level]:g}"
        yield limit.finding(level, label, problem, "name the subject only")
    if label.endswith(".") or not label[:1].isupper() or any(map(_shouts, words(label)[1:])):
        yield limit.finding(level, label, "not sentence case, or a full stop", "Capital first, no stop")


def _whole_question(answer: Answer) -> Iterator[Finding]:
    limit, count = rulebook().limits["question_words"], len(words(answer.button))
    if count > limit.figures[answer.level]:
        problem = f"{count} words; at most {limit.figures[answer.level]:g}"
        yield limit.finding(answer.level, answer.button, problem, "ask it in fewer words")


def _shouts(word: str) -> bool:
    """True for a capital that is neither "I" nor a known name nor an acronym."""
    book = rulebook()
    if re.match(r"I(?:['’]|$)", word):
        return False
    return word[:1].isupper() and word.lower() not in book.words["known"] and word not in book.words["acronyms"]


def quoted_law(answer: Answer) -> Iterator[Finding]:
    """Rule 33: words quoted from the law are followed by an explanation."""
    limit = rulebook().limits["verbatim"]
    for number in sorted(answer.verbatim):
        if number + 1 >= len(answer.bubbles) or number + 1 in answer.verbatim:
            yield limit.finding(
                answer.level,
                answer.bubbles[number],
                "quoted law with no explanation",
                "say in the next bubble what it means",
            )
