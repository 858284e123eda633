"""Words for a worker beside a young person: prompts that fit the moment, and what to know before they start."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

from accessibility.language import words
from accessibility.reading import read
from accessibility.rule_finding import Answer, Glossary
from accessibility.yaml_text import read_yaml
from content.helplines import load_helplines

ALONGSIDE = Path(__file__).with_name("alongside.yml")
MOST_WORDS = 24
"""The most words of one line: a worker reads it at a glance, while a young person waits."""

Moment = Literal["first", "choices", "card", "lost", "person", "danger"]
"""Where a talk is, as far as anybody who looks at the screen can see."""
Page = Literal["start", "paper"]
"""The pages of these words: before a worker starts, and the guide for one page of paper."""

# Words of their own work, which every worker knows.
_KNOWN = ("safeguarding", "nspcc")
# A worker is told what not to promise and what not to ask, so the words for both must stand here. And a line stands in
# a list, where "they" is clear: it is no bubble of its own.
_NOT_ASKED = frozenset({30, 31, 38})


class BrokenAlongside(ValueError):
    """The words cannot be used. The message names the file, the part and what to mend."""


@dataclass(frozen=True)
class GuideSource:
    """Where law or guidance comes from, and the day on which it was read."""

    title: str
    url: str
    checked: date


@dataclass(frozen=True)
class GuideLine:
    """One thing to do or to know. `source` is where it comes from when it states law or guidance."""

    says: str
    source: GuideSource | None = None


@dataclass(frozen=True)
class Part:
    """Lines about one thing, under their title; `id` is its name in the file."""

    id: str
    title: str
    lines: tuple[GuideLine, ...]

    @property
    def sources(self) -> tuple[GuideSource, ...]:
        """Where its lines come from, each once."""
        return sources_of((self,))


@dataclass(frozen=True)
class Alongside:
    """All words for a worker. `labels` stand over the parts, and on the buttons of the pages."""

    labels: Mapping[str, str]
    parts: Mapping[str, Part]
    pages: Mapping[Page, tuple[Part, ...]]

    def at(self, moment: Moment) -> Part:
        """What fits this moment."""
        return self.parts[moment]


def sources_of(parts: tuple[Part, ...]) -> tuple[GuideSource, ...]:
    """Where the lines of these parts come from, each source once, in order."""
    return tuple(dict.fromkeys(line.source for part in parts for line in part.lines if line.source))


@cache
def alongside() -> Alongside:
    """The words of this release."""
    return load_alongside()


def load_alongside(path: Path = ALONGSIDE) -> Alongside:
    """The words of a file. Raises BrokenAlongside naming the file and what to mend."""
    raw: dict[str, Any] = read_yaml(path.read_text("utf-8"))
    try:
        ways = {key: way.show for key, way in load_helplines().items()}
        sources = {
            key: GuideSource(entry["title"], entry["url"], entry["checked"]) for key, entry in raw["sources"].items()
        }
        parts = {key: _part(key, entry, sources, ways) for key, entry in raw["parts"].items()}
        pages = {page: tuple(parts[key] for key in raw["pages"][page]) for page in get_args(Page)}
        found = Alongside(MappingProxyType(dict(raw["labels"])), MappingProxyType(parts), MappingProxyType(pages))
    except (KeyError, TypeError, AttributeError) as error:
        raise BrokenAlongside(
            f"{path}: {error} is missing or misshapen; see the entry before it for the shape"
        ) from error
    for problem in _problems(found, sources):
        raise BrokenAlongside(f"{path}: {problem}")
    return found


def _part(key: str, raw: Mapping[str, Any], sources: Mapping[str, GuideSource], ways: Mapping[str, str]) -> Part:
    lines = (
        GuideLine(str(one["says"]).format_map(ways), sources[one["source"]] if "source" in one else None)
        for one in raw["lines"]
    )
    return Part(key, str(raw["title"]), tuple(lines))


def _problems(found: Alongside, sources: Mapping[str, GuideSource]) -> Iterator[str]:
    for moment in get_args(Moment):
        if moment not in found.parts:
            yield f'no part "{moment}"; each moment of a talk needs its own'
    for key, source in sources.items():
        if not source.url.startswith("https://") or type(source.checked) is not date:
            yield f'source "{key}" needs an https address, and the day on which it was read'
    unused = set(sources.values()) - set(sources_of(tuple(found.parts.values())))
    for source in sorted(unused, key=lambda one: one.title):
        yield f'no line names the source "{source.title}"'


def in_the_way(part: Part, glossary: Glossary) -> list[str]:
    """What stands in the way of reading a part: a line with too many words, and every error of the reading rules."""
    found, known = [], {**glossary, **{word: word for word in _KNOWN}}
    for line in part.lines:
        if len(words(line.says)) > MOST_WORDS:
            found.append(f"{part.id}: {len(words(line.says))} words, at most {MOST_WORDS}: {line.says}")
        answer = Answer("standard", "How can you help?", "Help", (line.says,))
        errors = (one for one in read(answer, known) if one.severity == "error" and one.rule not in _NOT_ASKED)
        found += [f"{part.id}: {error.problem} ({error.text})" for error in errors]
    return found
