"""The whole text of one card as it is signed: every level, the meanings of its hard words, its sources."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property, lru_cache
from typing import Any
from weakref import WeakValueDictionary

from accessibility.rule_finding import LEVELS, Level
from content.card import Kind, Step
from content.card_letter import CardLetter, parse_letter
from content.language import LANGUAGES, Language
from content.video import SignedVideo

# Forces say most things alike: what is equal is kept in memory once, however many forces have signed it.
_KEPT_ONCE = 50_000
_LATER = frozenset(
    {"ask", "used", "picture", "step", "opens", "videos", "answers", "readers", "local", "letter", "law"}
)


@dataclass(frozen=True, slots=True)
class SignedWord:
    """A hard word of the answer, what it means at this level, the word used in a sentence, and its picture's id."""

    id: str
    word: str
    meaning: str
    used: str = ""
    picture: str | None = None


@dataclass(frozen=True, slots=True)
class SignedBubble:
    """One idea in words, with everything filled in, the id of its picture, and what its new hard words mean.

    In a journey, `step` is which step it is, and `opens` the card that says more. `answers` names what it answers, of
    ANSWERS in content/card.py. `local` is true where a fact of a force stands in it, or stands missing.
    """

    text: str
    symbol: str | None
    meanings: tuple[SignedWord, ...] = ()
    step: Step | None = None
    opens: str | None = None
    answers: tuple[str, ...] = ()
    local: bool = False


@dataclass(frozen=True, slots=True)
class SignedVersion:
    """The words at one level."""

    question: str
    label: str
    bubbles: tuple[SignedBubble, ...]
    words: tuple[SignedWord, ...]


@dataclass(frozen=True)
class SignedWords:
    """All that a signature covers. `sources` are pairs of title and web address; `ask` are questions to an officer.

    Words in another language have a signature of their own. `of` is the fingerprint of the signed English words that
    they translate: once those change, these are out of date. It is empty for English. `readers` are those whom the
    answer is for, nobody where it is for everybody. `letter` is what a child may write to an office, its slots filled.
    """

    kind: Kind
    about: str
    asks: str
    situations: tuple[str, ...]
    near: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    levels: Mapping[Level, SignedVersion]
    language: Language = "en"
    of: str = ""
    ask: tuple[str, ...] = ()
    videos: tuple[SignedVideo, ...] = ()
    readers: tuple[str, ...] = ()
    letter: CardLetter | None = None

    def as_json(self) -> str:
        """The text in one canonical form, so that the same words always give the same fingerprint."""
        raw = _without_later(self)
        about = {"language": raw.pop("language"), "of": raw.pop("of")}
        # English keeps the form it had before there were languages, and so its fingerprints. Another language is one
        # step deeper, so that an older release leaves such a row out and never takes it for the card's English.
        shaped = raw if self.language == "en" else {**about, "words": raw}
        text = json.dumps(shaped, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        # Who asks for one asks for the other too; what was read from the ledger has the one it was read with.
        self.__dict__.setdefault("fingerprint", hashlib.sha256(text.encode()).hexdigest())
        return text

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the canonical text, in hex."""
        self.as_json()
        return str(self.__dict__["fingerprint"])

    @classmethod
    def from_json(cls, text: str) -> "SignedWords":
        """The words from their canonical form. Raises KeyError or ValueError if the text is not one."""
        fingerprint = hashlib.sha256(text.encode()).hexdigest()
        known = _READ.get(fingerprint)
        if known:
            return known
        raw = json.loads(text)
        language, of = raw.get("language", "en"), raw.get("of", "")
        if language not in LANGUAGES or (language == "en") == bool(of):
            raise ValueError(f'"{language}" is no language of this release, or does not say what it translates')
        raw = raw["words"] if "language" in raw else raw
        words = cls(
            kind=raw["kind"],
            about=raw["about"],
            asks=raw["asks"],
            situations=_names(tuple(raw["situations"])),
            near=_names(tuple(raw["near"])),
            sources=_sources(tuple((title, url) for title, url in raw["sources"])),
            levels={level: _version(raw["levels"][level]) for level in LEVELS},
            language=language,
            of=of,
            ask=tuple(raw.get("ask", ())),
            videos=tuple(map(_video, raw.get("videos", ()))),
            readers=_names(tuple(raw.get("readers", ()))),
            letter=parse_letter(raw.get("letter")),
        )
        # What was signed is this text, also where a release writes the same words in another form.
        words.__dict__["fingerprint"] = fingerprint
        _READ[fingerprint] = words
        return words


def _without_later(raw: Any) -> Any:
    """Leaves out what later releases added and these words do not have, so that their fingerprint stays the same."""
    if isinstance(raw, list | tuple):
        return [_without_later(value) for value in raw]
    # dataclasses.asdict would copy every word once more.
    parts = raw if isinstance(raw, Mapping) else _parts(raw) if is_dataclass(raw) else None
    if parts is None:
        return raw
    return {key: _without_later(value) for key, value in parts.items() if value or key not in _LATER}


def _parts(raw: Any) -> Mapping[str, Any]:
    return {field.name: getattr(raw, field.name) for field in fields(raw)}


def _video(raw: Mapping[str, Any]) -> SignedVideo:
    return SignedVideo(**{field.name: raw[field.name] for field in fields(SignedVideo)})


_READ: WeakValueDictionary[str, SignedWords] = WeakValueDictionary()


def _version(raw: Mapping[str, Any]) -> SignedVersion:
    # Words that were signed before bubbles had meanings hold none.
    bubbles = (
        _bubble(
            bubble["text"],
            bubble["symbol"],
            _words(bubble.get("meanings", ())),
            bubble.get("step"),
            bubble.get("opens"),
            _names(tuple(bubble.get("answers", ()))),
            bubble.get("local", False),
        )
        for bubble in raw["bubbles"]
    )
    return SignedVersion(raw["question"], raw["label"], tuple(bubbles), _words(raw["words"]))


def _words(raw: Iterable[Mapping[str, Any]]) -> tuple[SignedWord, ...]:
    return tuple(
        [_word(word["id"], word["word"], word["meaning"], word.get("used", ""), word.get("picture")) for word in raw]
    )


@lru_cache(_KEPT_ONCE)
def _word(key: str, word: str, meaning: str, used: str, picture: str | None) -> SignedWord:
    return SignedWord(key, word, meaning, used, picture)


@lru_cache(_KEPT_ONCE)
def _bubble(
    text: str,
    symbol: str | None,
    meanings: tuple[SignedWord, ...],
    step: Step | None,
    opens: str | None,
    answers: tuple[str, ...],
    local: bool,
) -> SignedBubble:
    return SignedBubble(text, symbol, meanings, step, opens, answers, local)


@lru_cache(_KEPT_ONCE)
def _names(names: tuple[str, ...]) -> tuple[str, ...]:
    return names


@lru_cache(_KEPT_ONCE)
def _sources(pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return pairs
