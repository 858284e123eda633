"""What makes PDF, alone: given everything, fetching nothing, two at a time, and missed kindly where it is missing."""

import asyncio
import io
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from pypdf import PdfReader

from accessibility.pdf import NoPdf, PdfMaker
from accessibility.symbols import picture
from content.interface import load_interface
from tests.conftest import settings_for, started
from tests.doors import doors

pytestmark = pytest.mark.tools

ROOT = Path(__file__).parents[2]
WORDS = load_interface()
SHEET = "/northmoor/sheet.pdf"
PAGE = '<!doctype html><html lang="en"><title>Sample</title>{}</html>'
# The maker as it is, on a machine where something of it is missing.
WITHOUT = """
import runpy, sys, cffi
{}
runpy.run_module("accessibility.pdf_process", run_name="__main__")
"""
NO_PACKAGE = WITHOUT.format('sys.modules["weasyprint"] = None')
NO_LIBRARY = WITHOUT.format("""
def gone(*_):
    raise OSError("cannot load library 'libpango-1.0-0'")
cffi.FFI.dlopen = gone""")


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine, and every path that it was asked for."""
    asked: list[str] = []

    class Heard(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_said: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Heard)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    "wants",
    [
        '<img alt="a" src="{}/a.svg">',
        '<link rel="stylesheet" href="{}/a.css">',
        "<style>@import url({}/a.css);</style>",
        "<style>@font-face {{ font-family: a; src: url({}/a.woff2) }}</style>",
        "<style>p {{ background: url({}/a.svg) }}</style><p>a</p>",
        '<link rel="attachment" href="{}/a.txt">',
        '<svg xmlns="http://www.w3.org/2000/svg"><image href="{}/a.svg" width="9" height="9"/></svg>',
        '<base href="{}/"><img alt="a" src="given.svg">',
    ],
)
async def test_the_maker_asks_no_network_and_no_disk(tmp_path: Path, wants: str) -> None:
    secret = tmp_path / "a.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>zebrafish</text></svg>', "utf-8")
    given = {"/given.svg": picture("phone")}
    with listening() as (address, asked):
        for place in (address, f"file://{tmp_path}"):
            # What the library does not even look at is no file in the end either.
            with suppress(NoPdf):
                pdf = await PdfMaker().make(PAGE.format(wants.format(place)), given)
                assert b"zebrafish" not in pdf
                assert "zebrafish" not in PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    assert asked == []


@pytest.mark.parametrize("place", ["https://know.invalid.example", "https://know.invalid/..", "ftp://h", "data:,"])
async def test_a_page_that_names_what_it_was_not_given_is_refused_whole(place: str) -> None:
    page = PAGE.format(f'<p>Words</p><img alt="a" src="{place}/given.txt">')
    with pytest.raises(NoPdf, match="a file that it may not have"):
        await PdfMaker().make(page, {"/given.svg": picture("phone")})
    assert await PdfMaker().make(PAGE.format('<img alt="a" src="/given.svg">'), {"/given.svg": picture("phone")})


async def test_the_maker_is_given_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOW_SECRET", "zebrafish" * 4)
    monkeypatch.setenv("DATABASE_URL", "postgresql+asyncpg://zebrafish@host/know")
    told = PdfMaker((sys.executable, "-c", "import os; print('%PDF-', dict(os.environ))"))
    assert b"zebrafish" not in await told.make("", {})


def test_the_pages_never_load_what_makes_pdf() -> None:
    code = "import sys, api.main; sys.exit(any(name.partition('.')[0] == 'weasyprint' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


@pytest.mark.parametrize("program", [NO_PACKAGE, NO_LIBRARY, "import os; os.abort()"])
async def test_where_no_pdf_can_be_made_the_page_prints_and_says_why(
    sqlite_url: str, program: str, caplog: pytest.LogCaptureFixture
) -> None:
    instance = started(settings_for(sqlite_url))
    async with instance as client:
        doors(instance.app).pdf = PdfMaker((sys.executable, "-c", program))
        for path in ("/northmoor/sheet?cards=my-phone", "/northmoor/poster"):
            page = await client.get(path)
            assert page.status_code == 200
            assert ".pdf" not in page.text
            assert WORDS["sheet_no_pdf"] in page.text
            assert 'data-module="print"' in page.text
        told = [record.getMessage() for record in caplog.records if "no PDF can be made here" in record.getMessage()]
        assert len(told) == 1
        assert "apt-get install libpango" in told[0]
        assert str(ROOT) not in told[0]
        pressed = await client.get(SHEET, params={"cards": "my-phone", "level": "easy"})
        assert pressed.status_code == 503
        assert WORDS["sheet_failed"] in pressed.text
        assert 'href="/northmoor/sheet?cards=my-phone&amp;level=easy"' in pressed.text
        assert WORDS["talk_to_person"] in pressed.text
        assert (await client.get("/northmoor")).status_code == 200


async def test_it_looks_again_after_a_minute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here = tmp_path / "here"
    code = f"import pathlib, sys; sys.exit('gone') if not pathlib.Path({str(here)!r}).exists() else print('%PDF-')"
    maker = PdfMaker((sys.executable, "-c", code))
    assert not await maker.is_here()
    here.touch()
    assert not await maker.is_here()
    maker._missed -= 61
    assert await maker.is_here()


async def test_two_at_a_time_and_whoever_waits_too_long_is_told_kindly(tmp_path: Path) -> None:
    code = f"""
import os, pathlib, sys, time
one = pathlib.Path({str(tmp_path)!r}) / str(os.getpid())
one.touch()
sys.stdout.write("%PDF-" + str(len(list(one.parent.iterdir()))))
time.sleep(0.2)
one.unlink()
"""
    answers = await asyncio.gather(*(PdfMaker((sys.executable, "-c", code)).make("", {}) for _ in range(1)))
    maker = PdfMaker((sys.executable, "-c", code))
    answers += await asyncio.gather(*(maker.make("", {}) for _ in range(6)))
    assert {int(answer.removeprefix(b"%PDF-")) for answer in answers} <= {1, 2}
    slow = PdfMaker((sys.executable, "-c", "import time; time.sleep(60)"), seconds=0.5)
    begun = time.monotonic()
    late = await asyncio.gather(*(slow.make("", {}) for _ in range(5)), return_exceptions=True)
    assert time.monotonic() - begun < 5
    assert [type(one) for one in late] == [NoPdf] * 5
    # What ran too long was ended, and the next has its turn.
    slow._program = (sys.executable, "-c", "print('%PDF-')")
    slow._seconds = 20
    assert await slow.make("", {})
