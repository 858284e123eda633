"""The release: everything that the files of this release hold, read once when the app starts."""

from collections.abc import Mapping
from dataclasses import dataclass

from content.card import Card
from content.card_file import load_cards, refuse_strangers
from content.danger import Alarm
from content.danger_letters import DangerLetters
from content.feelings import Feelings
from content.follow_up import FollowUps
from content.force import Force, load_forces
from content.glossary import load_glossary
from content.helplines import load_helplines
from content.message_people import RolePatterns
from content.nearest import Nearest
from content.places import Places
from content.rendering import Renderer
from content.situations import Menu, load_menu, refuse_lost
from content.slots import load_slots
from content.vetting import Vetting


@dataclass(frozen=True)
class Release:
    """The files of this release, read and checked. Nothing in it changes while the app runs."""

    cards: Mapping[str, Card]
    forces: Mapping[str, Force]
    places: Places
    alarm: Alarm
    danger_letters: DangerLetters
    nearest: Nearest
    follow_ups: FollowUps
    feelings: Feelings
    roles: RolePatterns
    menu: Menu
    vetting: Vetting

    @classmethod
    def load(cls, *, practice: bool) -> "Release":
        """Reads every file; the invented forces in practice mode only.

        Raises BrokenCard, BrokenMenu, BrokenForce, BrokenPhrases or BrokenWeights for the first file that is no good.
        """
        cards = load_cards()
        refuse_strangers(cards)
        menu = load_menu()
        refuse_lost(menu, cards)
        forces = {slug: force for slug, force in load_forces().items() if practice or not force.practice}
        return cls(
            cards=cards,
            forces=forces,
            places=Places.load(forces),
            alarm=Alarm.load(),
            danger_letters=DangerLetters.load(),
            nearest=Nearest({key: card.examples for key, card in cards.items() if card.kind == "card"}),
            follow_ups=FollowUps(),
            feelings=Feelings(),
            roles=RolePatterns(),
            menu=menu,
            vetting=load_vetting(),
        )


def load_vetting() -> Vetting:
    """What every card is checked against and filled with: the glossary, the helplines and the slots."""
    glossary = load_glossary()
    return Vetting(Renderer(glossary, load_helplines(), load_slots()), glossary)
