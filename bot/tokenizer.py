"""Splits a message into words, and takes the force out of Rasa's own commands before anything reads them."""

from __future__ import annotations

import re

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.whitespace_tokenizer import WhitespaceTokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

COMMAND = re.compile(r"^[\s/]+")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class PlainTokenizer(WhitespaceTokenizer):
    """Rasa's whitespace tokenizer, for people who may type a slash.

    Rasa takes any message that starts with "/" for a command: "/dna" would come back as intent "dna" with
    confidence 1, and a broken one would be quoted in the log. A space in place of each slash keeps every
    later position where it was.
    """

    def process(self, messages: list[Message]) -> list[Message]:
        """Blank leading slashes, then tokenize."""
        for message in messages:
            text = message.get(TEXT)
            if text:
                message.set(TEXT, COMMAND.sub(lambda found: " " * len(found[0]), text), add_to_output=True)
        return super().process(messages)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing that learns asks for the words: the estimators split a line in their own way."""
        return training_data
