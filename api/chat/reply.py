"""The whole decision on one message, top to bottom: the alarm, what we were on, the bot, and what we do not know."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace

from accessibility.finding import LEVELS, Level
from api.chat.brain import BotAway, Brain, Understood
from api.chat.following import leads
from api.chat.menu import above, groups, laid_out, menu_turn
from api.chat.ringing import ALARM_CARDS, hear, heard
from api.chat.token import Chat, Turn
from api.records.shelf import Shelf
from content.danger import Alarm
from content.follow_up import FollowUp, FollowUps
from content.nearest import Nearest
from content.pack import Pack
from content.places import Places
from content.situations import ROOT, Menu, is_menu, most_choices

# Below SURE a card is offered among others, below UNSURE it is not offered at all. Of the answers that left-out
# training authors get with 0.6 or more, 93 in 100 are right, with 0.7 or more 95 (docs/understanding.md).
SURE = 0.65
UNSURE = 0.08
_ALARM_WAITS_SECONDS = 0.5
_MISSES_BEFORE_MENU = 2
_MISSES_BEFORE_PERSON = 3
# Beside an answer to a question in another language: a person, and who can speak that language at the police.
_WITH_LANGUAGE = ("talk-to-a-person", "interpreter-bsl")
_HAND_OVER = {"Scotland": "hand-over-scotland", "Northern Ireland": "hand-over-northern-ireland"}
_ACT_CARDS = {
    "greet": "what-is-this",
    "thanks": "thanks",
    "bye": "bye",
    "rude": "rude",
    "other-language": "other-language",
    "what-word": "what-word",
    "person": "talk-to-a-person",
    "no": "not-sure",
    "yes": "not-sure",
}


@dataclass(frozen=True)
class Reply:
    """What a child gets for one message: the turn to show, and what the bot made of it (None when it was not asked)."""

    turn: Turn
    understood: Understood | None = None


@dataclass(frozen=True)
class Helper:
    """Everything that answering needs. All of it is in memory but the brain. Nothing of a text is in what it gives.

    `unanswered` is told the force of a message that we had no answer to, and nothing else.
    """

    alarm: Alarm
    brain: Brain
    nearest: Nearest
    follow_ups: FollowUps
    places: Places
    shelf: Shelf
    menu: Menu
    unanswered: Callable[[str | None], None]

    async def answer(self, chat: Chat, text: str, alarm: Turn | None) -> tuple[Chat, Reply]:
        """The reply to a message, and the chat after it. `alarm` is what `hear` made of the raw text, asked first."""
        after, reply = await self._answer(chat, text, alarm)
        if reply.turn.kind == "not-sure":
            self.unanswered(after.force)
        return after, reply

    async def _answer(self, chat: Chat, text: str, alarm: Turn | None) -> tuple[Chat, Reply]:
        if alarm:
            return await self._ring(chat, alarm, text)
        if self._hand_over(chat):
            return self.start(chat)
        follow_up = self.follow_ups.hear(text)
        keys = leads(follow_up, chat, self._pack(chat), self.shelf.today(), self.follow_ups) if follow_up else None
        if follow_up and keys is not None:
            # "I ran away" says what happened, so the bot's alarm hears it too; "how long for?" says no such thing.
            rung = await self._rings(chat, text) if follow_up.way == "situation" else None
            return rung or self._follow(chat, follow_up, keys)
        try:
            understood = await self.brain.parse(text)
        except BotAway:
            near = self._cards(self.nearest.find(text), self._pack(chat))
            return self._show(chat, Turn("bot-away", "bot-away", None, near or groups(self.menu, self._live(chat))))
        chat, reply = self._decide(chat, text, understood)
        return chat, replace(reply, understood=understood)

    def hear(self, text: str) -> Turn | None:
        """The alarm's turn, when the message rings. Asked of the raw text before anything else looks at it."""
        return hear(self.alarm, text)

    async def _ring(self, chat: Chat, alarm: Turn, text: str) -> tuple[Chat, Reply]:
        """The alarm card, with the card that answers the question in the same message beside it.

        Likeness alone finds none: to be led to an odd card after telling of danger is worse than to the menu.
        """
        try:
            understood = await self.brain.parse(text, _ALARM_WAITS_SECONDS)
        except BotAway:
            return self._show(chat, alarm)
        likely = [key for key, confidence in understood.ranking[:3] if confidence >= UNSURE]
        near = self._cards(likely, self._pack(chat))[:2]
        chat, reply = self._show(chat, replace(alarm, near=near))
        return chat, replace(reply, understood=understood)

    async def _rings(self, chat: Chat, text: str) -> tuple[Chat, Reply] | None:
        """The alarm, when the bot alone hears danger; None when it hears none, or is away."""
        try:
            understood = await self.brain.parse(text, _ALARM_WAITS_SECONDS)
        except BotAway:
            return None
        alarm = heard(understood, ())
        if alarm is None:
            return None
        chat, reply = self._show(chat, alarm)
        return chat, replace(reply, understood=understood)

    def _follow(self, chat: Chat, found: FollowUp, keys: tuple[str, ...]) -> tuple[Chat, Reply]:
        """Opens the one card, or page, that a follow-up leads to; offers them where there are several."""
        if len(keys) == 1:
            after, reply = self.open_card(chat, keys[0])
        else:
            near = self._cards(keys or (chat.last.near if chat.last else ()), self._pack(chat))
            choices = Turn("choices", "did-you-mean", None, near) if near else Turn("not-sure", "not-sure")
            after, reply = self._show(chat, choices) if keys and near else self._miss(chat, choices)
        if found.way in ("asks", "same-for"):
            # A general answer must not change what we were talking about.
            after = replace(after, subject=found.subject or chat.subject)
        return after, reply

    def _decide(self, chat: Chat, text: str, understood: Understood) -> tuple[Chat, Reply]:
        intent, confidence, pack = understood.intent, understood.confidence, self._pack(chat)
        near = self._cards([key for key, share in understood.ranking[:4] if share >= UNSURE], pack)[:3]
        subject = understood.entities.get("subject")
        if subject and pack.knows(subject):
            # What it was about still helps the next question, even where we do not know this one.
            chat = replace(chat, subject=subject)
        alarm = heard(understood, near[:2])
        if alarm:
            return self._show(chat, alarm)
        if "language" in understood.entities:
            return self._in_easy_english(chat, understood, near)
        if intent == "out-of-scope":
            return self._miss(chat, _beside_a_person(chat, near))
        if confidence >= SURE:
            return self._sure(chat, intent, text)
        if not near:
            return self._miss(chat, Turn("not-sure", "not-sure"))
        return self._show(chat, Turn("choices", "did-you-mean", None, near))

    def _in_easy_english(self, chat: Chat, understood: Understood, near: tuple[str, ...]) -> tuple[Chat, Reply]:
        """The answer to a question in another language: in few words, said to be English, with a person offered."""
        chat = self.at_level(chat, "simple") if chat.level == LEVELS[0] else chat
        intent = understood.intent
        if understood.confidence < SURE or self._cards((intent,), self._pack(chat)) != (intent,):
            beside = tuple(dict.fromkeys((*near, *_WITH_LANGUAGE)))
            return self._show(chat, Turn("act", "other-language", None, beside[: most_choices(chat.level)]))
        return self._show(chat, Turn("card", intent, None, _WITH_LANGUAGE, note="only_english"))

    def _sure(self, chat: Chat, intent: str, text: str) -> tuple[Chat, Reply]:
        """The reply where the bot is sure of the card or act."""
        if intent == "say-place":
            return self._place(chat, text)
        if intent in ("simpler", "again"):
            return self.act(chat, intent)
        if intent == "yes" and chat.last and chat.last.near:
            # "Yes" picks no page of a menu, so the whole menu is shown.
            first = chat.last.near[0]
            return self.open_card(chat, ROOT if chat.last.menu or is_menu(first) else first)
        if intent in _ACT_CARDS:
            return self._show(chat, Turn("person" if intent == "person" else "act", _ACT_CARDS[intent]))
        return self.open_card(chat, intent)

    def _place(self, chat: Chat, text: str) -> tuple[Chat, Reply]:
        matches = self.places.find(text)
        if len(matches) > 1 or not all(match.sure for match in matches):
            return self._show(chat, Turn("act", "place-which"))
        if not matches:
            return self._show(chat, Turn("act", "place-unknown"))
        moved = replace(chat, force=matches[0].slug)
        return self.start(moved) if self._hand_over(moved) else self._show(moved, Turn("act", "place-found"))

    def _miss(self, chat: Chat, first: Turn) -> tuple[Chat, Reply]:
        """What is shown when nothing was found: `first`, then the menu, then the way to a person."""
        if chat.misses + 1 >= _MISSES_BEFORE_PERSON:
            return self._show(chat, Turn("person", "talk-to-a-person"))
        if chat.misses + 1 >= _MISSES_BEFORE_MENU:
            return self._show(chat, Turn("not-sure", "not-sure", None, groups(self.menu, self._live(chat))))
        return self._show(chat, first, missed=True)

    def open_card(self, chat: Chat, key: str) -> tuple[Chat, Reply]:
        """A card, or a page of the menu, by its key, as a button asks for it. Acts have no button to open them."""
        if is_menu(key):
            return self._open_menu(chat, key)
        pack, today = self._pack(chat), self.shelf.today()
        signed = pack.card(key, today)
        if signed is None or signed.words.kind == "act":
            return self._show(chat, Turn("not-sure", "being-checked" if pack.being_checked(key, today) else "not-sure"))
        if key in ALARM_CARDS:
            return self._show(chat, Turn("alarm", key, ALARM_CARDS[key]))
        return self._show(chat, Turn("person" if key == "talk-to-a-person" else "card", key))

    def _open_menu(self, chat: Chat, key: str) -> tuple[Chat, Reply]:
        turn = menu_turn(self.menu, key, chat.level, self._live(chat))
        situation = self.menu.situation(key) if turn else None
        return self._show(replace(chat, situation=situation or chat.situation), turn or Turn("not-sure", "not-sure"))

    def act(self, chat: Chat, act: str) -> tuple[Chat, Reply]:
        """What the buttons beside an answer do; `not-meant` and `back-to-talk` are those beside an alarm."""
        if act == "person":
            return self.open_card(chat, "talk-to-a-person")
        if act in ("not-meant", "back-to-talk"):
            return self._carry_on(chat)
        easiest = chat.level == LEVELS[-1]
        if act == "simpler" and not easiest:
            chat = self.at_level(chat, LEVELS[LEVELS.index(chat.level) + 1])
        gone = 2 if act == "back" else 1
        known = len(chat.shown) >= gone
        turn = chat.shown[-gone] if known else above(self.menu, chat.last, chat.level, self._live(chat))
        if turn.alarm or turn.menu:
            return self._show(replace(chat, shown=chat.shown[:-gone]), turn)
        turn = _with_person(turn) if act == "simpler" and easiest else turn
        return self._show(replace(chat, shown=chat.shown[:-gone]), replace(turn, kind="act"))

    def _carry_on(self, chat: Chat) -> tuple[Chat, Reply]:
        """Goes on after an alarm: the answer to the same message, else the last answer before it, else the menu."""
        if self._hand_over(chat):
            return self.start(chat)
        rang = next((at for at in reversed(range(len(chat.shown))) if chat.shown[at].alarm), len(chat.shown))
        beside = [key for turn in chat.shown[rang : rang + 1] for key in turn.near[:1]]
        before = [turn.card for turn in reversed(chat.shown[:rang])]
        # An alarm with no answer beside it has its own card's buttons there, a person first.
        answers = (key for key in (*beside, *before) if self._is_answer(key, chat))
        return self.open_card(chat, next(answers, ROOT))

    def _is_answer(self, key: str, chat: Chat) -> bool:
        signed = self._pack(chat).card(key, self.shelf.today())
        return signed is not None and signed.words.kind == "card"

    def at_level(self, chat: Chat, level: Level) -> Chat:
        """The chat at another level; pages of the menu are laid out again, since fewer or more buttons fit."""
        live = self._live(chat)
        shown = tuple(laid_out(self.menu, turn, chat.level, level, live) for turn in chat.shown)
        return replace(chat, level=level, shown=shown)

    def start(self, chat: Chat) -> tuple[Chat, Reply]:
        """The first words of a chat; outside England and Wales, the way to those who know."""
        key = self._hand_over(chat)
        if key:
            return self._show(chat, Turn("person", key))
        page = menu_turn(self.menu, f"{ROOT}/{chat.situation}", chat.level, self._live(chat))
        first = Turn("act", "what-is-this")
        return self._show(chat, replace(first, near=page.near, menu=page.menu) if page else first)

    def _pack(self, chat: Chat) -> Pack:
        return self.shelf.pack(chat.force)

    def _live(self, chat: Chat) -> Container[str]:
        return self._pack(chat).live(self.shelf.today())

    def _hand_over(self, chat: Chat) -> str | None:
        """The card that hands a child over, where the force is outside the law we explain."""
        force = self.shelf.forces[chat.force] if chat.force else None
        return _HAND_OVER[force.nation] if force and force.kind == "hand-over" else None

    def _show(self, chat: Chat, turn: Turn, *, missed: bool = False) -> tuple[Chat, Reply]:
        """Adds the card's own near cards where the turn names none, and writes the turn into the chat."""
        pack, today = self._pack(chat), self.shelf.today()
        signed = pack.card(turn.card, today)
        if signed is None:
            # A card of an earlier turn may have passed its date, or been withdrawn, since.
            turn = Turn("not-sure", "being-checked" if pack.card("being-checked", today) else "not-sure")
            signed = pack.card(turn.card, today)
        near = turn.near or (self._cards(signed.words.near, pack) if signed else ())
        if turn.card == "what-is-this" and not turn.near:
            near = (*groups(self.menu, self._live(chat)), *near)
        subject = signed.words.about if signed and signed.words.kind == "card" else None
        full = replace(turn, near=near)
        return chat.after(full, subject=subject, missed=missed), Reply(full)

    def _cards(self, keys: Sequence[str], pack: Pack) -> tuple[str, ...]:
        """Those of the keys that are live cards a button may open."""
        today = self.shelf.today()
        found = [key for key in keys if (signed := pack.card(key, today)) and signed.words.kind in ("card", "house")]
        return tuple(dict.fromkeys(found))


def _beside_a_person(chat: Chat, near: tuple[str, ...]) -> Turn:
    """We do not know, but these are near; the last button leads to a person."""
    few = near[: most_choices(chat.level) - 1]
    return Turn("not-sure", "not-sure", None, (*few, "talk-to-a-person") if few else ())


def _with_person(turn: Turn) -> Turn:
    """At the easiest level nothing is simpler, so a person is offered first."""
    return replace(turn, near=tuple(dict.fromkeys(("talk-to-a-person", *turn.near))))
