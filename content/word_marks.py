"""Marks the hard words of an answer where each first stands, so that a reader can tap a word for its meaning."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from content.glossary import Word, load_glossary
from content.rendering import EVERYDAY_END, EVERYDAY_START, html
from content.signed_words import SignedWord

# What is markup, a character written as an entity, or a word in its everyday sense, is no place to look for words.
_NO_WORDS = re.compile(rf"(<[^>]*>|&#?\w+;|{EVERYDAY_START}[^{EVERYDAY_END}]*{EVERYDAY_END})")
_SIGNS = str.maketrans("", "", EVERYDAY_START + EVERYDAY_END)


class WordMarks:
    """The words of one answer that are still to be marked; each is marked once, in the order the text is shown.

    `name` is the page's name for the entry of a word, such as "word-3-": the mark names `word-3-bail`. It is no link,
    so that keys and switches have no stops within a sentence: the list of the words holds the same. Which forms a word
    has is read from the glossary; what it means is only ever what was signed.
    """

    def __init__(self, words: Iterable[SignedWord], name: str, glossary: Mapping[str, Word] | None = None) -> None:
        self._name = name
        self._left = {word.id: word for word in words}
        known = _glossary() if glossary is None else glossary
        self._known = known
        everyday = {phrase: "" for key in self._left if key in known for phrase in known[key].everyday}
        forms = everyday | {form: word.id for word in self._left.values() for form in _forms(word, known)}
        self._ids = forms
        # The longest form first: "youth court" is one word, not "court", and "right away" is none.
        self._pattern = _pattern(tuple(sorted(forms, key=len, reverse=True)))

    def html(self, text: str) -> str:
        """The text as safe HTML with its new hard words marked, each with the name of its entry."""
        out, in_link = [], False
        for at, part in enumerate(_NO_WORDS.split(html(text, everyday=True))):
            if at % 2:
                in_link = part.startswith("<a") or (in_link and part != "</a>")
                out.append(part)
            else:
                out.append(part if in_link or not self._pattern else self._pattern.sub(self._mark, part))
        return "".join(out).translate(_SIGNS)

    def _mark(self, hit: re.Match[str]) -> str:
        # Some letters of other alphabets, as the Turkish i without its dot, are found as ours and are not.
        word = self._left.get(self._ids.get(hit[0].lower(), ""))
        if word is None or (word.id in self._known and not self._known[word.id].is_meant_by(hit[0])):
            return hit[0]
        del self._left[word.id]
        return f'<span class="word" data-entry="{self._name}{word.id}">{hit[0]}</span>'


def _forms(word: SignedWord, known: Mapping[str, Word]) -> Sequence[str]:
    own = word.word.lower()
    return (own, *known[word.id].forms) if word.id in known else (own,)


@lru_cache(maxsize=1_000)
def _pattern(forms: tuple[str, ...]) -> re.Pattern[str] | None:
    if not forms:
        return None
    return re.compile(rf"(?<![\w'’-])(?:{'|'.join(map(re.escape, forms))})(?![\w-]|['’]\w)", re.I)


@lru_cache(maxsize=1)
def _glossary() -> Mapping[str, Word]:
    return load_glossary()
