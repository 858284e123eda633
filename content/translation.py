"""A card's words in Welsh, from a file beside the cards: what is translated, from which English, draft or not."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from content.card import LEVELS, BrokenCard, Bubble, Card, Level, Version
from content.card_file import read_parts, versions
from content.language import Language
from content.signoff import NotSigned

WELSH = Path(__file__).with_name("welsh")
_FIELDS = {"key", "draft", "english", "question", "label"}
_SLOT = re.compile(r"\{\{\s*(.*?)\s*\}\}")
_FIGURE = re.compile(r"\d+")


@dataclass(frozen=True)
class Translation:
    """A card in another language: the words alone. Pictures, facts, sources and near cards stay those of the card.

    `english` is the mark of the English words that it translates, as `mark` gives it.
    """

    key: str
    language: Language
    draft: bool
    english: str
    levels: Mapping[Level, Version]
    path: Path

    def behind(self, card: Card) -> bool:
        """True when the English has changed since."""
        return self.english != mark(card)

    def must_be_ready(self, card: Card) -> None:
        """Raises NotSigned while nobody may sign these words: a draft, or older than the English."""
        if self.draft:
            raise NotSigned(f"{self.path}: a draft; a speaker of the language reads it and writes draft: false")
        if self.behind(card):
            raise NotSigned(_behind(self, card))


def mark(card: Card) -> str:
    """A short mark of a card's English words at every level, with empty slots; another word gives another mark."""
    words = [
        [level, version.question, version.label, [bubble.text for bubble in version.bubbles]]
        for level, version in ((level, card.version(level)) for level in LEVELS)
    ]
    # The letters in front keep YAML from reading a mark as a number.
    return f"en-{hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()[:12]}"


def load_translations(cards: Mapping[str, Card], folder: Path = WELSH) -> dict[str, Translation]:
    """Every translated card by key. Raises BrokenCard for the first file that cannot be used.

    A file that is behind its English is not held against it: only `must_be_ready` refuses it.
    """
    found = {}
    for path in sorted(folder.glob("*.md")):
        translation = read_translation(path)
        if path.stem not in cards:
            raise BrokenCard(path, 1, f'there is no card "{path.stem}"; name the file as the card is named')
        if not translation.behind(cards[path.stem]):
            _refuse_unlike(translation, cards[path.stem])
        found[path.stem] = translation
    return found


def read_translation(path: Path) -> Translation:
    """One translation from its file. Raises BrokenCard naming file, line and what to mend."""
    front, bodies = read_parts(path, _FIELDS)
    if not isinstance(front.get("draft"), bool):
        raise BrokenCard(path, 1, "say draft: true, or draft: false once a speaker of the language has read it")
    if not isinstance(front.get("english"), str):
        raise BrokenCard(path, 1, 'no "english", the mark of the English words; python -m content check prints it')
    try:
        levels = versions(front, bodies)
    except (KeyError, TypeError) as error:
        raise BrokenCard(path, 1, f"question or label is missing, or lacks a level: {error}") from error
    for level, version in levels.items():
        if not all(isinstance(text, str) and text.strip() for text in (version.question, version.label)):
            raise BrokenCard(path, 1, f"question or label is empty, or no text, at {level}; put quotes around it")
        for bubble in version.bubbles:
            if bubble.symbol or bubble.says or "{:" in bubble.text:
                raise BrokenCard(path, bubble.line, "take out the {: ... }: pictures and facts are the English card's")
    return Translation(path.stem, "cy", front["draft"], front["english"], levels, path)


def vet_translations(cards: Mapping[str, Card], translations: Mapping[str, Translation]) -> Iterator[str]:
    """How many translations there are, and one line for each that is behind its English."""
    drafts = sum(translation.draft for translation in translations.values())
    yield f"{len(translations)} Welsh cards, {drafts} of them drafts that no child sees"
    for key, translation in translations.items():
        if translation.behind(cards[key]):
            yield _behind(translation, cards[key])


def _behind(translation: Translation, card: Card) -> str:
    return f"{translation.path}: the English has changed; read both again, then write english: {mark(card)}"


def _refuse_unlike(translation: Translation, card: Card) -> None:
    """Raises BrokenCard where a level is not bubble for bubble what the English is."""
    for level in LEVELS:
        english, own = card.version(level).bubbles, translation.levels[level].bubbles
        if len(english) != len(own):
            said = (
                f"{len(own)} bubbles under # {level}, but the English has {len(english)}; give each its own paragraph"
            )
            raise BrokenCard(translation.path, own[0].line, said)
        for theirs, ours in zip(english, own, strict=True):
            _refuse_lost(translation.path, theirs, ours)


def _refuse_lost(path: Path, english: Bubble, own: Bubble) -> None:
    """Raises BrokenCard for a slot or a figure that stands in one language only: a number to call must not be lost."""
    if any(slot.startswith("local.") for slot in _SLOT.findall(own.text)):
        raise BrokenCard(
            path, own.line, "what a force fills in is English, so a card with {{ local.* }} cannot be here"
        )
    for what, wanted, found in (
        ("slots", _SLOT.findall(english.text), _SLOT.findall(own.text)),
        ("figures", _FIGURE.findall(_SLOT.sub("", english.text)), _FIGURE.findall(_SLOT.sub("", own.text))),
    ):
        if sorted(wanted) != sorted(found):
            odd = ", ".join(sorted({*wanted} ^ {*found})) or "one of them, more often"
            raise BrokenCard(path, own.line, f"the {what} are not those of the English bubble; look at {odd}")
    if english.verbatim != own.verbatim:
        raise BrokenCard(path, own.line, "words of the law have > before each line, in both languages or in none")
