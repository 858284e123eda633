"""A line of a talk as a reader sees it: hard words explained at their level, a card sent with it in signed words."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from accessibility.rule_finding import Level
from api.records.handovers.message_cipher import OpenedMessage
from content.pack import Pack
from content.rendering import Renderer
from content.signed_words import SignedVersion, SignedWord

MOST_MEANINGS = 5
"""How many hard words of one message are explained."""


@dataclass(frozen=True)
class ExplainedMessage:
    """A line, with what the words of an advocate mean to this reader. `version` is the card sent with it, if any."""

    line: OpenedMessage
    version: SignedVersion | None
    meanings: tuple[SignedWord, ...]

    @classmethod
    def of(cls, line: OpenedMessage, level: Level, pack: Pack, renderer: Renderer, today: date) -> Self:
        """The line at a level. A child's own words are not explained to them."""
        signed = pack.card(line.said.card, today) if line.said.card else None
        meanings = renderer.explained(line.said.text, level) if line.writer == "advocate" else ()
        return cls(line, signed.words.levels[level] if signed else None, meanings[:MOST_MEANINGS])
