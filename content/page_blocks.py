"""A web page as blocks of text: headings and paragraphs of its main part, without what is around it and its dates."""

from dataclasses import dataclass
from html.parser import HTMLParser

_NEVER_READ = frozenset(
    {"script", "style", "noscript", "template", "head", "nav", "footer", "aside", "svg", "iframe", "button", "select"}
)
# "Last updated" and the like change without the words.
_CHANGING = frozenset({"time"})
_MAIN = frozenset({"main", "article"})
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "cite", "code", "em", "i", "mark", "q", "s", "small", "span", "strong", "sub", "sup", "u"}
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}


@dataclass(frozen=True)
class TextBlock:
    """A heading, whose `level` is 1 to 6, or another piece of text, whose level is 0."""

    level: int
    text: str


def page_blocks(html: str) -> list[TextBlock]:
    """The blocks of a page's <main>, else of its <article>s, else of all of it. Empty where there are no words."""
    parser = _PageParser()
    parser.feed(html)
    parser.close()
    parser.end_block()
    for wanted in ("main", "article"):
        if inside := [block for block, around in parser.blocks if wanted in around]:
            return inside
    return [block for block, _ in parser.blocks]


class _PageParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[tuple[TextBlock, frozenset[str]]] = []
        self._text: list[str] = []
        self._level = 0
        self._around: list[str] = []
        self._left_out = ""
        self._depth = 0

    def end_block(self) -> None:
        text = " ".join("".join(self._text).split())
        if text:
            self.blocks.append((TextBlock(self._level, text), frozenset(self._around)))
        self._text = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if self._left_out:
            self._depth += tag == self._left_out
        elif tag in _NEVER_READ | _CHANGING or (tag == "header" and not self._around):
            self._left_out, self._depth = tag, 1
        elif tag not in _INLINE:
            self.end_block()
            self._level = _HEADINGS.get(tag, 0)
            if tag in _MAIN:
                self._around.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._left_out:
            self._depth -= tag == self._left_out
            if not self._depth:
                self._left_out = ""
        elif tag not in _INLINE:
            self.end_block()
            self._level = 0
            if tag in _MAIN and tag in self._around:
                self._around.remove(tag)

    def handle_data(self, data: str) -> None:
        if not self._left_out:
            self._text.append(data)
