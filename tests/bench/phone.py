"""A slow phone on a slow line, in a real Chromium: how long until a child can read, and what Lighthouse says."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from tests.chromium import BROWSER, FLAGS
from tests.page_tools import HERE

ROUNDS = 3
CPU = 6
"""How many times slower than this machine."""
LATENCY_MS = 400
BYTES_A_SECOND = 400_000 / 8
MOST_SECONDS = 3.0
PHONE = {"viewport": {"width": 412, "height": 823}, "device_scale_factor": 1.75, "is_mobile": True, "has_touch": True}
# Nothing is drawn, and no frame is asked for, before what blocks the drawing has come.
WHEN_READABLE = """() => {
  const look = () => {
    const $one = document.querySelector("#latest .bubble");
    if ($one && $one.getBoundingClientRect().height > 0) {
      requestAnimationFrame(() => { window.readable = performance.now(); });
    } else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
PRESS = """async () => {
  const before = document.querySelector("#latest h3").id;
  const begun = performance.now();
  document.querySelector("#latest button[name=card]").click();
  await new Promise((done) => {
    const look = () => (document.querySelector("#latest h3").id === before
      ? requestAnimationFrame(look) : requestAnimationFrame(done));
    look();
  });
  return performance.now() - begun;
}"""


def phone_rows(address: str) -> Iterator[tuple[str, str, str]]:
    """First visits and presses on the slow phone; then Lighthouse's own phone, where npm brought it."""
    found = BROWSER
    if not found:
        yield "slow phone", "not measured: no chromium", f"under {MOST_SECONDS:.0f} s"
        return
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=FLAGS)
        # Once without counting: the server has just begun.
        visit(browser, address)
        visits = [visit(browser, address) for _ in range(ROUNDS)]
        browser.close()
    for name, seconds, floor in (
        ("slow phone, first answer", [one[0] for one in visits], f"under {MOST_SECONDS:.0f} s"),
        ("slow phone, from a press to its answer", [one[1] for one in visits], ""),
    ):
        yield name, f"{median(seconds):.2f} s ({max(seconds):.2f} s at most of {ROUNDS} first visits)", floor
    yield from lighthouse_rows(f"{address}/northmoor", found)


def visit(browser: Browser, address: str) -> tuple[float, float]:
    """A first visit, nothing kept from before: the seconds until the first answer, and from a press to the next."""
    context = browser.new_context(**PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    page.add_init_script(f"({WHEN_READABLE})()")
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": BYTES_A_SECOND,
            "uploadThroughput": BYTES_A_SECOND,
        },
    )
    line.send("Emulation.setCPUThrottlingRate", {"rate": CPU})
    page.goto(f"{address}/northmoor", timeout=60_000)
    page.wait_for_function("window.readable")
    first = float(page.evaluate("window.readable")) / 1000
    page.wait_for_load_state("networkidle")
    pressed = float(page.evaluate(PRESS)) / 1000
    context.close()
    return first, pressed


def lighthouse_rows(url: str, chromium: str) -> Iterator[tuple[str, str, str]]:
    """Lighthouse's scores for its own phone (of 100)."""
    tool = HERE / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not tool.exists():
        yield "Lighthouse, mobile", "not measured: run .ci/pages (it needs npm)", "100 and 100"
        return
    scores = _lighthouse(tool, url, chromium)
    said = ", ".join(f"{name} {score:.0f}" for name, score in scores.items())
    yield "Lighthouse, mobile", said, "100 and 100"


def _lighthouse(tool: Path, url: str, chromium: str) -> dict[str, float]:
    flags = "--chrome-flags=--headless=new --no-sandbox --disable-gpu"
    asked = ["--quiet", "--output=json", "--only-categories=performance,accessibility", flags]
    done = subprocess.run(
        ["node", str(tool), url, *asked],
        capture_output=True,
        text=True,
        check=True,
        timeout=180,
        env={**os.environ, "CHROME_PATH": chromium},
    )
    categories = json.loads(done.stdout)["categories"]
    return {name: 100 * categories[name]["score"] for name in ("performance", "accessibility")}
