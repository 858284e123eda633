"""The way back to the page that a reader came from: always one of ours, never where an address says that it is not."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

from api.web.page_state import NAME

# Each step between the slashes has a letter of its own, so that "//elsewhere" is no path of ours.
_OURS = re.compile(r"/(?:[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~-]+)*)?")
# These are only ever posted to; a reader who comes from one goes back to the page that holds its form.
_POSTED = re.compile(r"(?P<page>/[^/]+)(?P<person>/person)?/(?:say|do)")


def way_back(to: str, held: Mapping[str, str]) -> str:
    """The address to go back to; the first page for anything that is not a path of ours.

    `held` is what the page held meanwhile: the tokens of its chat and of its talk with a person. It replaces what the
    address said of them.
    """
    path, _, query = to.partition("?")
    # Control characters, backslashes and hosts are all no part of such a path.
    if not _OURS.fullmatch(path) or urlsplit(path).netloc:
        path, query = "/", ""
    posted = _POSTED.fullmatch(path)
    if posted:
        path = f"{posted['page']}/person/talk" if posted["person"] else posted["page"]
    asked = {name: value for name, value in parse_qsl(query) if name != NAME}
    asked |= {name: value for name, value in held.items() if value}
    return f"{path}?{urlencode(asked, errors='replace')}" if asked else path
