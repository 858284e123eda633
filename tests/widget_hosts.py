"""Sites that show the widget, on this machine and of another origin than ours: as web editors and the unkind make them.

A page's query names what its tag says: `/plain?position=left&exit-key=escape`.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

WORDS = "".join(f"<h2>Part {part}</h2><p>{'Some words of this site. ' * 20}</p>" for part in range(8))
LEAVES_ON_ESCAPE = """<script>
document.addEventListener("keydown", (event) => { if (event.key === "Escape") location.replace("/left"); });
</script>"""
LATE = """<script>setTimeout(() => {{
  const tag = document.createElement("script");
  tag.src = "{src}";
  tag.dataset.force = "northmoor";
  document.body.append(tag);
}}, 3000);</script>"""
QUEUED = """<script>
window.heard = [];
window.knowWidget = window.knowWidget || [];
for (const name of ["open", "close", "leave"]) knowWidget.push(["on", name, () => heard.push(name)]);
knowWidget.push(["open"], ["none"], ["on", "none", () => {}]);
</script>"""
POSTS = """<script>
const words = ["leave", "close", "escape", "ready", "hello"];
setInterval(() => words.forEach((verb) => parent.postMessage({ know: 1, verb }, "*")), 20);
</script>"""
HOSTILE = """<style>
* { all: initial !important; display: none !important; transform: scale(.5) !important; opacity: 0 !important; }
html, body { display: block !important; }
::backdrop { display: block !important; background: red !important; position: fixed; inset: 0; }
</style><script>
window.caught = [];
const listen = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (name, ...rest) {
  caught.push(name);
  return listen.call(this, name, ...rest);
};
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (how) { return attach.call(this, { ...how, mode: "open" }); };
Object.prototype.verb = "leave";
Object.defineProperty(Array.prototype, "stolen", { enumerable: true, value: true });
addEventListener("message", (event) => caught.push(JSON.stringify(event.data)));
</script>"""


VIEWS = {"/wide": "width=device-width, initial-scale=1", "/old": ""}
"""What a page says of the viewport where it is not the width of the device alone."""


@dataclass(frozen=True)
class Hosts:
    """Where the pages are: of a site that the force lists, and the same pages of one that it does not."""

    listed: str
    other: str


def tag(ours: str, says: dict[str, str]) -> str:
    """The tag that a web editor pastes."""
    attributes = "".join(f' data-{name}="{escape(value)}"' for name, value in ({"force": "northmoor"} | says).items())
    return f'<script async src="{ours}/widget/v1/know.js"{attributes}></script>'


def pages(ours: str, says: dict[str, str], framed: str) -> dict[str, str]:
    """The body of every page by its path; `framed` is the page that stands in a frame on some."""
    pasted, src = tag(ours, says), f"{ours}/widget/v1/know.js"
    frame = f'<iframe title="A page" src="{escape(framed)}" width="700" height="700"></iframe>'
    return {
        "/plain": WORDS + pasted,
        "/strict": WORDS + pasted,
        "/no-frame": WORDS + pasted,
        "/bare": WORDS,
        "/queued": QUEUED + WORDS + pasted,
        "/twice": WORDS + pasted + pasted,
        "/wide": '<div style="width: 1200px">A table that is wider than a phone.</div>' + WORDS + pasted,
        "/old": WORDS + pasted,
        "/late": WORDS + LATE.format(src=src),
        "/escape": WORDS + LEAVES_ON_ESCAPE + pasted,
        "/hostile": HOSTILE + WORDS + pasted,
        "/framing": frame,
        "/beside": frame + pasted,
        "/posts": POSTS,
        "/left": "<p>The site's own way out.</p>",
    }


def headers_of(path: str, ours: str) -> dict[str, str]:
    """What a page's server says besides. "/strict" says no more than the lines that we publish."""
    ours = f"script-src {ours}; frame-src {ours}"
    policy = f"default-src 'none'; base-uri 'none'; require-trusted-types-for 'script'; {ours}"
    return {
        "/strict": {"Content-Security-Policy": policy},
        "/no-frame": {"X-Frame-Options": "DENY", "Content-Security-Policy": "frame-ancestors 'none'"},
    }.get(path, {})


def _whole(head: str, body: str, view: str = "width=device-width") -> bytes:
    """A page; `view` is what it says of the viewport, "" for one from before there were phones."""
    meta = f'<meta name="viewport" content="{view}">' if view else ""
    head = f'<meta charset="utf-8">{meta}<title>A site</title>{head}'
    body = f"<main><h1>A site of a force</h1>{body}</main>"
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'.encode()


def _answer(ours: str) -> type[BaseHTTPRequestHandler]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            says = dict(parse_qsl(asked.query))
            body = pages(ours, says, says.pop("framed", "")).get(asked.path)
            # In the head, as a site's template puts it, before there is a body.
            head = tag(ours, says) if asked.path == "/head" else ""
            whole = _whole(head, body or WORDS, VIEWS.get(asked.path, "width=device-width"))
            self.send_response(200 if body or head else 404)
            for name, value in headers_of(asked.path, ours).items():
                self.send_header(name, value)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(whole)))
            self.end_headers()
            self.wfile.write(whole)

        def log_message(self, *_said: object) -> None:
            """Says nothing."""

    return Answer


@contextmanager
def hosts(ours: str, listed: ThreadingHTTPServer) -> Iterator[Hosts]:
    """Serves the pages with the widget of this address, from a server that is bound already, and from one more."""
    other = bound()
    for server in (listed, other):
        server.RequestHandlerClass = _answer(ours)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    # By name, so that their site is another one than that of our number.
    yield Hosts(origin_of(listed), origin_of(other))
    for server in (listed, other):
        server.shutdown()
        server.server_close()


def bound() -> ThreadingHTTPServer:
    """A server on a free port, not answering yet: what it is called can be listed before our app begins."""
    return ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)


def origin_of(server: ThreadingHTTPServer) -> str:
    """The origin of a server's pages."""
    return f"http://localhost:{server.server_port}"
