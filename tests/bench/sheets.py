"""Measures PDF: how long a deck of 30 cards takes from the press to the file, how large it is, and one card."""

import asyncio
import time
from collections.abc import Iterator
from statistics import median

import httpx

from accessibility.pdf import PdfMaker

ROUNDS = 3
CARDS = 30


def sheet_rows(address: str) -> Iterator[tuple[str, str, str]]:
    """A deck of the first 30 cards and one card, each made anew several times; the first print looks for the maker."""
    if not asyncio.run(PdfMaker().is_here()):
        yield "PDF", "not measured: what makes it is not here", "see .ci/print"
        return
    listed = httpx.get(f"{address}/api/v1/forces/northmoor/cards").json()
    keys = [card["key"] for card in listed if card["situations"]][:CARDS]
    for name, cards, hold in ((f"PDF of {CARDS} cards", keys, "under 5 s"), ("PDF of 1 card", keys[:1], "under 5 s")):
        made = [_made(address, cards) for _ in range(ROUNDS)]
        seconds, sizes = [took for took, _ in made], [size for _, size in made]
        yield name, f"{median(seconds):.1f} s ({max(seconds):.1f} s at most), {median(sizes) / 1000:.0f} kB", hold


def _made(address: str, cards: list[str]) -> tuple[float, int]:
    begun = time.perf_counter()
    asked = {"cards": ",".join(cards), "level": "easy", "look": "pictures"}
    answer = httpx.get(f"{address}/northmoor/sheet.pdf", params=asked, timeout=60)
    answer.raise_for_status()
    return time.perf_counter() - begun, len(answer.content)
