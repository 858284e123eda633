"""The same on PostgreSQL, in a service that runs: one INSERT and a ring change nothing that a child reads."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import text

from api.records import ledger
from api.records.pack_cache import PackCache
from api.web.pg_listen import ring
from content.signoff import SignOff
from tests.conftest import settings_for, sign_everything, started
from tests.doors import doors
from tests.json_child import Child
from tests.office import empty_database
from tests.records.test_ledger_heads import until
from tests.records.test_ledger_tampering import FORGED, opened

CARD = "alarm-harm-now"
FORGE = """
INSERT INTO sign_off (id, previous, row_hash, mark, layer, card, practice, words, written_by, reviewed_by, signed_by,
    signed_by_post, signed_on, review_by, fingerprint)
SELECT {id}, {previous}, :own, {mark}, layer, card, practice, :words, written_by, reviewed_by, signed_by,
    signed_by_post, signed_on, review_by, :fingerprint
FROM sign_off WHERE card = :card AND layer = 'national' ORDER BY id LIMIT 1
"""
LAST = "(SELECT row_hash FROM sign_off ORDER BY id DESC LIMIT 1)"
NEXT = "(SELECT max(id) + 1 FROM sign_off)"


@pytest.fixture(scope="module")
def own_url(postgres_url: str, tmp_path_factory: pytest.TempPathFactory):  # noqa: ANN201
    with empty_database("postgres", tmp_path_factory.mktemp("forged")) as url:
        sign_everything(settings_for(url))
        yield url


@pytest.fixture
async def service(own_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with started(settings_for(own_url)) as client:
        yield client


def shelf_of(client: httpx.AsyncClient) -> PackCache:
    found = doors(client._transport.app).pack_cache  # type: ignore[attr-defined]
    assert isinstance(found, PackCache)
    return found


async def forge(url: str, card: str, place: dict[str, str]) -> None:
    """Puts a row in, with the hashes that the program itself would work out, and rings."""
    async with opened(url) as database, database.begin() as session:
        like = (await session.scalars(ledger.select(ledger.LedgerRow).where(ledger.LedgerRow.card == card))).first()
        assert like is not None
        words = like.signoff().words
        bubble = replace(words.levels["simple"].bubbles[0], text=FORGED)
        levels = {level: replace(version, bubbles=(bubble,)) for level, version in words.levels.items()}
        forged = replace(words, levels=levels)
        values = {"words": forged.as_json(), "fingerprint": forged.fingerprint, "card": card, "own": "e" * 64}
        await session.execute(text(FORGE.format(**place)), values)
        await ring(session)


@pytest.mark.parametrize(
    "place",
    [
        {"id": NEXT, "previous": "'nonsense'", "mark": "NULL"},
        {"id": NEXT, "previous": LAST, "mark": "'00000000:0'"},
        {"id": NEXT, "previous": LAST, "mark": "(SELECT mark FROM sign_off ORDER BY id DESC LIMIT 1)"},
        {"id": "2147483647", "previous": LAST, "mark": "NULL"},
        {"id": "-7", "previous": LAST, "mark": "NULL"},
    ],
)
async def test_one_insert_and_a_ring_change_nothing_that_a_child_reads(
    own_url: str, service: httpx.AsyncClient, place: dict[str, str]
) -> None:
    pack_cache = shelf_of(service)
    before = pack_cache.pack("northmoor").card(CARD, pack_cache.today())
    assert before is not None
    await forge(own_url, CARD, place)
    async with opened(own_url) as database:
        await said_and_shown(database, pack_cache, before)
        fresh = PackCache(database, pack_cache.forces, practice=True)
        await fresh.refresh()
        assert fresh.pack("northmoor").card(CARD, fresh.today()) == before
    child = Child(service)
    await child.start("northmoor")
    for reply in (await child.press(CARD), await child.say("he is going to kill me")):
        assert FORGED not in str(reply)
        assert "999" in str(reply)
    assert (await service.get("/readyz")).json()["ledger"] == "altered"


async def said_and_shown(database, pack_cache: PackCache, signed: SignOff) -> None:  # noqa: ANN001
    """A real signature after it is heard of, and shown, though a row that is not ours stands where it would."""
    post = f"the lead {signed.signed_on} {id(database)} (invented)"
    async with database.begin() as session:
        await ledger.add(session, replace(signed, layer="kent", signer=replace(signed.signer, post=post)))
        await ring(session)
    await until(lambda: _post(pack_cache) == post)


def _post(pack_cache: PackCache) -> str:
    found = pack_cache.pack("kent").card(CARD, pack_cache.today())
    return found.signer.post if found else ""


async def test_rows_cut_off_are_noticed_by_a_service_that_runs(own_url: str, service: httpx.AsyncClient) -> None:
    async with opened(own_url) as database, database.begin() as session:
        await session.execute(text("ALTER TABLE sign_off DISABLE TRIGGER ALL"))
        await session.execute(text("DELETE FROM sign_off WHERE mark IS NOT NULL AND id > 20"))
        await ring(session)
    pack_cache = shelf_of(service)
    await until(lambda: len(pack_cache.pack(None).signed()) < 25)
    page = await service.get("/northmoor")
    assert "999" in page.text
    assert FORGED not in page.text
    for _ in range(500):
        ready = await service.get("/readyz")
        if ready.json()["ledger"] == "altered":
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it was not noticed")
