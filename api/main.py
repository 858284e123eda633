"""Puts the pieces together: settings, database, words, bot and doors become one app."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

import httpx
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from accessibility.pdf import PdfMaker
from accessibility.voice import Voice
from api.chat import slowing
from api.chat.brain import AT_ONCE, Brain, RasaBrain
from api.chat.decks import answers
from api.chat.decks.together import Together
from api.chat.described import describe
from api.chat.person.handle import Handles
from api.chat.person.rate import Tries
from api.chat.person.room import Way
from api.chat.reply import Helper
from api.chat.room import Room
from api.chat.sounds import Sounds
from api.chat.sounds_ahead import SoundsAhead
from api.chat.token import Tokens
from api.chat.visits import CHANNEL as ENDED
from api.chat.visits import Visits
from api.console.room import Console
from api.desk import lapsed
from api.desk.room import Desk
from api.desk.signing_in import Locks
from api.hall import errors
from api.hall.clock import Clock, utc_now
from api.hall.database import Database
from api.hall.guard import ClosedPages, SmallerPages, closing_headers
from api.hall.keeping import KeepsReading
from api.hall.live import CHANGED, listen
from api.hall.pages import Pages
from api.hall.post import MailServer
from api.hall.sealing import Seal
from api.hall.settings import Settings, settings
from api.hall.sharing import Sharing
from api.records.handovers.bells import CHANNEL, Bells
from api.records.handovers.hooks import PURPOSE
from api.records.handovers.knocking import Knocker
from api.records.handovers.safe import Safe
from api.records.handovers.sweeper import Sweeper
from api.records.handovers.talks import Talks
from api.records.history import History
from api.records.postman import Postman
from api.records.reminders import Reminders
from api.records.shelf import Shelf
from api.records.unanswered import Tally
from api.records.wording import Wordings
from api.register.room import Register
from api.register.told import Told
from api.routes import ROUTES
from content.release import Release
from content.word_question import WordQuestions

_STATIC = Path(__file__).parent / "hall" / "static"
# Long enough for a ledger that answers on a busy machine, short enough that a silent one does not hold up the alarm.
# One that is known to be away holds up nothing.
_FILL_SECONDS = 5.0


def create_app(
    chosen: Settings | None = None,
    brain: Brain | None = None,
    release: Release | None = None,
    now: Clock = utc_now,
) -> FastAPI:
    """The whole app; `now` is its clock.

    Raises a ValueError (BrokenCard, BrokenMenu ...) when a file it must serve is broken.
    """
    chosen = chosen or settings()
    release = release or Release.load(practice=chosen.practice)
    database = Database(chosen)
    shelf = Shelf(database, release.forces, practice=chosen.practice)
    pages = Pages(chosen, shelf.sites, shelf.is_open)
    bot = brain or rasa(chosen)
    tally = Tally(database, lambda: shelf.today())
    wordings = Wordings(release.cards, release.vetting)
    man = postman(chosen, database, shelf, now)
    talks = Talks(Safe.of(chosen), Bells(), chosen.public_url)
    sounds = Sounds(chosen.sounds_in, None if chosen.sound == "off" else Voice())
    ahead = SoundsAhead(shelf, sounds, ahead=chosen.sound == "ahead")
    visits = Visits(chosen.chat_hours * 3600, chosen.shared_minutes * 60)

    app = FastAPI(
        title="In the Know",
        lifespan=life(database, shelf, bot, tally, talks, visits, (man, Sweeper(database, talks, now), ahead)),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.chat = room(chosen, pages, shelf, bot, release, tally, visits, sounds)
    app.state.way = Way(database, talks, Handles(Seal.of(chosen, "page of a handover")), release.vetting.renderer, now)
    app.state.shelf, app.state.pages = shelf, pages
    app.state.register = register(chosen, database, shelf, wordings, tally)
    app.state.desk = Desk(chosen, pages, shelf, database, wordings, now)
    app.state.console = Console(chosen, pages, shelf, database, talks, release.vetting.renderer, now)
    app.state.pdf, app.state.together = PdfMaker(), Together.of(chosen)
    app.state.locks, app.state.tries = Locks.of(chosen, shelf.forces), Tries()
    app.state.health = {"database": shelf.database_state, "bot": bot.state}
    app.state.open = lambda: shelf.pack(None).open(shelf.today())
    doors(app, chosen, shelf, pages)
    return app


def doors(app: FastAPI, chosen: Settings, shelf: Shelf, pages: Pages) -> None:
    """Gives the app its routes, its answers to errors, and what every request passes through."""
    headers = closing_headers(chosen.leave_to)
    errors.install(app, pages, headers)
    for kind, answer in {**lapsed.ANSWERS, **slowing.ANSWERS, **answers.ANSWERS}.items():
        app.add_exception_handler(kind, answer)
    app.mount("/static", StaticFiles(directory=_STATIC))
    for routes in ROUTES:
        app.include_router(routes)
    describe(app)
    app.add_middleware(Sharing, lists=shelf, own=chosen.public_url)
    app.add_middleware(ClosedPages, headers=headers, sites=shelf.sites)
    app.add_middleware(KeepsReading)
    app.add_middleware(SmallerPages)


def life(
    database: Database,
    shelf: Shelf,
    bot: Brain,
    tally: Tally,
    talks: Talks,
    visits: Visits,
    walkers: tuple[Postman | Sweeper | SoundsAhead, ...],
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What runs beside the pages from the app's start to its end. The ledger has a moment to answer first."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        filling = asyncio.create_task(shelf.fill())
        with suppress(TimeoutError):
            await asyncio.wait_for(shelf.asked.wait(), _FILL_SECONDS)
        walking = [asyncio.create_task(walker.walk()) for walker in walkers]
        channels = {CHANGED: lambda _said: shelf.refresh(), CHANNEL: talks.bells.heard, ENDED: visits.heard}
        listening = asyncio.create_task(listen(database, channels, talks.bells.heard))
        ended = asyncio.Event()
        counting = asyncio.create_task(tally.keep(ended))
        yield
        ended.set()
        for task in (filling, *walking, listening):
            task.cancel()
        await asyncio.wait([filling, *walking, listening])
        await counting
        await bot.close()
        await database.close()

    return lifespan


def rasa(chosen: Settings) -> RasaBrain:
    """The bot, as the settings name it."""
    transport = httpx.AsyncHTTPTransport(
        limits=httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    )
    return RasaBrain(transport, chosen.bot_url, chosen.bot_token.get_secret_value(), chosen.bot_seconds)


def postman(chosen: Settings, database: Database, shelf: Shelf, now: Clock) -> Postman:
    """Who sends the letters and reminders, as the settings say."""
    names = {key: force.name for key, force in shelf.forces.items()}
    reminders = Reminders(database, names, chosen.public_url, chosen.practice)
    knocker = Knocker(database, Seal.of(chosen, PURPOSE), chosen.practice, now)
    return Postman(database, MailServer.of(chosen), reminders, now, knocker)


def register(chosen: Settings, database: Database, shelf: Shelf, wordings: Wordings, tally: Tally) -> Register:
    """The public register, over everything that was ever signed."""
    slots = wordings.vetting.renderer.slots
    places = {slot: [key for key, card in wordings.cards.items() if slot in wordings.slots_of(card)] for slot in slots}
    return Register(shelf, History(database, practice=chosen.practice), slots, Told(places), tally)


def room(
    chosen: Settings,
    pages: Pages,
    shelf: Shelf,
    bot: Brain,
    release: Release,
    tally: Tally,
    visits: Visits,
    sounds: Sounds,
) -> Room:
    """The chat's room, from the files of this release."""
    helper = Helper(
        shelf=shelf,
        menu=release.menu,
        alarm=release.alarm,
        brain=bot,
        nearest=release.nearest,
        follow_ups=release.follow_ups,
        places=release.places,
        unanswered=tally.add,
        words=WordQuestions(release.vetting.renderer.glossary),
    )
    tokens = Tokens(Seal.of(chosen, "chat"), chosen.chat_hours, visits)
    return Room(chosen, pages, shelf, helper, tokens, sounds, slowing.Paces())
