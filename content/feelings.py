"""Hears what a child feels, as they tell it: their own feeling, now. Its card stands above the answer.

The patterns of all feelings are looked for at once, by trying at each word only those that can begin with that word.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from accessibility.yaml_text import read_yaml
from content.danger_words import STOP, Spelling

FEELINGS = Path(__file__).with_name("talk") / "feelings.yml"
SECTIONS = ("feelings", "whole", "in_earnest")
_ROW = re.compile(r"((?: \S+){1,4}?)\1{3,}")
_GONE = "~"
"""Stands where something was taken out, so that what was on either side of it does not become one phrase."""
_FIRST, _LAST = 700, 300
"""How many letters are read of a long message: how it starts, and how it ends. The chat takes no more than these."""
_I = "(?:i|we) (?:am|are|feel|get|have been|have got|been|was|were|keep getting|keep feeling|stay)"
_MAKES_ME = "(?:make|makes|made|making|leaves|got|has|had) me(?: feel)?"
_SO = "so|soo|too|even|dead|mad|well|getting|getin|gettin|more|being|feeling|most|now|both|that|in|the|rather|dying"
_FIRST_WORDS = (
    "and|but|omg|oh|god|because|yes|yeah|ok|okay|hi|hey|hello|now|well|feel|feeling|is|sorry|soz|no|nah|nope|then"
    "|anyway|look|please|pls|so"
)
_LAST_WORDS = (
    "now|rn|tho|though|tbh|bro|bruv|fam|man|mate|x|xx|xxx|pls|please|today|tonight|lately|anymore|at the moment|atm"
    "|innit|help|here|in this|alone|you know|yk|with this|with it|for me|to me|sorry|soz|thanks|mush|butt|mun|love"
    "|miss|sir|since|about it|right now|anyway|inside|ok|[\U0001f300-\U0001faff]"
)
_KIN = "mum|dad|nan|brother|sister|family|kids?|children|baby|son|daughter|boy|girl"
_NOT_AFTER = "if when will can case does is should would must may my me our her his their"
_HOME = (
    "".join(f"(?<! {word} )" for word in _NOT_AFTER.split())
    + "(?:(?:my|me|our|wor) )?(?:mums?|dads?|nans?|grandad|parents|family|carers?|foster (?:mum|dad|carer)|stepdad)"
)
_STANDS_FOR = {
    "(me)": f"(?:{_I}|{_MAKES_ME})",
    # No more than three, because each more is tried at each place where one may stand.
    "(so)": f"(?:(?:{_SO}) ){{0,3}}",
    "(start)": f"{STOP} (?:(?:{_FIRST_WORDS}) )*",
    "(end)": f"(?=(?: (?:{_LAST_WORDS}))* {STOP})",
    "(idk)": f"(?:i dont know|{STOP} (?:(?:{_FIRST_WORDS}) )*(?:dont know|dunno|dont no))",
    "(nobody)": (
        "(?:nobody|not anyone|no adult|not single person)"
        "(?: (?:else|here|there|at home|at school|round here|around me|in my (?:class|family|house|year)))?"
    ),
    "(feel)": "(?:(?:i|me|it|that|just|and|but|so|now|because|/|makes me|made me|make me) (?:feel|feels|feeling|felt))",
    "(my)": "(?:(?:my|me|mi|ma|our|are|wor|us) )?",
    "(home)": _HOME,
    "(us)": f"(?:me|us|him|her|mum|dad|nan|our kid|(?:my|me|our|the) (?:{_KIN}))",
}
_LETTERS = re.compile(r"/|[^\W_]*")
_TIMES = re.compile(r"[?*+]|\{[\d,]+\}")
_LOOKS_AROUND = ("(?=", "(?!", "(?<=", "(?<!")

Start = tuple[str, str]
"""The first word of what a pattern can find and the second, which is empty where it may be any."""


class Feelings:
    """The patterns, read once. Raises KeyError, ValueError or re.error for a broken file, before a child meets it."""

    def __init__(self, path: Path = FEELINGS) -> None:
        read: Mapping[str, Any] = read_yaml(path.read_text("utf-8"))
        self._keys = tuple(read["feelings"])
        self._own, self._whole, self._in_earnest = (Patterns(read[section]) for section in SECTIONS)
        self._others = any_of(read["others"])
        self._signs = {sign.casefold(): face for face, signs in read["signs"].items() for sign in signs}
        self._sign = re.compile("|".join(map(re.escape, self._signs)), re.IGNORECASE)
        self._faces = {key: re.compile(f" [{faces}](?= )") for key, faces in read["faces"].items()}
        self._laughs = frozenset(map(str, read["laughs"]))
        # A word of the patterns is never taken for a slip of another.
        lines = [*read["others"], *(line for s in SECTIONS for lines in read[s].values() for line in lines)]
        known = set(re.findall(r"[^\W_]+", " ".join(map(written_out, lines))))
        self._spelling = Spelling.of(read["spellings"], read["fillers"], read["strong"], read["leave_alone"], known)

    @property
    def keys(self) -> frozenset[str]:
        """Every card that a feeling leads to."""
        return frozenset(self._keys)

    def hear(self, text: str) -> str | None:
        """The key of the card of the feeling that a child tells of; None where no feeling of their own is told."""
        if len(text) > _FIRST + _LAST:
            text = f"{text[:_FIRST]}\n{text[-_LAST:]}"
        text = self._sign.sub(lambda sign: f" {self._signs[sign.group().casefold()]} ", text)
        whole = _ROW.sub(r"\1\1\1", f" {self._spelling.plain(text)}")
        own = self._others.sub(f" {_GONE}", whole)
        return self._own.first(own) or self._whole.first(whole) or self._heard_in_earnest(whole)

    def _heard_in_earnest(self, whole: str) -> str | None:
        if not self._laughs.isdisjoint(whole.split()):
            return None
        faces = (key for key, faces in self._faces.items() if faces.search(whole))
        return self._in_earnest.first(whole) or next(faces, None)


class Patterns:
    """The patterns of every key. Raises ValueError or re.error for one that is broken."""

    def __init__(self, lines: Mapping[str, Iterable[str]]) -> None:
        self._keys = tuple(lines)
        alike: dict[tuple[int, frozenset[Start]], list[str]] = defaultdict(list)
        for rank, key in enumerate(self._keys):
            for line in lines[key]:
                alike[rank, starts(written_out(line))].append(line)
        self._by_start: dict[Start, list[tuple[int, re.Pattern[str]]]] = defaultdict(list)
        for (rank, found), group in alike.items():
            pattern = any_of(group)
            for start in found:
                self._by_start[start].append((rank, pattern))

    def first(self, plain: str) -> str | None:
        """The first of the keys of which a pattern is in these plain words, each with one space before and after."""
        best, place, words = len(self._keys), 0, plain.split()
        for word, after in pairwise([*words, ""]):
            for start in ((word, after), (word, "")):
                for rank, pattern in self._by_start.get(start, ()):
                    if rank < best and pattern.match(plain, place):
                        best = rank
            place += len(word) + 1
        return self._keys[best] if best < len(self._keys) else None


def any_of(lines: Iterable[str]) -> re.Pattern[str]:
    """One pattern for all of these. Lines that start alike stand behind one start, so that it is looked for once."""
    alike: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        start = next((sign for sign in _STANDS_FOR if line.startswith(sign)), "")
        alike[start].append(written_out(line.removeprefix(start)))
    groups = (f"{written_out(start)}(?:{'|'.join(ends)})" for start, ends in alike.items())
    return re.compile(f" (?:{'|'.join(groups)})(?= )")


def written_out(line: str) -> str:
    """The line with every sign such as (me) as the words that it stands for."""
    line = line.replace("| ", "|")  # A long line of the file goes on after a |.
    for sign, words in _STANDS_FOR.items():
        line = line.replace(sign, words)
    return line


def starts(pattern: str) -> frozenset[Start]:
    """The first two words of all that the pattern can find. Raises ValueError where its first cannot be told."""
    return frozenset((word, after) for word, rest in _begins(pattern) for after in _begins_again(rest))


@lru_cache(maxsize=64)
def _begins_again(rest: str) -> frozenset[str]:
    try:
        return frozenset(word for word, _ in _begins(rest.removeprefix(" ")))
    except ValueError:
        return frozenset({""})


def _begins(pattern: str) -> Iterator[tuple[str, str]]:
    """Each word that the pattern can begin with, and the pattern of what comes after it."""
    letters = _LETTERS.match(pattern)
    word = letters.group() if letters else ""
    rest = pattern[len(word) :]
    if rest.startswith("("):
        choices, rest = _choices(rest)
        for choice in choices:
            yield from _begins(word + choice + rest)
    elif rest.startswith("?"):
        yield from _begins(word[:-1] + rest[1:])
        yield from _begins(word + rest[1:])
    elif word and rest[:1] in ("", " "):
        yield word, rest
    else:
        raise ValueError(f"cannot tell how this begins: {pattern}")


def _choices(pattern: str) -> tuple[list[str], str]:
    """What the group at the start can stand for, and what comes after it. What only looks around stands for nothing."""
    depth, cuts, end = 0, [0], len(pattern)
    for place, letter in enumerate(pattern):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "|" and depth == 1:
            cuts.append(place)
        if not depth:
            end = place
            break
    after = pattern[end + 1 :]
    if pattern.startswith(_LOOKS_AROUND):
        return [""], after
    choices = [pattern[a + 1 : b].removeprefix("?:") for a, b in pairwise([*cuts, end])]
    times = _TIMES.match(after)
    if times and times.group().startswith(("?", "*", "{0")):
        choices.append("")
    return choices, after[times.end() if times else 0 :]
