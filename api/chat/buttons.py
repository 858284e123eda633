"""What a press of a button gives: a card, a page of the menu, simpler words, the way back. It asks nobody else."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace

from accessibility.rule_finding import LEVELS, Level
from api.chat.danger_detection import ALARM_CARDS
from api.chat.dialogue.state import AnswersFor, Chat, Turn
from api.chat.dialogue.understand import Understood
from api.records.pack_cache import PackCache
from content.card import NO_BUTTON
from content.pack import Pack
from content.situations import ROOT, Menu, is_menu, most_choices

_TWO = 2
PERSON = "talk-to-a-person"
TWO_ANSWERS = "two_answers"
"""The note above two cards between which only the child's part decides: the suspected one's first."""
CHANGE = "change_about"
"""The note above the menu where a child has pressed Change."""
_FOR: Mapping[str, AnswersFor] = {
    "for-suspect": "suspect",
    "for-harmed": "harmed",
    "for-both": "both",
    "for-everyone": "everyone",
}
EASIEST = "easiest-words"
"""The card that leads on where nothing is simpler: hard words, listening, a person."""
_HAND_OVER = {"Scotland": "hand-over-scotland", "Northern Ireland": "hand-over-northern-ireland"}


@dataclass(frozen=True)
class Reply:
    """What a child gets for one message: the turn to show, and what the bot made of it (None when it was not asked)."""

    turn: Turn
    understood: Understood | None = None


@dataclass(frozen=True)
class Buttons:
    """All that pressing buttons needs. Everything is in memory."""

    pack_cache: PackCache
    menu: Menu

    def open_card(self, chat: Chat, key: str) -> tuple[Chat, Reply]:
        """A card, or a page of the menu, by its key, as a button asks for it. Some kinds no button opens."""
        pack, today = self.pack(chat), self.pack_cache.today()
        signed = pack.card(key, today)
        if signed is None and is_menu(key):
            return self._open_menu(chat, key)
        if signed is None or signed.words.kind in NO_BUTTON:
            return self.show(chat, Turn("not-sure", "being-checked" if pack.being_checked(key, today) else "not-sure"))
        if key in ALARM_CARDS:
            return self.show(chat, Turn("alarm", key, ALARM_CARDS[key]))
        return self.show(chat, Turn("person" if key == PERSON else "card", key))

    def open_journey(self, chat: Chat, key: str) -> tuple[Chat, Reply]:
        """A live journey as the answer to a story; its buttons open the cards that its steps begin."""
        pack = self.pack(chat)
        signed = pack.card(key, self.pack_cache.today())
        bubbles = signed.words.levels[chat.level].bubbles if signed else ()
        situations = signed.words.situations if signed else ()
        told = replace(chat, situation=chat.situation if chat.situation in situations else next(iter(situations), None))
        return self.show(told, Turn("card", key, None, self.cards([one.opens for one in bubbles if one.opens], pack)))

    def _open_menu(self, chat: Chat, key: str) -> tuple[Chat, Reply]:
        turn = menu_turn(self.menu, key, chat.level, self.live(chat))
        situation = self.menu.situation(key) if turn else None
        return self.show(replace(chat, situation=situation or chat.situation), turn or Turn("not-sure", "not-sure"))

    def act(self, chat: Chat, act: str) -> tuple[Chat, Reply]:
        """What the buttons beside an answer do; `not-meant` and `back-to-talk` are those beside an alarm."""
        if act == "person":
            return self.open_card(chat, PERSON)
        if act in ("not-meant", "back-to-talk"):
            return self._carry_on(chat)
        if act in _FOR:
            return self._for(chat, act)
        if act == "change":
            return self._change(chat)
        easiest = chat.level == LEVELS[-1]
        if act == "simpler" and easiest and chat.last and not chat.last.alarm:
            return self._lead_on(chat)
        if act == "simpler" and not easiest:
            chat = self.at_level(chat, LEVELS[LEVELS.index(chat.level) + 1])
        gone = 2 if act == "back" else 1
        known = len(chat.shown) >= gone
        turn = chat.shown[-gone] if known else above(self.menu, chat.last, chat.level, self.live(chat))
        if turn.alarm or turn.menu:
            return self.show(replace(chat, shown=chat.shown[:-gone]), turn)
        # Help that was offered for a hint is offered once: to go on, or to read it again, is no hint.
        again = replace(turn, kind="act", check=None, offers_help=False)
        return self.show(replace(chat, shown=chat.shown[:-gone]), again)

    def _lead_on(self, chat: Chat) -> tuple[Chat, Reply]:
        """What helps where the words are the easiest already: the same ones again help nobody, nor does this twice."""
        told = chat.last is not None and chat.last.card == EASIEST
        if told or EASIEST not in self.live(chat):
            return self.open_card(chat, PERSON)
        return self.show(chat, Turn("act", EASIEST))

    def _change(self, chat: Chat) -> tuple[Chat, Reply]:
        """The menu, with the choice for whom answers should be."""
        page = menu_turn(self.menu, ROOT, chat.level, self.live(chat)) or Turn("choices", "pick-one")
        return self.show(chat, replace(page, note=CHANGE))

    def _for(self, chat: Chat, act: str) -> tuple[Chat, Reply]:
        """From now on answers are for these; where two cards were offered, theirs is opened, or both."""
        chat = replace(chat, state=replace(chat.state, answers_for=_FOR[act]))
        two = chat.last.near[:2] if chat.last and chat.last.note == TWO_ANSWERS else ()
        if len(two) < _TWO:
            return self._change(chat)
        if act == "for-both":
            return self.show(chat, Turn("card", two[0], second=two[1]))
        return self.open_card(chat, two[0] if act == "for-suspect" else two[1])

    def _carry_on(self, chat: Chat) -> tuple[Chat, Reply]:
        """Goes on after an alarm: the answer to the same message, else the last answer before it, else the menu."""
        if self.hand_over(chat):
            return self.start(chat)
        rang = next((at for at in reversed(range(len(chat.shown))) if chat.shown[at].alarm), len(chat.shown))
        beside = [key for turn in chat.shown[rang : rang + 1] for key in turn.near[:1]]
        before = [turn.card for turn in reversed(chat.shown[:rang])]
        # An alarm with no answer beside it has its own card's buttons there, a person first.
        answers = (key for key in (*beside, *before) if self._is_answer(key, chat))
        return self.open_card(chat, next(answers, ROOT))

    def _is_answer(self, key: str, chat: Chat) -> bool:
        signed = self.pack(chat).card(key, self.pack_cache.today())
        return signed is not None and signed.words.kind == "card"

    def at_level(self, chat: Chat, level: Level) -> Chat:
        """The chat at another level; pages of the menu are laid out again, since fewer or more buttons fit."""
        live = self.live(chat)
        shown = tuple(laid_out(self.menu, turn, chat.level, level, live) for turn in chat.shown)
        return replace(chat, level=level, shown=shown)

    def start(self, chat: Chat) -> tuple[Chat, Reply]:
        """The first words of a chat; outside England and Wales, the way to those who know."""
        key = self.hand_over(chat)
        if key:
            return self.show(chat, Turn("person", key))
        page = menu_turn(self.menu, f"{ROOT}/{chat.situation}", chat.level, self.live(chat))
        first = Turn("act", "what-is-this")
        return self.show(chat, replace(first, near=page.near, menu=page.menu) if page else first)

    def pack(self, chat: Chat) -> Pack:
        """The words that this child may see now."""
        return self.pack_cache.pack(chat.force)

    def live(self, chat: Chat) -> Container[str]:
        """The keys of the cards that are live for this child today."""
        return self.pack(chat).live(self.pack_cache.today())

    def hand_over(self, chat: Chat) -> str | None:
        """The card that hands a child over, where the force is outside the law we explain."""
        force = self.pack_cache.forces[chat.force] if chat.force else None
        return _HAND_OVER[force.nation] if force and force.kind == "hand-over" else None

    def show(self, chat: Chat, turn: Turn, *, missed: bool = False) -> tuple[Chat, Reply]:
        """Adds the card's own near cards where the turn names none, and writes the turn into the chat."""
        pack, today = self.pack(chat), self.pack_cache.today()
        signed = pack.card(turn.card, today)
        if signed is None:
            # A card of an earlier turn may have passed its date, or been withdrawn, since.
            turn = Turn("not-sure", "being-checked" if pack.card("being-checked", today) else "not-sure")
            signed = pack.card(turn.card, today)
        near = turn.near or (self.cards(signed.words.near, pack) if signed else ())
        if turn.card == "what-is-this" and not turn.near:
            near = (*groups(self.menu, self.live(chat)), *near)
        subject = signed.words.about if signed and signed.words.kind == "card" else None
        full = replace(turn, near=near)
        return chat.after(full, subject=subject, missed=missed), Reply(full)

    def cards(self, keys: Sequence[str], pack: Pack) -> tuple[str, ...]:
        """Those of the keys that are live cards a button may open."""
        today = self.pack_cache.today()
        found = [key for key in keys if (signed := pack.card(key, today)) and signed.words.kind in ("card", "house")]
        return tuple(dict.fromkeys(found))


def menu_turn(menu: Menu, key: str, level: Level, live: Container[str]) -> Turn | None:
    """The turn that shows a page of the menu; None for a page that is not there, or leads to no live card."""
    near = menu.page(key, most_choices(level), live)
    return Turn("choices", "pick-one", None, near, key) if near else None


def groups(menu: Menu, live: Container[str]) -> tuple[str, ...]:
    """The keys of the menu's groups, as they stand beside another card: few enough for any reader."""
    return menu.page(ROOT, most_choices("easy"), live)


def laid_out(menu: Menu, turn: Turn, before: Level, level: Level, live: Container[str]) -> Turn:
    """A turn with the buttons of the new level, from the same place in the menu, so that no card is skipped."""
    if turn.menu is None:
        return turn
    key = menu.same_place(turn.menu, most_choices(before), most_choices(level))
    return replace(turn, near=menu.page(key, most_choices(level), live), menu=key)


def above(menu: Menu, turn: Turn | None, level: Level, live: Container[str]) -> Turn:
    """Where going back leads when no earlier turn is remembered: the page above in the menu, or the start."""
    key = menu.above(turn.menu) if turn and turn.menu else None
    return (menu_turn(menu, key, level, live) if key else None) or Turn("act", "what-is-this")
