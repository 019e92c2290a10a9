"""The page that renders payloads, served on loopback, and whatever else is asked of that server."""

from __future__ import annotations

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from qwen_nb.widget import STATIC
from tests.xss.own import BEACON

HERE = Path(__file__).parent
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript"}
FORBIDDEN = ("frame-src", "object-src", "base-uri", "form-action", "media-src")
POLICY = "; ".join(["script-src 'self' 'unsafe-eval' blob:", "img-src 'self' data:", *(f"{kind} 'none'" for kind in FORBIDDEN)])
"""Only reported, so that what breaks it does what it wants to, and is seen twice."""


class Site:
    """`with Site() as site: site.page`. `seen` is every request for anything but the page's own files."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._files = {f"/{path.name}": path.read_bytes() for path in HERE.iterdir() if path.suffix in TYPES}
        for name in ("core", "math", "highlight"):
            self._files[f"/{name}.js"] = gzip.decompress((STATIC / f"{name}.js.gz").read_bytes())
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = site._files.get(self.path)
                if body is None:
                    site.seen.append(self.path)
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", TYPES.get(Path(self.path).suffix, "text/plain"))
                self.send_header("Content-Security-Policy-Report-Only", POLICY)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Site:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def page(self) -> str:
        return f"{self.origin}/page.html"

    def armed(self, payload: str) -> str:
        """`payload` with an address of this server where it has that of a beacon."""
        return payload.replace(BEACON, f"{self.origin}/seen")

    @property
    def files(self) -> set[str]:
        """The addresses that belong to the page."""
        return {self.origin + path for path in self._files}
