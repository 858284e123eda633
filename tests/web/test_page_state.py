"""What an address says of its page is read once; what is written into addresses of ours never reaches another site."""

import re
from urllib.parse import parse_qs, parse_qsl, urlencode, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from accessibility.preferences import CHOICES, Reading
from api.web.page_state import NAME, VISIT, WITHIN, PageLinks, PageState, is_ours, is_visit, is_within, with_query

ALL = PageState(Reading(paper="dark", place="shared"), Reading(), True, "Vi5it-_8", "Vi5it-_8", "northmoor")
CARRIED = {NAME: "dark.shared", VISIT: "Vi5it-_8", WITHIN: "northmoor"}
BASE = "https://know.test/northmoor/deck?cards=bail"
# What decides where a browser goes, more often than chance has it.
addresses = st.one_of(
    st.text(max_size=60), st.text("/\\.:@?#&=%\t\n\r ahtps", max_size=30).map(lambda rest: f"/{rest}")
)
names = st.sampled_from(["chat", "level", NAME, VISIT, WITHIN])


def read(query: str | bytes, cookie: str = "") -> PageState:
    """What the middleware reads from this query and this device."""
    raw = query.encode("latin-1") if isinstance(query, str) else query
    headers = [(b"cookie", f"{NAME}={cookie}".encode())] if cookie else []
    scope = {"type": "http", "path": "/", "query_string": raw, "headers": headers, "state": {"live": False}}
    return PageState.of(Request(scope))


def host(address: str) -> str:
    """Where a browser goes for an address on a page of ours, as the URL standard reads it."""
    plain = re.sub(r"[\t\n\r]", "", address.strip("".join(map(chr, range(33)))))
    before, mark, after = re.match(r"([^?#]*)([?#]?)(.*)", plain, re.S).groups()  # type: ignore[union-attr]
    return urlsplit(urljoin(BASE, before.replace("\\", "/") + mark + after)).netloc


@given(addresses)
def test_no_address_of_another_site_is_given_anything(address: str) -> None:
    written = PageLinks(ALL).url(address, chat="token")
    if written != address:
        assert host(written) == "know.test"
    assert is_ours(address) == (written != address)


@given(addresses.filter(is_ours))
def test_an_address_of_ours_carries_everything_once_and_keeps_what_it_says(address: str) -> None:
    written = PageLinks(ALL).url(address)
    asked, before = (parse_qs(one.partition("#")[0].partition("?")[2]) for one in (written, address))
    assert asked == {**{name: [value] for name, value in CARRIED.items()}, **before}
    assert written.partition("#")[2] == address.partition("#")[2]
    assert PageLinks(ALL).url(written) == written


@given(st.dictionaries(names, st.text(max_size=20)))
def test_a_get_form_sends_what_a_link_asks_for(asked: dict[str, str]) -> None:
    links = PageLinks(ALL)
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', str(links.state_fields(**asked)))
    linked = parse_qsl(links.url("/northmoor", **asked).partition("?")[2])
    assert [name for name, _ in fields] == [name for name, _ in linked]
    assert {name for name, value in linked if value == CARRIED.get(name)} >= CARRIED.keys() - asked.keys()


@given(st.dictionaries(names, st.text(max_size=20)))
def test_no_field_is_more_than_a_field_whatever_stands_in_it(asked: dict[str, str]) -> None:
    written = str(PageLinks(ALL).state_fields(**asked))
    assert re.sub(r'<input type="hidden" name="[a-z]+" value="[^"<>]*">', "", written) == ""


@given(st.binary(max_size=200), st.text("abcdeghinoprsty-.", max_size=40))
def test_whatever_stands_in_an_address_or_on_a_device_only_words_of_ours_are_carried(raw: bytes, cookie: str) -> None:
    state = read(raw, cookie)
    known = {"", "as-is", *(word for words in CHOICES.values() for word in words)}
    for carried in (state.in_links, state.in_redirects):
        assert set(carried[NAME].split(".")) <= known
        assert not carried[VISIT] or is_visit(carried[VISIT])
        assert not carried[WITHIN] or is_within(carried[WITHIN])


@given(
    st.text(max_size=20),
    st.sampled_from(["", "shared", "alongside", "alone", "x"]),
    st.lists(st.sampled_from(["dark", "easy.shared", "as-is", "x", ""]), max_size=3),
)
def test_the_last_of_several_counts_for_links_and_redirects_alike(visit: str, mode: str, codes: list[str]) -> None:
    query = urlencode([*((NAME, code) for code in codes), (VISIT, "Vi5it-_8"), (VISIT, visit), ("mode", mode)])
    state = read(query)
    assert state.visit == state.asked_visit == (visit if is_visit(visit) else "")
    place = mode if mode in ("shared", "alongside") else Reading.of(codes[-1] if codes else "").place
    assert state.reading.place == place
    assert state.in_redirects[NAME] == (state.reading.address if state.chosen else "")


@pytest.mark.parametrize(
    ("query", "cookie", "links", "redirects"),
    [
        ("", "", "", ""),
        ("", "dark", "", ""),
        ("reading=dark", "", "dark", "dark"),
        ("reading=dark", "dark", "", "dark"),
        ("reading=as-is", "dark", "as-is", "as-is"),
        ("reading=", "dark", "", ""),
        ("mode=shared", "dark", "dark.shared", "dark.shared"),
        ("mode=alone", "dark", "", ""),
    ],
)
def test_what_the_device_remembers_stands_in_no_link_and_is_never_lost(
    query: str, cookie: str, links: str, redirects: str
) -> None:
    state = read(query, cookie)
    assert (state.in_links[NAME], state.in_redirects[NAME]) == (links, redirects)


def test_a_visit_stands_in_links_only_where_others_look_too() -> None:
    assert read("visit=Vi5it-_8").in_links[VISIT] == ""
    assert read("visit=Vi5it-_8&reading=shared").in_links[VISIT] == "Vi5it-_8"
    assert read("visit=Vi5it-_8&mode=alongside").in_links[VISIT] == "Vi5it-_8"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/", "/?visit=Vi5it-_8&within=northmoor&reading=dark.shared"),
        ("/a?chat=x#latest", "/a?chat=x&visit=Vi5it-_8&within=northmoor&reading=dark.shared#latest"),
        ("/?reading=white&within=kent", "/?reading=white&within=kent&visit=Vi5it-_8"),
        *(
            (same, same)
            for same in ("https://x.test/", "//x.test/", "/\\x.test/", "/\t/x.test", "#main", "tel:999", "")
        ),
    ],
)
def test_an_address_is_written_so(before: str, after: str) -> None:
    assert PageLinks(ALL).url(before) == after


def test_what_is_asked_for_stands_instead_and_nothing_leaves_a_name_out() -> None:
    links = PageLinks(ALL)
    assert links.url("/a", within="", visit="", reading="easy", at=2, chat="") == "/a?reading=easy&at=2"
    assert str(links.state_fields(within="", visit="")) == '<input type="hidden" name="reading" value="dark.shared">'


def test_from_a_frame_another_site_opens_beside_it_and_never_learns_where_from() -> None:
    site = "https://x.test/?a=1&b=2"
    escaped = 'href="https://x.test/?a=1&amp;b=2" rel="noreferrer noopener"'
    assert str(PageLinks(ALL).link_out(site)) == f'target="_blank" {escaped}'
    assert str(PageLinks(read("")).link_out(site)) == escaped


def test_nothing_is_added_where_there_is_nothing() -> None:
    assert with_query("/a?b=#c", {NAME: "", VISIT: ""}) == "/a?b=#c"
    assert PageLinks(read("")).url("/a?b=#c") == "/a?b=#c"
    assert str(PageLinks(read("")).state_fields()) == ""
