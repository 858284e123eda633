"""Measures the sounds of answers: how large they are, how long they last, how long one takes to make."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from accessibility.rule_finding import LEVELS, Level
from accessibility.voice import NoVoice, Voice
from api.chat.sounds import Sounds
from content.card import Card
from content.card_file import load_cards
from content.glossary import load_glossary
from content.helplines import load_helplines
from content.rendering import Renderer
from content.slots import load_slots
from tests.hearing import seconds_of

_EVERY = 12


def sound_rows() -> Iterator[tuple[str, str, str]]:
    """Every twelfth card at each level, one after the other, each in a process of the voice."""
    renderer, cards = Renderer(load_glossary(), load_helplines(), load_slots()), load_cards()
    try:
        asyncio.run(Voice().must_be_here())
    except NoVoice as no:
        yield "sounds", f"not measured: {no}", "see docs/listening.md"
        return
    with TemporaryDirectory() as folder:
        sounds = Sounds(Path(folder), Voice())
        whole = 0.0
        for level in LEVELS:
            made = [_made(sounds, renderer, card, level) for card in list(cards.values())[::_EVERY]]
            size, lasts, took = (median(one[at] for one in made) for at in range(3))
            whole += sum(one[0] for one in made) / len(made) * len(cards) / 1000
            yield f"sound of a card, {level}", f"{size:.0f} kB, {lasts:.0f} s, made in {took:.1f} s", "made ahead"
        yield f"sounds of {len(cards)} cards at {len(LEVELS)} levels", f"about {whole:.0f} MB", "on disk once"


def _made(sounds: Sounds, renderer: Renderer, card: Card, level: Level) -> tuple[float, float, float]:
    begun = time.perf_counter()
    sound = asyncio.run(sounds.of(renderer.words(card, {}), level))
    took = time.perf_counter() - begun
    assert sound is not None
    return sound.file.stat().st_size / 1000, seconds_of(sound.file), took
