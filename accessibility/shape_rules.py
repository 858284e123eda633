"""Rules on the shape of an answer: bubbles, lists, buttons, quoted law (20-22, 24, 33)."""

import re
from collections.abc import Iterator

from accessibility.finding import Answer, Finding
from accessibility.language import sentences, words
from accessibility.rulebook import rulebook

_ITEM = re.compile(r"^\s*(?:[-*]|\d+\.)\s+(.*)$", re.M)


def bubbles(answer: Answer) -> Iterator[Finding]:
    """Rules 20 and 21: words and sentences in a bubble, bubbles in an answer."""
    limits, level = rulebook().limits, answer.level
    if len(answer.bubbles) > limits["bubbles"].figures[level]:
        problem = f"{len(answer.bubbles)} bubbles; at most {limits['bubbles'].figures[level]:g}"
        yield limits["bubbles"].finding(level, "", problem, "move the rest to a near card")
    for text in answer.own_bubbles:
        for name, count in (("bubble_words", len(words(text))), ("bubble_sentences", len(sentences(text)))):
            is_list = name == "bubble_sentences" and _ITEM.search(text)
            if count > limits[name].figures[level] and not is_list:
                problem = f"{count} {name.split('_')[1]} in one bubble; at most {limits[name].figures[level]:g}"
                yield limits[name].finding(level, text, problem, "make two bubbles, or cut")


def lists(answer: Answer) -> Iterator[Finding]:
    """Rule 22: items in a list, words in an item."""
    limits, level = rulebook().limits, answer.level
    for text in answer.own_bubbles:
        items = _ITEM.findall(text)
        if len(items) > limits["list_items"].figures[level]:
            problem = f"{len(items)} items; at most {limits['list_items'].figures[level]:g}"
            yield limits["list_items"].finding(level, items[0], problem, "keep the ones that matter most")
        for item in items:
            if len(words(item)) > limits["list_words"].figures[level]:
                yield limits["list_words"].finding(level, item, f"{len(words(item))} words", "shorten the item")


def button(answer: Answer) -> Iterator[Finding]:
    """Rule 24: a short label in sentence case without a full stop."""
    limit, level, label = rulebook().limits["button_words"], answer.level, answer.button
    if not 0 < len(words(label)) <= limit.figures[level]:
        problem = f"{len(words(label))} words; 1 to {limit.figures[level]:g}"
        yield limit.finding(level, label, problem, "name the subject only")
    if label.endswith(".") or not label[:1].isupper() or any(map(_shouts, words(label)[1:])):
        yield limit.finding(level, label, "not sentence case, or a full stop", "Capital first, no stop")


def _shouts(word: str) -> bool:
    """True for a capital that is neither a known name nor an acronym."""
    book = rulebook()
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
