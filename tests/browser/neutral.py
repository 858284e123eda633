"""A stand-in for the page that "Leave quickly" goes to, on this machine: no test ever asks the internet."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = "<!doctype html><title>Weather</title><h1>Weather</h1>"
AROUND = "<!doctype html><title>Another site</title><h1>Another site</h1>{frame}"


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = PAGE.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        """Says nothing."""


@contextmanager
def neutral() -> Iterator[str]:
    """The address of a page about the weather. It is of another site than 127.0.0.1."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}/weather"
    server.shutdown()
    server.server_close()
