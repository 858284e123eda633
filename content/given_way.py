"""Overdue words in which a helpline that nobody has checked for a year gives way to help that is built in."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from accessibility.rule_finding import Level
from content.built_in_help import standing_in
from content.helpline_checks import HelplineChecks
from content.signed_words import SignedBubble, SignedVersion, SignedWord, SignedWords
from content.signoff import SignOff


def with_checked_help(signed: SignOff, today: date, checks: HelplineChecks) -> SignOff:
    """The same words, for as long as they are in date or every helpline they name was checked within 12 months.

    Otherwise each bubble that names another one is left out, and at the first there stand 999 and Childline, as far as
    the bubbles that are left do not say them. Every level is looked at by itself.
    """
    if not signed.overdue(today):
        return signed
    levels: Mapping[Level, SignedVersion] = {
        level: _version(version, level, signed.signed_on, today, checks)
        for level, version in signed.words.levels.items()
    }
    return signed if levels == signed.words.levels else replace(signed, words=_with(signed.words, levels))


def _with(words: SignedWords, levels: Mapping[Level, SignedVersion]) -> SignedWords:
    # A film says what it said on the day it was made, numbers too.
    return replace(words, levels=levels, videos=())


def _version(
    version: SignedVersion, level: Level, signed_on: date, today: date, checks: HelplineChecks
) -> SignedVersion:
    gone = [checks.unchecked(bubble.text, signed_on, today) for bubble in version.bubbles]
    if not any(gone):
        return version
    first, left = gone.index(True), [one for one, goes in zip(version.bubbles, gone, strict=True) if not goes]
    bubbles = (*left[:first], *standing_in(_text(left), level), *left[first:])
    before, now = _text(version.bubbles), _text(bubbles)
    # "Victim Support" is explained no more where it is named no more.
    words = tuple(one for one in version.words if _names(now, one) or not _names(before, one))
    return replace(version, bubbles=bubbles, words=words)


def _text(bubbles: Iterable[SignedBubble]) -> str:
    return "\n".join(one.text for one in bubbles)


def _names(text: str, word: SignedWord) -> bool:
    return word.word.casefold() in text.casefold()
