"""Vets a card before anyone may sign it: the reading rules at every level, parity of facts, sources, slots."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from accessibility.language import words
from accessibility.markup import plain
from accessibility.reading import read
from accessibility.rule_finding import LEVELS, Answer, Finding, Level
from accessibility.rulebook import rulebook
from accessibility.symbols import symbol_ids
from content.card import NO_BUTTON, BrokenCard, Bubble, Card, is_help
from content.card_letter import letter_faults
from content.glossary import Word, forms
from content.journey_rules import journey
from content.own_wording import own_wording
from content.remembered import Remembered
from content.rendering import Renderer
from content.signed_words import SignedWords
from content.video import video_faults

_HEDGE = re.compile(
    r"\b(?:ask|asks|may|might|usually|normally|can|could|check|not sure|not settled|some|depends)\b", re.I
)
_FIGURE = re.compile(r"\d+(?:½)?")
_PHONE = re.compile(r"\b(?:0\d{2,4}[\d ]{4,}\d|116 ?\d{3})\b")
_EXAMPLES_AT_LEAST = 12
# Rules on words and single sentences. The others judge an answer as a whole, which one line cannot pass or fail.
_OF_WORDS = frozenset({1, 8, 9, 11, 14, 15, 16, 17, 20, 29, 30, 31, 34, 39, 42, 44, 45, 47})
# How many bubbles an answer has; a journey has as many as it has steps.
_RULE_OF_BUBBLES = 21
# A transcript is as long as its film; each of its lines is read for its words.
_LONG = 20
_ASK, _ASK_WORDS = 3, 10
# What a slot is filled with to read the words around it; a figure is no word to any rule.
_ANYTHING = "31"
# "ok", nothing at all, or YAML's None says no why.
_REASON_WORDS_AT_LEAST = 3
# A meaning is no whole sentence, and its words are easier than the word it explains; but it says neither "may" nor less
# than the truth.
_OF_MEANINGS = frozenset({39, 44})


_KEPT = 2_000
"""How many filled cards are remembered; a filled card is about 20 kB."""


@dataclass(frozen=True)
class Report:
    """A Finding with its place: the file, the line, and the level (empty when it is the whole card)."""

    card: Card
    line: int
    level: str
    finding: Finding

    @property
    def reason(self) -> str | None:
        """Why the editor keeps what the rule advises against, in the editor's words."""
        why = self.card.reasons.get(self.finding.rule, "")
        return why if self.finding.severity == "warning" and len(why.split()) >= _REASON_WORDS_AT_LEAST else None

    @property
    def blocks(self) -> bool:
        """True when the card may not be signed with this in it: an error, or advice set aside without a reason."""
        return self.reason is None and (self.finding.severity == "error" or self.asks_reason)

    @property
    def asks_reason(self) -> bool:
        """True for advice that may be set aside with a reason in the card, and must be."""
        return self.finding.severity == "warning" and self.finding.rule not in rulebook().advice_only


class Vetting:
    """Holds what every card is checked against: the glossary, the slots and the helplines.

    And what filling and vetting a card gave last time: both are slow, and every card is asked for again and again.
    """

    def __init__(self, renderer: Renderer, glossary: Mapping[str, Word]) -> None:
        self.renderer = renderer
        self._glossary = glossary
        self._forms = forms(glossary)
        self._symbols = symbol_ids()
        # By the card's own id, which nothing else can have while the card is kept beside the result.
        self._filled: Remembered[tuple[object, ...], tuple[Card, Card, SignedWords]] = Remembered(_KEPT)
        self._vetted: Remembered[int, tuple[Card, tuple[Report, ...]]] = Remembered(_KEPT)

    def filled(self, card: Card, text: str | None, local: Mapping[str, str]) -> tuple[Card, SignedWords]:
        """A card, in a layer's own wording where it has one, with its facts. Raises BrokenCard where it cannot be."""
        known = (id(card), text, *sorted(local.items()))
        found = self._filled.get(known)
        if found is None:
            own = own_wording(card, text) if text else card
            found = card, own, self.renderer.words(own, local)
            self._filled.keep(known, found)
        return found[1:]

    def vetted(self, card: Card) -> tuple[Report, ...]:
        """What `vet` says of a card; remembered."""
        found = self._vetted.get(id(card))
        if found is None:
            found = card, tuple(self.vet(card))
            self._vetted.keep(id(card), found)
        return found[1]

    def vet(self, card: Card) -> list[Report]:
        """Everything that stands in the way of signing this card, in file order."""
        reports = [Report(card, 1, "", finding) for finding in (*_whole_card(card), *journey(card), *_parity(card))]
        for level in LEVELS:
            reports += self._level(card, level)
        reports += [Report(card, 1, "easy", finding) for finding in self._ask(card)]
        reports += [Report(card, 1, "", finding) for finding in self._letter(card)]
        reports += [Report(card, 1, "", finding) for finding in self._videos(card)]
        reports += [Report(card, 1, "", finding) for finding in _idle_reasons(card, reports)]
        return sorted(reports, key=lambda report: (report.line, report.finding.rule))

    def _level(self, card: Card, level: Level) -> Iterator[Report]:
        version = card.version(level)
        try:
            texts = tuple(self.renderer.fill(card, bubble, {}) for bubble in version.bubbles)
        except BrokenCard as error:
            yield Report(card, version.bubbles[0].line, level, _error(35, "", str(error), "use a slot of slots.yml"))
            return
        quoted = frozenset(number for number, bubble in enumerate(version.bubbles) if bubble.verbatim)
        local = frozenset(
            number for number, bubble in enumerate(version.bubbles) if self.renderer.slots_of(bubble.text)
        )
        pictures = tuple(bubble.symbol for bubble in version.bubbles)
        answer = Answer(level, version.question, version.label, texts, quoted, local, pictures, _helps(card))
        longer = frozenset(_longer(version.bubbles, texts, level))
        for finding in read(answer, self._forms):
            if card.kind == "journey" and finding.rule == _RULE_OF_BUBBLES:
                continue
            if finding.rule == _LONG and finding.text in longer:
                continue
            yield Report(card, _line(version.bubbles, texts, finding.text), level, finding)
        whole = (*_shown_as_typed(version.question), *_shown_as_typed(version.label), *_button(card, level))
        for finding in (*whole, *self._meanings(texts, level)):
            yield Report(card, version.bubbles[0].line, level, finding)
        for bubble in version.bubbles:
            for finding in (*self._bubble(card, bubble), *self._around_slots(card, bubble, level)):
                yield Report(card, bubble.line, level, finding)

    def _around_slots(self, card: Card, bubble: Bubble, level: Level) -> Iterator[Finding]:
        """The rules on the words beside a slot: while the slot is empty, another sentence stands in their place."""
        slots = self.renderer.slots_of(bubble.text)
        if slots:
            text = self.renderer.fill(card, bubble, dict.fromkeys(slots, _ANYTHING))
            found = read(Answer(level, "", "", (text,)), self._forms)
            yield from (finding for finding in found if finding.rule in _OF_WORDS)

    def _ask(self, card: Card) -> Iterator[Finding]:
        """The questions to show to an officer: three in easy words for every answer, and none elsewhere."""
        wanted = _ASK if card.kind == "card" else 0
        if len(set(card.ask)) != wanted or len(card.ask) != wanted:
            yield _error(35, "", f'{len(card.ask)} questions to ask, for kind "{card.kind}"', f"write {wanted}")
        for text in card.ask:
            yield from _shown_as_typed(text)
            if not text.endswith("?") or len(words(text)) > _ASK_WORDS:
                yield _error(35, text, "no short question", f"at most {_ASK_WORDS} words, with ? at the end")
        # No form of a question is advice only here: nobody could read a reason beside it.
        found = read(Answer("easy", "", "", card.ask), self._forms) if card.ask else ()
        yield from (finding for finding in found if finding.rule in _OF_WORDS | {12})

    def _letter(self, card: Card) -> Iterator[Finding]:
        """The letter: read as it is while nothing is told, and once more with something in each slot."""
        try:
            filled = [self.renderer.sent(card, dict.fromkeys(self.renderer.slots, told)) for told in ("", _ANYTHING)]
        except BrokenCard as error:
            yield _error(35, "", str(error), "use a slot of slots.yml")
            return
        yield from letter_faults(card.letter, (*filled[0], *filled[1]), card.kind, card.sources, self._forms)

    def _videos(self, card: Card) -> Iterator[Finding]:
        """A film has all its parts, and its transcript keeps the rules on words."""
        kinds = [video.kind for video in card.videos]
        for kind in {kind for kind in kinds if kinds.count(kind) > 1}:
            yield _error(35, kind, f"two videos of kind {kind}", "keep one")
        for video in card.videos:
            for fault in video_faults(video, self.renderer.videos):
                yield _error(35, video.file, fault, "see content/videos/README.md")
            said = tuple(line for line in video.transcript.splitlines() if line.strip())
            found = read(Answer("simple", "", "", said), self._forms) if said else ()
            yield from (finding for finding in found if finding.rule in _OF_WORDS - {_LONG})

    def _meanings(self, texts: tuple[str, ...], level: Level) -> Iterator[Finding]:
        """Rule 47: what the page prints under a hard word keeps the rules on plain words that the card keeps."""
        for word in self.renderer.explained("\n".join(texts), level):
            for finding in _of_meaning(level, word.meaning):
                problem = f'the glossary explains "{word.word}" so: {finding.problem}'
                yield _error(47, word.meaning, problem, f"{finding.suggestion} (in content/glossary)")

    def _bubble(self, card: Card, bubble: Bubble) -> Iterator[Finding]:
        if bubble.symbol and bubble.symbol not in self._symbols:
            yield _error(36, bubble.symbol, f'no symbol "{bubble.symbol}"', "pick one from accessibility/symbols.yml")
        if _PHONE.search(bubble.text):
            yield _error(35, bubble.text, "a phone number in the text", "use {{ help.<id> }} from helplines.yml")
        if self.renderer.slots_of(bubble.text) and bubble.says:
            yield _error(
                32, bubble.text, "a must-say fact in a bubble that might be replaced", "give the slot its own bubble"
            )
        yield from _figures(card, bubble)


@lru_cache(maxsize=2_000)
def _of_meaning(level: Level, meaning: str) -> tuple[Finding, ...]:
    return tuple(one for one in read(Answer(level, "", "", (meaning,)), {}) if one.rule in _OF_MEANINGS)


def _helps(card: Card) -> bool:
    return is_help(card.key) or card.kind in ("house", "alarm")


def _button(card: Card, level: Level) -> Iterator[Finding]:
    """Rule 24: the button of an answer is its whole question."""
    version = card.version(level)
    if card.kind == "card" and version.label != version.question:
        yield _error(24, version.label, "a button that is not the whole question", "take label out: it is the question")


def _error(rule: int, text: str, problem: str, suggestion: str) -> Finding:
    return Finding(rule, "error", text, problem, suggestion)


def _shown_as_typed(text: str) -> Iterator[Finding]:
    """What a question and a label may not have: they stand alone, and nothing is filled into them."""
    if not text.strip():
        yield _error(35, "", "a question or a label without words", "write it")
    if "{" in text or _PHONE.search(text):
        yield _error(35, text, "a slot or a phone number in a question or a label", "put it into an idea")


def _longer(bubbles: tuple[Bubble, ...], texts: tuple[str, ...], level: Level) -> Iterator[str]:
    """The easy texts that only the sentence of an empty slot makes long, and that are short enough for simple."""
    for bubble, text in zip(bubbles, texts, strict=True):
        # The honest words are two sentences of the three that easy has. Filled, the bubble is held to what easy allows.
        if level == "easy" and bubble.rest_stays and not _too_long(text, "simple"):
            yield text


def _too_long(text: str, level: Level) -> bool:
    return any(finding.rule == _LONG for finding in read(Answer(level, "", "", (text,)), {}))


def _line(bubbles: tuple[Bubble, ...], texts: tuple[str, ...], quote: str) -> int:
    for bubble, text in zip(bubbles, texts, strict=True):
        if quote and (quote in text or quote.lower() in plain(text).lower()):
            return bubble.line
    return bubbles[0].line


def _whole_card(card: Card) -> Iterator[Finding]:
    """Rule 35 and what every card needs: sources, examples, near cards, a date."""
    if card.kind == "card" and not card.must_say:
        yield _error(32, "", "no must-say facts", "list what every level must say")
    if card.kind == "card" and not 2 <= len(card.near) <= 4:
        yield _error(35, "", f"{len(card.near)} near cards", "name 2 to 4")
    if card.kind == "card" and len({line.lower() for line in card.examples}) < _EXAMPLES_AT_LEAST:
        yield _error(35, "", f"{len(card.examples)} example questions", f"write at least {_EXAMPLES_AT_LEAST}")
    if card.kind in NO_BUTTON and card.examples:
        yield _error(35, card.examples[0], f'example questions for kind "{card.kind}"', "take them out: nobody asks it")
    if not 1 <= card.review_months <= 12:
        yield _error(35, "", "review_months is not 1 to 12", "words about the law are read again within a year")
    if not card.jurisdiction:
        yield _error(35, "", "no jurisdiction", "say where this is true, for example England and Wales")
    for fact in card.must_say:
        if fact.source not in card.sources:
            yield _error(35, fact.text, f'source "{fact.source}" is not listed', "add it to sources with title and url")


def _idle_reasons(card: Card, reports: list[Report]) -> Iterator[Finding]:
    """A reason nobody needs any more would hide the next warning of its rule."""
    advised = {report.finding.rule for report in reports if report.finding.severity == "warning"}
    for rule in sorted(set(card.reasons) - advised):
        yield _error(rule, card.reasons[rule], f"a reason for rule {rule}, which advises nothing here", "take it out")


def _parity(card: Card) -> Iterator[Finding]:
    """Rules 32 and 43: each must-say fact and safety line is said at every level, and nothing else is claimed."""
    known, safe = {fact.id for fact in card.must_say}, {fact.id for fact in card.keep}
    for both in sorted(known & safe):
        yield _error(43, both, f'"{both}" is a must-say fact and under keep', "give one of them another id")
    for level in LEVELS:
        said = {name for bubble in card.version(level).bubbles for name in bubble.says}
        for missing in sorted(known - said):
            yield _error(32, missing, f'"{missing}" is not said at {level}', f"say it in a bubble with says={missing}")
        for missing in sorted(safe - said - known):
            problem = f'the safety line "{missing}" is not said at {level}'
            yield _error(43, missing, problem, f"say it in a bubble with says={missing}")
        for extra in sorted(said - known - safe):
            yield _error(32, extra, f'{level} says "{extra}", which is no must-say fact', "add it, or mend the id")


def _figures(card: Card, bubble: Bubble) -> Iterator[Finding]:
    """Rule 32: a fact's figures stand in its bubble, and what is not certain is not said as certain."""
    for fact in (fact for fact in card.said_at_every_level if fact.id in bubble.says):
        for figure in _FIGURE.findall(fact.text):
            if not re.search(rf"(?<!\d){figure}(?![\d½])", bubble.text):
                yield _error(32, bubble.text, f'the fact "{fact.id}" has the figure {figure}; this does not', "say it")
        if not fact.certain and not _HEDGE.search(bubble.text):
            yield _error(
                32, bubble.text, f'"{fact.id}" is not settled but said as certain', "say might, or whom to ask"
            )
