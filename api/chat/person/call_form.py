"""The part of a form that says how to call a child back: what they typed, what to mend, and what is kept of it."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import phonenumbers
from fastapi import Form
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from api.chat.person import plain_times
from api.records.handovers.message_cipher import CallBack
from api.records.handovers.new_handover import CallWindow
from api.records.handovers.opening_hours import Hours

LONGEST_LINE = 60
"""The most characters of a name, a code word, or a number as it is typed."""
WHOSE = ("mine", "family", "friend", "other")
"""Whose number it is, as it is kept; "asking_whose_" and this name the words of the choice."""
WORKERS = "worker"
"""Whose number it is where the child said that the worker may be called."""
_UK = "GB"
# Numbers that a person answers. Others cost money, or belong to an office.
_CALLED = {
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.UAN,
    PhoneNumberType.VOIP,
}
# Ofcom keeps these mobile numbers for stories: nobody has one, so that a practice rings nowhere.
_INVENTED = re.compile(r"\+447700900\d{3}")
# Marks that turn the direction of what follows, which can make a name read as another one.
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class NotReady(Exception):
    """Something is missing, or cannot be used. `faults` names an interface string for each field to mend, in order."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class TypedCall:
    """How to call back, as it stands in the form. `to_worker` is ticked where the worker may be called instead."""

    number: Annotated[str, Form()] = ""
    whose: Annotated[str, Form()] = ""
    voicemail: Annotated[str, Form()] = ""
    say: Annotated[str, Form()] = ""
    code_word: Annotated[str, Form()] = ""
    window: Annotated[str, Form()] = ""
    to_worker: Annotated[str, Form()] = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """What a child can write freely, which the alarm hears."""
        return (self.number, self.say, self.code_word)

    @property
    def untouched(self) -> bool:
        """True while nothing of it is filled in."""
        return not any((self.number, self.whose, self.say, self.code_word, self.window, self.to_worker))


def ready_call(
    typed: TypedCall, hours: Hours, now: datetime, *, practice: bool, worker: str = ""
) -> tuple[CallBack, CallWindow]:
    """How and when to call. `worker` is the number of a worker who asks along. Raises NotReady with every fault."""
    faults, window = dict[str, str](), plain_times.read(typed.window)
    # Where the call goes to the worker the child's own number is not asked for, and what stands in its field not kept.
    to_worker = bool(typed.to_worker and worker)
    number = worker if to_worker else number_of(typed.number, practice=practice)
    if number is None:
        faults["number"] = "asking_fault_number" if typed.number.strip() else "asking_fault_no_number"
    if not to_worker and typed.whose not in WHOSE:
        faults["whose"] = "asking_fault_whose"
    say, code_word = one_line(typed.say), one_line(typed.code_word)
    if len(say) > LONGEST_LINE:
        faults["say"] = "asking_fault_long"
    if len(code_word) > LONGEST_LINE:
        faults["code_word"] = "asking_fault_long"
    if window is None or not plain_times.still_good(hours, window, now):
        faults["window"] = "asking_fault_time_gone" if window else "asking_fault_time"
    if faults or number is None or window is None:
        raise NotReady(faults)
    return CallBack(number, WORKERS if to_worker else typed.whose, bool(typed.voicemail), say, code_word), window


def number_of(typed: str, *, practice: bool) -> str | None:
    """A phone number that somebody can be called at, as E.164; None for anything else.

    In practice, numbers that Ofcom keeps for stories are taken too.
    """
    plain = unicodedata.normalize("NFKC", typed)
    if len(plain) > LONGEST_LINE or any(letter.isalpha() for letter in plain):
        return None
    try:
        number = phonenumbers.parse(plain, _UK)
    except phonenumbers.NumberParseException:
        return None
    found = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if practice and _INVENTED.fullmatch(found):
        return found
    called = phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) in _CALLED
    return found if called and not number.extension else None


def as_dialled(number: str) -> str:
    """A number that is kept, as somebody in the UK would write it down."""
    parsed = phonenumbers.parse(number, _UK)
    home = phonenumbers.region_code_for_number(parsed) in (_UK, None)
    return phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL)


def one_line(typed: str) -> str:
    """What somebody typed, on one line, without marks that cannot be seen."""
    return " ".join(cleaned(typed).split())


def cleaned(typed: str) -> str:
    """What somebody typed, with plain line ends and without marks that cannot be kept or that hide what it says."""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n")
    seen = (mark for mark in lines if mark in "\n\t" or unicodedata.category(mark) not in ("Cc", "Cs"))
    return "".join(mark for mark in seen if mark not in _TURNS).strip()
