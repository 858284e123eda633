"""The chat's one router. Its addresses begin with any force, so it is tried last of all doors."""

from accessibility.pdf import PdfMaker
from api.chat import (
    ask_card_routes,
    chat_json_routes,
    chat_page_routes,
    journey_routes,
    looks_routes,
    passport_routes,
    picture_routes,
    place_routes,
    question_routes,
    sound_routes,
    start_fresh_routes,
    video_routes,
)
from api.chat.alongside import alongside_routes
from api.chat.chat_door import ChatDoor
from api.chat.decks import deck_stream_routes, join_deck_routes, one_screen_routes, plan_deck_routes, two_device_routes
from api.chat.decks.deck_session import Together
from api.chat.keep import clock_routes, write_letter_routes
from api.chat.person import (
    ask_json,
    ask_routes,
    come_back_routes,
    conversation_action_routes,
    conversation_events_json,
    conversation_json,
    conversation_routes,
    conversation_stream_routes,
)
from api.chat.person.person_door import PersonDoor
from api.chat.sheets import poster_routes, sheet_routes
from api.web.handed import DoorRouter
from api.web.video_files import FilmFolder

PARTS = (
    chat_json_routes.routes,
    picture_routes.routes,
    video_routes.routes,
    sound_routes.routes,
    place_routes.routes,
    looks_routes.routes,
    start_fresh_routes.routes,
    passport_routes.routes,
    alongside_routes.routes,
    ask_json.routes,
    come_back_routes.routes,
    ask_routes.routes,
    conversation_json.routes,
    conversation_events_json.routes,
    conversation_routes.routes,
    conversation_action_routes.routes,
    conversation_stream_routes.routes,
    journey_routes.routes,
    question_routes.routes,
    ask_card_routes.routes,
    write_letter_routes.routes,
    clock_routes.routes,
    plan_deck_routes.routes,
    one_screen_routes.routes,
    join_deck_routes.routes,
    two_device_routes.routes,
    deck_stream_routes.routes,
    sheet_routes.routes,
    poster_routes.routes,
    chat_page_routes.routes,
)


def router(chat: ChatDoor, person: PersonDoor, pdf: PdfMaker, together: Together) -> DoorRouter:
    """Everything that a child meets."""
    return DoorRouter(PARTS, chat, person, pdf, together, FilmFolder())
