"""Coverage as JSON: the state of every card in every force, and what each has told us, for anyone to read."""

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from api.records.pack_cache import OnShelf, PackCache
from api.register.board import State, state_of
from api.register.register_door import AWAY, OnRegister
from api.web.errors import Problem
from api.web.security_headers import anyone

routes = APIRouter(prefix="/api/v1", dependencies=[Depends(anyone)])


class WithdrawalView(BaseModel):
    """Why a card is not shown: the reason in the words of whoever withdrew it, their post, and the day."""

    reason: str
    post: str
    on: str


class Cell(BaseModel):
    """One card in one force: whose words, and until when; `withdrawn` where it is not shown until signed again.

    `still_shown` is true for a card that says where help is, past its date: children see it until it is signed again.
    """

    force: str
    card: str
    state: State
    layer: str | None
    signed_on: str | None
    review_by: str | None
    withdrawn: WithdrawalView | None = None
    still_shown: bool = False


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
async def coverage(pack_cache: OnShelf) -> Coverage:
    """Who has signed what, force by force."""
    forces = sorted(pack_cache.forces)
    cards = sorted({key for slug in [None, *forces] for key in pack_cache.pack(slug).signed()})
    return Coverage(
        forces=forces, cards=cards, cells=[_cell(pack_cache, force, card) for force in forces for card in cards]
    )


@routes.get("/facts")
async def facts(register: OnRegister) -> Facts:
    """What each force has told us, as it stands in words that its people signed."""
    told = {row.force.slug: sorted(row.told) for row in await register.rows() if row.told is not None}
    if not told:
        raise Problem(503, AWAY)
    slots = [SlotView(id=slot.id, label=slot.label) for slot in register.slots.values()]
    return Facts(slots=slots, told=told)


def _cell(pack_cache: PackCache, force: str, card: str) -> Cell:
    pack, today = pack_cache.pack(force), pack_cache.today()
    state = state_of(pack, card, today)
    signed, gone = pack.signed().get(card), pack.withdrawn(card)
    return Cell(
        force=force,
        card=card,
        state=state,
        layer=signed.layer if signed else None,
        signed_on=signed.signed_on.isoformat() if signed else None,
        review_by=signed.review_by.isoformat() if signed else None,
        withdrawn=WithdrawalView(reason=gone.reason, post=gone.post, on=gone.on.isoformat()) if gone else None,
        still_shown=state == "overdue" and signed is not None and signed.shown(today),
    )
