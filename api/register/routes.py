"""The register's one router."""

from api.register import board_routes, coverage_csv_routes, coverage_json_routes, force_routes, head_routes
from api.register.register_door import RegisterDoor
from api.web.handed import DoorRouter

PARTS = (
    coverage_json_routes.routes,
    coverage_csv_routes.routes,
    board_routes.routes,
    head_routes.routes,
    force_routes.routes,
)


def router(register: RegisterDoor) -> DoorRouter:
    """Everything under /register, and its JSON."""
    return DoorRouter(PARTS, register, register.pages, register.pack_cache)
