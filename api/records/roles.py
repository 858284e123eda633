"""Roles: who may decide what about the people of a layer, at the desk and at a provider."""

from typing import Protocol

from api.records.handovers.tables import LAYER_PREFIX
from content.review import Actor
from content.signoff import NATIONAL


class Deciding(Protocol):
    """Whoever decides something about people or providers: somebody at the desk, or an advocate."""

    @property
    def id(self) -> int:
        """The number of their account; 0 for a command."""
        ...

    @property
    def name(self) -> str:
        """Their name, for the log."""
        ...

    @property
    def role(self) -> str:
        """What they are in their layer."""
        ...

    @property
    def layer(self) -> str:
        """Whom they work for."""
        ...


def oversees(actor: Actor, layer: str) -> bool:
    """True for those who may see the people of a layer: its own people, and the national admins."""
    return actor.works_on(layer) or is_admin(actor)


def is_admin(by: Deciding) -> bool:
    """True for a national admin."""
    return by.role == "admin" and by.layer == NATIONAL


def is_providers(layer: str) -> bool:
    """True for the layer of a provider's people."""
    return layer.startswith(LAYER_PREFIX)


def roles_given_by(by: Deciding, layer: str) -> tuple[str, ...]:
    """The roles in which this person may add people to a layer, change them, and close their accounts."""
    if is_providers(layer):
        if is_admin(by):
            return ("advocate", "supervisor")
        return ("advocate",) if by.role == "supervisor" and by.layer == layer else ()
    if is_admin(by):
        return ("editor", "reviewer", "lead", "admin") if layer == NATIONAL else ("editor", "reviewer", "lead")
    # A lead who could make reviewers could make up the one who approves what he then signs.
    return ("editor",) if by.role == "lead" and by.layer == layer else ()
