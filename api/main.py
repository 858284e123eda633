"""Puts the pieces together: settings, database, words, bot and doors become one app."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from api.chat import json_routes, page_routes, picture_routes, place_routes
from api.chat.brain import Brain, RasaBrain
from api.chat.reply import Helper
from api.chat.room import Room
from api.chat.token import Tokens
from api.desk.room import Desk
from api.hall import errors
from api.hall.clock import Clock, utc_now
from api.hall.database import Database
from api.hall.guard import ClosedPages, SmallerPages, closing_headers
from api.hall.health import routes as health_routes
from api.hall.pages import Pages
from api.hall.settings import Settings, settings
from api.records.shelf import Shelf
from api.records.wording import Wordings
from api.register import json_routes as register_routes
from api.register import page_routes as register_pages
from content.release import Release

ROUTES = (
    json_routes.routes,
    health_routes,
    register_routes.routes,
    register_pages.routes,
    picture_routes.routes,
    place_routes.routes,
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

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        filling = asyncio.create_task(shelf.fill())
        await asyncio.wait([filling], timeout=_FILL_SECONDS)
        yield
        filling.cancel()
        await asyncio.wait([filling])
        await bot.close()
        await database.close()

    app = FastAPI(
        title="In the Know",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.chat = room(chosen, pages, shelf, bot, release)
    app.state.shelf, app.state.pages = shelf, pages
    app.state.desk = Desk(chosen, pages, shelf, database, Wordings(release.cards, release.vetting), now)
    app.state.health = {"database": shelf.database_state, "bot": bot.state}
    app.state.open = lambda: shelf.pack(None).open(shelf.today())
    headers = closing_headers(chosen.leave_to)
    errors.install(app, pages, headers)
    app.mount("/static", StaticFiles(directory=_STATIC))
    for routes in ROUTES:
        app.include_router(routes)
    app.add_middleware(ClosedPages, headers=headers)
    app.add_middleware(SmallerPages)
    return app


def rasa(chosen: Settings) -> RasaBrain:
    """The bot, as the settings name it."""
    transport = httpx.AsyncHTTPTransport(
        limits=httpx.Limits(max_connections=_AT_ONCE, max_keepalive_connections=_AT_ONCE)
    )
    return RasaBrain(transport, chosen.bot_url, chosen.bot_token.get_secret_value(), chosen.bot_seconds)


def room(chosen: Settings, pages: Pages, shelf: Shelf, bot: Brain, release: Release) -> Room:
    """The chat's room, from the files of this release."""
    helper = Helper(release.alarm, bot, release.nearest, release.follow_ups, release.places, shelf, release.menu)
    return Room(chosen, pages, shelf, helper, Tokens(chosen.secret.get_secret_value(), chosen.chat_hours))
