"""How much of our code one request goes through: it does not grow unseen, and no room calls up into a higher one."""

from pathlib import Path

import pytest

from tests.bench.trace import Trace, height, traces
from tests.person_app import signed_copy
from tests.served import ROOT

TODAY = {"one message by JSON": 22, "one card view": 21, "one handover page": 28}
"""What `make bench` holds is 22, 24 and 28."""


@pytest.fixture(scope="module")
async def traced(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Trace]:
    with signed_copy(sqlite_url, tmp_path_factory.mktemp("trace")) as url:
        return await traces(url)


@pytest.mark.parametrize("name", TODAY)
def test_no_call_goes_up(traced: dict[str, Trace], name: str) -> None:
    assert traced[name].moves
    assert traced[name].upward == []


@pytest.mark.parametrize("name", TODAY)
def test_it_enters_no_more_files_than_it_did(traced: dict[str, Trace], name: str) -> None:
    assert 10 < len(traced[name].files) <= TODAY[name], sorted(traced[name].files)


def test_rooms_stand_over_one_another() -> None:
    files = ("accessibility/pdf.py", "content/pack.py", "api/web/pages.py", "api/records/people.py", "api/main.py")
    heights = [height(str(ROOT / file)) for file in files]
    assert heights == sorted(set(heights))
    assert height(str(Path(ROOT) / "api/desk/desk_door.py")) == height(str(ROOT / "api/chat/reply.py"))
