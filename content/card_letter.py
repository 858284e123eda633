"""The letter of a card: signed sentences that ask an office for one thing, and lines to write on by hand."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from accessibility.language import words
from accessibility.reading import read
from accessibility.rule_finding import LEVELS, Answer, Finding, Glossary

_FIELDS = frozenset({"name", "to", "says", "lines", "send", "law"})
_RULE = 35
_SAYS, _LINES, _SEND = range(2, 8), range(2, 7), range(1, 4)
_MOST_WORDS = 12
# A line to write on, a name and an office are labels; rules on whole sentences are not for them.
_OF_SENTENCES = frozenset({38, 40, 41})
_SAFE = "safe"


@dataclass(frozen=True, slots=True)
class CardLetter:
    """What stands on the paper, the same at every level: an adult in an office reads it, whatever the child reads.

    `name` says what the letter does, `to` which office it is for, `says` what it asks in the child's voice. `lines` are
    what a child writes by hand and nobody else gets. `send` says how it gets there: it may hold slots, and where a
    force has not told, the honest sentence of the slot stands there. `law` is the id of the source whose title the
    office is shown, and that title itself once it is signed; "" for none.
    """

    name: str
    to: str
    says: tuple[str, ...]
    lines: tuple[str, ...]
    send: tuple[str, ...]
    law: str = ""


def parse_letter(raw: Mapping[str, Any] | None) -> CardLetter | None:
    """The letter of a card's file; None where there is none. Raises ValueError or KeyError for what is none."""
    if raw is None:
        return None
    unknown = sorted(set(map(str, raw)) - _FIELDS)
    if unknown:
        raise ValueError(f'the letter has an unknown field "{unknown[0]}"; known are {", ".join(sorted(_FIELDS))}')
    says, lines, send = (_list(name, raw[name]) for name in ("says", "lines", "send"))
    return CardLetter(str(raw["name"]), str(raw["to"]), says, lines, send, str(raw.get("law") or ""))


def _list(name: str, raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list | tuple):
        raise TypeError(f'"{name}" of the letter is a list')
    return tuple(map(str, raw))


def letter_text(letter: CardLetter) -> dict[str, Any]:
    """The letter as a card's file has it."""
    parts = {"says": list(letter.says), "lines": list(letter.lines), "send": list(letter.send)}
    return {"name": letter.name, "to": letter.to, **parts} | ({"law": letter.law} if letter.law else {})


def letter_lines(letter: CardLetter | None) -> tuple[str, ...]:
    """All that somebody reads who decides whether to sign it, line by line."""
    if letter is None:
        return ()
    to_write = (f"{line}: (to write by hand)" for line in letter.lines)
    law = (f"The law: {letter.law}",) if letter.law else ()
    return (letter.name, f"To: {letter.to}", *letter.says, *to_write, *letter.send, *law)


def letter_faults(
    letter: CardLetter | None, send: tuple[str, ...], kind: str, sources: Collection[str], glossary: Glossary
) -> Iterator[Finding]:
    """What stands in the way of signing a letter; `send` is what its own says once the slots are filled."""
    if letter is None:
        return
    if kind != "card":
        yield _error(letter.name, f'a letter for kind "{kind}"', "take it out: only an answer has one")
    counted = ((letter.says, _SAYS, "sentences"), (letter.lines, _LINES, "lines"), (letter.send, _SEND, "ways to send"))
    for said, most, what in counted:
        if len(set(said)) != len(said) or len(said) not in most:
            yield _error(letter.name, f"{len(said)} {what}", f"write {most[0]} to {most[-1]}, each once")
    if not any(_SAFE in line for line in letter.lines) or not any(_SAFE in said for said in letter.says):
        yield _error(letter.name, "no safe way to answer", "ask for an answer in the safe way, with a line to write it")
    if letter.law and letter.law not in sources:
        yield _error(letter.law, f'the source "{letter.law}" is not listed', "add it to sources, or take law out")
    for text in (letter.name, letter.to, *letter.says, *letter.lines):
        if "{" in text or not text.strip():
            yield _error(text, "a slot, or no words, in a letter", "a slot stands in send alone")
    yield from _hard_to_read(letter, send, glossary)


def _hard_to_read(letter: CardLetter, send: tuple[str, ...], glossary: Glossary) -> Iterator[Finding]:
    """The reading rules, sentence by sentence at every level, since the same words stand there at each."""
    labels = (letter.name, letter.to, *letter.lines)
    for text in labels:
        if len(words(text)) > _MOST_WORDS:
            yield _error(text, f"{len(words(text))} words", f"at most {_MOST_WORDS}")
    found = dict[Finding, None]()
    for level, text in product(LEVELS, dict.fromkeys((*labels, *letter.says, *send))):
        set_aside = _OF_SENTENCES if text in labels else frozenset()
        answer = Answer(level, "How do you ask?", "Ask", (text,), pictures=("letter",))
        errors = (one for one in read(answer, glossary) if one.severity == "error" and one.rule not in set_aside)
        found |= dict.fromkeys(errors)
    yield from found


def _error(text: str, problem: str, suggestion: str) -> Finding:
    return Finding(_RULE, "error", text, problem, suggestion)
