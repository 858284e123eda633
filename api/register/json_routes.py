"""Coverage as JSON: the state of every card in every force, and what each has told us, for anyone to read."""

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from api.hall.errors import Problem
from api.hall.guard import anyone
from api.records.shelf import OnShelf, Shelf
from api.register.board import State, state_of
from api.register.room import AWAY, OnRegister

routes = APIRouter(prefix="/api/v1", dependencies=[Depends(anyone)])


class WithdrawalView(BaseModel):
    """Why a card is not shown: the reason in the words of whoever withdrew it, their post, and the day."""

    reason: str
    post: str
    on: str


class Cell(BaseModel):
    """One card in one force: whose words, and until when; `withdrawn` where it is not shown until signed again."""

    force: str
    card: str
    state: State
    layer: str | None
    signed_on: str | None
    review_by: str | None
    withdrawn: WithdrawalView | None = None


class Coverage(BaseModel):
    """Every force, every card, and a cell for each pair."""

    forces: list[str]
    cards: list[str]
    cells: list[Cell]


class SlotView(BaseModel):
    """A local fact: something that only a force can say."""

    id: str
    label: str


class Facts(BaseModel):
    """The local facts that every force is asked for, and by force those that it has told us."""

    slots: list[SlotView]
    told: dict[str, list[str]]


@routes.get("/coverage", response_model_exclude_defaults=True)
async def coverage(shelf: OnShelf) -> Coverage:
    """Who has signed what, force by force."""
    forces = sorted(shelf.forces)
    cards = sorted({key for slug in [None, *forces] for key in shelf.pack(slug).signed()})
    return Coverage(forces=forces, cards=cards, cells=[_cell(shelf, force, card) for force in forces for card in cards])


@routes.get("/facts")
async def facts(register: OnRegister) -> Facts:
    """What each force has told us, as it stands in words that its people signed."""
    told = {row.force.slug: sorted(row.told) for row in await register.rows() if row.told is not None}
    if not told:
        raise Problem(503, AWAY)
    slots = [SlotView(id=slot.id, label=slot.label) for slot in register.slots.values()]
    return Facts(slots=slots, told=told)


def _cell(shelf: Shelf, force: str, card: str) -> Cell:
    pack = shelf.pack(force)
    signed, gone = pack.signed().get(card), pack.withdrawn(card)
    return Cell(
        force=force,
        card=card,
        state=state_of(pack, card, shelf.today()),
        layer=signed.layer if signed else None,
        signed_on=signed.signed_on.isoformat() if signed else None,
        review_by=signed.review_by.isoformat() if signed else None,
        withdrawn=WithdrawalView(reason=gone.reason, post=gone.post, on=gone.on.isoformat()) if gone else None,
    )
