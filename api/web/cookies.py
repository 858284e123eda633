"""Cookies: what a device holds for us. When live no other host, and no page read over plain http, can plant one."""

from typing import Literal

from fastapi import Request
from fastapi.responses import Response

# A browser takes a cookie of such a name only from this very host, over https, for all of its paths.
_THIS_HOST = "__Host-"
SameSite = Literal["strict", "lax"]


def cookie_name(request: Request, name: str) -> str:
    """The name by which the browser knows a cookie of ours. Practice, which may be plain http, has no prefix."""
    return f"{_THIS_HOST}{name}" if _is_live(request) else name


def read_cookie(request: Request, name: str) -> str:
    """What the device holds under this name; "" for nothing."""
    return request.cookies.get(cookie_name(request, name), "")


def keep_cookie(
    request: Request, response: Response, name: str, value: str, *, seconds: int | None = None, to: SameSite = "strict"
) -> None:
    """Has the device hold a value, out of any script's reach; until the browser is closed where `seconds` is None."""
    secure = _is_live(request) or request.url.scheme == "https"
    response.set_cookie(
        cookie_name(request, name), value, max_age=seconds, path="/", httponly=True, samesite=to, secure=secure
    )


def forget_cookie(request: Request, response: Response, name: str, *, to: SameSite = "strict") -> None:
    """Has the device forget a value."""
    secure = _is_live(request) or request.url.scheme == "https"
    response.delete_cookie(cookie_name(request, name), path="/", httponly=True, samesite=to, secure=secure)


def _is_live(request: Request) -> bool:
    live: bool = request.state.live
    return live
