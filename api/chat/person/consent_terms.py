"""The terms on which a person answers: which organisation, when, and the signed words that a child agrees to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from api.chat.chat_door import ChatDoor
from api.chat.person import plain_times
from api.chat.person.ask_form import Offer
from api.chat.person.handover_outage import at_work
from api.chat.person.person_door import PersonDoor
from api.records.handovers.opening_hours import Hours
from api.records.handovers.presence import who_is_here
from api.records.handovers.providers import provider_of
from api.records.handovers.tables import Provider
from content.signoff import SignOff

CONSENT = ("person-who-reads", "person-what-we-keep", "person-when-we-tell")
"""The cards that a child reads before they say yes, in order."""
KEEP = CONSENT[1]
"""The card under which the provider's number of days stands."""
WITH_WORKER = "person-with-worker"
"""The card that a child says yes to before all others where a worker asks with them."""


class NobodyAnswers(Exception):
    """No person can be asked for here. `why` is "nobody", or "unsigned" while the words to agree to are not live."""

    def __init__(self, why: Literal["nobody", "unsigned"]) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class ConsentTerms:
    """Who answers now, and what a child agrees to. `somebody` is True while an advocate is at their screen.

    `worker` is the card for asking with a worker; None while it is not live, and then everybody asks alone.
    """

    provider: Provider
    hours: Hours
    now: datetime
    somebody: bool
    cards: Mapping[str, SignOff]
    worker: SignOff | None = None

    @property
    def open(self) -> bool:
        """True at a time at which somebody answers on the page."""
        return self.hours.open_at(self.now)

    @property
    def here(self) -> bool:
        """True when somebody can answer on the page at once."""
        return self.open and self.somebody

    def fingerprints(self, *, worker: bool) -> dict[str, str]:
        """What the consent cards say, by their keys; with `worker` also the one for asking with a worker."""
        beside = {WITH_WORKER: self.worker} if worker and self.worker else {}
        return {key: signed.words.fingerprint for key, signed in {**beside, **self.cards}.items()}

    @property
    def choices(self) -> list[plain_times.Choice]:
        """The times to call that are offered now."""
        return plain_times.choices(self.hours, self.now)

    def with_worker(self, agreed: Mapping[str, str]) -> bool:
        """True when a child has said yes to asking with a worker, in the words that are live now."""
        return self.worker is not None and agreed.get(WITH_WORKER) == self.worker.words.fingerprint

    def are(self, provider: str, keep_days: str, agreed: Mapping[str, str], *, worker: bool) -> bool:
        """True when these are the terms that a child has said yes to. Who asks alone needs no yes to a worker."""
        if worker and not self.with_worker(agreed):
            return False
        said = {key: fingerprint for key, fingerprint in agreed.items() if worker or key != WITH_WORKER}
        now = (self.provider.slug, str(self.provider.keep_days), self.fingerprints(worker=worker))
        return (provider, keep_days, said) == now


async def terms_of(person_door: PersonDoor, chat_door: ChatDoor, slug: str | None) -> ConsentTerms:
    """The terms for the children of a force. Raises NobodyAnswers and Away.

    The shut door of a force shuts nobody off from a person: the national words are agreed to then.
    """
    now = person_door.now()
    async with at_work(person_door) as session:
        provider = await provider_of(session, slug, practice=chat_door.settings.practice)
        if provider is None:
            raise NobodyAnswers("nobody")
        somebody = bool(await who_is_here(session, provider.slug, now))
    pack, today = chat_door.pack_or_national(slug), chat_door.pack_cache.today()
    found = {key: pack.card(key, today) for key in CONSENT}
    cards = {key: signed for key, signed in found.items() if signed}
    if len(cards) < len(CONSENT):
        raise NobodyAnswers("unsigned")
    return ConsentTerms(provider, provider.opening_hours, now, somebody, cards, pack.card(WITH_WORKER, today))


def offer_of(chat_door: ChatDoor, slug: str | None, terms: ConsentTerms) -> Offer:
    """What can be asked for on these terms."""
    live = chat_door.pack_or_national(slug).live(chat_door.pack_cache.today())
    answers = {key for key, signed in live.items() if signed.words.kind == "card"}
    return Offer(terms.hours, terms.now, answers, chat_door.settings.practice)
