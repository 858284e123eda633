"""Coverage: the state of every card in every force, for anyone to read."""

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from api.hall.guard import anyone
from api.records.shelf import OnShelf, Shelf
from api.register.board import State, state_of

routes = APIRouter(prefix="/api/v1", dependencies=[Depends(anyone)])


class Cell(BaseModel):
    """One card in one force: whose words, and until when."""

    force: str
    card: str
    state: State
    layer: str | None
    signed_on: str | None
    review_by: str | None


class Coverage(BaseModel):
    """Every force, every card, and a cell for each pair."""

    forces: list[str]
    cards: list[str]
    cells: list[Cell]


@routes.get("/coverage")
async def coverage(shelf: OnShelf) -> Coverage:
    """Who has signed what, force by force."""
    forces = sorted(shelf.forces)
    cards = sorted({key for slug in [None, *forces] for key in shelf.pack(slug).signed()})
    return Coverage(forces=forces, cards=cards, cells=[_cell(shelf, force, card) for force in forces for card in cards])


def _cell(shelf: Shelf, force: str, card: str) -> Cell:
    signed = shelf.pack(force).signed().get(card)
    state = state_of(signed, shelf.today())
    if signed is None:
        return Cell(force=force, card=card, state=state, layer=None, signed_on=None, review_by=None)
    return Cell(
        force=force,
        card=card,
        state=state,
        layer=signed.layer,
        signed_on=signed.signed_on.isoformat(),
        review_by=signed.review_by.isoformat(),
    )
