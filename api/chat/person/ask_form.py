"""The form to ask for a person: what a child typed, what to mend in it in plain words, and what will be sent."""

from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import Form

from api.chat.chat_door import LONGEST
from api.chat.person.call_form import LONGEST_LINE, NotReady, TypedCall, cleaned, one_line, ready_call
from api.chat.person.worker_form import TypedWorker, faults_of, worker_of
from api.records.handovers.message_cipher import Sent
from api.records.handovers.new_handover import CallWindow
from api.records.handovers.opening_hours import Hours
from api.records.handovers.states import Wants
from content.passport import passport

MOST_CARDS = 6
"""How many cards can be passed on: as many as a chat remembers."""
CALL_FIELDS = ("number", "whose", "say", "code_word", "window")


@dataclass(frozen=True)
class AskForm:
    """What stands in the form beside how to call back. Nothing in it is kept before it is sent.

    `passport` are ids of sentences on how to talk with the child, which go only where `passport_send` is ticked.
    """

    name: Annotated[str, Form()] = ""
    question: Annotated[str, Form()] = ""
    cards: Annotated[tuple[str, ...], Form()] = ()
    how: Annotated[str, Form()] = ""
    passport: Annotated[tuple[str, ...], Form()] = ()
    passport_send: Annotated[str, Form()] = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """What a child can write freely, which the alarm hears."""
        return (self.name, self.question)

    @property
    def passed_on(self) -> tuple[str, ...]:
        """The ids of the sentences that go along: none while the child has not ticked that they do."""
        return self.passport if self.passport_send else ()


@dataclass(frozen=True)
class Offer:
    """What can be asked for now: the provider's hours, and the keys of the cards that can be passed on."""

    hours: Hours
    now: datetime
    cards: Container[str]
    practice: bool

    @property
    def open(self) -> bool:
        """True while it is a time at which somebody answers here."""
        return self.hours.open_at(self.now)


@dataclass(frozen=True)
class CompleteAsk:
    """What is sent, once it is complete."""

    wants: Wants
    sent: Sent
    window: CallWindow | None


def must_be_ready(typed: AskForm, worker: TypedWorker, offer: Offer) -> tuple[Wants, Sent]:
    """How the child wants to be answered and what they say, without how to call. Raises NotReady with every fault."""
    faults = dict[str, str]()
    name, question = one_line(typed.name), cleaned(typed.question)
    if len(name) > LONGEST_LINE:
        faults["name"] = "asking_fault_long"
    if len(question) > LONGEST:
        faults["question"] = "asking_fault_question"
    if passport().unknown(typed.passed_on):
        faults["passport"] = "asking_fault_passport"
    faults.update(faults_of(worker, practice=offer.practice))
    wants: Wants | None = next((one for one in ("here", "call-back") if one == typed.how), None)
    if wants is None:
        faults["how"] = "asking_fault_how"
    elif wants == "here" and not offer.open:
        faults["how"] = "asking_fault_closed"
    if faults or wants is None:
        raise NotReady(faults)
    cards = [key for key in dict.fromkeys(typed.cards) if key in offer.cards]
    sentences = tuple(sentence.id for sentence in passport().picked(typed.passed_on))
    beside = worker_of(worker, practice=offer.practice)
    return wants, Sent(name, question, tuple(cards[:MOST_CARDS]), passport=sentences, worker=beside)


def ready(typed: AskForm, call: TypedCall, worker: TypedWorker, offer: Offer) -> CompleteAsk:
    """All that will be sent. Raises NotReady with every fault."""
    wants, sent = must_be_ready(typed, worker, offer)
    if wants == "here":
        return CompleteAsk(wants, sent, None)
    phone = sent.worker.phone if sent.worker else ""
    call_back, window = ready_call(call, offer.hours, offer.now, practice=offer.practice, worker=phone)
    return CompleteAsk(wants, replace(sent, call=call_back), window)
