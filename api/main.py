"""Puts the pieces together: settings, database, words, bot and doors become one app."""

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from accessibility.pdf import PdfMaker
from accessibility.voice import Voice
from api.background import FILL_SECONDS, Walkers, head_keeper, life, outbox_worker, rasa, revocation
from api.chat import routes as chat
from api.chat.chat_door import ChatDoor, RateLimits
from api.chat.chat_token import ChatTokens
from api.chat.danger_detection import DangerDetector
from api.chat.decks import deck_endings
from api.chat.decks.deck_session import Together
from api.chat.dialogue.choose import Ranker, asked_by
from api.chat.dialogue.understand import Brain, Listener
from api.chat.openapi import describe
from api.chat.person.handover_token import HandoverTokens
from api.chat.person.person_door import PersonDoor
from api.chat.phrases_ahead import PhrasesAhead
from api.chat.reply import Helper
from api.chat.revocation_store import RevocationStore
from api.chat.sound_prerender import SoundsAhead
from api.chat.sounds import Sounds
from api.console import routes as console
from api.console.console_door import ConsoleDoor
from api.desk import reauthenticate
from api.desk import routes as desk
from api.desk.desk_door import DeskDoor
from api.desk.password_sign_in import Locks
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.message_cipher import MessageCipher
from api.records.handovers.pubsub import PubSub
from api.records.handovers.retention_worker import RetentionWorker
from api.records.head_keeper import HeadKeeper
from api.records.ledger_history import History
from api.records.pack_cache import PackCache
from api.records.unanswered_counts import Tally
from api.records.wiring import Services
from api.records.wording import Wordings
from api.register import routes as register
from api.register.published_facts import PublishedFacts
from api.register.register_door import RegisterDoor
from api.web import database_unavailable, errors, font_routes, health, rate_limit
from api.web.ciphers import Cipher
from api.web.clock import Clock, utc_now
from api.web.component_files import ComponentFiles
from api.web.cors import Sharing
from api.web.database import ANSWER_SECONDS, Database
from api.web.health import Health
from api.web.origin import OriginNames, Origins
from api.web.page_state import KeepsReading
from api.web.pages import Pages
from api.web.security_headers import ClosedPages, SmallerPages, closing_headers
from api.web.settings import Settings, settings
from api.widget import routes as widget
from content.message_questions import WordQuestions
from content.release import Release


def create_app(
    chosen: Settings | None = None,
    brain: Brain | None = None,
    release: Release | None = None,
    now: Clock = utc_now,
    fill_seconds: float = FILL_SECONDS,
    *,
    background_work: bool = True,
) -> FastAPI:
    """The whole app; `now` is its clock, and `fill_seconds` is how long its start waits for the ledger.

    Without `background_work` nobody goes round beside its pages: letters, heads, sounds and what is due wait.

    Raises a ValueError (BrokenCard, BrokenMenu ...) when a file it must serve is broken.
    """
    chosen = chosen or settings()
    release = release or Release.load(practice=chosen.practice)
    database = Database(chosen, ANSWER_SECONDS)
    pack_cache = PackCache(database, release.forces, practice=chosen.practice)
    pages = Pages(chosen, pack_cache.sites, pack_cache.is_open)
    services = Services(chosen, database, pack_cache, pages, now)
    bot = brain or rasa(chosen)
    tally = Tally(database, lambda: pack_cache.today())
    handover_context = HandoverContext(MessageCipher.of(chosen), PubSub(), chosen.public_url)
    heads = head_keeper(services)
    sounds = Sounds(chosen.sounds_in, None if chosen.sound == "off" else Voice())
    revocations = revocation(chosen, database)
    walkers = who_goes_round(services, release, handover_context, sounds, heads) if background_work else ()
    app = FastAPI(
        title="In the Know",
        lifespan=life(database, pack_cache, bot, tally, handover_context, revocations, walkers, fill_seconds),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        openapi_url="/api/v1/openapi.json",
    )
    checks = {"database": pack_cache.database_state, "bot": bot.state, "ledger": heads.state}
    routers = (
        health.router(Health(checks, lambda: pack_cache.pack(None).open(pack_cache.today()))),
        font_routes.routes,
        widget.router(services),
        *staff(services, release, handover_context, tally, heads),
        child(services, release, bot, tally, revocations, sounds, handover_context),
    )
    through(app, services, routers)
    return app


def who_goes_round(
    services: Services, release: Release, handover_context: HandoverContext, sounds: Sounds, heads: HeadKeeper
) -> Walkers:
    """Who sends letters, clears what is due, and makes sounds, patterns and heads, beside the pages."""
    return (
        outbox_worker(services),
        RetentionWorker(services.database, handover_context, services.now),
        SoundsAhead(services.pack_cache, sounds, ahead=services.settings.sound == "ahead"),
        PhrasesAhead(release.alarm),
        heads,
    )


def staff(
    services: Services, release: Release, handover_context: HandoverContext, tally: Tally, heads: HeadKeeper
) -> tuple[APIRouter, ...]:
    """The doors of the public's register, of the desk, and of the console."""
    wordings, renderer = Wordings(release.cards, release.vetting), release.vetting.renderer
    locks = Locks.of(services.settings, services.pack_cache.forces)
    return (
        register.router(register_door(services, wordings, tally, heads)),
        desk.router(DeskDoor.around(services, wordings=wordings), locks),
        console.router(
            ConsoleDoor.around(services, handover_context=handover_context, renderer=renderer, alarm=release.alarm)
        ),
    )


def child(
    services: Services,
    release: Release,
    bot: Brain,
    tally: Tally,
    revocations: RevocationStore,
    sounds: Sounds,
    handover_context: HandoverContext,
) -> APIRouter:
    """The door of the child, and behind it the way to a person."""
    chosen = services.settings
    person = PersonDoor.around(
        services,
        handover_context=handover_context,
        handover_tokens=HandoverTokens(Cipher.of(chosen, "page of a handover")),
        origins=OriginNames.of(chosen),
        renderer=release.vetting.renderer,
    )
    door = chat_door(services, bot, release, tally, revocations, sounds)
    return chat.router(door, person, PdfMaker(), Together.of(chosen))


def through(app: FastAPI, services: Services, routers: Iterable[APIRouter]) -> None:
    """Gives the app its routes, its answers to errors, and what every request passes through."""
    chosen, pack_cache, pages = services.settings, services.pack_cache, services.pages
    headers = closing_headers(chosen.leave_to)
    errors.install(app, pages, headers)
    silent = dict.fromkeys(database_unavailable.UNAVAILABLE, database_unavailable.unavailable(pages))
    for kind, answer in {
        **silent,
        **reauthenticate.ANSWERS,
        **rate_limit.ANSWERS,
        **deck_endings.ANSWERS,
    }.items():
        app.add_exception_handler(kind, answer)
    app.mount("/static", ComponentFiles())
    # They are tried in turn, and what a talk asks of us comes far more often than all else.
    app.router.routes += sorted((one for router in routers for one in router.routes), key=_seldom_asked)
    describe(app)
    app.add_middleware(Origins, trusted=chosen.trusted_proxies)
    app.add_middleware(Sharing, lists=pack_cache, own=chosen.public_url)
    app.add_middleware(ClosedPages, headers=headers, sites=pack_cache.sites, too_long=errors.too_long(pages))
    app.add_middleware(KeepsReading, live=not chosen.practice)
    app.add_middleware(SmallerPages)


def _seldom_asked(route: BaseRoute) -> bool:
    return not (isinstance(route, APIRoute) and route.path.startswith("/api/v1/chats"))


def register_door(services: Services, wordings: Wordings, tally: Tally, heads: HeadKeeper) -> RegisterDoor:
    """The public register, over everything that was ever signed."""
    slots = wordings.vetting.renderer.slots
    slots_in = {key: wordings.slots_of(card) for key, card in wordings.cards.items()}
    places = {slot: [key for key, found in slots_in.items() if slot in found] for slot in slots}
    history = History(services.database, practice=services.settings.practice)
    return RegisterDoor.around(
        services, history=history, slots=slots, told=PublishedFacts(places), tally=tally, heads=heads
    )


def chat_door(
    services: Services, bot: Brain, release: Release, tally: Tally, revocations: RevocationStore, sounds: Sounds
) -> ChatDoor:
    """The chat's door, from the files of this release."""
    helper = Helper(
        pack_cache=services.pack_cache,
        menu=release.menu,
        danger_detector=DangerDetector(release.alarm, release.danger_letters),
        listener=Listener(bot, release.follow_ups, Ranker(asked_by(release.cards))),
        nearest=release.nearest,
        feelings=release.feelings,
        roles=release.roles,
        places=release.places,
        unanswered=tally.add,
        words=WordQuestions(release.vetting.renderer.glossary),
    )
    chosen = services.settings
    return ChatDoor.around(
        services,
        helper=helper,
        tokens=ChatTokens(Cipher.of(chosen, "chat"), chosen.chat_hours, revocations.visits),
        sounds=sounds,
        rate_limits=RateLimits(),
        revocations=revocations,
    )
