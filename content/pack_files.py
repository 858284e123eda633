"""A layer's whole pack as files that a web team can keep in git: one a card, one for the local facts; and back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from content.card import Card
from content.card_text import card_text
from content.slots import Slot

FACTS = "facts.yml"
README = "README.txt"
LARGEST_FILE = 64 * 1024
"""In bytes. The longest card is a tenth of it."""
_CARD = re.compile(r"cards/([a-z0-9-]+)\.md")
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ABOUT = """These are the words of {name} in In the Know: what children read about the information they give the police.
{invented}
cards/ holds one file for each answer, with its three levels: standard, simple and easy.
{facts}
Change the files with any editor that saves plain text (UTF-8), then bring them back on the page "Files" of the desk.
Only what differs is changed, all of it or nothing.

No child sees a change before others have approved and signed it at the desk. Who brings files in has changed the
words, and may not approve or sign them.

In a card you may change its question, its label, its words, its pictures, its reasons and its sources, and add facts
that must be said. The facts that every force must say have to stay. What else stands above the words (about, near,
examples ...) is the same in every force, and a change there is left out.
A local fact is placed with {{{{ local.its_name }}}}, in a paragraph of its own.
"""
_FACTS_ABOUT = "facts.yml holds what only your force can say. Two quotes with nothing between mean: not known yet.\n"
_INVENTED = "This force is invented, for practice. Nothing here is about a real one.\n"


class BrokenFiles(ValueError):
    """Files that cannot be read as a pack: what is wrong with each, by its path, in sentences that say what to mend."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(f"{path}: {problem}" for path, problem in problems.items()))
        self.problems = dict(problems)


@dataclass(frozen=True)
class PackTexts:
    """What was brought in: the texts of cards by key, and facts by slot (empty ones are to be taken back)."""

    cards: Mapping[str, str]
    facts: Mapping[str, str]


def pack_files(
    name: str, cards: Mapping[str, Card], facts: Mapping[str, str] | None, slots: Mapping[str, Slot], *, invented: bool
) -> dict[str, str]:
    """A pack as texts by path. `facts` are those that are known, None for the national layer, which has none."""
    about = _ABOUT.format(
        name=name, invented=_INVENTED if invented else "", facts="" if facts is None else _FACTS_ABOUT
    )
    found = {README: about} | {f"cards/{key}.md": card_text(card) for key, card in sorted(cards.items())}
    return found if facts is None else found | {FACTS: _facts_text(facts, slots)}


def _facts_text(facts: Mapping[str, str], slots: Mapping[str, Slot]) -> str:
    """Every slot, with what is known of it. All in quotes, so that no number or date is taken for something else."""
    return "\n".join(f"# {slot.label}\n{key}: {_quoted(facts.get(key, ''))}" for key, slot in sorted(slots.items()))


def _quoted(value: str) -> str:
    return str(yaml.safe_dump(value, allow_unicode=True, default_style="'", width=2**20))


def read_pack(files: Mapping[str, str], slots: Mapping[str, Slot]) -> PackTexts:
    """The cards and facts of files by path. Raises BrokenFiles naming every file that has no place in a pack."""
    problems: dict[str, str] = {}
    cards: dict[str, str] = {}
    facts: dict[str, str] = {}
    for path, text in files.items():
        card = _CARD.fullmatch(path)
        try:
            if card:
                cards[card[1]] = text
            elif path == FACTS:
                facts = read_facts(text, slots)
            elif path != README:
                problems[path] = f"This has no place in a pack. Bring in cards/<name>.md and {FACTS} alone."
        except ValueError as error:
            problems[path] = str(error)
    if problems:
        raise BrokenFiles(problems)
    return PackTexts(cards, facts)


def read_facts(text: str, slots: Mapping[str, Slot]) -> dict[str, str]:
    """Facts by slot, each value as it was typed. Raises ValueError with a sentence that names the line."""
    try:
        top = yaml.compose(text, _LOADER)
    except (yaml.YAMLError, RecursionError) as error:
        line = error.problem_mark.line + 1 if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark else 1
        raise ValueError(f"Line {line} cannot be read. Write each fact as name: 'words', in single quotes.") from error
    if top is None:
        return {}
    if not isinstance(top, yaml.MappingNode):
        raise ValueError("Write each fact on a line of its own, as name: 'words'.")
    found: dict[str, str] = {}
    for key, value in top.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or not isinstance(value, yaml.ScalarNode):
            raise ValueError(f"Line {line} is no single fact. Write it as name: 'words', in single quotes.")
        if key.value not in slots:
            raise ValueError(f'Line {line}: there is no local fact "{key.value}". Take the names from an export.')
        if key.value in found:
            raise ValueError(f'Line {line}: "{key.value}" stands here twice. Keep one.')
        found[key.value] = value.value
    return found
