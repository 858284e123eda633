"""Passwords: which may be chosen, and how they are kept and checked."""

import asyncio
import re
import unicodedata
from collections.abc import Iterable
from threading import Lock
from typing import Literal, Protocol

from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from api.records.fair_turns import FairTurns

SHORTEST = 12
LONGEST = 256
TOO_SHORT = f"Use at least {SHORTEST} letters or signs. Three or four words that do not belong together are good."
TOO_LONG = f"Use at most {LONGEST} letters or signs."
YOURS = (
    "This is made of your own name, your e-mail or the name of this site, which people would try first. "
    "Use words that have nothing to do with you or your work."
)
COMMON = (
    "This is a password, or a pattern, that many people use, so it would be tried first. "
    "Use three or four words that do not belong together."
)
# A hundred million guesses or more, by zxcvbn's count, each of which costs an argon2id hash.
_SAFE_SCORE = 3
# What zxcvbn reads at most; a weak beginning this long does not exist without being weak to it.
_READ = 72
_NAME_LETTERS = 3
_LETTERS_OF_THEIR_OWN = 8
_AT_ONCE = 2
# zxcvbn puts the words about somebody into a table that all calls share.
_ONE_AT_A_TIME = Lock()
# The hash of random bytes that nobody has. With argon2-cffi's own defaults, so that checking it takes the same work.
_NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$YZkt8kRqBBGPmBP12PnaUg$DvzgwUf/JwqWIsAQ2phwN/061id2q+nQOX+6Je6i4gE"


class Hasher(Protocol):
    """What argon2.PasswordHasher does for us."""

    def hash(self, password: str) -> str:
        """The password as it is kept."""
        ...

    def verify(self, hash: str, password: str) -> Literal[True]:  # noqa: A002 - argon2's own name
        """Raises VerificationError or InvalidHashError when the password is another."""
        ...


class Passwords:
    """Keeps and checks passwords, a few at once: each takes 64 MiB and a tenth of a second of a processor.

    `origin` is the name of the network that asks. They take turns, so that a flood from one, with e-mails that nobody
    has, shuts nobody of another out.
    """

    def __init__(self, hasher: Hasher) -> None:
        self._hasher = hasher
        self._turns = FairTurns(_AT_ONCE)

    async def keep(self, origin: str, password: str) -> str:
        """What is kept of a password."""
        async with self._turns.turn(origin):
            return await asyncio.to_thread(self._hasher.hash, _one_spelling(password))

    async def fits(self, origin: str, kept: str | None, password: str) -> bool:
        """True for the password that was kept. Nothing kept takes the same work, and is always False."""
        async with self._turns.turn(origin):
            return await asyncio.to_thread(self._verify, kept or _NOBODYS, _one_spelling(password)) and kept is not None

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False


def why_not(password: str, about_them: Iterable[str]) -> str | None:
    """Why a password may not be chosen, and what to do; None when it may. `about_them` is what others know of them.

    No rule asks for a kind of letter. Common passwords and patterns are told by zxcvbn, from its lists of leaked ones.
    It takes seconds for some, so whoever serves others meanwhile calls it in a thread.
    """
    if len(password) < SHORTEST:
        return TOO_SHORT
    if len(password) > LONGEST:
        return TOO_LONG
    words = _words_of(about_them)
    rest = re.sub(r"[\W_]", "", password.casefold())
    for word in words:
        rest = rest.replace(word, "")
    if len(rest) < _LETTERS_OF_THEIR_OWN and any(word in password.casefold() for word in words):
        return YOURS
    with _ONE_AT_A_TIME:
        safe = zxcvbn(password[:_READ], user_inputs=words)["score"] >= _SAFE_SCORE
    return None if safe else COMMON


def _words_of(about_them: Iterable[str]) -> list[str]:
    """Every word of three letters or more, longest first, so that a name goes before a part of it."""
    found = {word for text in about_them for word in re.split(r"[\W_]+", text.casefold())}
    return sorted((word for word in found if len(word) >= _NAME_LETTERS), key=lambda word: (-len(word), word))


def _one_spelling(password: str) -> str:
    """The same letters however a keyboard spells them: an e with an accent is one sign, or two."""
    return unicodedata.normalize("NFKC", password)
