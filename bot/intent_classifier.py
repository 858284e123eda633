"""The ensemble as a part of Rasa's pipeline: what it learns from, how it is kept, what it adds to a message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from ensemble import DANGER, PARTS, READER, Ensemble, named_too, part_of
from estimators import Floats
from line_marks import READINGS, MessageReading, for_letters_alone, language_of
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import ENTITIES, INTENT, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sentence_encoder import encoders


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class EnsembleClassifier(IntentClassifier, GraphComponent):
    """The ensemble as a part of Rasa's pipeline; `encoder.SentenceEncoder` must stand before it."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The settings used where config.yml says nothing. They weigh the estimators; see docs/understanding.md."""
        weights = {"letters": 1.0, "meaning": 1.0, "about": 0.5, "asks": 0.5, DANGER: 0.5, READER: 0.5}
        return {"weights": weights, "outside": 0.0, "temperature": 1.0, "names": 0.4, "ranking_length": 10}

    @classmethod
    def required_components(cls) -> list[type]:
        """What must stand before it in the pipeline."""
        return [DenseFeaturizer]

    @staticmethod
    def required_packages() -> list[str]:
        """The packages Rasa checks for before it trains."""
        return ["sklearn"]

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, ensemble: Ensemble | None
    ) -> None:
        self._config, self._storage, self._resource, self._panel = config, storage, resource, ensemble

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003 - Rasa passes these four by name
    ) -> EnsembleClassifier:
        """Make the untrained component as Rasa's graph asks for it."""
        return cls(config, model_storage, resource, None)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003 - Rasa passes these four by name
        **_: Any,
    ) -> EnsembleClassifier:
        """Read the trained component from our own model file."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, joblib.load(_file(folder)).unpacked())

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from every line that has an intent, and keep what was learnt."""
        lines = [line for line in training_data.intent_examples if line.get(INTENT) and line.get(TEXT)]
        intents = [str(line.get(INTENT)) for line in lines]
        parts = {
            part: [part_of(name, line.get(METADATA) or {}, part) for name, line in zip(intents, lines, strict=True)]
            for part in PARTS
        }
        languages = [language_of(line.get(METADATA) or {}) for line in lines]
        whole = np.array([not for_letters_alone(line.get(METADATA) or {}) for line in lines])
        texts = [line.get(TEXT) for line in lines]
        self._panel = Ensemble.learn(texts, _meanings(lines), intents, parts, languages, whole)
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(self._panel.packed(), _file(folder))
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Give each message its ranking of intents, best first."""
        if self._panel is None:
            raise RuntimeError("the ensemble was never trained")
        read = [message.get(READINGS) or [_blank(messages)] for message in messages]
        every = [reading for readings in read for reading in readings]
        rows = self._panel.letters.rows([reading.text for reading in every])
        danger = np.array([reading.danger for reading in every], np.float32)
        shares = self._panel.shares(rows, np.stack([reading.vector for reading in every]), danger, self._config)
        known, weighs = encoders()[1].names, self._config["names"]
        for row, reading in enumerate(every):
            if reading.names is not None:
                shares[row] = named_too(self._panel.intents, shares[row], known, reading.names, weighs)
        first = np.cumsum([0, *map(len, read)])[:-1]
        added = self._panel.one_of_readings(shares, np.array([reading.share for reading in every], np.float32), first)
        for message, row, language in zip(messages, added, self._panel.languages_of(rows[first]), strict=True):
            ranking = list(_ranking(self._panel.intents, row))
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking[: self._config["ranking_length"]], add_to_output=True)
            if language:
                found = {"entity": "language", "value": language, "extractor": type(self).__name__}
                message.set(ENTITIES, [*(message.get(ENTITIES) or []), found], add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing after the ensemble needs its opinion of the training lines."""
        return training_data


def _ranking(intents: Sequence[str], shares: Floats) -> Iterator[dict[str, Any]]:
    for place in np.argsort(-shares, kind="stable"):
        yield {"name": intents[place], "confidence": float(shares[place])}


def _file(folder: Path) -> Path:
    return folder / "ensemble.joblib"


def _blank(messages: Sequence[Message]) -> MessageReading:
    """How a message without text is read: as nothing, beside others that may have a vector."""
    return MessageReading("", 1.0, _meanings(messages)[0] * 0, 0.0, None)


def _meanings(messages: Sequence[Message]) -> Floats:
    """The sentence vectors; nought for a message without words, or that has none."""
    found = [message.get_dense_features(TEXT)[1] for message in messages]
    size = next((features.features.shape[-1] for features in found if features), 1)
    blank = np.zeros(size, np.float32)
    return np.stack([features.features.ravel() if features else blank for features in found])
