"""Seals and hashes: the newest key closes, every key opens, purposes are kept apart, and keys change without a stop."""

import base64
import hmac
import re
from hashlib import sha256
from itertools import pairwise

import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from api.web.ciphers import BrokenCipherText, Cipher, Hashes
from api.web.settings import Settings

SECRET = "the secret of this place and of no other"
OLD = "the key of last year with enough letters"
NEW = "the key of this year with enough letters"


def settings_of(*keys: str, secret: str = SECRET) -> Settings:
    """Settings whose keys were given so, newest first."""
    return Settings.model_validate({"secret": secret, "sealing_keys": ", ".join(keys)})


def seal_of(*keys: str, purpose: str = "handover", secret: str = SECRET) -> Cipher:
    return Cipher.of(settings_of(*keys, secret=secret), purpose)


@given(st.text(max_size=500))
def test_what_is_sealed_is_opened_and_does_not_show(text: str) -> None:
    cipher = seal_of(NEW, OLD)
    sealed = cipher.close(text)
    assert cipher.open(sealed) == text
    assert sealed != cipher.close(text)
    assert len(text) < 4 or text.encode() not in sealed.encode() + base64.urlsafe_b64decode(sealed)


def test_what_was_sealed_before_there_were_keys_still_opens() -> None:
    """As it was made then: Fernet, and a key by HKDF from KNOW_SECRET, with the purpose as its info."""
    key = HKDF(SHA256(), 32, salt=None, info=b"code app").derive(SECRET.encode())
    sealed = Fernet(base64.urlsafe_b64encode(key)).encrypt(b"words").decode()
    for keys in ((), (NEW,), (NEW, OLD)):
        assert seal_of(*keys, purpose="code app").open(sealed) == "words"


def test_the_newest_key_seals_and_every_key_opens() -> None:
    by_secret, by_old, by_new = (cipher.close("words") for cipher in (seal_of(), seal_of(OLD), seal_of(NEW, OLD)))
    newest = seal_of(NEW, OLD)
    for sealed in (by_secret, by_old, by_new):
        assert newest.open(sealed) == "words"
    assert [newest.is_old(sealed) for sealed in (by_secret, by_old, by_new)] == [True, True, False]
    for sealed in (by_secret, by_old, by_new):
        renewed = newest.renew(sealed)
        assert not newest.is_old(renewed)
        # Nothing of the older keys is needed for it.
        assert seal_of(NEW, secret="another secret altogether, as long as it").open(renewed) == "words"


def test_without_its_key_nothing_opens() -> None:
    sealed = seal_of(OLD).close("words")
    without = seal_of(NEW)
    assert without.is_old(sealed)
    for act in (without.open, without.renew):
        with pytest.raises(BrokenCipherText):
            act(sealed)


def test_a_purpose_does_not_open_what_was_sealed_for_another() -> None:
    with pytest.raises(BrokenCipherText):
        seal_of(NEW, purpose="concern").open(seal_of(NEW, purpose="handover").close("words"))


@given(st.text(max_size=200))
def test_what_was_not_sealed_is_broken_and_old(text: str) -> None:
    cipher = seal_of(NEW)
    assert cipher.is_old(text)
    for act in (cipher.open, cipher.renew):
        with pytest.raises(BrokenCipherText):
            act(text)


@given(st.integers(min_value=0), st.characters())
def test_what_was_altered_is_broken_however_base64_reads_it(place: int, other: str) -> None:
    cipher = seal_of(NEW)
    sealed = cipher.close("words")
    place %= len(sealed)
    for altered in (sealed[:place] + other + sealed[place + 1 :], sealed[:place] + other + sealed[place:]):
        if altered != sealed:
            with pytest.raises(BrokenCipherText):
                cipher.open(altered)


@pytest.mark.parametrize("altered", ["\n{}", "{} ", "{}=", "{}!", "\ud800", ""])
def test_another_spelling_is_broken(altered: str) -> None:
    cipher = seal_of(NEW)
    with pytest.raises(BrokenCipherText):
        cipher.open(altered.format(cipher.close("words")))


def test_several_processes_change_keys_one_after_the_other_and_always_open_what_another_sealed() -> None:
    """As `reseal --help` says: each key is known by all before it seals. It begins with KNOW_SECRET alone."""
    for before, after in pairwise(((), (SECRET, OLD), (OLD,), (OLD, NEW), (NEW, OLD))):
        one, other = seal_of(*before), seal_of(*after)
        assert other.open(one.close("words")) == one.open(other.close("words")) == "words"


# Hashes


def test_a_hash_is_keyed_and_the_same_each_time() -> None:
    hashes = Hashes.of_settings(settings_of(NEW), "handover")
    found = hashes.of("brave green otter")
    assert re.fullmatch("[0-9a-f]{64}", found)
    assert found == Hashes.of_settings(settings_of(NEW), "handover").of("brave green otter")
    plain = (sha256(b"brave green otter").hexdigest(), hmac.new(NEW.encode(), b"brave green otter", sha256).hexdigest())
    for other in (
        *plain,
        hashes.of("brave green other"),
        Hashes.of_settings(settings_of(OLD), "handover").of("brave green otter"),
        Hashes.of_settings(settings_of(NEW), "page").of("brave green otter"),
    ):
        assert found != other


def test_what_was_hashed_before_the_key_changed_is_still_found() -> None:
    words = "brave green otter"
    at_first, then = (Hashes.of_settings(settings_of(*keys), "handover").of(words) for keys in ((), (OLD,)))
    now = Hashes.of_settings(settings_of(NEW, OLD), "handover")
    assert now.all_of(words) == [now.of(words), then, at_first]
    assert len(set(now.all_of(words))) == 3


def test_a_hash_does_not_give_away_the_key_of_a_seal() -> None:
    """A hash and a seal of the same purpose have keys of their own."""
    key = HKDF(SHA256(), 32, salt=None, info=b"handover").derive(SECRET.encode())
    assert Hashes((SECRET,), "handover").of("x") != hmac.new(key, b"x", sha256).hexdigest()


# The setting


def test_the_keys_come_newest_first_and_the_secret_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOW_SECRET", SECRET)
    for given_keys, keys in {
        "": (SECRET,),
        "  ": (SECRET,),
        NEW: (NEW, SECRET),
        f"{NEW},{OLD}": (NEW, OLD, SECRET),
        f" {NEW} , {OLD}\n": (NEW, OLD, SECRET),
    }.items():
        monkeypatch.setenv("KNOW_SEALING_KEYS", given_keys)
        assert Settings().keys == keys
    monkeypatch.delenv("KNOW_SEALING_KEYS")
    assert Settings().keys == (SECRET,)


@pytest.mark.parametrize("given_keys", ["short", f"{'x' * 32},short", f"{'x' * 32},", f",{'x' * 32}", "x" * 31])
@pytest.mark.parametrize("mode", ["practice", "live"])
def test_a_key_that_can_be_guessed_is_refused_and_not_shown(given_keys: str, mode: str) -> None:
    with pytest.raises(ValidationError, match="KNOW_SEALING_KEYS needs at least 32 characters") as told:
        Settings.model_validate({"mode": mode, "secret": SECRET, "sealing_keys": given_keys})
    assert "xxx" not in str(told.value)
    assert "short" not in str(told.value)


def test_no_key_is_shown_when_settings_are_printed() -> None:
    settings = settings_of(NEW, OLD)
    assert isinstance(settings.sealing_keys, SecretStr)
    for word in ("this year", "last year", "this place"):
        assert word not in repr(settings) + str(settings) + settings.model_dump_json()
