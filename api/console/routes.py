"""The console's one router."""

from api.console import (
    bulk_closing_routes,
    call_routes,
    concern_list_routes,
    console_conversation_routes,
    console_conversation_stream,
    draft_check_routes,
    end_conversation_routes,
    monthly_figures_routes,
    presence_routes,
    provider_people_routes,
    provider_settings_routes,
    queue_routes,
    queue_stream_routes,
    safeguarding_routes,
    sign_out_routes,
    write_message_routes,
)
from api.console.console_door import ConsoleDoor
from api.web.handed import DoorRouter

PARTS = (
    bulk_closing_routes.routes,
    queue_routes.home,
    queue_routes.routes,
    presence_routes.routes,
    presence_routes.by_itself,
    queue_stream_routes.routes,
    call_routes.routes,
    concern_list_routes.routes,
    monthly_figures_routes.routes,
    console_conversation_routes.home,
    console_conversation_routes.routes,
    write_message_routes.routes,
    draft_check_routes.routes,
    safeguarding_routes.routes,
    end_conversation_routes.routes,
    console_conversation_stream.routes,
    provider_people_routes.routes,
    provider_settings_routes.routes,
    sign_out_routes.routes,
)


def router(console: ConsoleDoor) -> DoorRouter:
    """Everything under /console."""
    return DoorRouter(PARTS, console, console.pages)
