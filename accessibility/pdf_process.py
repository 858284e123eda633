"""The PDF maker's own process: reads a page from its input and writes it as PDF for people and for screen readers.

It stands alone so that nothing in a library of C can take the pages down with it, and nothing is loaded before somebody
wants a file. It reads one JSON object: the page's html, and the files that it names, in base64, by address. Whatever
else the page names is refused: this process never asks a network or a disk for anything. Without html it only looks
whether a PDF can be made here.
"""

import json
import os
import resource
import sys
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

# No such host can exist (RFC 2606); an address of the page is told from others by it.
_HERE = "https://know.invalid"
_KINDS = {"css": "text/css", "svg": "image/svg+xml", "woff2": "font/woff2"}
_PRINT = 4
_NICE = 10
_MOST_SECONDS = 60
_MOST_BYTES = 2 * 1024**3
_SAMPLE = '<!doctype html><html lang="en"><title>Sample</title><p>Sample</p></html>'


class Given(URLFetcher):  # type: ignore[misc]
    """Gives a page the files that came with it, by their address, and nothing else."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self._files = files

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:  # noqa: ARG002 - as the library calls it
        """One file. Raises KeyError for what was not given, which ends the whole page."""
        here, path = url[: len(_HERE)], url[len(_HERE) :]
        if here != _HERE:
            raise KeyError(url)
        return URLFetcherResponse(url, self._files[path], {"Content-Type": _KINDS[path.rpartition(".")[2]]})


def pdf(html: str, files: Mapping[str, bytes]) -> bytes:
    """The page as tagged PDF (PDF/UA-1). Raises FatalURLFetchingError when it names a file that was not given."""
    page = HTML(string=html, base_url=f"{_HERE}/", url_fetcher=Given(files))
    _only_for_the_eye(page.etree_element)
    made: bytes = page.write_pdf(pdf_variant="pdf/ua-1", finisher=_links_are_printed)
    return made


def _only_for_the_eye(root: Any) -> None:
    """Puts each picture that says nothing new (alt="") behind its words: in a PDF every picture must say something."""
    for around in root.iter():
        for image in around.findall("img[@alt='']"):
            around.set("style", f"background-image: url({json.dumps(image.get('src'))})")
            around.remove(image)


def _links_are_printed(_page: Any, made: Any) -> None:
    """Links stand on paper as on a screen (ISO 32000-1, 12.5.3): without the flag a checker takes them for hidden."""
    for part in made.objects:
        if isinstance(part, dict) and part.get("Subtype") == "/Link":
            part["F"] = _PRINT


def main() -> None:
    """Does one job from its input."""
    # Whoever started this may be gone; it ends by itself all the same.
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_SECONDS, _MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
    os.nice(_NICE)
    job = json.load(sys.stdin)
    files = {address: b64decode(body) for address, body in job.get("files", {}).items()}
    try:
        sys.stdout.buffer.write(pdf(job.get("html") or _SAMPLE, files))
    except FatalURLFetchingError:
        sys.exit("no PDF: the page names a file that it may not have")


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    # A thread of Pango may still look for letters, and falls when the libraries go before it. The file is whole.
    os._exit(0)
