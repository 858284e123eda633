"""The estimators of the ensemble: each looks at a message in its own way and says how likely each answer is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, inv
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight

Floats = NDArray[np.float32]
# A margin times these is worth as much as a log-odds of the logistic regression. Chosen,
# as the C values and n-grams below, by leaving out one training author at a time (docs/understanding.md).
_MARGIN = 6.0
# How loosely by_odds holds its weights (C), and its rounds.
_LOOSELY, _ROUNDS = 0.1, 12
# The least that a direction of meaning is taken to vary, times the root of how many rows there are to tell it from.
_AT_LEAST = 0.06
# How near a margin must come to the best.
_ROUGHLY = 0.1
# What lines with none of the answers to learn are called; they count as they do where every answer is learnt.
_REST = ""


def log_shares(scores: Floats) -> Floats:
    """Scores as logarithms of shares that add up to 1 in each row."""
    below = scores - scores.max(axis=1, keepdims=True)
    return (below - np.log(np.exp(below).sum(axis=1, keepdims=True))).astype(np.float32)


def bare(text: str) -> str:
    """Small letters; every mark but the apostrophe becomes a space."""
    return re.sub(r"[^\w\s']", " ", text.lower())


class Letters:
    """Turns messages into words, pairs of words, and pieces of words; pieces see through slips ("finga prins")."""

    def __init__(self) -> None:
        self.words = TfidfVectorizer(
            ngram_range=(1, 2), sublinear_tf=True, min_df=2, tokenizer=str.split, token_pattern=None, dtype=np.float32
        )
        self.pieces = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(4, 4), sublinear_tf=True, min_df=3, dtype=np.float32
        )

    def learn(self, texts: Sequence[str]) -> csr_matrix:
        """The rows of the texts, after learning which words and pieces there are."""
        plain = [bare(text) for text in texts]
        return csr_matrix(hstack([self.words.fit_transform(plain), self.pieces.fit_transform(plain)]))

    def rows(self, texts: Sequence[str]) -> csr_matrix:
        """The rows of new texts."""
        plain = [bare(text) for text in texts]
        return csr_matrix(hstack([self.words.transform(plain), self.pieces.transform(plain)]))


@dataclass(frozen=True)
class Estimator:
    """A linear estimator: its answers, and a weight for each feature and answer.

    `scale` turns its scores into log-odds.
    """

    answers: tuple[str, ...]
    weights: Floats
    offsets: Floats
    scale: float

    def with_numbers(self, kind: type[np.floating[Any]]) -> Estimator:
        """The same estimator with its weights as numbers of another size."""
        return replace(self, weights=self.weights.astype(kind), offsets=self.offsets.astype(kind))

    def only(self, answers: Sequence[str]) -> Estimator:
        """The estimator of these answers alone."""
        places = [self.answers.index(answer) for answer in answers]
        return replace(self, answers=tuple(answers), weights=self.weights[:, places], offsets=self.offsets[places])

    def estimator(self, rows: csr_matrix | Floats) -> Floats:
        """The logarithm of each answer's share, a row a message."""
        scores = self._of_letters(rows) if isinstance(rows, csr_matrix) else rows @ self.weights
        return log_shares((scores + self.offsets) * np.float32(self.scale))

    def _of_letters(self, rows: csr_matrix) -> Floats:
        """A message takes a few dozen of the weights' 150,000 rows, so they may stay in half numbers until then."""
        scores = np.zeros((rows.shape[0], len(self.answers)), np.float32)
        for place, (start, end) in enumerate(zip(rows.indptr, rows.indptr[1:], strict=False)):
            scores[place] = rows.data[start:end] @ self.weights[rows.indices[start:end]].astype(np.float32)
        return scores


def by_margin(
    rows: csr_matrix, answers: Sequence[str], closely: float = 0.3, among: Sequence[str] | None = None
) -> Estimator:
    """A estimator of letters: a linear support vector machine, the strongest known for short texts and many answers.

    `closely`: how closely it follows each line (C); the higher, the more it trusts single lines. `among`: which answers
    it learns (without it, all). Each is told apart from all other lines, learnt or not: those of some answers each, put
    `side_by_side`, are one estimator of all.
    """
    names = np.unique(answers)
    weighs = dict(zip(names, compute_class_weight("balanced", classes=names, y=answers), strict=True))
    if among is not None:
        answers = np.where(np.isin(answers, among), answers, _REST)
        weighs = {name: weighs.get(name, 1.0) for name in np.unique(answers)}
    machine = LinearSVC(C=closely, class_weight=weighs, tol=_ROUGHLY, max_iter=200, random_state=0)
    estimator = _judge(machine.fit(rows, answers), _MARGIN)
    return estimator if among is None else estimator.only(among)


def side_by_side(estimators: Sequence[Estimator]) -> Estimator:
    """One estimator of all the answers, from estimators of some each."""
    answers = [answer for estimator in estimators for answer in estimator.answers]
    order = np.argsort(answers)
    weights = np.hstack([estimator.weights for estimator in estimators])[:, order]
    offsets = np.concatenate([estimator.offsets for estimator in estimators])[order]
    return Estimator(
        tuple(answers[place] for place in order), np.ascontiguousarray(weights), offsets, estimators[0].scale
    )


@dataclass(frozen=True)
class Evened:
    """Sentence vectors turned and stretched until no direction varies more than another, for estimators to learn from.

    Much of what sets two questions apart lies along directions that vary little, which a lesson comes to last. On
    evened rows it ends sooner, and estimators left-out authors better (docs/understanding.md).
    """

    rows: Floats
    middle: Floats
    turn: Floats

    @classmethod
    def of(cls, rows: Floats) -> Evened:
        """The rows evened. A direction that hardly varies is stretched less: in few rows that may be chance."""
        middle, least = rows.mean(axis=0), _AT_LEAST / np.sqrt(len(rows))
        spread = np.cov(rows, rowvar=False, bias=True, dtype=np.float32) + least * np.eye(len(middle))
        turn = inv(cholesky(spread)).astype(np.float32)
        return cls((rows - middle) @ turn, middle, turn)

    def estimator(self, answers: Sequence[str], weights: Floats, offsets: Floats) -> Estimator:
        """The estimator of plain rows that is the same as these weights are for evened ones."""
        plain = self.turn @ weights
        return Estimator(tuple(map(str, answers)), np.ascontiguousarray(plain), offsets - self.middle @ plain, 1.0)


def by_odds(evened: Evened, answers: Sequence[str]) -> Estimator:
    """A estimator of meaning: multinomial logistic regression on the sentence vectors, every answer weighing the same.

    In single numbers, which takes half the time of scikit-learn's double ones. It stops before the very best weights:
    more rounds answered no better on left-out authors and took longer.
    """
    names, right = np.unique(answers, return_inverse=True)
    rows = np.hstack([evened.rows, np.ones((len(answers), 1), np.float32)])
    weighs = compute_sample_weight("balanced", right).astype(np.float32)
    start = np.zeros(len(names) * rows.shape[1])
    lesson = partial(_loss_and_slope, rows=rows, right=right, weighs=weighs)
    found = minimize(lesson, start, jac=True, method="L-BFGS-B", options={"maxiter": _ROUNDS})
    learnt = found.x.reshape(len(names), -1).astype(np.float32)
    return evened.estimator(names, learnt[:, :-1].T, learnt[:, -1])


def _loss_and_slope(
    flat: NDArray[np.float64], rows: Floats, right: NDArray[np.int64], weighs: Floats
) -> tuple[float, NDArray[np.float64]]:
    """The weighted cross entropy with a penalty on large weights, and how it changes with each of them."""
    learnt = flat.reshape(-1, rows.shape[1])
    said = log_shares(rows @ learnt.T.astype(np.float32))
    here = np.arange(len(rows)), right
    loss = -np.dot(weighs, said[here]).item()
    np.exp(said, out=said)
    said[here] -= 1
    said *= weighs[:, np.newaxis]
    # The last column is the offset, which may be as large as it likes.
    held = np.where(np.arange(rows.shape[1]) < rows.shape[1] - 1, learnt / _LOOSELY, 0)
    return loss + (held * learnt).sum() / 2, ((said.T @ rows) + held).ravel()


def _judge(model: LinearSVC, scale: float) -> Estimator:
    weights, offsets = np.asarray(model.coef_, np.float32), np.asarray(model.intercept_, np.float32)
    if len(model.classes_) == 2:
        # With two answers scikit-learn keeps the weights of the second alone; the first has the rest.
        weights, offsets = np.vstack([0 * weights, weights]), np.concatenate([0 * offsets, offsets])
    return Estimator(tuple(map(str, model.classes_)), np.ascontiguousarray(weights.T), offsets, scale)
