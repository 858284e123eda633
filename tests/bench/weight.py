"""What a first visit weighs over the wire, compressed, all told."""

import gzip
import re
from collections.abc import Iterator

import httpx

_LIMIT = 60_000


def page_weight(address: str) -> Iterator[tuple[str, str, str]]:
    """The chat page with all it loads, and the first answer without script on top."""
    with httpx.Client(base_url=address, follow_redirects=True) as client:
        page = client.get("/northmoor?level=easy")
        parts = {page.url.path: _size(page.content)} | _parts(client, page.text)
        token = re.search(r'name="chat" value="([^"]+)"', page.text)
        answer = client.post("/northmoor/say", data={"chat": token[1] if token else "", "card": "who-gets-told"})
        later = {"the answer": _size(answer.content)} | _parts(client, answer.text)
    whole = parts | later
    yield "chat page and all it loads", f"{sum(parts.values())} B gzip", f"at most {_LIMIT}"
    yield (
        "with the first answer without script",
        f"{sum(whole.values())} B gzip, {len(whole)} files",
        f"at most {_LIMIT}",
    )
    script = sum(size for name, size in parts.items() if name.endswith(".js"))
    yield "script alone", f"{script} B gzip", "at most 30000 raw"


def _parts(client: httpx.Client, html: str) -> dict[str, int]:
    found = set(re.findall(r'<(?:img|script|link)[^>]+(?:src|href)="(/[^"]+)"', html))
    return {path: _size(client.get(path).content) for path in sorted(found)}


def _size(content: bytes) -> int:
    return len(gzip.compress(content, 9))
