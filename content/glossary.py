"""The glossary: hard words that a card may use because each is explained at every level."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from accessibility.rule_finding import LEVELS, Glossary, Level
from accessibility.yaml_text import read_yaml

GLOSSARY = Path(__file__).with_name("glossary")


@dataclass(frozen=True)
class Word:
    """A hard word: how it is shown, every way it may be written in lower case, and what it means at each level.

    `used` is the word in a short sentence that easy readers can read, `symbol` the id of its picture; "" and None while
    it has none. `everyday` are phrases, in lower case, in which the word means something else: "right away". `capitals`
    are the forms that are only meant when they are written so: SEND, not "send".
    """

    id: str
    word: str
    forms: tuple[str, ...]
    meaning: Mapping[Level, str]
    used: str = ""
    symbol: str | None = None
    everyday: tuple[str, ...] = ()
    capitals: frozenset[str] = frozenset()

    def is_meant_by(self, hit: str) -> bool:
        """False for what only looks like the word: to prevent is not Prevent, the plan; "send" is not SEND."""
        if hit.lower() in self.capitals:
            return hit[:2].isupper()
        return not (self.word.istitle() and " " not in self.word and hit == hit.lower())


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
    word = str(raw["word"])
    written = {word, *_listed(raw.get("forms"))}
    spellings = {form.lower() for form in written}
    capitals = frozenset(form.lower() for form in written if form[:2].isupper() and " " not in form)
    everyday = tuple(phrase.lower() for phrase in _listed(raw.get("everyday")))
    meaning = {level: str(raw[level]) for level in LEVELS}
    symbol = str(raw["symbol"]) if raw.get("symbol") else None
    used = str(raw.get("used") or "")
    return Word(key, word, tuple(sorted(spellings)), meaning, used, symbol, everyday, capitals)


def _listed(raw: object) -> list[str]:
    return [str(one) for one in (raw if isinstance(raw, list) else [raw] if raw else [])]


def _refuse_shared_forms(words: Iterable[Word]) -> None:
    owner: dict[str, str] = {}
    for word in words:
        for form in word.forms:
            if owner.setdefault(form, word.id) != word.id:
                raise ValueError(f'glossary: "{form}" belongs to both "{owner[form]}" and "{word.id}"')


def forms(glossary: Mapping[str, Word]) -> Glossary:
    """Every written form to its word's id, as the reading rules want it; to "" a phrase that means something else."""
    everyday = {phrase: "" for word in glossary.values() for phrase in word.everyday}
    return everyday | {form: word.id for word in glossary.values() for form in word.forms}
