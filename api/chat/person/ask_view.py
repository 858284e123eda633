"""What the pages on the way to a person show: each step of the form, and what there is where nobody answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from accessibility.rule_finding import LEVELS
from accessibility.symbols import symbols
from api.chat.chat_door import ChatDoor
from api.chat.chat_page_view import ANY
from api.chat.dialogue.state import Chat
from api.chat.person import plain_times
from api.chat.person.ask_form import AskForm, CompleteAsk
from api.chat.person.call_form import WHOSE, TypedCall, as_dialled
from api.chat.person.consent_terms import KEEP, WITH_WORKER, ConsentTerms
from api.chat.person.worker_form import TypedWorker, reach_of, worker_of
from content.helplines import Helpline, load_helplines
from content.passport import passport
from content.signed_words import SignedVersion

# For anybody, whatever it is about; 999 and Childline stand above them on every page.
_LINES = ("shout", "samaritans", "meic", "nyas")
_NATIONS = {None: {"England", "Wales"}, "Great Britain": {"England", "Wales", "Scotland"}}


@dataclass(frozen=True)
class Visit:
    """One request of a child on the way to a person, with all that their form holds."""

    request: Request
    chat_door: ChatDoor
    chat: Chat
    typed: AskForm = field(default_factory=AskForm)
    call: TypedCall = field(default_factory=TypedCall)
    agreed: Mapping[str, str] | None = None
    provider: str = ""
    keep_days: str = ""
    once: str = ""
    worker: TypedWorker = field(default_factory=TypedWorker)

    @property
    def slug(self) -> str | None:
        """The force that the child asks about."""
        return self.chat.force

    def page(self, name: str, status: int = 200, **shown: Any) -> Response:
        """One of the pages."""
        force = self.chat_door.force(self.slug)
        known = {"agreed": self.agreed or {}, "provider_slug": self.provider, "keep_days": self.keep_days, "faults": {}}
        asked = {"typed": self.typed, "call": self.call, "worker": self.worker, "once": self.once, **known}
        place = {"force": force, "slug": self.slug or ANY, "chat": self.chat_door.tokens.write(self.chat)}
        reader = {"level": self.chat.level, "levels": LEVELS, "rung": self.chat.rung, "symbols": symbols()}
        own = {"helplines": helplines(force.nation if force else None), "keep_card": KEEP}
        return self.chat_door.pages.page(
            self.request, f"person/{name}.html", status, **{**place, **reader, **asked, **own, **shown}
        )

    def nobody(self, why: str) -> Response:
        """Nobody can be asked for here."""
        return self.page("no-provider", why=why)

    def away(self, go: str, *, by_get: bool = False) -> Response:
        """The database does not answer; everything typed stays in the page."""
        return self.page("away", 503, go=go, by_get=by_get)

    def with_worker(self, terms: ConsentTerms, *, changed: bool = False) -> Response:
        """Whether the child asks with a worker: first of all pages, and a yes or a no of one size."""
        if terms.worker is None or (not terms.open and not terms.choices):
            return self.consent(terms)
        return self.page(
            "worker",
            card=terms.worker,
            key=WITH_WORKER,
            version=terms.worker.words.levels[self.chat.level],
            changed=changed,
            agreed={WITH_WORKER: terms.worker.words.fingerprint},
            **answering(terms),
        )

    def consent(self, terms: ConsentTerms, *, changed: bool = False, only_alone: bool = False) -> Response:
        """Who answers, and the three cards to agree to. `changed` when they said yes to other words before.

        `only_alone` when they asked with a worker, and the words for that have been taken back since.
        """
        if not terms.open and not terms.choices:
            return self.page("closed-hours", **answering(terms))
        versions = dict(
            _each_word_once({key: signed.words.levels[self.chat.level] for key, signed in terms.cards.items()})
        )
        signed_by = dict.fromkeys((card.signer.post, card.signed_on) for card in terms.cards.values())
        own: dict[str, Any] = {
            "agreed": terms.fingerprints(worker=self.worker.asks),
            "provider_slug": terms.provider.slug,
            "keep_days": str(terms.provider.keep_days),
        }
        shown: dict[str, Any] = {"versions": versions, "cards": terms.cards, "signed_by": signed_by, "changed": changed}
        beside = {"can_with_worker": terms.worker is not None, "only_alone": only_alone}
        return self.page("consent", **answering(terms), **own, **shown, **beside)

    def details(self, terms: ConsentTerms, faults: Mapping[str, str]) -> Response:
        """What to call the child, what they want to ask, and how to answer."""
        read, groups = self._read(self.typed.cards), passport().groups
        status = 422 if faults else 200
        return self.page("details", status, faults=faults, read=read, groups=groups, **answering(terms))

    def how_to_call(self, terms: ConsentTerms, faults: Mapping[str, str]) -> Response:
        """How it is safe to call."""
        return self.page(
            "call",
            422 if faults else 200,
            faults=faults,
            choices=terms.choices,
            whose=WHOSE,
            workers=self._workers_number(),
            **answering(terms),
        )

    def review(self, terms: ConsentTerms, ready: CompleteAsk, *, again: bool = False) -> Response:
        """Everything as it will be sent. `again` when the page was open too long and must be sent once more."""
        passed_on = [question for key, question in self._read(ready.sent.cards) if key in ready.sent.cards]
        return self.page(
            "review",
            sent=ready.sent,
            passed_on=passed_on,
            sentences=passport().picked(self.typed.passport),
            number=as_dialled(ready.sent.call.number) if ready.sent.call else "",
            beside=ready.sent.worker,
            reach=reach_of(ready.sent.worker),
            when=plain_times.label(ready.window) if ready.window else "",
            wants=ready.wants,
            again=again,
            **answering(terms),
        )

    def _workers_number(self) -> str:
        """The number at which the child may let the worker be called, as it is dialled; "" where there is none."""
        worker = worker_of(self.worker, practice=self.chat_door.settings.practice)
        return reach_of(worker) if worker and worker.phone else ""

    def _read(self, ticked: Sequence[str]) -> list[tuple[str, str]]:
        """The answers that were shown in this chat or are ticked: key and question, each once."""
        live = self.chat_door.pack_or_national(self.slug).live(self.chat_door.pack_cache.today())
        keys = dict.fromkeys([turn.card for turn in self.chat.shown] + list(ticked))
        cards = {key: live[key].words for key in keys if key in live and live[key].words.kind == "card"}
        return [(key, words.levels[self.chat.level].question) for key, words in cards.items()]


def _each_word_once(versions: Mapping[str, SignedVersion]) -> Iterator[tuple[str, SignedVersion]]:
    """The words of cards that are read one after the other: a hard word is explained where it first comes."""
    known = set[str]()
    for key, version in versions.items():
        bubbles = []
        for bubble in version.bubbles:
            bubbles.append(replace(bubble, meanings=tuple(word for word in bubble.meanings if word.id not in known)))
            known.update(word.id for word in bubble.meanings)
        yield key, replace(version, bubbles=tuple(bubbles))


def answering(terms: ConsentTerms) -> dict[str, Any]:
    """Who answers, whether somebody is here, and when they are there next."""
    closes, opens = terms.hours.closes_at(terms.now), terms.hours.opens_next(terms.now)
    return {
        "provider": terms.provider,
        "open": terms.open,
        "here": terms.here,
        "until": plain_times.clock(closes) if closes else "",
        "opens": plain_times.day_and_time(opens) if opens else "",
    }


@cache
def helplines(nation: str | None) -> tuple[Helpline, ...]:
    """Who else can be reached all over a nation; for no force, all over England and Wales."""
    wanted = _NATIONS.get(nation) or {nation or ""}
    lines = load_helplines()
    return tuple(lines[key] for key in _LINES if key in lines and wanted <= set(lines[key].nations))
