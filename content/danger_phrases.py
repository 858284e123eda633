"""Turns a readable phrase of danger.yml, such as "my (dad|mum) [often] hits me", into a bounded pattern."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

_TOKEN = re.compile(r"\.\.\.|[()\[\]|]|<[a-z-]+>|[^()\[\]|<>.]+|.")
_GAP = r"(?:[^/~ ]+ ){0,3}?"
_MARKS = {"START": r"(?<=/ )", "END": r"(?=/ )", "FULLSTOP": "/ "}
MOST_GAPS = 3
# Words of nearly every message: a phrase filed under one of them would be compared with all.
_OFTEN = (
    "a all an and at be because but can do down for from get go got had has have he her him his i if in is it me my no"
    " not now of on out over said she so that the they to up was we what when will with you"
)
_COMMON = frozenset(_OFTEN.split())


class Unreadable(ValueError):
    """A phrase that cannot be understood; the message says why in plain words."""


@dataclass(frozen=True)
class Piece:
    """Part of a phrase: its pattern, words of which a message must hold one, and how many gaps it has."""

    pattern: str
    keys: frozenset[str] | None
    gaps: int = 0


@dataclass(frozen=True)
class Phrase:
    """One phrase; `keys` lets a message without any of them skip it."""

    text: str
    keys: frozenset[str]
    source: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What is looked for. Made when a message first needs it: to make them all takes seconds of every start."""
        return re.compile(self.source)

    @property
    def ready(self) -> bool:
        """Whether its pattern was made already."""
        return "pattern" in self.__dict__

    def make_ready(self) -> None:
        """Makes its pattern now, for the messages to come."""
        self.pattern.search("")


def join(pieces: list[Piece]) -> Piece:
    """Pieces one after the other."""
    keys = [p.keys for p in pieces if p.keys is not None]
    return Piece(
        "".join(p.pattern for p in pieces), min(keys, key=_commonness, default=None), sum(p.gaps for p in pieces)
    )


def _commonness(words: frozenset[str]) -> int:
    """How many messages hold one of these words, as a rough count: the fewer, the fewer are compared."""
    return len(words) + 100 * len(words & _COMMON)


def choice(options: list[Piece]) -> Piece:
    """Any one of the pieces."""
    keys: frozenset[str] | None = frozenset()
    for option in options:
        keys = None if keys is None or option.keys is None else keys | option.keys
    # Longest first, so that "foster dad" is tried before "foster".
    patterns = sorted({o.pattern for o in options}, key=lambda p: (-len(p), p))
    return Piece(f"(?:{'|'.join(patterns)})", keys, max(o.gaps for o in options))


class PhraseReader:
    """Reads phrases, spelling their words as `words` does and filling `<names>` from `groups`."""

    def __init__(self, words: Callable[[str], str], groups: Mapping[str, Piece]) -> None:
        self._words, self._groups = words, groups
        # The same few hundred words stand in thousands of phrases.
        self._spelt = cache(self._run)

    def phrase(self, text: str) -> Phrase:
        """Raises Unreadable when the phrase is malformed, too loose, or would match almost anything."""
        piece = self.piece(text)
        if piece.keys is None:
            raise Unreadable("it needs at least one word that must be there")
        if piece.gaps > MOST_GAPS:
            raise Unreadable(f"it has more than {MOST_GAPS} gaps (...), which is too loose and too slow")
        return Phrase(text, piece.keys, f"(?<= ){piece.pattern}")

    def piece(self, text: str) -> Piece:
        """Any part of a phrase, as the lists under `words:` hold."""
        tokens = _TOKEN.findall(text)
        piece = self._options(tokens, "")
        if not piece.pattern:
            raise Unreadable("it is empty")
        return piece

    def _options(self, tokens: list[str], closer: str) -> Piece:
        """Reads up to `closer`, taking the tokens as it goes."""
        options: list[list[Piece]] = [[]]
        while tokens:
            token = tokens.pop(0)
            if closer and token == closer:
                return self._chosen(options)
            if token == "|":  # noqa: S105 (a bar, not a password)
                options.append([])
            else:
                options[-1].append(self._item(token, tokens))
        if closer:
            raise Unreadable(f"a bracket is not closed with {closer}")
        return self._chosen(options)

    def _chosen(self, options: list[list[Piece]]) -> Piece:
        if any(not option for option in options):
            raise Unreadable("there is nothing on one side of | or inside a bracket")
        joined = [join(option) for option in options]
        if not all(piece.pattern for piece in joined):
            raise Unreadable("a choice has only filler words, which are taken out, so it would match anything")
        return joined[0] if len(joined) == 1 else choice(joined)

    def _item(self, token: str, tokens: list[str]) -> Piece:
        if token == "(":  # noqa: S105 (a bracket, not a password)
            return self._options(tokens, ")")
        if token == "[":  # noqa: S105 (a bracket, not a password)
            inner = self._options(tokens, "]")
            return Piece(f"(?:{inner.pattern})?", None, inner.gaps)
        if token == "...":  # noqa: S105 (a gap, not a password)
            return Piece(_GAP, None, 1)
        if token.startswith("<"):
            return self._group(token)
        if token in {")", "]", ">", "."}:
            raise Unreadable(f"{token} is out of place")
        return self._spelt(token)

    def _group(self, token: str) -> Piece:
        if token[1:-1] not in self._groups:
            raise Unreadable(f"{token} is not a list under words:")
        return self._groups[token[1:-1]]

    def _run(self, text: str) -> Piece:
        """Words with nothing special between them."""
        parts = [part.strip() for part in re.split(r"\b(START|END|FULLSTOP)\b", text)]
        pieces = [Piece(_MARKS[p], None) if p in _MARKS else self._plain(p) for p in parts if p]
        return join(pieces)

    def _plain(self, text: str) -> Piece:
        spelt = self._words(text).split()
        return join([Piece(re.escape(w) + " ", frozenset([w])) for w in spelt])
