"""What `content check` says of the Welsh: how much there is, and what is behind its English."""

from collections.abc import Iterator, Mapping

from content.card import Card
from content.interface import vet_interface
from content.rendering import Renderer
from content.translation import load_translations, vet_translations


def check_welsh(cards: Mapping[str, Card], renderer: Renderer) -> Iterator[str]:
    """Lines to print. Raises BrokenCard or BrokenInterface for the first file that nobody could sign, draft or not.

    What is only behind its English breaks nothing: it is told of, and children get the English.
    """
    translations = load_translations(cards)
    for key, translation in translations.items():
        if not translation.behind(cards[key]):
            renderer.fill_translation(translation)
    yield from vet_translations(cards, translations)
    yield from vet_interface("cy")
