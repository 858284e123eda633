"""The worker who asks with a child: what stands in the form about them, and what is kept once the child has agreed."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form

from api.chat.person.call_form import LONGEST_LINE, as_dialled, number_of, one_line
from api.records.handovers.message_cipher import Worker
from api.records.people import Mistaken, address

LONGEST_REACH = 254
"""The most characters of a way to reach a worker: as many as an e-mail address may have."""
_EXTENSION = re.compile(r"[\s,]*(?:extension|extn\.?|ext\.?|x|#)[\s:]*([0-9]{1,6})$", re.IGNORECASE)


@dataclass(frozen=True)
class TypedWorker:
    """What the form holds of a worker. While `with_worker` is empty nobody asks along, and the rest is not kept."""

    with_worker: Annotated[str, Form()] = ""
    worker_name: Annotated[str, Form()] = ""
    worker_reach: Annotated[str, Form()] = ""

    @property
    def asks(self) -> bool:
        """True when the child asks together with a worker."""
        return bool(self.with_worker)

    @property
    def texts(self) -> tuple[str, ...]:
        """What can be written freely, which the alarm hears whoever wrote it."""
        return (self.worker_name, self.worker_reach)


def faults_of(typed: TypedWorker, *, practice: bool) -> Mapping[str, str]:
    """What to mend, by field. Nothing has to be filled in."""
    if not typed.asks:
        return {}
    faults = dict[str, str]()
    if len(one_line(typed.worker_name)) > LONGEST_LINE:
        faults["worker_name"] = "asking_fault_long"
    if one_line(typed.worker_reach) and not _reach(typed.worker_reach, practice=practice):
        faults["worker_reach"] = "asking_fault_worker_reach"
    return faults


def worker_of(typed: TypedWorker, *, practice: bool) -> Worker | None:
    """What is kept of a worker whose fields have no faults; None when the child asks alone."""
    if not typed.asks:
        return None
    return Worker(one_line(typed.worker_name), _reach(typed.worker_reach, practice=practice))


def reach_of(worker: Worker | None) -> str:
    """How to reach a worker, as somebody in the UK would write it down; "" where nothing was given."""
    if worker is None:
        return ""
    return as_dialled(worker.phone) if worker.phone else worker.reach


def _reach(typed: str, *, practice: bool) -> str:
    """A number as E.164, or an e-mail address; "" for anything else."""
    if "@" not in typed:
        return _desk_number(unicodedata.normalize("NFKC", one_line(typed)), practice=practice)
    try:
        return address(one_line(typed)) if len(typed) <= LONGEST_REACH else ""
    except Mistaken:
        return ""


def _desk_number(typed: str, *, practice: bool) -> str:
    """A number, with the extension of a desk as RFC 3966 writes it: "+447700900456;ext=12"."""
    desk = _EXTENSION.search(typed)
    number = number_of(typed[: desk.start()] if desk else typed, practice=practice) or ""
    return f"{number};ext={desk[1]}" if number and desk else number
