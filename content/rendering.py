"""Fills a card's slots for one layer, explains its hard words, and turns its words into safe HTML."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from markdown_it import MarkdownIt

from accessibility.language import sentences
from accessibility.markup import EVERYDAY, plain
from accessibility.rule_finding import LEVELS, Level
from accessibility.rulebook import rulebook
from accessibility.term_rules import hard_words
from accessibility.terms import Terms
from content.card import BrokenCard, Bubble, Card
from content.card_letter import CardLetter
from content.empty_slots import beside_empty
from content.glossary import Word, forms
from content.helplines import Helpline
from content.language import LANGUAGES, Language
from content.signed_words import SignedBubble, SignedVersion, SignedWord, SignedWords
from content.slots import Slot, slots_of
from content.translation import Translation
from content.video import VIDEOS, SignedVideo, signed_video

_SLOTS = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_HELP = re.compile(r"\{\{\s*help\.([a-z_0-9]+)\s*\}\}")
# 999, 101 and 116 numbers, and those that start with 0; figures such as "28 days" are none of these.
_NUMBER = re.compile(r"(?<![\d#&])(?:999|101|116 \d{3}|0\d{2,4} [\d ]{3,9}\d)(?![\d;]| BSL)")
_NOUN = "(?:an?|the|when|what|words|someone|people)"
_MOST_MEANINGS = 2
# Forces say most things alike: what was found out of a text holds for all of them.
_KEPT = 5_000
# Characters that no font has and nobody types; where a text has them all the same, they are left out.
EVERYDAY_START, EVERYDAY_END = "\ue000", "\ue001"
_SIGNS = str.maketrans("", "", EVERYDAY_START + EVERYDAY_END)
_MARKDOWN = MarkdownIt("zero", {"html": False, "breaks": True}).enable(["emphasis", "list", "newline"])


class Renderer:
    """Places helplines and a layer's local facts into cards, and explains the glossary words they use."""

    def __init__(
        self,
        glossary: Mapping[str, Word],
        helplines: Mapping[str, Helpline],
        slots: Mapping[str, Slot],
        videos: Path = VIDEOS,
    ) -> None:
        self.glossary, self.slots, self.videos = glossary, slots, videos
        self._help = {
            language: {key.replace("-", "_"): text for key, line in helplines.items() if (text := line.shown(language))}
            for language in LANGUAGES
        }
        self._forms = forms(glossary)
        self._terms = Terms(self._forms)

    def words(self, card: Card, local: Mapping[str, str]) -> SignedWords:
        """The whole text of a card for one layer, ready to be signed. Raises BrokenCard for a slot that is unknown."""
        return SignedWords(
            kind=card.kind,
            about=card.about,
            asks=card.asks,
            situations=card.situations,
            near=card.near,
            sources=tuple((source.title, source.url) for source in card.sources.values()),
            levels={level: self._version(card, level, local) for level in LEVELS},
            ask=card.ask,
            videos=self._videos(card),
            readers=card.readers,
            letter=self._letter(card, local),
        )

    def _videos(self, card: Card) -> tuple[SignedVideo, ...]:
        try:
            return tuple(signed_video(video, self.videos) for video in card.videos)
        except (ValueError, OSError) as error:
            raise BrokenCard(card.path, 1, f"a video cannot be shown: {error}") from error

    def translated(self, card: Card, translation: Translation, local: Mapping[str, str]) -> SignedWords:
        """The card's words in another language, ready to be signed for the same layer as the English.

        Raises NotSigned for a draft and for words older than their English, BrokenCard for a slot that has no text in
        the language. The glossary is English, so no meanings stand beside these words.
        """
        translation.must_be_ready(card)
        english = self.words(card, local)
        levels = {level: self._translated(translation, level, english.levels[level]) for level in LEVELS}
        # Officers and offices read English; a Welsh page has none of it rather than words nobody translated.
        return replace(
            english, levels=levels, language=translation.language, of=english.fingerprint, ask=(), letter=None
        )

    def fill_translation(self, translation: Translation) -> Mapping[Level, tuple[str, ...]]:
        """The bubbles of a translation, draft or not, with its slots filled. Raises BrokenCard as `translated` does."""
        return {
            level: tuple(self._fill(translation.path, bubble, {}, translation.language) for bubble in version.bubbles)
            for level, version in translation.levels.items()
        }

    def _translated(self, translation: Translation, level: Level, english: SignedVersion) -> SignedVersion:
        version, texts = translation.levels[level], self.fill_translation(translation)[level]
        bubbles = tuple(
            SignedBubble(
                text, bubble.symbol, step=bubble.step, opens=bubble.opens, answers=bubble.answers, local=bubble.local
            )
            for text, bubble in zip(texts, english.bubbles, strict=True)
        )
        return SignedVersion(version.question, version.label, bubbles, ())

    def uses_local(self, card: Card) -> bool:
        """True when a force's own facts stand in this card."""
        return bool(self.slots_in(card))

    def slots_in(self, card: Card) -> frozenset[str]:
        """The slots for local facts that stand in this card, at any level or in its letter."""
        texts = [bubble.text for version in card.levels.values() for bubble in version.bubbles]
        texts += card.letter.send if card.letter else ()
        return frozenset(slot for text in texts for slot in self.slots_of(text))

    def slots_of(self, text: str) -> frozenset[str]:
        """The slots for local facts that stand in the text of one bubble, however they are spaced."""
        return frozenset(slots_of(text))

    def explained(self, text: str, level: Level) -> tuple[SignedWord, ...]:
        """The glossary words in a text that somebody else wrote, in their order, with their meanings at a level."""
        return self._explained(text, level)

    def _version(self, card: Card, level: Level, local: Mapping[str, str]) -> SignedVersion:
        version = card.version(level)
        texts = [self.fill(card, bubble, local) for bubble in version.bubbles]
        bubbles = tuple(
            SignedBubble(
                text,
                bubble.symbol,
                meanings,
                bubble.step,
                bubble.opens,
                bubble.answers,
                bool(self.slots_of(bubble.text)),
            )
            for text, bubble, meanings in zip(texts, version.bubbles, self._meanings(texts, level), strict=True)
        )
        text = "\n".join([version.question, *texts])
        return SignedVersion(version.question, version.label, bubbles, self._explained(text, level))

    def sent(self, card: Card, local: Mapping[str, str]) -> tuple[str, ...]:
        """How the letter of a card gets to its office, with the slots filled as those of a bubble are."""
        texts = card.letter.send if card.letter else ()
        return tuple(self.fill(card, Bubble(text, None, (), verbatim=False, line=1), local) for text in texts)

    def _letter(self, card: Card, local: Mapping[str, str]) -> CardLetter | None:
        if card.letter is None:
            return None
        law = card.sources[card.letter.law].title if card.letter.law in card.sources else ""
        return replace(card.letter, send=self.sent(card, local), law=law)

    def fill(self, card: Card, bubble: Bubble, local: Mapping[str, str]) -> str:
        """A bubble's text with its slots filled, or the honest sentence of the first slot that is empty.

        Where the rest of the bubble stays, each honest sentence stands only in the place of the sentence with its slot.
        Raises BrokenCard for a slot that is unknown.
        """
        missing: dict[str, str] = {}
        for name in slots_of(bubble.text):
            if name not in self.slots:
                raise BrokenCard(card.path, bubble.line, f'no slot "{name}" in slots.yml')
            if not local.get(name):
                missing[name] = self.slots[name].missing
        if missing and not bubble.rest_stays:
            return next(iter(missing.values()))
        told = replace(bubble, text=beside_empty(bubble.text, missing)) if missing else bubble
        return self._fill(card.path, told, local, "en")

    def _fill(self, path: Path, bubble: Bubble, local: Mapping[str, str], language: Language) -> str:
        if "{" not in bubble.text:
            # Most bubbles have no slot, and compiling a template is slow.
            return bubble.text
        for name in _HELP.findall(bubble.text):
            # A template would take "items" for a part of the dictionary itself.
            if name not in self._help[language]:
                raise BrokenCard(path, bubble.line, f'no helpline "{name}" in helplines.yml')
        try:
            return _template(bubble.text).render(local=local, help=self._help[language])
        except (TemplateError, TypeError) as error:
            raise BrokenCard(path, bubble.line, f"a {{{{ slot }}}} is not understood: {error}") from error

    def _meanings(self, texts: list[str], level: Level) -> Iterator[tuple[SignedWord, ...]]:
        """For each text, the meanings to print under it: of its new hard words that it does not explain itself."""
        seen = set[str]()
        for text in texts:
            fresh = [form for form in self._hard(text, level) if self._forms[form] not in seen]
            said = {self._forms[form] for form in fresh if _explains_itself(text, form)}
            left = list(dict.fromkeys(self._forms[form] for form in fresh))
            shown = [key for key in left if key not in said][:_MOST_MEANINGS]
            seen |= said | set(shown)
            yield tuple(self._word(key, level) for key in shown)

    def _hard(self, text: str, level: Level) -> list[str]:
        if level == LEVELS[0]:
            return []
        return hard_words(text, self._terms, rulebook().limits["word_zipf"].figures[level])

    def _word(self, key: str, level: Level) -> SignedWord:
        known = self.glossary[key]
        return SignedWord(key, known.word, known.meaning[level], known.used, known.symbol)

    def _explained(self, text: str, level: Level) -> tuple[SignedWord, ...]:
        # What is marked as everyday is not the hard word: "just over the [right]{everyday}".
        bare = EVERYDAY.sub(" ", text)
        meant = ((self._forms[hit.lower()], hit) for hit in self._terms.hits(bare))
        found = dict.fromkeys(key for key, hit in meant if self.glossary[key].is_meant_by(hit))
        return tuple(self._word(key, level) for key in found)


@lru_cache(_KEPT)
def _template(text: str) -> Template:
    """The template of a bubble. Raises TemplateError."""
    return _SLOTS.from_string(text)


@lru_cache(_KEPT)
def _explains_itself(text: str, form: str) -> bool:
    """True when the word's own sentence, or the next, says what it means: "Bail means ...", "It is a form ..."."""
    said, word = [sentence.lower() for sentence in sentences(plain(text))], re.escape(form)
    first = next((at for at, sentence in enumerate(said) if re.search(rf"\b{word}\b", sentence)), len(said))
    # "It is free" says nothing of what the word means, so "is" needs a noun after it.
    own = re.compile(rf"(?:an? |the )?{word} (?:means|(?:is|are) {_NOUN})\b")
    after = re.compile(rf"(?:this|that|it) (?:means|is {_NOUN})\b")
    return any(own.match(sentence) for sentence in said[first : first + 2]) or any(
        after.match(sentence) for sentence in said[first + 1 : first + 2]
    )


def html(text: str, *, everyday: bool = False) -> str:
    """Words as HTML: bold, lists, line breaks, and phone numbers that a phone can call; the rest is escaped.

    With `everyday`, words that were marked as meant in their everyday sense stand between EVERYDAY_START and its end.
    """
    sense = f"{EVERYDAY_START}\\1{EVERYDAY_END}" if everyday else r"\1"
    return _NUMBER.sub(_callable, str(_MARKDOWN.render(EVERYDAY.sub(sense, text.translate(_SIGNS)))).strip())


def numbers(text: str) -> list[str]:
    """The phone numbers in a text that a phone can call, without their spaces, in their order."""
    return [number.replace(" ", "") for number in _NUMBER.findall(text)]


def _callable(number: re.Match[str]) -> str:
    return f'<a href="tel:{number[0].replace(" ", "")}">{number[0]}</a>'
