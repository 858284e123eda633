"""Who asks by JSON: anybody, or a force's own app with its key; and what that key opens."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends

from api.chat.chat_door import ChatDoor
from api.chat.dialogue.state import Chat
from api.web.cors import HELP, NO_KEY, OnOwnApp, OwnApp
from api.web.errors import Problem

_OTHERS = f"This key is of another police force. Start a chat of its own force, or of no force. {HELP}"


@dataclass(frozen=True)
class Caller:
    """The app of a force that asks; None for anybody else."""

    app: OwnApp | None

    @property
    def key(self) -> str:
        """The key to count by; "" for none, or one that is not good."""
        return self.app.key if self.app and self.app.force else ""

    def must_have_good_key(self) -> None:
        """Raises Problem 403 for a key that is not known, or has ended."""
        if self.app and self.app.force is None:
            raise Problem(403, f"{NO_KEY} {HELP}")

    def must_be_of(self, slug: str | None) -> None:
        """Raises Problem 403 for a key of another force than this one. The national words are every force's."""
        self.must_have_good_key()
        if self.app and slug not in (None, self.app.force):
            raise Problem(403, _OTHERS)

    def must_hold(self, chat: Chat) -> None:
        """Raises Problem 403 for a key that does not open this chat.

        It opens those of its force and of none, and goes on with one begun by it: a child may say that they live
        elsewhere, and is answered in the words of that force.
        """
        if not self.app or chat.app != self.app.force:
            self.must_be_of(chat.force)

    def begin(self, chat_door: ChatDoor, chat: Chat) -> Chat:
        """A new chat, as the app's own. Raises Problem 403, 404 for a force that we do not know, and TooFast."""
        self.must_be_of(chat.force)
        chat_door.force(chat.force)
        chat_door.rate_limits.start(self.key)
        return replace(chat, app=self.app.force) if self.app else chat


async def caller(app: OnOwnApp) -> Caller:
    """Who asks this."""
    return Caller(app)


OnCaller = Annotated[Caller, Depends(caller)]
