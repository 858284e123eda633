"""What the doors of an app were given: tests read it, and put in a part that fails, waits or counts."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from accessibility.pdf import PdfMaker
from api.chat.chat_door import ChatDoor
from api.chat.decks.deck_session import Together
from api.chat.person.person_door import PersonDoor
from api.console.console_door import ConsoleDoor
from api.desk.desk_door import DeskDoor
from api.desk.password_sign_in import Locks
from api.records.pack_cache import PackCache
from api.register.register_door import RegisterDoor
from api.web.handed import Handing
from api.web.pages import Pages
from api.web.video_files import FilmFolder

_KINDS: dict[str, type] = {
    "chat": ChatDoor,
    "person_door": PersonDoor,
    "console": ConsoleDoor,
    "desk": DeskDoor,
    "register": RegisterDoor,
    "pages": Pages,
    "pack_cache": PackCache,
    "pdf": PdfMaker,
    "together": Together,
    "locks": Locks,
    "films": FilmFolder,
}


class Doors:
    """What the routers of an app hand to their routes, by name."""

    def __init__(self, app: FastAPI) -> None:
        answering = [route.app for route in app.routes if isinstance(route, APIRoute)]
        handed = {id(one.handed): one.handed for one in answering if isinstance(one, Handing)}
        self.__dict__["handed"] = list(handed.values())

    def __getattr__(self, name: str) -> Any:
        return next(handed[_KINDS[name]] for handed in self.handed if _KINDS[name] in handed)

    def __setattr__(self, name: str, value: object) -> None:
        for handed in self.handed:
            if _KINDS[name] in handed:
                handed[_KINDS[name]] = value


def doors(app: FastAPI) -> Doors:
    """The doors of this app."""
    return Doors(app)
