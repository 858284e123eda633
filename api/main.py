"""Puts the pieces together: settings, database, words, bot and doors become one app."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from api.chat import json_routes, page_routes, picture_routes, place_routes
from api.chat.brain import Brain, RasaBrain
from api.chat.reply import Helper
from api.chat.room import Room
from api.chat.token import Tokens
from api.desk import (
    card_routes,
    door_routes,
    fact_routes,
    file_routes,
    home_routes,
    invitation_routes,
    lapsed,
    letter_routes,
    log_routes,
    oidc_routes,
    people_routes,
    person_routes,
    recall_routes,
    sign_in_routes,
    sign_routes,
    wording_routes,
)
from api.desk.room import Desk
from api.desk.signing_in import Locks
from api.hall import errors
from api.hall.clock import Clock, utc_now
from api.hall.database import Database
from api.hall.guard import ClosedPages, SmallerPages, closing_headers
from api.hall.health import routes as health_routes
from api.hall.live import listen
from api.hall.pages import Pages
from api.hall.post import MailServer
from api.hall.settings import Settings, settings
from api.records.history import History
from api.records.postman import Postman
from api.records.reminders import Reminders
from api.records.shelf import Shelf
from api.records.unanswered import Tally
from api.records.wording import Wordings
from api.register import csv_routes, force_routes
from api.register import json_routes as register_routes
from api.register import page_routes as register_pages
from api.register.room import Register
from api.register.told import Told
from content.release import Release

ROUTES = (
    json_routes.routes,
    health_routes,
    register_routes.routes,
    csv_routes.routes,
    register_pages.routes,
    force_routes.routes,
    picture_routes.routes,
    place_routes.routes,
    sign_in_routes.routes,
    sign_in_routes.before_sign_in,
    invitation_routes.routes,
    oidc_routes.routes,
    home_routes.routes,
    wording_routes.routes,
    card_routes.routes,
    sign_routes.routes,
    recall_routes.routes,
    fact_routes.routes,
    file_routes.routes,
    letter_routes.routes,
    people_routes.routes,
    person_routes.routes,
    log_routes.routes,
    door_routes.routes,
    page_routes.routes,
)
"""The routes of every door, in the order they are tried."""

_STATIC = Path(__file__).parent / "hall" / "static"
# Long enough for a ledger that answers, short enough that a missing one does not hold up the alarm.
_FILL_SECONDS = 1.0
# Rasa reads one message at a time; more connections than this only queue there instead of here.
_AT_ONCE = 4


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
    database, pages = Database(chosen), Pages(chosen)
    shelf = Shelf(database, release.forces, practice=chosen.practice)
    bot = brain or rasa(chosen)
    tally = Tally(database, lambda: shelf.today())
    wordings = Wordings(release.cards, release.vetting)
    man = postman(chosen, database, shelf, now)

    app = FastAPI(
        title="In the Know",
        lifespan=life(database, shelf, bot, man, tally),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.chat = room(chosen, pages, shelf, bot, release, tally)
    app.state.shelf, app.state.pages = shelf, pages
    app.state.register = register(chosen, database, shelf, wordings, tally)
    app.state.desk = Desk(chosen, pages, shelf, database, wordings, now)
    app.state.locks = Locks.of(chosen, shelf.forces)
    app.state.health = {"database": shelf.database_state, "bot": bot.state}
    app.state.open = lambda: shelf.pack(None).open(shelf.today())
    headers = closing_headers(chosen.leave_to)
    errors.install(app, pages, headers)
    for kind, answer in lapsed.ANSWERS.items():
        app.add_exception_handler(kind, answer)
    app.mount("/static", StaticFiles(directory=_STATIC))
    for routes in ROUTES:
        app.include_router(routes)
    app.add_middleware(ClosedPages, headers=headers)
    app.add_middleware(SmallerPages)
    return app


def life(
    database: Database, shelf: Shelf, bot: Brain, man: Postman, tally: Tally
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What runs beside the pages from the app's start to its end. The ledger has a moment to answer first."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        filling = asyncio.create_task(shelf.fill())
        await asyncio.wait([filling], timeout=_FILL_SECONDS)
        walking = asyncio.create_task(man.walk())
        listening = asyncio.create_task(listen(database, shelf.refresh))
        ended = asyncio.Event()
        counting = asyncio.create_task(tally.keep(ended))
        yield
        ended.set()
        for task in (filling, walking, listening):
            task.cancel()
        await asyncio.wait([filling, walking, listening])
        await counting
        await bot.close()
        await database.close()

    return lifespan


def rasa(chosen: Settings) -> RasaBrain:
    """The bot, as the settings name it."""
    transport = httpx.AsyncHTTPTransport(
        limits=httpx.Limits(max_connections=_AT_ONCE, max_keepalive_connections=_AT_ONCE)
    )
    return RasaBrain(transport, chosen.bot_url, chosen.bot_token.get_secret_value(), chosen.bot_seconds)


def postman(chosen: Settings, database: Database, shelf: Shelf, now: Clock) -> Postman:
    """Who sends the letters and reminders, as the settings say."""
    names = {key: force.name for key, force in shelf.forces.items()}
    reminders = Reminders(database, names, chosen.public_url, chosen.practice)
    return Postman(database, MailServer.of(chosen), reminders, now)


def register(chosen: Settings, database: Database, shelf: Shelf, wordings: Wordings, tally: Tally) -> Register:
    """The public register, over everything that was ever signed."""
    slots = wordings.vetting.renderer.slots
    places = {slot: [key for key, card in wordings.cards.items() if slot in wordings.slots_of(card)] for slot in slots}
    return Register(shelf, History(database, practice=chosen.practice), slots, Told(places), tally)


def room(chosen: Settings, pages: Pages, shelf: Shelf, bot: Brain, release: Release, tally: Tally) -> Room:
    """The chat's room, from the files of this release."""
    helper = Helper(
        release.alarm, bot, release.nearest, release.follow_ups, release.places, shelf, release.menu, tally.add
    )
    return Room(chosen, pages, shelf, helper, Tokens(chosen.secret.get_secret_value(), chosen.chat_hours))
