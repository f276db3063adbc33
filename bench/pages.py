"""How long pages take over the real TLS server, beside a bare Django page of the same size, request by request in turn.

usage: python -m bench.pages [--requests 300] [--beside FILE]
Starts `fanlight demo`, signs in, and asks for each page and for its bare twin (bench/bare.py) in turn, each over a
connection of its own that stays open. --beside: what a running demo's `--json` line said, instead of starting one.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tests.journeys.demo import Demo, environment, started

WARM = 30
QUERY = (
    "SELECT a.id, a.column_count FROM catalog_asset a JOIN integrations_integration i ON i.id = a.integration_id"
    " WHERE i.name = 'harbour' AND a.kind = 'table' ORDER BY abs(a.column_count - 20), a.locator LIMIT 1"
)


class Visitor:
    """One open connection to a server. It keeps the cookies that it is given."""

    def __init__(self, url: str, authority: Path) -> None:
        parts = urlsplit(url)
        context = ssl.create_default_context(cafile=str(authority))
        self._connection = http.client.HTTPSConnection(parts.hostname or "", parts.port, context=context)
        self._url = url
        self._cookies: dict[str, str] = {}

    @property
    def cookies(self) -> str:
        """What it sends as its cookies."""
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, bytes]:
        """Ask for a page, or post a form to it; return its status and body."""
        headers = {"Cookie": self.cookies}
        if form:
            headers |= {"Referer": self._url + path, "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(form) if form else None
        self._connection.request("POST" if form else "GET", path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, rest = cookie.partition("=")
            self._cookies[name] = rest.partition(";")[0]
        return answer.status, content

    def sign_in(self, link: str) -> None:
        """Use a sign-in link."""
        path = urlsplit(link).path
        token = re.search(rb'csrfmiddlewaretoken" value="([^"]+)', self.ask(path)[1])
        assert token, "the sign-in page has no form"
        assert self.ask(path, {"csrfmiddlewaretoken": token[1].decode()})[0] == http.client.FOUND


@contextmanager
def bare(demo: Demo, content: bytes) -> Iterator[str]:
    """Serve the content by a server of its own, at the address that is yielded."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        given = {
            "FANLIGHT_HOME": str(demo.home),
            "FANLIGHT_PORT": str(port),
            "FANLIGHT_DATABASE_URL_FILE": str(demo.home / "secrets" / "portal.url"),
            "FANLIGHT_SECRET_KEY_FILE": str(demo.home / "secrets" / "portal.key"),
            "FANLIGHT_TLS_CERTIFICATE_FILE": str(next((demo.home / "tls").glob("portal*.crt"))),
            "FANLIGHT_TLS_KEY_FILE": str(next((demo.home / "tls").glob("portal*.key"))),
            "PYTHONPATH": str(Path.cwd()),
        }
        server = subprocess.Popen(
            [sys.executable, "-m", "bench.bare", file.name],
            env=environment() | given,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(port)
            yield f"https://localhost:{port}"
        finally:
            server.terminate()
            server.wait(20)


def _wait_for(port: int) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < until, "the bare server did not start"
            time.sleep(0.1)


def compare(demo: Demo, visitor: Visitor, path: str, requests: int) -> tuple[int, list[float], list[float]]:
    """Return a page's size in bytes, and the milliseconds that it and its bare twin took, request by request."""
    status, content = visitor.ask(path)
    assert status == http.client.OK, f"{path} answered {status}"
    ours, theirs = [], []
    with bare(demo, content) as url:
        twin = Visitor(url, demo.home / "tls" / "authority.crt")
        for number in range(WARM + requests):
            for asked, taken, where in ((visitor, ours, path), (twin, theirs, "/")):
                began = time.perf_counter()
                status, _ = asked.ask(where)
                if number >= WARM:
                    taken.append((time.perf_counter() - began) * 1000)
                assert status == http.client.OK
    return len(content), ours, theirs


def measure(demo: Demo, requests: int) -> None:
    """Print the table."""
    with demo.connect("catalogue", "fanlight") as session:
        (table, columns) = session.execute(QUERY).fetchone() or ("", 0)
    visitor = Visitor(demo.url, demo.home / "tls" / "authority.crt")
    visitor.sign_in(demo.verb("sign-in", "alice@harbour.example", "--organization", "Harbour Goods"))
    print(f"{requests} requests of each, in turn; load average {os.getloadavg()[0]:.1f}\n")
    print("| page | bytes | p50 ms | p95 ms | bare p50 ms | times bare | least ms | times bare least |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    pages = {
        f"a table of {columns} columns": f"/assets/{table}/",
        "home": "/",
        "integrations": "/integrations/",
    }
    pages |= {"search": "/search/?q=customer", "promises": "/promises"}
    for name, path in pages.items():
        size, ours, theirs = compare(demo, visitor, path, requests)
        mine, bare_ms = statistics.median(ours), statistics.median(theirs)
        late, least = statistics.quantiles(ours, n=20)[-1], min(ours)
        print(
            f"| {name} | {size:,} | {mine:.1f} | {late:.1f} | {bare_ms:.1f} | {mine / bare_ms:.1f}"
            f" | {least:.1f} | {least / min(theirs):.1f} |",
            flush=True,
        )


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--beside", type=Path)
    asked = parser.parse_args()
    if asked.beside:
        said = json.loads(asked.beside.read_text())
        measure(Demo(said["url"], said["sign_in"], Path(said["home"])), asked.requests)
        return
    with (
        tempfile.TemporaryDirectory(prefix="fanlight-pages-") as folder,
        started(Path(folder) / "home") as demo,
    ):
        measure(demo, asked.requests)


if __name__ == "__main__":
    main()
