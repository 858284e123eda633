"""How much of our code one request goes through: the files it enters, and the calls that go up from a lower room."""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import httpx

from api.chat.dialogue.state import Chat
from api.chat.rasa_client import RasaBrain
from api.main import create_app
from tests.child_conversation import NOON, Stage
from tests.conftest import release_for, settings_for, sign_everything
from tests.doors import doors
from tests.person_app import FakeClock, PersonApp
from tests.served import ROOT

ROOMS = ("accessibility", "content", "api/web", "api/records")
"""From the lowest up. Above them stand the doors, beside one another, and above these what puts them together."""
_DOORS = ("api/chat", "api/console", "api/desk", "api/register", "api/widget")
_OURS = tuple(f"{ROOT / room}/" for room in ("accessibility", "content", "api"))
ASKED = "can they look through my phone"
GOALS = {"one message by JSON": 22, "one card view": 24, "one handover page": 28}


def height(file: str) -> int:
    """How high the room of one of our files stands."""
    where = str(Path(file).relative_to(ROOT))
    for at, room in enumerate((*ROOMS, *_DOORS)):
        if where.startswith(f"{room}/"):
            return min(at, len(ROOMS))
    return len(ROOMS) + 1


def _is_ours(file: str) -> bool:
    return file.startswith(_OURS) and file.endswith(".py")


def _is_asgi(frame: FrameType) -> bool:
    code = frame.f_code
    taken = code.co_varnames[: code.co_argcount]
    return taken[-3:] == ("scope", "receive", "send") or taken in (("message",), ("self", "message"))


@dataclass
class Trace:
    """What was entered: files, calls from one of our files to another, and those of them that go up.

    What the framework calls, as a route, a dependency or the chain of ASGI that every request passes through, is no
    call of ours: a file that nobody else enters is told apart. Templates are not counted.
    """

    files: set[str] = field(default_factory=set)
    by_framework: set[str] = field(default_factory=set)
    moves: list[tuple[str, str]] = field(default_factory=list)
    _seen: set[FrameType] = field(default_factory=set)
    _task: asyncio.Task[object] | None = None

    @property
    def upward(self) -> list[tuple[str, str]]:
        """The calls from a lower room into a higher one."""
        return [(lower, upper) for lower, upper in self.moves if height(lower) < height(upper)]

    def note(self, frame: FrameType, event: str, _argument: object) -> None:
        """Takes one call down; a coroutine that goes on was called before."""
        name = frame.f_code.co_filename
        if event != "call" or not _is_ours(name) or frame in self._seen or asyncio.current_task() is not self._task:
            return
        self._seen.add(frame)
        caller = frame.f_back.f_code.co_filename if frame.f_back else ""
        if not _is_ours(caller) or _is_asgi(frame):
            self.by_framework.add(name)
        elif caller != name:
            self.files.add(name)
            self.moves.append((caller, name))

    async def of(self, act: Awaitable[httpx.Response]) -> "Trace":
        """Notes what one request enters."""
        self._task = asyncio.current_task()
        sys.setprofile(self.note)
        try:
            answer = await act
        finally:
            sys.setprofile(None)
        assert answer.status_code == 200, answer.text
        self._seen.clear()
        self.by_framework -= self.files
        return self


def bot() -> RasaBrain:
    """The real way to the bot, with a Rasa that is sure at once."""
    sure = {"intent_ranking": [{"name": "my-phone", "confidence": 0.99}], "entities": []}
    return RasaBrain(httpx.MockTransport(lambda _request: httpx.Response(200, json=sure)), "http://bot", "", 5)


async def traces(url: str) -> dict[str, Trace]:
    """One message, one card and one talk with a person, each in an app that has served another of its kind before."""
    clock = FakeClock()
    clock.now = NOON
    app = create_app(settings_for(url), bot(), release_for(practice=True), clock)
    async with app.router.lifespan_context(app):
        stage = Stage(PersonApp(app, clock), await PersonApp(app, clock).provider(rota="rota@moor-voices.example"))
        return {name: await traced(stage) for name, traced in _TRACED.items()}


async def _message(on: Stage) -> Trace:
    browser, chat = on.person_app.browser(), doors(on.app).chat.tokens.write(Chat("northmoor", "simple"))
    first, traced = (
        browser.post("/api/v1/chats/say", json={"chat": chat, "text": text}) for text in ("zebrafish", ASKED)
    )
    await first
    return await Trace().of(traced)


async def _card(on: Stage) -> Trace:
    browser, door = on.person_app.browser(), doors(on.app).chat
    shown = [door.helper.open_card(Chat("northmoor", "simple"), key)[0] for key in ("bodycam", "my-phone")]
    before, after = (browser.get("/northmoor", params={"chat": door.tokens.write(chat)}) for chat in shown)
    await before
    return await Trace().of(after)


async def _handover(on: Stage) -> Trace:
    child = await on.child("May they keep my phone?")
    address = f"/northmoor/person/talk?here={child.here}"
    await child.browser.get(address)
    return await Trace().of(child.browser.get(address))


_TRACED: dict[str, Callable[[Stage], Awaitable[Trace]]] = dict(zip(GOALS, (_message, _card, _handover), strict=True))


def trace_rows(*, each: bool = False) -> Iterator[tuple[str, str, str]]:
    """The figures; with `each`, also which files and which calls."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/know.db"
        sign_everything(settings_for(url))
        found = asyncio.run(traces(url))
    for name, trace in found.items():
        alone = len(trace.by_framework)
        measured = f"{len(trace.files)} files (and {alone} that only the framework enters), "
        measured += f"{len(trace.moves)} moves, {len(trace.upward)} upward"
        yield name, measured, f"at most {GOALS[name]} files, 0 upward"
        if each:
            for file in sorted(trace.files):
                yield "", str(Path(file).relative_to(ROOT)), ""
            for file in sorted(trace.by_framework):
                yield "by the framework", str(Path(file).relative_to(ROOT)), ""
            for move in sorted(set(trace.upward)):
                yield "up", " -> ".join(str(Path(one).relative_to(ROOT)) for one in move), ""


if __name__ == "__main__":
    for row in trace_rows(each=True):
        print(*row, sep="  ")
