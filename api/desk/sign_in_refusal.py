"""Somebody who is not let in: why, how long they wait, and what the log says of it."""

import math
from typing import Self

from fastapi.responses import Response
from starlette.background import BackgroundTask

from api.desk.desk_door import DeskDoor
from api.records.failed_sign_ins import Tried, note_failure
from api.web.rate_limit import TOO_MANY, TooFast

_IN_SECONDS = 90


class Refused(Exception):
    """Not let in. `why` says what to do; `tried` is whose account it was, where there is one, for its log.

    `wait` is how many seconds until the next try, 0 for none; `two` says that two codes in a row are asked for.
    """

    def __init__(self, status: int, why: str, tried: Tried | None = None, *, wait: int = 0, two: bool = False) -> None:
        super().__init__(why)
        self.status, self.why, self.tried, self.wait, self.two = status, why, tried, wait, two

    @classmethod
    def slowed(cls, stop: TooFast, *, two: bool = False) -> Self:
        """Told to wait, by whoever guesses where they are."""
        return cls(TOO_MANY, _wait(stop.seconds), wait=stop.seconds, two=two)


def log_refusal(response: Response, desk: DeskDoor, refused: Refused) -> Response:
    """Says how long to wait, and writes a refusal into the log of whoever was tried, once the answer has gone out.

    Not before, because the time it takes would tell that there is an account.
    """
    if refused.wait:
        response.headers["Retry-After"] = str(refused.wait)
    if refused.tried:
        response.background = BackgroundTask(_note_refusal, desk, refused.tried)
    return response


async def _note_refusal(desk: DeskDoor, tried: Tried) -> None:
    async with desk.work() as session:
        await note_failure(session, tried, desk.settings, desk.now())


def _wait(seconds: int) -> str:
    number, unit = (math.ceil(seconds / 60), "minute") if seconds > _IN_SECONDS else (seconds, "second")
    how_long = f"{number} {unit}" if number == 1 else f"{number} {unit}s"
    return (
        f"There were too many tries with this e-mail from your network. Wait {how_long}, then try again. From another "
        "network, or with a passkey, you can sign in now. If it was not you who tried, tell whoever looks after people "
        "in your force or organisation."
    )
