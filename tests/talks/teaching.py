"""Teaches the ranking of what could answer a message: few weights, from labelled talks and the bot's own shares.

A turn that says which card is open is seen after that. Any other is seen twice: after the right answers to those before
it, and after those that today's weights would give, since a child corrects what was really said. What is learnt is a
multinomial logistic regression over the candidates of each turn, by gradient descent.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from api.chat.dialogue.choose import SEEN_IN, WEIGHTS, CardQuestion, Ranker, Talked, asked_by, seen
from api.chat.dialogue.state import DialogueState
from api.chat.dialogue.understand import BotState, Listener, Understood
from content.card import Reader
from content.card_file import load_cards
from content.follow_up import FollowUps
from content.message_people import RolePatterns
from tests.bot_process import RasaServer
from tests.talks.marks import Talk

Floats = NDArray[np.float64]
_ALIKE = {"talk-to-a-person": "person", "not-sure": "out-of-scope"}
_REMEMBERED = 6
# How strongly weights are held near nothing, how often they are changed, and by how much at first and at the end.
_HELD, _ROUNDS, _SETTLED = 1.0, 400, 300
_STEP, _LAST_STEP = 0.1, 0.03


@dataclass(frozen=True)
class Lesson:
    """One turn: what is seen of each candidate, a row each, and which of them are right."""

    facts: Floats
    right: NDArray[np.bool_]


class Asked:
    """The bot as the listener asks it, each text once."""

    def __init__(self, bot: RasaServer) -> None:
        self._bot, self._known = bot, dict[str, Understood]()

    async def parse(self, text: str, seconds: float | None = None, *, new: bool = False) -> Understood:
        """What the bot makes of a text. Nobody waits for it, so it may take as long as it likes."""
        assert seconds is None
        assert not new
        if text not in self._known:
            raw = self._bot.parse(text)
            ranking = tuple((str(one["name"]), float(one["confidence"])) for one in raw["intent_ranking"])
            entities = {str(one["entity"]): str(one["value"]) for one in raw["entities"]}
            self._known[text] = Understood(ranking, entities)
        return self._known[text]

    async def state(self) -> BotState:
        """Awake: the server was waited for."""
        return "ok"

    async def close(self) -> None:
        """Nothing to let go of."""


def teach(bot: RasaServer, held: Sequence[Talk], out: Console) -> None:
    """Writes the weights that these talks teach, and prints them."""
    cards = load_cards()
    questions = asked_by(cards)
    headings = {key: card.levels["simple"].question for key, card in cards.items() if card.kind == "card"}
    listener, roles = Listener(Asked(bot), FollowUps(), Ranker(questions)), RolePatterns()
    lessons = [
        one
        for talk in track(held, "Reading", console=out)
        for by_right in ((True,) if "open" in talk["turns"][0] else (True, False))
        for one in _lessons(talk, listener, roles, headings, by_right=by_right)
    ]
    weights = learnt([one for one in lessons if one.right.any()])
    kept = {name: round(float(weight), 4) for name, weight in zip(SEEN_IN, weights, strict=True)}
    WEIGHTS.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    out.print(f"{len(lessons)} turns taught the ranking: {WEIGHTS.name}")
    out.print(kept)


def _lessons(
    talk: Talk, listener: Listener, roles: RolePatterns, headings: Mapping[str, str], *, by_right: bool
) -> Iterator[Lesson]:
    opened, shown, state = "", list[str](), DialogueState()
    for turn in talk["turns"]:
        opened = turn.get("open", opened)
        opened = opened if opened in headings else ""
        talked = Talked(opened or None, frozenset(shown))
        state = state.with_role(roles.hear(turn["say"]))
        lesson, likeliest = _lesson(turn, talked, headings.get(opened, ""), state.readers, listener)
        yield lesson
        right = (key for group in _groups(turn) for key in group)
        first = next((key for key in (right if by_right else [likeliest]) if key in headings), opened)
        if first:
            opened, shown = first, [*shown, first][-_REMEMBERED:]


def _lesson(
    turn: Mapping[str, Any], talked: Talked, question: str, readers: Sequence[Reader], listener: Listener
) -> tuple[Lesson, str]:
    """What a turn teaches, and what today's weights would answer it with."""
    heard, _ = asyncio.run(listener.hear(turn["say"], talked, question, readers))
    questions, names = listener.ranker.questions, list(listener.ranker.candidates(heard))
    opened: CardQuestion | None = questions.get(talked.open or "")
    facts = np.array([seen(key, questions.get(key), heard, talked, opened) for key in names])
    wanted = {_ALIKE.get(key, key) for group in _groups(turn) for key in group}
    lesson = Lesson(facts, np.array([_ALIKE.get(key, key) in wanted for key in names]))
    return lesson, listener.ranker.rank(heard, talked)[0][0]


def _groups(turn: Mapping[str, Any]) -> list[list[str]]:
    want = turn["want"]
    return want if want and isinstance(want[0], list) else [want]


def learnt(lessons: Sequence[Lesson]) -> Floats:
    """The weights that make the right candidates likeliest, by Adam (Kingma and Ba 2014)."""
    facts, right = np.concatenate([one.facts for one in lessons]), np.concatenate([one.right for one in lessons])
    sizes = [len(one.facts) for one in lessons]
    starts, of = np.cumsum([0, *sizes[:-1]]), np.repeat(np.arange(len(sizes)), sizes)
    weights = np.zeros(facts.shape[1])
    mean, spread = np.zeros_like(weights), np.zeros_like(weights)
    for number in range(1, _ROUNDS + 1):
        raised = np.exp(facts @ weights - np.maximum.reduceat(facts @ weights, starts)[of])
        shares = raised / np.add.reduceat(raised, starts)[of]
        wanted = shares * right
        wanted /= np.maximum(np.add.reduceat(wanted, starts), 1e-12)[of]
        slope = facts.T @ (shares - wanted) + _HELD * weights
        mean, spread = 0.9 * mean + 0.1 * slope, 0.999 * spread + 0.001 * slope**2
        step = _STEP if number < _SETTLED else _LAST_STEP
        weights = weights - step * (mean / (1 - 0.9**number)) / (np.sqrt(spread / (1 - 0.999**number)) + 1e-8)
    return weights
