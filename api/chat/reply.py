"""What answers a message, top to bottom: the alarm, what we were on, the bot, and what we do not know.

`message` says when it is asked, and what refuses before.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from accessibility.rule_finding import LEVELS
from api.chat.buttons import Buttons, Reply, groups
from api.chat.chat_token import Chat, Turn
from api.chat.danger_detection import DangerDetector, heard
from api.chat.follow_up_cards import leads
from api.chat.rasa_client import BotAway, Brain, Understood
from api.chat.word_meanings import signed_word
from content.follow_up import FollowUp, FollowUps
from content.nearest import Nearest
from content.places import Places
from content.situations import ROOT, is_menu, most_choices
from content.word_question import WordQuestions

# Below SURE a card is offered among others, below UNSURE it is not offered at all. Of the answers that left-out
# training authors get with 0.6 or more, 93 in 100 are right, with 0.7 or more 95 (docs/understanding.md).
SURE = 0.65
UNSURE = 0.08
_ALARM_WAITS_SECONDS = 0.5
LONGEST = 1_000
"""The most characters a message may have that is answered. Danger is heard in one of any length."""
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
class Helper(Buttons):
    """Everything that answering needs. All of it is in memory but the brain. Nothing of a text is in what it gives.

    `unanswered` is told the force of a message that we had no answer to, and nothing else.
    """

    danger_detector: DangerDetector
    brain: Brain
    nearest: Nearest
    follow_ups: FollowUps
    places: Places
    unanswered: Callable[[str | None], None]
    words: WordQuestions

    async def answer(self, chat: Chat, text: str, alarm: Turn | None) -> tuple[Chat, Reply]:
        """The reply to a message, and the chat after it. `alarm` is what `hear` made of the raw text, asked first."""
        after, reply = await self._answer(chat, text, alarm)
        if reply.turn.kind == "not-sure":
            self.unanswered(after.force)
        return after, reply

    async def _answer(self, chat: Chat, text: str, alarm: Turn | None) -> tuple[Chat, Reply]:
        if alarm:
            return await self._ring(chat, alarm, text)
        if self.hand_over(chat):
            return self.start(chat)
        word = self.words.hear(text)
        if word:
            # "What does suicide mean" may be more than a question, so the bot's alarm hears it first.
            return await self._rings(chat, text) or self._meaning(chat, word)
        follow_up = self.follow_ups.hear(text)
        keys = leads(follow_up, chat, self.pack(chat), self.pack_cache.today(), self.follow_ups) if follow_up else None
        if follow_up and keys is not None:
            # "I ran away" says what happened, so the bot's alarm hears it too; "how long for?" says no such thing.
            rung = await self._rings(chat, text) if follow_up.way == "situation" else None
            return rung or self._follow(chat, follow_up, keys)
        try:
            understood = await self.brain.parse(text, new=chat.new)
        except BotAway:
            near = self.cards(self.nearest.find(text), self.pack(chat))
            return self.show(chat, Turn("bot-away", "bot-away", None, near or groups(self.menu, self.live(chat))))
        chat, reply = self._decide(chat, text, understood)
        return chat, replace(reply, understood=understood)

    async def hear(self, text: str) -> Turn | None:
        """The alarm's turn, when the message rings. Asked of the raw text before anything else looks at it."""
        return await self.danger_detector.hear(text)

    async def _ring(self, chat: Chat, alarm: Turn, text: str) -> tuple[Chat, Reply]:
        """The alarm card, with the card that answers the question in the same message beside it.

        Likeness alone finds none: to be led to an odd card after telling of danger is worse than to the menu.
        """
        try:
            # The alarm has read it all; the bot only looks for what stands beside it.
            understood = await self.brain.parse(text[:LONGEST], _ALARM_WAITS_SECONDS, new=chat.new)
        except BotAway:
            return self.show(chat, alarm)
        likely = [key for key, confidence in understood.ranking[:3] if confidence >= UNSURE]
        near = self.cards(likely, self.pack(chat))[:2]
        chat, reply = self.show(chat, replace(alarm, near=near))
        return chat, replace(reply, understood=understood)

    async def _rings(self, chat: Chat, text: str) -> tuple[Chat, Reply] | None:
        """The alarm, when the bot alone hears danger; None when it hears none, or is away."""
        try:
            understood = await self.brain.parse(text, _ALARM_WAITS_SECONDS, new=chat.new)
        except BotAway:
            return None
        alarm = heard(understood, ())
        if alarm is None:
            return None
        chat, reply = self.show(chat, alarm)
        return chat, replace(reply, understood=understood)

    def _follow(self, chat: Chat, found: FollowUp, keys: tuple[str, ...]) -> tuple[Chat, Reply]:
        """Opens the one card, or page, that a follow-up leads to; offers them where there are several."""
        if len(keys) == 1:
            after, reply = self.open_card(chat, keys[0])
        else:
            near = self.cards(keys or (chat.last.near if chat.last else ()), self.pack(chat))
            choices = Turn("choices", "did-you-mean", None, near) if near else Turn("not-sure", "not-sure")
            after, reply = self.show(chat, choices) if keys and near else self._miss(chat, choices)
        if found.way in ("asks", "same-for"):
            # A general answer must not change what we were talking about.
            after = replace(after, subject=found.subject or chat.subject)
        return after, reply

    def _meaning(self, chat: Chat, word: str) -> tuple[Chat, Reply]:
        """What a hard word means, and the card about it; for a word that nobody signed, where meanings are found."""
        pack, today = self.pack(chat), self.pack_cache.today()
        shown = pack.card("what-word", today)
        if shown is None or signed_word(word, chat.level, pack, today) is None:
            return self.show(chat, Turn("act", "what-word"))
        about = self.cards(self.words.cards_named_as(word), pack)[:1]
        return self.show(chat, Turn("act", "what-word", None, (*about, *shown.words.near), word=word))

    def _decide(self, chat: Chat, text: str, understood: Understood) -> tuple[Chat, Reply]:
        intent, confidence, pack = understood.intent, understood.confidence, self.pack(chat)
        near = self.cards([key for key, share in understood.ranking[:4] if share >= UNSURE], pack)[:3]
        subject = understood.entities.get("subject")
        if subject and pack.knows(subject):
            # What it was about still helps the next question, even where we do not know this one.
            chat = replace(chat, subject=subject)
        alarm = heard(understood, near[:2])
        if alarm:
            return self.show(chat, alarm)
        if "language" in understood.entities:
            return self._in_easy_english(chat, understood, near)
        if intent == "out-of-scope":
            return self._miss(chat, _beside_a_person(chat, near))
        if confidence >= SURE:
            return self._sure(chat, intent, text)
        if not near:
            return self._miss(chat, Turn("not-sure", "not-sure"))
        return self.show(chat, Turn("choices", "did-you-mean", None, near))

    def _in_easy_english(self, chat: Chat, understood: Understood, near: tuple[str, ...]) -> tuple[Chat, Reply]:
        """The answer to a question in another language: in few words, said to be English, with a person offered."""
        chat = self.at_level(chat, "simple") if chat.level == LEVELS[0] else chat
        intent = understood.intent
        if understood.confidence < SURE or self.cards((intent,), self.pack(chat)) != (intent,):
            beside = tuple(dict.fromkeys((*near, *_WITH_LANGUAGE)))
            return self.show(chat, Turn("act", "other-language", None, beside[: most_choices(chat.level)]))
        return self.show(chat, Turn("card", intent, None, _WITH_LANGUAGE, note="only_english"))

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
            return self.show(chat, Turn("person" if intent == "person" else "act", _ACT_CARDS[intent]))
        return self.open_card(chat, intent)

    def _place(self, chat: Chat, text: str) -> tuple[Chat, Reply]:
        matches = self.places.find(text)
        if len(matches) > 1 or not all(match.sure for match in matches):
            return self.show(chat, Turn("act", "place-which"))
        if not matches:
            return self.show(chat, Turn("act", "place-unknown"))
        moved = replace(chat, force=matches[0].slug)
        return self.start(moved) if self.hand_over(moved) else self.show(moved, Turn("act", "place-found"))

    def _miss(self, chat: Chat, first: Turn) -> tuple[Chat, Reply]:
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
