"""What happens to one message of a child: `answer`, for pages, their script, JSON and forces' own apps alike.

These are asked in this order, and the first that has something to say decides:

1. Danger, in the raw text. From then on nothing below refuses: the alarm's card is shown, whatever else is wrong.
2. The key of a force's own app: one that is not good, or is of another force, opens nothing.
3. A person who is with this child, or may be: the bot is silent, and the child is led to them. Danger is still told.
4. The force: one that we do not know, or whose door is shut. Neither keeps anybody from help.
5. The page: too old, altered, or left on purpose.
6. The pace. The way to help has none; danger has one, beyond which it is answered without asking the bot.
7. The words: none, or too many; or that somebody looks at the screen, which then shows a new chat.
8. Then a button opens its card, and what was typed is answered, one message of a chat at a time.
9. The person once more: where somebody came while the bot was thinking, what it thought is not said.
"""

from dataclasses import dataclass, replace

from accessibility.rule_finding import Level
from api.chat.buttons import Reply
from api.chat.chat_door import Caller, ChatDoor, wants_help
from api.chat.chat_token import OpenedChat
from api.chat.dialogue.state import Chat, Turn
from api.chat.person.bot_silence import Silence, silence
from api.chat.person.person_door import PersonDoor
from api.chat.reply import LONGEST
from api.web.page_state import new_visit
from api.web.rate_limit import TOO_MANY, TooFast
from content.message_people import somebody_looks_on

_ANYBODY = Caller(None)


@dataclass(frozen=True)
class ChildMessage:
    """What was typed, or else the card, act or level that was pressed, and the chat that the page holds.

    `fresh` is the chat that begins where a page holds none; a program must hold one. It is in the national words where
    `lost`: sent to a force that we do not know.
    """

    opened: OpenedChat
    text: str | None = None
    card: str | None = None
    act: str | None = None
    level: Level | None = None
    fresh: Chat | None = None
    lost: bool = False
    caller: Caller = _ANYBODY

    @property
    def pressed(self) -> bool:
        """True for a button; False for what was typed."""
        return bool(self.card or self.act or self.level)

    @property
    def asks(self) -> bool:
        """True for what is answered also where nobody can know whether the page before was left."""
        return self.text is not None or self.card is not None


@dataclass(frozen=True)
class Answered:
    """The reply, and the chat after it; `moved` where the child has said that they live elsewhere.

    `cleared` where somebody looks on: it is a new chat, and nothing of the one before may stay in sight.
    """

    chat: Chat
    reply: Reply
    moved: bool = False
    cleared: bool = False


@dataclass(frozen=True)
class WithPerson:
    """A person is with the child of this chat, or nobody can know: why, and the alarm where it rang all the same."""

    chat: Chat
    why: Silence
    alarm: Turn | None


@dataclass(frozen=True)
class NotAnswered:
    """The message cannot be answered as it is. `why` names the interface string that says so; the words stay theirs.

    `chat` is the one to show meanwhile, None where a program holds none. `wait` is after how many seconds the same can
    be answered, 0 where that has nothing to do with it; `ours` is True where the fault is ours.
    """

    status: int
    why: str
    chat: Chat | None = None
    wait: int = 0
    ours: bool = False

    @property
    def shows_help(self) -> bool:
        """Whether 999 and Childline are told with it: where the child can do nothing about it."""
        return self.status == 503 or self.wait > 0 or self.ours


Outcome = Answered | WithPerson | NotAnswered


async def answer(chat_door: ChatDoor, person_door: PersonDoor, message: ChildMessage) -> Outcome:
    """What happens to a message. Raises Problem 403 for the key of an app that may not ask."""
    alarm = await chat_door.helper.hear(message.text) if message.text is not None else None
    held = message.opened.chat
    if not alarm:
        message.caller.must_have_good_key()
        if held:
            message.caller.must_hold(held)
    with_person = await _with_person(chat_door, person_door, held, alarm)
    if with_person:
        return with_person
    outcome = _refused(chat_door, message, alarm) or await _answered(chat_door, message, alarm)
    return (isinstance(outcome, Answered) and await _with_person(chat_door, person_door, held, alarm)) or outcome


async def _with_person(
    chat_door: ChatDoor, person_door: PersonDoor, held: Chat | None, alarm: Turn | None
) -> WithPerson | None:
    # A chat that asked for nobody asks no database.
    why = await silence(person_door, held.person) if held and held.person is not None else None
    if held is None or why is None:
        return None
    chat = held if chat_door.knows(held.force) else replace(held, force=None)
    return WithPerson(replace(chat, rung=chat.rung or alarm is not None), why, alarm)


def _refused(chat_door: ChatDoor, message: ChildMessage, alarm: Turn | None) -> NotAnswered | None:
    """Why the place or the page answers nothing: the force, its door, a page that is no chat of ours any more."""
    helps = wants_help(alarm, message.card, message.act)
    if message.lost and not helps:
        return NotAnswered(404, "no_force")
    held = chat_door.still(message.opened)
    beside = held or message.fresh
    beside = beside and chat_door.for_help(beside, helps=helps)
    shut = None if helps or beside is None else chat_door.shut(beside.force)
    if shut:
        return NotAnswered(503, shut, beside)
    if held or alarm or _begins(message):
        return None
    return NotAnswered(409, "old_page", beside, ours=message.opened.unsure)


def _begins(message: ChildMessage) -> bool:
    """Whether a fresh chat may begin: on a page without a token, or where nobody can know whether it was left."""
    return message.fresh is not None and (not message.opened.given or (message.opened.unsure and message.asks))


async def _answered(chat_door: ChatDoor, message: ChildMessage, alarm: Turn | None) -> Answered | NotAnswered:
    before = chat_door.still(message.opened) or message.fresh or Chat(None, "easy")
    before = chat_door.for_help(before, helps=wants_help(alarm, message.card, message.act))
    typed = alarm is not None or not message.pressed
    fast = None if wants_help(None, message.card, message.act) else _too_fast(chat_door, before, message, typed=typed)
    if fast and not alarm:
        return NotAnswered(TOO_MANY, "too_fast" if typed else "too_fast_press", before, fast.seconds)
    if alarm and (fast or chat_door.rate_limits.typing.busy(before.visit)):
        # Help waits for no turn, and goes without what the bot would have put beside it.
        return Answered(*chat_door.helper.show(before, alarm))
    if not typed:
        return Answered(*_pressed(chat_door, before, message))
    return await _said(chat_door, before, message.text or "", alarm)


def _too_fast(chat_door: ChatDoor, chat: Chat, message: ChildMessage, *, typed: bool) -> TooFast | None:
    try:
        chat_door.rate_limits.go_on(chat, message.caller.key, typed=typed)
    except TooFast as fast:
        return fast
    return None


async def _said(chat_door: ChatDoor, before: Chat, text: str, alarm: Turn | None) -> Answered | NotAnswered:
    if not text.strip():
        return NotAnswered(422, "empty", before)
    if len(text) > LONGEST and not alarm:
        return NotAnswered(422, "too_long", before)
    if not alarm and somebody_looks_on(text):
        anew = Chat(before.force, before.level, visit=new_visit(), app=before.app)
        return Answered(*chat_door.helper.start(anew), cleared=True)
    try:
        async with chat_door.rate_limits.typing.turn(before.visit):
            after, reply = await chat_door.helper.answer(before, text, alarm)
    except TooFast as waiting:
        return NotAnswered(TOO_MANY, "too_fast", before, waiting.seconds)
    return Answered(after, reply, moved=after.force != before.force)


def _pressed(chat_door: ChatDoor, chat: Chat, message: ChildMessage) -> tuple[Chat, Reply]:
    if message.card:
        return chat_door.helper.open_card(chat, message.card)
    if message.act and message.act != "same":
        return chat_door.helper.act(chat, message.act)
    # Another level; or, for "same", pictures that come or go, which the address says. What is on show stays.
    chat = chat_door.helper.at_level(chat, message.level) if message.level else chat
    return chat, Reply(chat.last or Turn("act", "what-is-this"))
