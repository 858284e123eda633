"""What the alarm's phrases are looked for in: a line as it is, and the parts of it that only tell of something."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from content.danger_phrases import Phrase
from content.danger_words import STOP

_SET_ASIDE = "~ "
_MINE = frozenset({"i", "me", "my", "myself", "mine", "us", "our", "we"})


@dataclass(frozen=True)
class PhraseIndex:
    """Phrases filed under words they need, so that a message is only compared with those it could match."""

    phrases: tuple[Phrase, ...]
    by_word: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, phrases: Sequence[Phrase]) -> "PhraseIndex":
        by_word: dict[str, tuple[int, ...]] = {}
        for i, phrase in enumerate(phrases):
            for word in phrase.keys:
                by_word[word] = (*by_word.get(word, ()), i)
        return cls(tuple(phrases), by_word)

    def near(self, line: str) -> Iterator[Phrase]:
        """The phrases that could match, in the order of the file."""
        places = {i for word in set(line.split()) for i in self.by_word.get(word, ())}
        return (self.phrases[i] for i in sorted(places))

    def rings(self, line: str) -> bool:
        return any(phrase.pattern.search(line) for phrase in self.near(line))

    def rings_for_me(self, line: str) -> bool:
        """Whether a phrase matches words that name the child: "he hits me", and not "he hits her"."""
        found = (match for phrase in self.near(line) for match in phrase.pattern.finditer(line))
        # The word before counts as well: "friend dad hits" is found in "my friend dad hits her".
        return any(not _MINE.isdisjoint([*line[: m.start()].split()[-1:], *m[0].split()]) for m in found)

    def without(self, line: str, unless: str | None = None) -> str:
        """The line with the words of every matching phrase taken out, save those that hold `unless`."""
        for phrase in self.near(line):
            line = phrase.pattern.sub(lambda m: m[0] if unless and unless in m[0] else _SET_ASIDE, line)
        return line


class Leaves(StrEnum):
    """What else than a list of words a frame takes, as the file spells it."""

    OTHERS = "others"
    """The sentence is a telling: only what is said of the child rings."""
    EMERGENCY = "emergency"
    """Nobody is ill or hurt today: every kind rings but an emergency."""


@dataclass(frozen=True)
class Frame:
    """Words that show a sentence is about a story, a game or the like, and what is then taken out of it."""

    shows: PhraseIndex
    takes: PhraseIndex | Leaves
    unless: PhraseIndex


@dataclass(frozen=True)
class Parted:
    """A line in three, each of whole sentences; the last two are empty where no frame is."""

    outright: str
    told: str = ""
    calm: str = ""
    """What was an emergency once, or never was one."""


class Frames:
    """The frames of the file, and the words that mean "but this is about me", which end them all."""

    def __init__(self, frames: Sequence[Frame], real: Sequence[Phrase]) -> None:
        self._frames, self._real = frames, PhraseIndex.of(real)

    def phrases(self) -> Iterator[Phrase]:
        """Every phrase of every frame."""
        frames = (index for frame in self._frames for index in (frame.shows, frame.takes, frame.unless))
        for index in (self._real, *frames):
            yield from index.phrases if isinstance(index, PhraseIndex) else ()

    def parted(self, line: str) -> Parted:
        """What is said outright, without what frames take out of it, and what is heard only in part."""
        frames = [frame for frame in self._frames if frame.shows.rings(line) and not frame.unless.rings(line)]
        if not frames or self._real.rings(line):
            return Parted(line)
        parts = {None: "", Leaves.OTHERS: "", Leaves.EMERGENCY: ""}
        for sentence in line.split(f"{STOP} ")[1:-1]:
            words, part = self._framed(f"{STOP} {sentence}{STOP} ", frames)
            parts[part] += words[2:]
        outright, told, calm = (f"{STOP} {words}" for words in parts.values())
        return Parted(outright, told, calm)

    def _framed(self, sentence: str, frames: Sequence[Frame]) -> tuple[str, Leaves | None]:
        taken = [frame.takes for frame in frames if frame.shows.rings(sentence)]
        for takes in taken:
            sentence = takes.without(sentence) if isinstance(takes, PhraseIndex) else sentence
        return sentence, next((leaves for leaves in Leaves if leaves in taken), None)
