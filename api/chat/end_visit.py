"""The end of a visit: its pages open nothing any more, here and in every other process, and nobody waits for that."""

from starlette.background import BackgroundTask

from api.chat.chat_door import ChatDoor
from api.chat.person.leave_quickly import shut
from api.chat.person.person_door import PersonDoor


async def end_visit(
    chat_door: ChatDoor, person_door: PersonDoor, visit: str, chat: str, here: str
) -> BackgroundTask | None:
    """Ends the visit of an address and that of a chat's token; gives what is done once the child has gone, if anything.

    That they ended is kept before this comes back, where the database does so within a moment, and later where not.
    `here` is the handle of a talk with a person, whose page is shut too. What is none of ours ends nothing.
    """
    if chat_door.tokens.end(visit, chat):
        await chat_door.revocations.keep_soon()
    return BackgroundTask(shut, person_door, here) if here else None
