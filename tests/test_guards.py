"""Every route declares who may pass, and practice mode says so on every page."""

import httpx
import pytest
from fastapi.routing import APIRoute

from api.console import guard as console_guard
from api.console import looking
from api.desk.guard import from_here, of_layer, of_log, of_people, signed_in
from api.hall import guard
from api.hall.settings import Settings
from api.main import create_app
from api.routes import ROUTES
from tests.conftest import release_for, settings_for
from tests.fake_brain import FakeBrain

GUARDS = {
    guard.anyone,
    from_here,
    signed_in,
    of_layer,
    of_people,
    of_log,
    console_guard.signed_in,
    console_guard.supervising,
    looking.looking,
    looking.at_queue,
}


def test_every_route_declares_its_guard(sqlite_url: str) -> None:
    app = create_app(settings_for(sqlite_url), FakeBrain(), release_for(practice=True))
    assert sum(hasattr(route, "original_router") for route in app.routes) == len(ROUTES)
    routes = [route for router in ROUTES for route in router.routes if isinstance(route, APIRoute)]
    assert len(routes) > 10
    for route in routes:
        declared = {dependency.call for dependency in route.dependant.dependencies}
        assert declared & GUARDS, f"{route.path} declares no guard"


@pytest.mark.parametrize("path", ["/", "/northmoor", "/kent", "/safety", "/credits", "/nothing-here"])
async def test_practice_mode_is_said_on_every_page(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path)
    assert "Practice version: these words have not been checked by the police or a lawyer." in page.text


def test_a_live_installation_needs_its_own_secret() -> None:
    with pytest.raises(ValueError, match="KNOW_SECRET"):
        Settings.model_validate({"mode": "live"})
    with pytest.raises(ValueError, match="KNOW_SECRET"):
        Settings.model_validate({"mode": "live", "secret": "short"})
    assert Settings.model_validate({"mode": "live", "secret": "x" * 32}).practice is False


def test_settings_cannot_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 1


def test_live_mode_knows_no_invented_force(sqlite_url: str) -> None:
    live = create_app(settings_for(sqlite_url, mode="live", secret="x" * 32), FakeBrain(), release_for(practice=False))
    assert "northmoor" not in live.state.shelf.forces
    assert len(live.state.shelf.forces) == 46
