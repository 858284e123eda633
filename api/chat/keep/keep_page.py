"""What the pages of keeping things share: the force, the talk to go back to, and the day it is."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import Response

from accessibility.rule_finding import Level
from api.chat.chat_door import ChatDoor
from api.chat.chat_page_view import ANY
from api.chat.dialogue.state import Chat
from api.chat.sheets.sheet_request import Opened
from api.records.handovers.opening_hours import uk
from api.web.page_state import page_state

_FIRST_LEVEL: Level = "simple"


@dataclass(frozen=True)
class KeepPage:
    """One page of these: of a force, and of the talk that somebody comes from, if they do."""

    request: Request
    door: ChatDoor
    slug: str
    chat: Chat | None
    alone: bool

    @property
    def force(self) -> str | None:
        """The force, None for any."""
        return None if self.slug == ANY else self.slug

    @property
    def level(self) -> Level:
        """The level at which signed words stand here."""
        return self.chat.level if self.chat else page_state(self.request).reading.level or _FIRST_LEVEL

    @property
    def today(self) -> date:
        """The day it is where the child is, also in the hour after midnight in summer."""
        return uk(self.door.now()).date()

    def shown(self, name: str, status: int = 200, **words: Any) -> Response:
        """A page, with what the ways on from it need."""
        chat = self.door.tokens.write(self.chat) if self.chat else ""
        return self.door.pages.page(
            self.request,
            f"keep/{name}.html",
            status,
            slug=self.slug,
            force=self.door.force(self.force),
            chat=chat,
            rung=self.chat is not None and self.chat.rung,
            alone=self.alone,
            **words,
        )


async def keep_page(
    request: Request, opened: Opened, force: str, chat: str = "", alone: str = ""
) -> KeepPage | Response:
    """The page that an address asks for; or what is shown instead, as for pages on paper."""
    if isinstance(opened, Response):
        return opened
    return KeepPage(request, opened, force, opened.chat_of(chat), bool(alone))


OnKeep = Annotated[KeepPage | Response, Depends(keep_page)]
