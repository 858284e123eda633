"""Names the card: an ensemble of estimators looks at letters, meaning and the parts of the question, and adds up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import compress
from typing import Any

import numpy as np
from estimators import Estimator, Evened, Floats, Letters, by_margin, by_odds, log_shares, side_by_side
from line_marks import CALM, ENGLISH
from numpy.typing import NDArray
from rasa.shared.nlu.constants import METADATA_INTENT
from scipy.sparse import csr_matrix

# Told by the letters alone: there the two encoders brought false alarms and nothing else (docs/understanding.md).
DANGER = "danger"
PARTS = ("about", "asks", DANGER)
READER = "reader"
"""The one estimator that the ensemble does not teach: `reader.Reader` tells danger from calm by whole sentences."""
# The longest lesson by far is shared: the kinds of danger, which learn from calm lines too, then half the others each.
_SHARED = ("letters of danger", "letters of one half", "letters of the other")
# No share is taken to be less, so that neither the ensemble nor the reader can forbid what the other is sure of.
_LEAST = 1e-6
_OUTSIDE, _ALARM, _LETTERS = "out-of-scope", "alarm-", "letters"
# Danger has twenty times the lines of a card, and bears to be learnt more closely than the names of the cards (0.3).
_CLOSELY = 1.0
# Below this a message passes for English: to tell a child who cannot spell that they are not English would hurt.
_SURELY_ANOTHER = 0.8


def part_of(intent: str, metadata: Mapping[str, Any], part: str) -> str:
    """What a line's question is about, or asks (an act or an alarm is a part of its own), or if it tells of danger."""
    if part == DANGER:
        return DANGER if intent.startswith(_ALARM) else "calm"
    return str((metadata.get(METADATA_INTENT) or {}).get(part) or f"({intent})")


class Ensemble:
    """The estimators: `letters` and `meaning` name the intent; two more of each kind name a part of the question, and
    one of letters hears danger.

    `places` says, for each part, which of its answers belongs to each intent; `languages` tells languages apart.
    """

    def __init__(
        self,
        letters: Letters,
        estimators: dict[str, Estimator],
        places: dict[str, list[int]],
        languages: Estimator | None,
    ) -> None:
        self.letters, self.estimators, self.places, self.languages = letters, estimators, places, languages

    @property
    def intents(self) -> tuple[str, ...]:
        """The names it can give, in the order of its shares."""
        return self.estimators["letters"].answers

    @classmethod
    def learn(
        cls,
        texts: Sequence[str],
        meanings: Floats,
        intents: Sequence[str],
        parts: Mapping[str, Sequence[str]],
        languages: Sequence[str] = (),
        whole: NDArray[np.bool_] | None = None,
    ) -> Ensemble:
        """An ensemble from lines, their sentence vectors, intents and languages, and each part's answer line by line.

        `whole` says which lines every estimator learns from (without it, all): of the others only two of
        letters learn, the name and the danger; from those of CALM the danger alone. Every other intent needs lines
        of the first kind.
        """
        # Lines without one cry for help leave nothing to tell apart.
        parts = {part: answers for part, answers in parts.items() if len(set(answers)) > 1}
        letters = Letters()
        whole = np.ones(len(texts), np.bool_) if whole is None else whole
        # A lesson of meaning takes every processor; one of letters takes one, so two are learnt at a time. All at once
        # would be slower: each would wait for memory.
        estimators = {name: lesson() for name, lesson in _by_meaning(meanings[whole], intents, parts, whole).items()}
        lessons = _by_letters(letters.learn(texts), intents, parts, languages, whole)
        with ThreadPoolExecutor(2) as pool:
            learning = {name: pool.submit(lesson) for name, lesson in lessons.items()}
            estimators |= {name: estimator.result() for name, estimator in learning.items()}
        estimators[_LETTERS] = side_by_side([estimators.pop(part) for part in _SHARED if part in estimators])
        told = estimators.pop("language", None)
        belongs = {part: dict(zip(intents, answers, strict=True)) for part, answers in parts.items()}
        order = {part: estimators[f"letters {part}"].answers for part in parts}
        named = estimators["letters"].answers
        places = {part: [order[part].index(belongs[part][intent]) for intent in named] for part in parts}
        return cls(letters, estimators, places, told)

    def packed(self) -> Ensemble:
        """The same ensemble with half as many digits, which is as many as it needs, for a smaller file."""
        estimators = {name: estimator.with_numbers(np.float16) for name, estimator in self.estimators.items()}
        languages = self.languages.with_numbers(np.float16) if self.languages else None
        return Ensemble(self.letters, estimators, self.places, languages)

    def unpacked(self) -> Ensemble:
        """The ensemble ready to answer: meaning is quicker in single numbers, and letters as quick in half ones, which
        take 80 MB less."""
        estimators = {
            name: estimator if name.startswith(_LETTERS) else estimator.with_numbers(np.float32)
            for name, estimator in self.estimators.items()
        }
        return Ensemble(self.letters, estimators, self.places, self.languages)

    def opinions(self, rows: csr_matrix, meanings: Floats) -> dict[str, Floats]:
        """What each estimator says of each intent, as logarithms of shares: letters, meaning, about, asks, danger.

        `rows` are `letters.rows` of the messages, `meanings` their sentence vectors.
        """
        said = {name: self.estimators[name].estimator(self._seen(name, rows, meanings)) for name in self.estimators}
        for part, place in self.places.items():
            told = [said.pop(f"{kind} {part}") for kind in ("letters", "meaning") if f"{kind} {part}" in said]
            said[part] = log_shares(np.sum(told, axis=0))[:, place]
        return said

    def languages_of(self, rows: csr_matrix) -> list[str | None]:
        """The code of the language each message is surely in; None for English, and where it is not sure."""
        if self.languages is None:
            return [None] * rows.shape[0]
        shares = np.exp(self.languages.estimator(rows))
        codes = [self.languages.answers[best] for best in shares.argmax(axis=1)]
        sure = shares.max(axis=1) >= _SURELY_ANOTHER
        return [code if code != ENGLISH and known else None for code, known in zip(codes, sure, strict=True)]

    def _seen(self, name: str, rows: csr_matrix, meanings: Floats) -> csr_matrix | Floats:
        return rows if name.startswith(_LETTERS) else meanings

    def one_of_readings(self, shares: Floats, weights: Floats, first: NDArray[np.intp]) -> Floats:
        """A row a message from a row a reading: each intent's shares added up by how likely each reading is.

        `first` is where the readings of each message begin; their `weights` are 1 together.
        """
        added = np.add.reduceat(shares * weights[:, np.newaxis], first)
        rings = np.array([intent.startswith(_ALARM) for intent in self.intents])
        danger = _danger_of_all(shares[:, rings].sum(1), weights, first)
        for part, whole in ((rings, danger), (~rings, 1 - danger)):
            added[:, part] *= (whole / np.maximum(added[:, part].sum(1), _LEAST))[:, np.newaxis]
        return added

    def shares(self, rows: csr_matrix, meanings: Floats, danger: Floats, config: Mapping[str, Any]) -> Floats:
        """How likely each intent is, a row a message: the weighted sum of the opinions, made shares.

        `danger` is what the reader says of each message, in log-odds.
        """
        said = self.opinions(rows, meanings)
        rings = np.array([intent.startswith(_ALARM) for intent in self.intents])
        said[READER] = -np.logaddexp(0, np.where(rings, -danger[:, np.newaxis], danger[:, np.newaxis]))
        total = sum((said[name] * np.float32(config["weights"][name]) for name in said), np.float32(0))
        scores = np.asarray(total, np.float32)
        scores[:, self.intents.index(_OUTSIDE)] += np.float32(config["outside"])
        return np.exp(log_shares(scores / np.float32(config["temperature"])))


def _danger_of_all(danger: Floats, weights: Floats, first: NDArray[np.intp]) -> Floats:
    """How likely danger is by all readings of each message, of which the first is the message as typed.

    A reading may add to what is heard, not take away. It adds by the mean of the logarithms, so that one doubtful
    reading frightens no child whose words as typed are calm.
    """
    together = np.exp(np.add.reduceat(np.log(np.maximum(danger, _LEAST)) * weights, first))
    return np.maximum(together, danger[first])


def named_too(intents: Sequence[str], shares: Floats, known: Sequence[str], scores: Floats, weighs: float) -> Floats:
    """One row of shares once the reader has named the intent too, whose word has this weight of 1.

    `known` are the names that `scores` are for; of an intent it does not know nothing changes but its part of the
    whole. How likely danger is, and of which kind, stays as it was: there the reader has been asked already.
    """
    calm = np.array([not intent.startswith(_ALARM) for intent in intents])
    said = {name: score for name, score in zip(known, scores, strict=True) if not name.startswith(_ALARM)}
    said.pop(CALM, None)
    asked = np.array([intent in said for intent in intents]) & calm
    total = shares[asked].sum()
    if not total:
        return shares
    read = log_shares(np.array([[said[intent] for intent in compress(intents, asked)]], np.float32))[0]
    mixed = (1 - weighs) * np.log(np.maximum(shares[asked] / total, _LEAST)) + weighs * np.maximum(read, np.log(_LEAST))
    found = shares.copy()
    found[asked] = total * np.exp(log_shares(mixed[np.newaxis])[0])
    return found


def _by_meaning(
    meanings: Floats, intents: Sequence[str], parts: Mapping[str, Sequence[str]], whole: NDArray[np.bool_]
) -> dict[str, Callable[[], Estimator]]:
    """How each estimator of meaning learns; `meanings` are those of the whole lines alone."""
    evened = Evened.of(meanings)
    lessons = {"meaning": partial(by_odds, evened, list(compress(intents, whole)))}
    for part, answers in parts.items():
        if part != DANGER:
            lessons[f"meaning {part}"] = partial(by_odds, evened, list(compress(answers, whole)))
    return lessons


def _by_letters(
    rows: csr_matrix,
    intents: Sequence[str],
    parts: Mapping[str, Sequence[str]],
    languages: Sequence[str],
    whole: NDArray[np.bool_],
) -> dict[str, Callable[[], Estimator]]:
    """How each estimator of letters learns, the longest lesson first."""
    # In the order and the numbers that LinearSVC wants: it would put these very rows in order, and two lessons at once
    # would spoil them for each other.
    rows = rows.astype(np.float64)
    rows.sum_duplicates()
    ours = rows[whole]
    named = np.array([intent != CALM for intent in intents])
    called, names = list(compress(intents, named)), sorted({*intents} - {CALM})
    rings, others = [[name for name in names if name.startswith(_ALARM) == danger] for danger in (True, False)]
    lessons = {
        part: partial(by_margin, rows[named], called, among=among)
        for part, among in zip(_SHARED[1:], (others[::2], others[1::2]), strict=True)
        if among
    }
    if rings:
        lessons[_SHARED[0]] = partial(by_margin, rows, intents, among=rings)
    for part, answers in parts.items():
        if part == DANGER:
            lessons[f"letters {part}"] = partial(by_margin, rows, answers, _CLOSELY)
        else:
            lessons[f"letters {part}"] = partial(by_margin, ours, list(compress(answers, whole)))
    if len(set(languages)) > 1:
        lessons["language"] = partial(by_margin, ours, list(compress(languages, whole)))
    return lessons
