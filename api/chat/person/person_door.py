"""What the pages of the way to a person share beside the chat's door."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession

from api.chat.person.ask_turns import AskTurns
from api.chat.person.handover_token import HandoverToken, HandoverTokens, StaleHandoverToken
from api.chat.person.three_words_rate_limit import WrongTries
from api.records.handovers.handover_context import HandoverContext
from api.records.handovers.queries import of_page
from api.records.handovers.states import NotYours
from api.records.handovers.tables import Handover
from api.records.wiring import Services
from api.web.handed import from_door
from api.web.origin import OriginNames
from content.rendering import Renderer


@dataclass(frozen=True)
class PersonDoor(Services):
    """What asking for a person needs beside what doors share: ciphers, tokens of pages, names of origins ..."""

    handover_context: HandoverContext
    handover_tokens: HandoverTokens
    origins: OriginNames
    renderer: Renderer
    wrong_tries: WrongTries = field(default_factory=WrongTries)
    ask_turns: AskTurns = field(default_factory=AskTurns)

    async def found(self, session: AsyncSession, here: str) -> tuple[Handover, HandoverToken]:
        """The handover of a page's handle. Raises StaleHandoverToken for one that is old, altered, or not its page's.

        A handover that was forgotten looks the same as one that never was.
        """
        handle = self.handover_tokens.read(here, self.now())
        try:
            return await of_page(session, self.handover_context.message_cipher, handle.ref, handle.secret), handle
        except NotYours as error:
            raise StaleHandoverToken from error


OnPerson = Annotated[PersonDoor, Depends(from_door(PersonDoor))]
