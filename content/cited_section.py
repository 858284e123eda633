"""The section of a law or a page that a card cites, cut out of what a site sends, and its fingerprint."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from content.page_blocks import TextBlock, page_blocks

RULES = 1
"""Raised when sections are cut out by other rules: fingerprints of before then say nothing about a change."""
_PROVISIONS = ("section", "schedule", "article", "regulation", "rule", "part", "paragraph")
_IN_PLACE = re.compile(r"\b(section|schedule|article|regulation|rule)s? (\d+[A-Z]*)", re.IGNORECASE)
_NUMBER = r"\d+(?:\.\d+[A-Z]*)+"
# A place that names numbered paragraphs and nothing more: "Code C, paragraphs 10.1 and 11.16", "paragraphs 2.1 to 2.5".
_PARAGRAPHS = re.compile(
    rf"(?:[^;]*, )?(?:paragraphs?|sections?)? ?({_NUMBER}(?:(?:,| and|, and| to) {_NUMBER})*)(?: ?\(.*\))?",
    re.IGNORECASE,
)
_BEGINS = re.compile(rf"(?:paragraph )?({_NUMBER})(?!\w)", re.IGNORECASE)
_NOT_LAW = frozenset({"Metadata", "Commentaries"})
_GOVUK_WORDS = ("introductory_paragraph", "introduction", "body", "more_information", "what_you_need_to_know")


class UnreadableSource(ValueError):
    """What a site sent cannot be read as what it should be. The message says why, in plain words."""


@dataclass(frozen=True)
class Section:
    """The words at the place a card cites. `whole` is True where the place was not found and all the text stands."""

    text: str
    whole: bool

    @property
    def fingerprint(self) -> str:
        """The number of the RULES and a SHA-256 of the words, however they are spaced and laid out."""
        return f"{RULES}-{sha256(''.join(self.text.split()).encode()).hexdigest()}"


def provision(url: str, place: str) -> str:
    """How legislation.gov.uk names the provision in its XML ("section-63D"); "" for a whole act.

    The address decides, and the place where the address is that of a whole act.
    """
    segments = urlsplit(url).path.strip("/").split("/")
    for at, segment in enumerate(segments):
        if segment in _PROVISIONS:
            return "-".join(part for part in segments[at:] if part not in ("made", "enacted") and part.count("-") < 2)
    named = _IN_PLACE.search(place)
    return f"{named[1].lower()}-{named[2]}" if named else ""


def law_section(xml: bytes, url: str, place: str) -> Section:
    """The words of a provision in the XML of legislation.gov.uk, with its heading. Raises UnreadableSource."""
    if b"<!ENTITY" in xml or b"<!DOCTYPE" in xml:
        raise UnreadableSource("its XML declares entities, which are not followed")
    try:
        root = ElementTree.fromstring(xml)  # noqa: S314 - without a DOCTYPE there is nothing to expand or fetch
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise UnreadableSource("its XML is broken") from error
    if _local(root) != "Legislation":
        raise UnreadableSource("its XML is not that of a law")
    wanted = provision(url, place)
    found = _provision_in(root, wanted) if wanted else None
    try:
        text = " ".join(_words(root if found is None else found))
    except RecursionError as error:
        raise UnreadableSource("its XML is nested too deep") from error
    return _with_words(text, whole=found is None and bool(wanted))


def _provision_in(root: ElementTree.Element, wanted: str) -> ElementTree.Element | None:
    for parent in root.iter():
        for child in parent:
            if child.get("id") == wanted:
                # The heading of a section stands in the group around it.
                alone = sum(_local(one) == "P1" for one in parent) == 1
                return parent if _local(parent) == "P1group" and alone else child
    return None


def _words(element: ElementTree.Element) -> Iterator[str]:
    if _local(element) in _NOT_LAW:
        return
    yield element.text or ""
    for child in element:
        yield from _words(child)
        yield child.tail or ""


def _local(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def govuk_section(content: bytes, url: str, place: str) -> Section:
    """The words at a place in a page of GOV.UK, from its content API. Raises UnreadableSource."""
    try:
        page = json.loads(content)
        base, title = str(page["base_path"]), str(page["title"])
        details = page["details"]
        parts = _govuk_parts(details, urlsplit(url).path.rstrip("/"), base)
        html = "".join(f"<div>{part}</div>" for part in (_withdrawn(page), *parts))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableSource("its JSON is not that of a page of GOV.UK") from error
    blocks = page_blocks(html)
    return _at_place([TextBlock(1, title), *blocks] if blocks else [], place)


def _withdrawn(page: dict[str, Any]) -> str:
    return str((page.get("withdrawn_notice") or {}).get("explanation") or "")


def _govuk_parts(details: dict[str, Any], path: str, base: str) -> Iterator[str]:
    """The HTML of a page: of a guide's one chapter that the address names, else of all that holds words."""
    chapters = details.get("parts") or []
    slug = path.removeprefix(base).strip("/")
    if chapters:
        wanted = [part for part in chapters if part["slug"] == slug] or chapters[:1]
        yield f"<h2>{wanted[0]['title']}</h2>"
        yield _html(wanted[0]["body"])
    for name in _GOVUK_WORDS:
        if name in details:
            yield _html(details[name])
    for document in details.get("documents") or []:
        yield str(document)


def _html(words: Any) -> str:
    """Words are HTML, or a list of the same words in several formats."""
    if isinstance(words, list):
        return next((str(one["content"]) for one in words if one["content_type"] == "text/html"), "")
    return str(words or "")


def page_section(html: str, place: str) -> Section:
    """The words at a place in any other web page. Raises UnreadableSource."""
    return _at_place(page_blocks(html), place)


def _at_place(blocks: list[TextBlock], place: str) -> Section:
    found = _paragraphs(blocks, place) or _under_heading(blocks, place) if place else None
    return _with_words("\n".join(block.text for block in found or blocks), whole=bool(place) and not found)


def _paragraphs(blocks: list[TextBlock], place: str) -> list[TextBlock]:
    """The numbered paragraphs that a place names; empty unless every one of them is there."""
    named = _PARAGRAPHS.fullmatch(place)
    if not named:
        return []
    begins = {at: match[1].upper() for at, block in enumerate(blocks) if (match := _BEGINS.match(block.text))}
    ends = sorted({*begins, *(at for at, block in enumerate(blocks) if block.level), len(blocks)})
    first = {number: at for at, number in reversed(begins.items())}
    found: list[TextBlock] = []
    for span in re.split(r",? and |, ", named[1]):
        low, _, high = span.upper().partition(" TO ")
        start, last = first.get(low), first.get(high or low)
        if start is None or last is None or last < start:
            return []
        found += blocks[start : next(at for at in ends if at > last)]
    return found


def _under_heading(blocks: list[TextBlock], place: str) -> list[TextBlock]:
    """The heading that a place names, and what stands under it; empty where there is none."""
    wanted = re.compile(rf"{re.escape(place)}(?!\w)", re.IGNORECASE)
    for start, block in enumerate(blocks):
        if block.level and wanted.match(block.text):
            after = range(start + 1, len(blocks))
            end = next((at for at in after if 0 < blocks[at].level <= block.level), len(blocks))
            return blocks[start:end]
    return []


def _with_words(text: str, *, whole: bool) -> Section:
    if not text.strip():
        raise UnreadableSource("there are no words in it")
    return Section(text, whole)
