"""The words around the answers: buttons, labels and errors. English in one file, another language beside it."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from accessibility.yaml_text import read_yaml
from content.language import Language

INTERFACE = Path(__file__).with_name("interface")
WHOLE = frozenset(
    {
        *("about_page", "ask_place", "new_messages", "sending", "not_sent", "get_help", "word_close", "pace_part"),
        *("row", "row_easiest", "row_no_words", "row_first", "listen", "listen_speed", "passport_small"),
        *("video_bsl", "video_spoken", "video_captions", "sheet_code"),
    }
)
"""Strings that stand in attributes, where no part can be marked as another language. Without them a page is English."""

_ABOUT_FILE = {"draft", "signed_by", "signed_on"}


class BrokenInterface(ValueError):
    """A file of interface strings cannot be used. The message names the file, the string and what to mend."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")


class Interface(dict[str, str]):
    """The interface strings of one language by name. Asking for a name that is not there raises KeyError.

    A string that is not translated, or whose English has changed since, is in English; `language_of` says so.
    """

    def __init__(
        self, english: Mapping[str, str], language: Language = "en", translated: Mapping[str, str] | None = None
    ) -> None:
        self._own = dict(translated or {})
        super().__init__({**english, **self._own})
        self.language = language
        self._by_english = {english[name]: own for name, own in self._own.items()}

    def say(self, name: str, **filled: str) -> str:
        """A string with its {blanks} filled."""
        return self[name].format(**filled)

    def language_of(self, name: str) -> Language:
        """The language that a string is really in."""
        return self.language if name in self._own else "en"

    def own(self, english: str) -> str | None:
        """The translation of an English string, for words that were looked up before the language was known."""
        return self._by_english.get(english)


def load_interface(language: Language = "en", folder: Path = INTERFACE) -> Interface:
    """The strings a child may read in a language, each in English where it has no translation that may be shown.

    A file that is a draft gives nothing but English. Raises BrokenInterface for a file that cannot be used.
    """
    english: dict[str, str] = read_yaml((folder / "en.yml").read_text("utf-8"))
    if language == "en":
        return Interface(english)
    path = folder / f"{language}.yml"
    raw = _read(path)
    if raw["draft"]:
        return Interface(english)
    own = {name: pair[language] for name, pair in _fresh(english, _pairs(path, language, raw, english)).items()}
    return Interface(english, language, own) if own.keys() >= WHOLE else Interface(english)


def vet_interface(language: Language, folder: Path = INTERFACE) -> Iterator[str]:
    """What stands between a language and the page, draft or not. Raises BrokenInterface for a broken file."""
    english: dict[str, str] = read_yaml((folder / "en.yml").read_text("utf-8"))
    path = folder / f"{language}.yml"
    raw = _read(path)
    pairs = _pairs(path, language, raw, english)
    fresh = _fresh(english, pairs)
    state = "a draft, so no child sees them" if raw["draft"] else f"signed by {raw['signed_by']} on {raw['signed_on']}"
    yield f"{path.name}: {len(fresh)} of {len(english)} interface strings, {state}"
    for name in sorted(pairs.keys() - fresh.keys()):
        yield f'{path}: the English of "{name}" is now {english[name]!r}; translate it again, and write it under en'
    for name in english:
        if name not in pairs:
            yield f'{path}: "{name}" is not translated'


def _read(path: Path) -> dict[str, Any]:
    try:
        raw = read_yaml(path.read_text("utf-8"))
    except yaml.YAMLError as error:
        raise BrokenInterface(path, f"not valid YAML; check quotes and colons: {error}") from error
    if not isinstance(raw, dict) or not isinstance(raw.get("draft"), bool):
        raise BrokenInterface(path, "say draft: true, or draft: false once a speaker of the language has signed")
    signed = isinstance(raw.get("signed_by"), str) and raw["signed_by"].strip() and type(raw.get("signed_on")) is date
    if not raw["draft"] and not signed:
        raise BrokenInterface(path, "draft: false needs signed_by (a post) and signed_on (a day like 2027-01-31)")
    return raw


def _pairs(
    path: Path, language: Language, raw: Mapping[str, Any], english: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """Every string with the English that it translates. Raises BrokenInterface for the first that is misshapen."""
    pairs = {name: pair for name, pair in raw.items() if name not in _ABOUT_FILE}
    for name, pair in pairs.items():
        if name not in english:
            raise BrokenInterface(path, f'"{name}" is not in en.yml; take it out, or mend the name')
        if not isinstance(pair, dict) or pair.keys() != {"en", language}:
            raise BrokenInterface(path, f'"{name}" needs two lines under it, en and {language}, and no other')
        if not all(isinstance(text, str) and text.strip() for text in pair.values()):
            raise BrokenInterface(path, f'"{name}" has an empty line, or one that is no text; put quotes around it')
        if _blanks(path, name, pair["en"]) != _blanks(path, name, pair[language]):
            raise BrokenInterface(path, f'"{name}" must have the same {{blanks}} in {language} as in en')
    return pairs


def _fresh(english: Mapping[str, str], pairs: Mapping[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """The pairs whose English is what en.yml says today."""
    return {name: pair for name, pair in pairs.items() if pair["en"] == english[name]}


def _blanks(path: Path, name: str, text: str) -> list[str]:
    """The names of the {blanks} of a string, in order of the alphabet."""
    try:
        return sorted(blank for _, blank, _, _ in Formatter().parse(text) if blank is not None)
    except ValueError as error:
        raise BrokenInterface(path, f'"{name}" has a brace that is not part of a {{blank}}: {error}') from error
