"""What a provider decides for itself, for its supervisors: opening hours, how long words are kept, who is rung."""

from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.console.console_access import OnSupervisor, supervising
from api.console.console_door import ConsoleDoor, OnConsole
from api.console.console_view import show
from api.records.handovers import providers, webhooks
from api.records.handovers.advocates import Advocate
from api.records.handovers.opening_week import DAYS
from api.records.handovers.tables import Provider
from api.records.people import Mistaken
from api.web.ciphers import Cipher
from api.web.page_routes import page_routes

routes = page_routes(supervising, prefix="/console/settings")
_SEE_OTHER = 303


@routes.get("")
async def settings(request: Request, console: OnConsole, supervisor: OnSupervisor) -> Response:
    """Everything that is decided now."""
    return _page(request, console, supervisor)


@routes.post("")
async def keep(request: Request, console: OnConsole, supervisor: OnSupervisor) -> Response:
    """Keeps every setting of the form, or says what is wrong with which and keeps what was typed."""
    form = await request.form()
    typed = {name: str(form[name]) for name in providers.SETTINGS if name in form}
    try:
        async with console.work() as session:
            await providers.change(session, supervisor, await _mine(session, supervisor), typed, console.now())
    except Mistaken as mistaken:
        return _page(request, console, supervisor, 422, faults=mistaken.faults, typed=typed)
    return RedirectResponse("/console/settings?kept=1", _SEE_OTHER)


@routes.post("/hook")
async def hook(request: Request, console: OnConsole, supervisor: OnSupervisor) -> Response:
    """Says where the provider's own system is told. Not a 303: the secret is shown once and must be in no address."""
    url, cipher = str((await request.form()).get("hook_url", "")), Cipher.of(console.settings, webhooks.PURPOSE)
    try:
        async with console.work() as session:
            provider = await _mine(session, supervisor)
            secret = await webhooks.set_hook(session, supervisor, provider, url, cipher, console.now())
    except Mistaken as mistaken:
        return _page(request, console, supervisor, 422, faults=mistaken.faults, hook_url=url)
    return _page(request, console, supervisor, secret=secret, hook_url=provider.hook_url or "")


async def _mine(session: AsyncSession, supervisor: Advocate) -> Provider:
    """The supervisor's own provider, to be changed in this transaction."""
    return await session.get_one(Provider, supervisor.provider.id)


def _page(request: Request, console: ConsoleDoor, supervisor: Advocate, status: int = 200, **others: Any) -> Response:
    now = providers.typed_of(supervisor.provider)
    shown: dict[str, Any] = {"faults": {}, "secret": None, "hook_url": supervisor.provider.hook_url or "", **others}
    shown["typed"] = {**now, **shown.get("typed", {})}
    return show(
        request,
        console,
        supervisor,
        "settings.html",
        status,
        days=DAYS,
        limits=providers.NUMBERS,
        kept="kept" in request.query_params,
        **shown,
    )
