"""A SignOff: these exact words, for this layer, written, reviewed and signed by named people until a date."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from content.card import stays
from content.signed_words import SignedWords

NATIONAL = "national"
"""The layer whose words every force's children see until their own force signs."""

BUILT_IN = "built-in"
"""The layer of help that is built into the program: nobody signs it, and it stands where no signed words are good."""


class NotSigned(Exception):
    """These words may not be shown, or may not be signed. The message says why, in words for the desk."""


@dataclass(frozen=True)
class Signer:
    """Who signs: a person, in the post that gives the right to sign. The post is what a child is shown."""

    name: str
    post: str


@dataclass(frozen=True)
class SignOff:
    """A signature on a card's whole text. `practice` marks invented people, for trying the system out.

    Help that is built in comes in the same shape, so that all that shows a card shows it too: `built_in` is true, and
    who signed it and the dates say nothing.
    """

    layer: str
    card: str
    words: SignedWords
    written_by: tuple[str, ...]
    reviewed_by: str
    signer: Signer
    signed_on: date
    review_by: date
    practice: bool

    def live(self, today: date) -> bool:
        """True from the day it was signed until its review date, both included."""
        return self.signed_on <= today <= self.review_by

    def overdue(self, today: date) -> bool:
        """True when its review date has passed."""
        return not self.built_in and self.review_by < today

    def shown(self, today: date) -> bool:
        """True while children may read it: to its review date, and past it where the card stays."""
        return self.live(today) or (self.signed_on <= today and stays(self.card, self.words.kind))

    @property
    def built_in(self) -> bool:
        """True for help that is built into the program, which nobody signed."""
        return self.layer == BUILT_IN


@dataclass(frozen=True)
class Withdrawn:
    """A card taken off a layer, until it is signed there again. `post` is the post of whoever did it, never a name.

    A force's withdrawal hides the card from its own children, in its own words and in the national ones; a national
    one hides the national words from everybody.
    """

    layer: str
    card: str
    reason: str
    post: str
    on: date


def sign(
    layer: str,
    card: str,
    words: SignedWords,
    *,
    written_by: Collection[str],
    reviewed_by: str,
    signer: Signer,
    signed_on: date,
    review_by: date,
    practice: bool,
) -> SignOff:
    """The one way a SignOff comes to be.

    Raises NotSigned when reviewer and signer are the same person or either wrote any of the words, or when the
    review date is not after the day of signing.
    """
    if not written_by:
        raise NotSigned(f"{card}: nobody is named as having written these words")
    if signer.name == reviewed_by:
        raise NotSigned(f"{card}: {reviewed_by} reviewed it and may not sign it too")
    for person in (reviewed_by, signer.name):
        if person in written_by:
            raise NotSigned(f"{card}: {person} wrote some of it and may not approve or sign it")
    if review_by <= signed_on:
        raise NotSigned(f"{card}: the review date must be after the day of signing")
    return SignOff(layer, card, words, tuple(sorted(written_by)), reviewed_by, signer, signed_on, review_by, practice)
