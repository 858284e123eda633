"""The widget's one router."""

from api.records.wiring import Services
from api.web.handed import DoorRouter
from api.widget import loader_routes

PARTS = (loader_routes.routes,)


def router(services: Services) -> DoorRouter:
    """What a host's page loads."""
    return DoorRouter(PARTS, services.pack_cache)
