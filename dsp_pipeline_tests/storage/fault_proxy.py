"""A real HTTP proxy in front of a real object store that breaks what a test tells it to break.

Use it as the endpoint: ``with FaultProxy(server.endpoint) as proxy: ... endpoint=proxy.url ...`` and then, for
example, ``proxy.inject(cuts(1000), when=lambda seen: seen.path.endswith(".parquet"), times=2)``.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import http.server
import threading
import urllib.parse
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "expect"})
_CHUNK = 2**16


@dataclasses.dataclass(frozen=True)
class Seen:
    """A request that came by: its method, its path without the query, its query, and its headers."""

    method: str
    path: str
    query: str
    headers: dict[str, str]


@dataclasses.dataclass(frozen=True)
class Fault:
    """What to do to a request: see the functions below."""

    status: int | None = None
    code: str = ""
    forward: bool = False
    stall_seconds: float = 0.0
    cut_after: int | None = None


def answers(status: int, code: str = "InternalError") -> Fault:
    """The server is not asked; an S3 error with this status and code comes back."""
    return Fault(status=status, code=code)


def slow_down() -> Fault:
    """What S3 says when asked too often."""
    return answers(503, "SlowDown")


def loses_the_answer() -> Fault:
    """The server does what was asked, but the client is told of an internal error."""
    return Fault(status=500, code="InternalError", forward=True)


def stalls(seconds: float) -> Fault:
    """Nothing comes for so long; then the connection is closed. Ends early when the proxy does."""
    return Fault(stall_seconds=seconds)


def cuts(after_bytes: int) -> Fault:
    """The answer's body ends after so many bytes, with the connection."""
    return Fault(cut_after=after_bytes)


@dataclasses.dataclass
class _Rule:
    fault: Fault
    when: Callable[[Seen], bool]
    left: int | None


class FaultProxy:
    """A proxy on a free port of 127.0.0.1; a context manager. ``seen`` lists all requests that came by."""

    def __init__(self, upstream: str) -> None:
        self.upstream = urllib.parse.urlsplit(upstream).netloc
        self.seen: list[Seen] = []
        self.closing = threading.Event()
        self._rules: list[_Rule] = []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def inject(
        self, fault: Fault, *, when: Callable[[Seen], bool] = lambda _: True, times: int | None = None
    ) -> None:
        """Break the next so many matching requests (None: all of them)."""
        with self._lock:
            self._rules.append(_Rule(fault, when, times))

    def heal(self) -> None:
        """Break nothing any more."""
        with self._lock:
            self._rules.clear()

    def fault_for(self, seen: Seen) -> Fault | None:
        """Note a request, and say what is to be done to it."""
        with self._lock:
            self.seen.append(seen)
            for rule in self._rules:
                if rule.left != 0 and rule.when(seen):
                    rule.left = None if rule.left is None else rule.left - 1
                    return rule.fault
        return None


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    proxy: FaultProxy

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that go away are what these tests are about."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keep the tests' output clean."""

    def _handle(self) -> None:
        if self.headers.get("Expect", "").lower() == "100-continue":
            pass  # the base class has answered it already
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path, _, query = self.path.partition("?")
        seen = Seen(self.command, urllib.parse.unquote(path), query, dict(self.headers.items()))
        fault = self.server.proxy.fault_for(seen) or Fault()
        if fault.stall_seconds:
            self.server.proxy.closing.wait(fault.stall_seconds)
            self.close_connection = True
            return
        if fault.status is not None and not fault.forward:
            self._refuse(fault)
            return
        upstream = http.client.HTTPConnection(self.server.proxy.upstream, timeout=60)
        with contextlib.closing(upstream):
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
            upstream.request(self.command, self.path, body=body or None, headers=headers)
            answer = upstream.getresponse()
            if fault.status is not None:
                answer.read()
                self._refuse(fault)
            else:
                self._pass_on(answer, fault.cut_after)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _handle  # noqa: N815 - the base class looks for these

    def _refuse(self, fault: Fault) -> None:
        text = f"<Error><Code>{fault.code}</Code><Message>injected by a test</Message></Error>".encode()
        self.send_response(fault.status or 500)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    def _pass_on(self, answer: http.client.HTTPResponse, cut_after: int | None) -> None:
        data_follows = self.command != "HEAD" and answer.status not in {204, 304}
        length = answer.getheader("Content-Length")
        body = b"" if length is not None or not data_follows else answer.read()
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        if length is None and data_follows:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if cut_after is not None:
            self.wfile.write((body or answer.read())[:cut_after])
            self.close_connection = True
            return
        self.wfile.write(body)
        while data_follows and (chunk := answer.read(_CHUNK)):
            self.wfile.write(chunk)
