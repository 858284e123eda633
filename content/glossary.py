"""The glossary: hard words that a card may use because each is explained at every level."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from accessibility.finding import LEVELS, Glossary, Level
from accessibility.yaml_text import read_yaml

GLOSSARY = Path(__file__).with_name("glossary")


@dataclass(frozen=True)
class Word:
    """A hard word: how it is shown, every way it may be written in lower case, and what it means at each level.

    `used` is the word in a short sentence that easy readers can read, `symbol` the id of its picture; "" and None while
    it has none.
    """

    id: str
    word: str
    forms: tuple[str, ...]
    meaning: Mapping[Level, str]
    used: str = ""
    symbol: str | None = None


def load_glossary(folder: Path = GLOSSARY) -> dict[str, Word]:
    """Every glossary word by id, from all files of the folder. Raises ValueError naming the file and the word."""
    found: dict[str, Word] = {}
    for path in sorted(folder.glob("*.yml")):
        for key, raw in (read_yaml(path.read_text("utf-8")) or {}).items():
            if key in found:
                raise ValueError(f'{path}: "{key}" is explained twice; keep one')
            found[key] = _word(path, key, raw)
    _refuse_shared_forms(found.values())
    return found


def _word(path: Path, key: str, raw: Mapping[str, object]) -> Word:
    missing = [name for name in ("word", *LEVELS) if not raw.get(name)]
    if missing:
        raise ValueError(f'{path}: "{key}" lacks {", ".join(missing)}')
    word, forms = str(raw["word"]), raw.get("forms") or []
    spellings = {word.lower(), *(str(form).lower() for form in (forms if isinstance(forms, list) else [forms]))}
    meaning = {level: str(raw[level]) for level in LEVELS}
    symbol = str(raw["symbol"]) if raw.get("symbol") else None
    return Word(key, word, tuple(sorted(spellings)), meaning, str(raw.get("used") or ""), symbol)


def _refuse_shared_forms(words: Iterable[Word]) -> None:
    owner: dict[str, str] = {}
    for word in words:
        for form in word.forms:
            if owner.setdefault(form, word.id) != word.id:
                raise ValueError(f'glossary: "{form}" belongs to both "{owner[form]}" and "{word.id}"')


def forms(glossary: Mapping[str, Word]) -> Glossary:
    """Every written form to its word's id, as the reading rules want it."""
    return {form: word.id for word in glossary.values() for form in word.forms}
