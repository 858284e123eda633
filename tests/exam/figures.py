"""What the answers to an exam add up to: pure sums over questions and rankings."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from api.chat.danger_detection import CALM, RINGS_FIRST
from content.danger import Alarm
from content.training import ACTS
from tests.exam.questions import OUTSIDE, Cry, Question

Ranking = Sequence[tuple[str, float]]
# What the bot alone is sure from. The talk decides when a card is shown; this is how far its shares are believed.
SURE = 0.65
# The rule for the alarm's threshold: half of what is allowed of ordinary lines, three quarters of lookalikes.
ORDINARY_AT_MOST, LOOKALIKES_AT_MOST = 0.010, 0.060
BANDS = (0.0, 0.2, 0.4, 0.55, 0.65, 0.8, 0.9, 1.01)


@dataclass(frozen=True)
class Answer:
    """A question and the bot's guesses, best first, each with its confidence."""

    question: Question
    ranking: Ranking

    @property
    def first(self) -> str:
        """The best guess."""
        return self.ranking[0][0]

    @property
    def right(self) -> bool:
        """True when the best guess is the card or act asked for."""
        return self.first == self.question.want

    @property
    def near(self) -> bool:
        """True when the card or act asked for is among the first three."""
        return self.question.want in [name for name, _ in self.ranking[:3]]

    @property
    def sure(self) -> bool:
        """True when the reply would show the card without asking "did you mean"."""
        return self.ranking[0][1] >= SURE and self.first != OUTSIDE

    @property
    def card(self) -> bool:
        """True when a card is asked for, not an act."""
        return self.question.want not in ACTS


def share(hits: Iterable[bool]) -> float:
    """The part of the hits that are true; 0 when there are none."""
    found = list(hits)
    return sum(found) / len(found) if found else 0.0


def headline(answers: Sequence[Answer]) -> Iterator[tuple[str, float]]:
    """The figures that have floors."""
    cards = [answer for answer in answers if answer.card]
    outside = [answer for answer in answers if answer.question.want == OUTSIDE]
    said = [answer for answer in answers if answer.first == OUTSIDE]
    yield "cards, top 1", share(answer.right for answer in cards)
    yield "cards, top 3", share(answer.near for answer in cards)
    yield "cards, misspelt, top 1", share(answer.right for answer in cards if answer.question.style == "misspelt")
    yield "out of scope, recall", share(answer.right for answer in outside)
    yield "out of scope, precision", share(answer.right for answer in said)
    yield "acts, top 1", share(a.right for a in answers if not a.card and a.question.want != OUTSIDE)
    yield "right when sure", share(answer.right for answer in answers if answer.sure)
    yield "cards answered at once", share(answer.sure for answer in cards)


def by(answers: Iterable[Answer], group: Callable[[Answer], str]) -> Iterator[tuple[str, int, float, float]]:
    """For each group: its name, how many questions, top 1 and top 3; the weakest first."""
    groups: dict[str, list[Answer]] = {}
    for answer in answers:
        groups.setdefault(group(answer), []).append(answer)
    rows = [(name, len(g), share(a.right for a in g), share(a.near for a in g)) for name, g in groups.items()]
    yield from sorted(rows, key=lambda row: (row[2], row[3], row[0]))


def bands(answers: Sequence[Answer]) -> Iterator[tuple[str, int, float, float]]:
    """Calibration: for each band of confidence how many answers, the mean confidence, and how many were right."""
    for low, high in pairwise(BANDS):
        inside = [answer for answer in answers if low <= answer.ranking[0][1] < high]
        if inside:
            mean = sum(answer.ranking[0][1] for answer in inside) / len(inside)
            yield f"{low:.2f} to {min(high, 1):.2f}", len(inside), mean, share(answer.right for answer in inside)


def confusions(answers: Iterable[Answer], most: int = 10) -> list[tuple[tuple[str, str], int]]:
    """The pairs most often taken for one another: asked for, given, how often."""
    return Counter((a.question.want, a.first) for a in answers if not a.right).most_common(most)


@dataclass(frozen=True)
class Heard:
    """An alarm line, whether a phrase rang and only a doubtful one, and the bot's shares of all danger together."""

    cry: Cry
    phrase: bool
    danger: float
    doubtful: bool = False

    @property
    def bot(self) -> bool:
        """True when the bot rings."""
        return self.danger >= RINGS_FIRST

    @property
    def rings(self) -> bool:
        """True when either layer rings, and the bot does not take back what a doubtful phrase rang at."""
        return self.bot or (self.phrase and not (self.doubtful and self.danger < CALM))


def hear(cry: Cry, alarm: Alarm, ranking: Ranking) -> Heard:
    """What both layers make of a line."""
    danger = sum(confidence for name, confidence in ranking if name.startswith("alarm-"))
    phrase = alarm.hear(cry.text) is not None
    return Heard(cry, phrase, danger, phrase and alarm.doubts(cry.text))


def alarm_headline(heard: Sequence[Heard]) -> Iterator[tuple[str, float]]:
    """The alarm's figures that have floors."""
    cries, calm = [h for h in heard if h.cry.kind], [h for h in heard if not h.cry.kind]
    yield "alarm recall, direct", share(h.rings for h in cries if h.cry.style == "direct")
    yield "alarm recall, indirect", share(h.rings for h in cries if h.cry.style == "indirect")
    yield "alarm recall, all", share(h.rings for h in cries)
    yield "alarm recall, phrases alone", share(h.phrase for h in cries)
    yield "false alarms, ordinary", share(h.rings for h in calm if h.cry.style == "ordinary")
    yield "false alarms, lookalikes", share(h.rings for h in calm if h.cry.style != "ordinary")


def by_threshold(heard: Sequence[Heard]) -> Iterator[tuple[str, float, float, float, float]]:
    """For each hundredth that the bot could ring from: recall direct and indirect, false alarms ordinary and not."""
    cries, calm = [h for h in heard if h.cry.kind], [h for h in heard if not h.cry.kind]
    direct, indirect = ([h for h in cries if h.cry.style == style] for style in ("direct", "indirect"))
    ordinary = [h for h in calm if h.cry.style == "ordinary"]
    lookalikes = [h for h in calm if h.cry.style != "ordinary"]
    for hundredth in range(1, 31):
        least = hundredth / 100
        rung = [share(h.phrase or h.danger >= least for h in many) for many in (direct, indirect, ordinary, lookalikes)]
        yield (f"{least:.2f}", rung[0], rung[1], rung[2], rung[3])


def by_rule(heard: Sequence[Heard]) -> float | None:
    """The threshold that the rule of docs/understanding.md chooses on these lines; None when none will do."""
    found = (row[0] for row in by_threshold(heard) if row[3] <= ORDINARY_AT_MOST and row[4] <= LOOKALIKES_AT_MOST)
    return next(map(float, found), None)
