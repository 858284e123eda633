"""`make pictures`: serves the practice version with a force at work, and makes the pictures of the README from it."""

import asyncio
import io
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Browser, Page

from tests.child_conversation import stage
from tests.chromium import async_chromium
from tests.conftest import settings_for, sign_everything
from tests.staff_pages import FORCE, LEAD, Look, Staff, served_staff, signed_in

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
MOST_BYTES = 150_000
QUESTION = "who-gets-told"
# Tall enough that a whole thought is in the picture.
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 1100}, "is_mobile": True, "device_scale_factor": 2}
# Without script the answer is a page of its own, with the line about practice above it.
NO_SCRIPT: dict[str, Any] = {**PHONE, "java_script_enabled": False}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
STILL: dict[str, Any] = {"reduced_motion": "reduce", "color_scheme": "light", "locale": "en-GB"}


@dataclass(frozen=True)
class Picture:
    """What is looked at, on which screen, and what is pressed before the picture is taken."""

    look: Look
    screen: dict[str, Any]
    act: Callable[[Page], Awaitable[object]] | None = None


async def presses_a_question(page: Page) -> None:
    """A child presses a question. The picture begins at the top, where the page says that it is for practice."""
    await page.locator(f"button[name=card][value={QUESTION}]").first.click()
    await page.locator("#latest").get_by_role("heading", level=3).wait_for()
    await page.evaluate("scrollTo(0, 0)")


PICTURES = {
    "answer": Picture(Look("", f"/{FORCE}?reading=simple"), NO_SCRIPT, presses_a_question),
    "journey": Picture(Look("", f"/{FORCE}/journey/arrested?reading=simple"), PHONE),
    "desk": Picture(Look("lead", f"/desk/{FORCE}"), DESK),
    "register": Picture(Look("", "/register?order=own"), DESK),
}


async def taken(browser: Browser, staff: Staff, picture: Picture) -> bytes:
    """One picture, as a PNG of at most 256 colours."""
    context = await browser.new_context(**picture.screen, **STILL)
    await context.add_cookies(signed_in(staff, picture.look))
    page = await context.new_page()
    # Opened twice: letters that come too late for a first page are there for the second.
    for _ in range(2):
        answer = await page.goto(staff.address + picture.look.path, wait_until="networkidle")
    assert answer
    assert answer.ok, f"{picture.look.path} answered {answer.status}"
    if picture.act:
        await picture.act(page)
    await page.evaluate("document.fonts.ready")
    shot = Image.open(io.BytesIO(await page.screenshot(animations="disabled", caret="hide")))
    await context.close()
    small = io.BytesIO()
    shot.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


async def make(url: str) -> list[str]:
    """Makes every picture; the names of those that are too heavy for a README."""
    heavy = []
    async with stage(url, lead=LEAD) as on, served_staff(on) as staff, async_chromium() as browser:
        for name, picture in PICTURES.items():
            made = await taken(browser, staff, picture)
            (FOLDER / f"{name}.png").write_bytes(made)
            print(f"docs/pictures/{name}.png  {len(made) / 1000:.0f} kB")
            heavy += [name] if len(made) > MOST_BYTES else []
    return heavy


def main() -> int:
    """Signs the practice words in a database that is thrown away, and makes the pictures; 1 when one is too heavy."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/know.db"
        sign_everything(settings_for(url))
        heavy = asyncio.run(make(url))
    for name in heavy:
        print(f"{name} is over {MOST_BYTES // 1000} kB")
    return 1 if heavy else 0


if __name__ == "__main__":
    sys.exit(main())
