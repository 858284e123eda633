"""What answers a message, top to bottom: the alarm, what we were on, the bot, and what we do not know.

`message` says when it is asked, and what refuses before.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from api.chat.buttons import Reply, groups
from api.chat.danger_detection import DangerDetector, heard, hinted, told_plainly
from api.chat.dialogue.choose import Talked
from api.chat.dialogue.state import Chat, Turn
from api.chat.dialogue.understand import BotAway, Understanding, Understood
from api.chat.follow_up_cards import leads
from api.chat.likeliest_answer import UNSURE, LikeliestAnswer, with_check, with_feeling, with_nudge
from api.chat.word_meanings import signed_word
from content.feelings import Feelings
from content.follow_up import FollowUp
from content.message_people import RolePatterns, names_somebody
from content.message_questions import WordQuestions
from content.nearest import Nearest

_ALARM_WAITS_SECONDS = 0.5
# Who calls themself names is not rude to us. Who is angry may be, and the answer to that says that anger is OK.
ANGRY, RUDE = "feeling-angry", "rude"
LONGEST = 1_000
"""The most characters a message may have that is answered. Danger is heard in one of any length."""


@dataclass(frozen=True)
class Helper(LikeliestAnswer):
    """Everything that answering needs. All of it is in memory but the brain. Nothing of a text is in what it gives.

    `unanswered` is told the force of a message that we had no answer to, and nothing else.
    """

    danger_detector: DangerDetector
    nearest: Nearest
    feelings: Feelings
    roles: RolePatterns
    unanswered: Callable[[str | None], None]
    words: WordQuestions

    async def answer(self, chat: Chat, text: str, alarm: Turn | None) -> tuple[Chat, Reply]:
        """The reply to a message, and the chat after it. `alarm` is what `hear` made of the raw text, asked first."""
        after, reply = await self._answer(chat, text, alarm)
        if reply.turn.kind == "not-sure":
            self.unanswered(after.force)
        after, reply = with_feeling(after, reply, self._felt(after, text))
        return with_nudge(after, reply) if names_somebody(text) else (after, reply)

    def _felt(self, chat: Chat, text: str) -> str | None:
        """The card of the feeling that a message tells of, where it is live."""
        feeling = self.feelings.hear(text)
        return feeling if feeling and self.pack(chat).card(feeling, self.pack_cache.today()) else None

    async def _answer(self, chat: Chat, text: str, alarm: Turn | None) -> tuple[Chat, Reply]:
        if alarm:
            return await self._ring(chat, alarm, text)
        if self.hand_over(chat):
            return self.start(chat)
        word = self.words.hear(text)
        if word:
            # "What does suicide mean" may be more than a question, so the bot's alarm hears it first.
            return await self._rings(chat, text) or self._meaning(chat, word)
        follow_ups = self.listener.follow_ups
        follow_up = follow_ups.hear(text)
        keys = leads(follow_up, chat, self.pack(chat), self.pack_cache.today(), follow_ups) if follow_up else None
        if follow_up and keys is not None:
            # "I ran away" says what happened, so the bot's alarm hears it too; "how long for?" says no such thing.
            rung = await self._rings(chat, text) if follow_up.way == "situation" else None
            stays = self.on_open_card(chat, text) if follow_up.way == "asks" else None
            return rung or stays or self._follow(chat, follow_up, keys)
        chat = replace(chat, state=chat.state.with_role(self.roles.hear(text)))
        try:
            talked, question = self._talked(chat)
            readers = chat.state.readers
            understanding = await self.listener.listen(text, talked, question, readers, new=chat.new)
        except BotAway:
            letters = self._by_letters(chat, text)
            if letters:
                return letters
            near = self.cards(self.nearest.find(text), self.pack(chat))
            return self.show(chat, Turn("bot-away", "bot-away", None, near or groups(self.menu, self.live(chat))))
        before, (chat, reply) = chat, self._decide(chat, text, understanding)
        asked = self.words.named(text) if reply.turn.card == "what-word" else None
        if asked:
            chat, reply = self._meaning(before, asked)
        return chat, replace(reply, understood=understanding.alone)

    def _talked(self, chat: Chat) -> tuple[Talked, str]:
        """What of the talk weighs, and the heading of the card that is open, "" where none is."""
        pack, today = self.pack(chat), self.pack_cache.today()
        found = [card for turn in reversed(chat.shown) if (card := pack.card(turn.second or turn.card, today))]
        cards = [card for card in found if card.words.kind == "card"]
        if not cards:
            return Talked(), ""
        question = cards[0].words.levels["simple"].question
        return Talked(cards[0].card, frozenset(card.card for card in cards)), question

    async def hear(self, text: str) -> Turn | None:
        """The alarm's turn, when the message rings. Asked of the raw text before anything else looks at it."""
        return await self.danger_detector.hear(text)

    async def _ring(self, chat: Chat, alarm: Turn, text: str) -> tuple[Chat, Reply]:
        """The alarm card, with the card that answers the question in the same message beside it.

        Where only doubtful phrases rang and the bot hears nothing of danger, the answer with help offered quietly.
        Likeness alone finds none: to be led to an odd card after telling of danger is worse than to the menu.
        """
        try:
            # The alarm has read it all; the bot only looks for what stands beside it.
            understood = await self.listener.brain.parse(text[:LONGEST], _ALARM_WAITS_SECONDS, new=chat.new)
        except BotAway:
            return self.show(chat, alarm)
        if self._calmed(chat, text, understood):
            after, reply = await self._answer(chat, text, None)
            # The bot may go away between its two answers, and then nobody takes the ring back.
            return self.show(chat, alarm) if reply.turn.kind == "bot-away" else with_check(after, reply, alarm.alarm)
        likely = [key for key, confidence in understood.ranking[:3] if confidence >= UNSURE]
        near = self.cards(likely, self.pack(chat))[:2]
        chat, reply = self.show(chat, replace(_not_twice(chat, alarm), near=near))
        return chat, replace(reply, understood=understood)

    def _calmed(self, chat: Chat, text: str, understood: Understood) -> bool:
        """Whether the bot takes back what doubtful phrases rang at; never where danger was told before."""
        return len(text) <= LONGEST and not chat.state.danger and self.danger_detector.calmed(text, understood)

    async def _rings(self, chat: Chat, text: str) -> tuple[Chat, Reply] | None:
        """The alarm, when the bot alone hears danger; None when it hears none, or is away."""
        try:
            understood = await self.listener.brain.parse(text, _ALARM_WAITS_SECONDS, new=chat.new)
        except BotAway:
            return None
        alarm = heard(understood, (), again=bool(chat.state.danger))
        if alarm is None:
            return None
        chat, reply = self._alarm(chat, alarm, understood)
        return chat, replace(reply, understood=understood)

    def _by_letters(self, chat: Chat, text: str) -> tuple[Chat, Reply] | None:
        """The alarm while the bot is away. Letters hear too little to be remembered as danger that was told plainly."""
        alarm = self.danger_detector.without_bot(text)
        if alarm is None:
            return None
        after, reply = self.show(chat, alarm)
        return replace(after, state=chat.state), reply

    def _alarm(self, chat: Chat, alarm: Turn, understood: Understood) -> tuple[Chat, Reply]:
        """The alarm that the bot alone rang; it is remembered where danger was told plainly."""
        after, reply = self.show(chat, alarm)
        return (after if told_plainly(understood) else replace(after, state=chat.state)), reply

    def _follow(self, chat: Chat, found: FollowUp, keys: tuple[str, ...]) -> tuple[Chat, Reply]:
        """Opens the one card, or page, that a follow-up leads to; offers them where there are several."""
        if len(keys) == 1:
            after, reply = self.open_card(chat, keys[0])
        else:
            near = self.cards(keys or (chat.last.near if chat.last else ()), self.pack(chat))
            choices = Turn("choices", "did-you-mean", None, near) if near else Turn("not-sure", "not-sure")
            after, reply = self.show(chat, choices) if keys and near else self.miss(chat, choices)
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

    def _decide(self, chat: Chat, text: str, understanding: Understanding) -> tuple[Chat, Reply]:
        understood, pack = understanding.alone, self.pack(chat)
        if self.feelings.hear(text) not in (None, ANGRY):
            understanding = understanding.without(RUDE)
        ranking = understanding.ranking
        near = self.cards([key for key, share in ranking if share >= UNSURE], pack)[:3]
        subject = understood.entities.get("subject")
        if subject and pack.knows(subject):
            # What it was about still helps the next question, even where we do not know this one.
            chat = replace(chat, subject=subject)
        after = understanding.after_open
        alarm = heard(understood, near[:2], again=bool(chat.state.danger), after=after)
        if alarm:
            return self._alarm(chat, _not_twice(chat, alarm), understood)
        if "language" in understood.entities:
            return self.in_easy_english(chat, understood, near)
        return with_check(*self.likeliest(chat, text, understanding, near), hinted(understood, after))


def _not_twice(chat: Chat, alarm: Turn) -> Turn:
    """The alarm; where the same words are on show already, those that begin with 999 and a person instead."""
    return replace(alarm, card="in-danger") if chat.last and chat.last.card == alarm.card else alarm
