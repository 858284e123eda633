"""The desk's one router."""

from api.desk import (
    audit_log_routes,
    card_routes,
    desk_home_routes,
    embed_routes,
    fact_routes,
    file_routes,
    force_availability_routes,
    invitation_routes,
    layer_people_routes,
    letter_routes,
    my_passkey_routes,
    oidc_routes,
    person_routes,
    recall_routes,
    sign_in_routes,
    sign_routes,
    source_routes,
    unsigned_video_routes,
    wording_routes,
)
from api.desk.desk_door import DeskDoor
from api.desk.password_sign_in import Locks
from api.web.handed import DoorRouter
from api.web.video_files import FilmFolder

PARTS = (
    sign_in_routes.routes,
    sign_in_routes.before_sign_in,
    invitation_routes.routes,
    oidc_routes.routes,
    my_passkey_routes.routes,
    desk_home_routes.routes,
    wording_routes.routes,
    card_routes.routes,
    unsigned_video_routes.routes,
    sign_routes.routes,
    recall_routes.routes,
    source_routes.routes,
    fact_routes.routes,
    file_routes.routes,
    letter_routes.routes,
    layer_people_routes.routes,
    person_routes.routes,
    audit_log_routes.routes,
    force_availability_routes.routes,
    embed_routes.routes,
)


def router(desk: DeskDoor, locks: Locks) -> DoorRouter:
    """Everything under /desk; the staff of providers sign in here too."""
    return DoorRouter(PARTS, desk, locks, desk.pages, FilmFolder())
