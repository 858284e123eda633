"""Every route declares who may pass, and practice mode says so on every page."""

from collections import Counter

import httpx
import pytest
from fastapi.routing import APIRoute

from api.console import console_access as console_guard
from api.console import passive_auth
from api.desk.desk_access import from_here, of_layer, of_log, of_people, signed_in
from api.desk.my_passkey_routes import myself
from api.main import create_app
from api.web import security_headers
from api.web.settings import Settings
from tests.conftest import LIVE_SECRET, release_for, settings_for
from tests.doors import doors
from tests.fake_brain import FakeBrain
from tests.routes import ROUTES, every_route

GUARDS = {
    security_headers.anyone,
    from_here,
    signed_in,
    of_layer,
    of_people,
    of_log,
    myself,
    console_guard.signed_in,
    console_guard.supervising,
    passive_auth.looking,
    passive_auth.at_queue,
}


def test_every_route_declares_its_guard(sqlite_url: str) -> None:
    app = create_app(settings_for(sqlite_url), FakeBrain(), release_for(practice=True))
    routes = every_route(app)
    parts = [route for router in ROUTES for route in router.routes if isinstance(route, APIRoute)]
    assert Counter(route.endpoint for route in routes) == Counter(route.endpoint for route in parts)
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
    assert Settings.model_validate({"mode": "live", "secret": LIVE_SECRET}).practice is False


PRACTICE_AGAIN = "For practice only; never for real children 2026!"


@pytest.mark.parametrize(
    "secret", ["a" * 40, "password" * 5, "abcdefghijklmnopqrstuvwxyz0123456789", "qwertyuiop" * 4, PRACTICE_AGAIN]
)
def test_a_long_secret_that_can_be_guessed_is_refused_when_live(secret: str) -> None:
    for given in ({"secret": secret}, {"secret": LIVE_SECRET, "sealing_keys": f"{LIVE_SECRET},{secret}"}):
        with pytest.raises(ValueError, match="can be guessed") as told:
            Settings.model_validate({"mode": "live", **given})
        assert secret not in str(told.value)


def test_settings_cannot_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 1


def test_live_mode_knows_no_invented_force(sqlite_url: str) -> None:
    live = create_app(
        settings_for(sqlite_url, mode="live", secret=LIVE_SECRET), FakeBrain(), release_for(practice=False)
    )
    assert "northmoor" not in doors(live).pack_cache.forces
    assert len(doors(live).pack_cache.forces) == 46
