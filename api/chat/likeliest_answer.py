"""The likeliest answer at once, and what else a message may mean beside it; else what is near; else how to go on."""

from dataclasses import dataclass, replace
from typing import Any

from accessibility.rule_finding import LEVELS
from api.chat.buttons import TWO_ANSWERS, Buttons, Reply, groups
from api.chat.dialogue.choose import OUT
from api.chat.dialogue.state import Chat, Turn
from api.chat.dialogue.understand import Listener, Ranking, Understanding, Understood
from content.danger import Kind
from content.message_questions import asked
from content.places import Places
from content.signoff import SignOff
from content.situations import ROOT, is_menu, most_choices

# An answer likelier than SURE is given at once, with others beside it; below that the likeliest are offered. Below
# UNSURE a card is not offered at all. What we cannot answer must be much likelier than any answer: to be told "I do not
# know that" costs a child more than an answer that is near (docs/understanding.md).
SURE = 0.2
UNSURE = 0.03
_OUT_FROM, _OUT_FROM_FIRST = 0.6, 0.2
# So near must the second card come to the first for the child's part to decide between them.
_AS_LIKELY = 0.7
_TWO = 2
# What a follow-up asks of the very card that is open; to complain or to delete is a question of its own.
_OF_THE_CARD = ("how-long", "who-sees", "must-i", "if-no", "why", "when")
_HARMED = frozenset({"victim", "witness"})
_SURE_OF_A_LANGUAGE = 0.65
_MISSES_BEFORE_MENU = 2
_MISSES_BEFORE_PERSON = 3
# Beside an answer to a question in another language: a person, and who can speak that language at the police.
_WITH_LANGUAGE = ("talk-to-a-person", "interpreter-bsl")
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
class LikeliestAnswer(Buttons):
    """What answers a message that was understood. Everything is in memory."""

    listener: Listener
    places: Places

    def likeliest(
        self, chat: Chat, text: str, understanding: Understanding, near: tuple[str, ...]
    ) -> tuple[Chat, Reply]:
        """The likeliest answer at once, the two of a message that asks two things, or what is near."""
        answers = self.cards(understanding.answers, self.pack(chat))
        if len(answers) >= _TWO:
            return self.show(chat, Turn("card", answers[0], None, self.cards(near, self.pack(chat)), second=answers[1]))
        live = self.live(chat)
        ranking = [
            (key, share)
            for key, share in understanding.ranking
            if key in understanding.evident and (key in live or not self.listener.ranker.is_journey(key))
        ]
        by_role = self._by_role(chat, ranking)
        if by_role:
            return self.show(chat, Turn("choices", "pick-one", None, by_role, note=TWO_ANSWERS))
        key, share = self._first(ranking, begun=understanding.after_open is not None)
        if key == OUT:
            return self.miss(chat, _beside_a_person(chat, near))
        if share >= SURE:
            return self._sure(chat, key, text, near)
        near = tuple(one for one in near if one in understanding.evident)
        if not near:
            return self.miss(chat, Turn("not-sure", "not-sure"))
        return self.show(chat, Turn("choices", "did-you-mean", None, near))

    def _by_role(self, chat: Chat, ranking: Ranking) -> tuple[str, ...]:
        """The card for who is suspected and that for who was hurt, where only that decides between them."""
        if len(ranking) < _TWO:
            return ()
        (first, share), (second, less) = ranking[:_TWO]
        readers = [set(self.listener.ranker.readers(key)) for key in (first, second)]
        known = chat.state.readers or chat.state.answers_for or not all(readers) or less < share * _AS_LIKELY
        if known or self.cards((first, second), self.pack(chat)) != (first, second):
            return ()
        for suspected, harmed in ((0, 1), (1, 0)):
            if "suspect" in readers[suspected] - readers[harmed] and readers[harmed] & _HARMED - readers[suspected]:
                return (first, second) if suspected == 0 else (second, first)
        return ()

    def _first(self, ranking: Ranking, *, begun: bool) -> tuple[str, float]:
        """The likeliest answer; that we have none must be likelier than that, most of all in a talk."""
        key, share = ranking[0] if ranking else ("", 0.0)
        least = _OUT_FROM if begun else _OUT_FROM_FIRST
        return ranking[1] if key == OUT and share < least and len(ranking) >= _TWO else (key, share)

    def in_easy_english(self, chat: Chat, understood: Understood, near: tuple[str, ...]) -> tuple[Chat, Reply]:
        """The answer to a question in another language: in few words, said to be English, with a person offered."""
        chat = self.at_level(chat, "simple") if chat.level == LEVELS[0] else chat
        intent = understood.intent
        if understood.confidence < _SURE_OF_A_LANGUAGE or self.cards((intent,), self.pack(chat)) != (intent,):
            offered = tuple(dict.fromkeys((*near, *_WITH_LANGUAGE)))
            return self.show(chat, Turn("act", "other-language", None, offered[: most_choices(chat.level)]))
        return self.show(chat, Turn("card", intent, None, _WITH_LANGUAGE, note="only_english"))

    def _sure(self, chat: Chat, intent: str, text: str, near: tuple[str, ...]) -> tuple[Chat, Reply]:
        """The reply where the likeliest card or act is likely enough; a card has what else was likely beside it."""
        if intent == "say-place":
            return self._place(chat, text)
        if intent in ("simpler", "again"):
            return self.act(chat, intent)
        if self.listener.ranker.is_journey(intent):
            return self.open_journey(chat, intent)
        if intent == "yes" and chat.last and chat.last.near:
            # "Yes" picks no page of a menu, so the whole menu is shown.
            first = self._own_near(chat.last, chat)
            return self.open_card(chat, ROOT if chat.last.menu or is_menu(first) else first)
        if intent == "person" and chat.last and chat.last.alarm:
            # Who was in danger a moment ago and asks for somebody is led there with 999 in sight.
            return self.show(chat, Turn("alarm", _ACT_CARDS[intent], chat.last.alarm))
        if intent in _ACT_CARDS:
            return self.show(chat, Turn("person" if intent == "person" else "act", _ACT_CARDS[intent]))
        return self._beside(*self.open_card(chat, intent), text, near)

    def _own_near(self, turn: Turn, chat: Chat) -> str:
        """The first button that leads on from the card; those before it are what else a message may have meant."""
        signed = self.pack(chat).card(turn.card, self.pack_cache.today())
        own = signed.words.near if signed and not is_menu(turn.near[0]) else ()
        return next((key for key in turn.near if key in own), turn.near[0])

    def on_open_card(self, chat: Chat, text: str) -> tuple[Chat, Reply] | None:
        """The open card at the bubble that answers a follow-up such as "how long for?"; None where none does."""
        turn = chat.last
        signed = self.pack(chat).card(turn.card, self.pack_cache.today()) if turn and turn.kind == "card" else None
        if signed is None or signed.words.kind != "card":
            return None
        wanted = self._wanted(signed, chat, text)
        return beside(*self.open_card(chat, signed.card), asked=wanted) if wanted in _OF_THE_CARD else None

    def _wanted(self, signed: SignOff, chat: Chat, text: str) -> str | None:
        """What a message asks that one of the card's bubbles answers."""
        answers = {name for bubble in signed.words.levels[chat.level].bubbles for name in bubble.answers}
        return next((name for name in asked(text) if name in answers), None)

    def _beside(self, chat: Chat, reply: Reply, text: str, near: tuple[str, ...]) -> tuple[Chat, Reply]:
        """The card at the bubble that answers, and first among its buttons what else the message may mean."""
        turn, others = reply.turn, tuple(key for key in near if key != reply.turn.card)[:2]
        signed = self.pack(chat).card(turn.card, self.pack_cache.today())
        if turn.kind != "card" or signed is None:
            return chat, reply
        wanted = self._wanted(signed, chat, text)
        return beside(chat, reply, near=tuple(dict.fromkeys((*others, *turn.near))), asked=wanted)

    def _place(self, chat: Chat, text: str) -> tuple[Chat, Reply]:
        matches = self.places.find(text)
        if len(matches) > 1 or not all(match.sure for match in matches):
            return self.show(chat, Turn("act", "place-which"))
        if not matches:
            return self.show(chat, Turn("act", "place-unknown"))
        moved = replace(chat, force=matches[0].slug)
        return self.start(moved) if self.hand_over(moved) else self.show(moved, Turn("act", "place-found"))

    def miss(self, chat: Chat, first: Turn) -> tuple[Chat, Reply]:
        """What is shown when nothing was found: `first`, then the menu, then the way to a person."""
        if chat.misses + 1 >= _MISSES_BEFORE_PERSON:
            return self.show(chat, Turn("person", "talk-to-a-person"))
        if chat.misses + 1 >= _MISSES_BEFORE_MENU:
            return self.show(chat, Turn("not-sure", "not-sure", None, groups(self.menu, self.live(chat))))
        return self.show(chat, first, missed=True)


def _beside_a_person(chat: Chat, near: tuple[str, ...]) -> Turn:
    """We do not know, but these are near; the last button leads to a person."""
    few = near[: most_choices(chat.level) - 1]
    return Turn("not-sure", "not-sure", None, (*few, "talk-to-a-person") if few else ())


def beside(chat: Chat, reply: Reply, **changed: Any) -> tuple[Chat, Reply]:
    """The reply and its chat with these parts of the turn on show changed."""
    turn = replace(reply.turn, **changed)
    return replace(chat, shown=(*chat.shown[:-1], turn)), replace(reply, turn=turn)


def with_feeling(chat: Chat, reply: Reply, feeling: str | None) -> tuple[Chat, Reply]:
    """Something true of a feeling above the answer, never in its place; the alarm says its own, and so does "rude"."""
    if feeling is None or reply.turn.alarm or reply.turn.card == "rude" or not chat.shown:
        return chat, reply
    return beside(chat, reply, feeling=feeling)


def with_check(chat: Chat, reply: Reply, kind: Kind | None) -> tuple[Chat, Reply]:
    """Help offered quietly, where something may be a hint of danger: drawn once for each kind, named each time."""
    if kind is None or reply.turn.alarm or not chat.shown:
        return chat, reply
    chat, reply = beside(chat, reply, check=kind, offers_help=kind not in chat.state.offered)
    return replace(chat, state=chat.state.with_offer(kind)), reply


def with_nudge(chat: Chat, reply: Reply) -> tuple[Chat, Reply]:
    """A line that names are not needed here; never beside danger, nor where another line stands."""
    turn = reply.turn
    if turn.alarm or turn.check or turn.note or not chat.shown:
        return chat, reply
    return beside(chat, reply, note="no_names_needed")
