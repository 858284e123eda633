"""The Packs of every force: how long the ledger takes to load in a new process, what it holds, and one change."""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import text

from api.records import ledger
from api.records.pack_cache import PackCache
from api.web.database import Database
from api.web.migrate import migrate
from content.card_file import load_cards
from content.force import load_forces
from content.release import load_vetting
from content.signed_words import SignedVersion, SignedWords
from content.signoff import NATIONAL, Signer, SignOff, sign
from tests.conftest import settings_for
from tests.served import ROOT

_FORCES, _LOADS = 46, 3
_KINDS = {"its own facts in every card": False, "its own words in every bubble": True}


def pack_rows() -> Iterator[tuple[str, str, str]]:
    """Signs every card in 46 forces, each with facts of its own, and loads that three times; then the worst case."""
    for kind, own_words in _KINDS.items():
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite+aiosqlite:///{folder}/know.db"
            rows = asyncio.run(_sign(url, own_words=own_words))
            loads = [_load(url) for _ in range(_LOADS)]
        seconds, busy, again = (median(load[name] for load in loads) for name in ("seconds", "busy", "again"))
        held = max(load["megabytes"] for load in loads)
        yield (
            f"Packs of {_FORCES} forces load, {kind}",
            f"{seconds:.2f} s ({busy:.2f} s of a processor, {rows} signatures)",
            "under 1 s",
        )
        yield f"memory of these Packs, {kind}", f"{held:.0f} MB", "under 60 MB"
        yield f"one more signature is read, {kind}", f"{again * 1000:.0f} ms", "far under 2 s"


async def _sign(url: str, *, own_words: bool) -> int:
    """Signs every card in the national layer and each force; gives how many signatures."""
    settings = settings_for(url)
    await asyncio.to_thread(migrate, settings)
    database, signed = Database(settings), 0
    async with database.begin() as session:
        for signoff in _signatures(own_words=own_words):
            await ledger.add(session, signoff)
            signed += 1
    await database.close()
    return signed


def _signatures(*, own_words: bool) -> Iterator[SignOff]:
    cards, renderer = load_cards(), load_vetting().renderer
    forces = [slug for slug, force in load_forces().items() if force.kind != "hand-over"][:_FORCES]
    for layer in (NATIONAL, *forces):
        facts = (
            {} if layer == NATIONAL else {slot: f"what {layer} says of {slot} (invented)" for slot in renderer.slots}
        )
        for card in cards.values():
            words = renderer.words(card, facts)
            yield _signed(layer, card.key, _reworded(words, layer) if own_words else words)


def _reworded(words: SignedWords, layer: str) -> SignedWords:
    def version(old: SignedVersion) -> SignedVersion:
        return replace(old, bubbles=tuple(replace(bubble, text=f"{bubble.text} ({layer})") for bubble in old.bubbles))

    return replace(words, levels={level: version(old) for level, old in words.levels.items()})


def _signed(layer: str, card: str, words: SignedWords) -> SignOff:
    today = date.today()
    return sign(
        layer,
        card,
        words,
        written_by=[f"writer of {layer}"],
        reviewed_by=f"reviewer of {layer}",
        signer=Signer(f"lead of {layer}", f"the lead for children, {layer} (invented)"),
        signed_on=today,
        review_by=today + timedelta(days=180),
        practice=True,
    )


def _load(url: str) -> dict[str, float]:
    """One load in a process of its own."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.bench.packs", url], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return dict(json.loads(told.stdout))


async def _measure(url: str) -> dict[str, float]:
    database = Database(settings_for(url))
    pack_cache = PackCache(database, load_forces(), practice=True)
    async with database.begin() as session:
        await session.execute(text("SELECT 1"))
    before, start, busy = _megabytes(), time.perf_counter(), time.process_time()
    await pack_cache.refresh()
    seconds, busy, held = time.perf_counter() - start, time.process_time() - busy, _megabytes() - before
    last = pack_cache.pack("kent").signed()["bodycam"]
    async with database.begin() as session:
        await ledger.add(session, replace(last, words=replace(last.words, asks=f"{start}")))
    start = time.perf_counter()
    await pack_cache.refresh()
    again = time.perf_counter() - start
    await database.close()
    return {"seconds": seconds, "busy": busy, "megabytes": held, "again": again}


def _megabytes() -> float:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) * 1024 / 1e6


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_measure(sys.argv[1]))))
