"""The real way to the server: HTTP by httpx2. It carries requests; it knows nothing of what they mean.

An answer that is cut off gives what arrived of it. On a phone pass an `ssl.SSLContext` (certifi's certificates, or the
company's own): the platform's store is not found there by itself.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from client_sdk.ports import Reply, Request, Unreachable

if TYPE_CHECKING:
    import ssl

    import httpx2

__all__ = ["HttpTransport"]

CONNECT_S = 10.0
ANSWER_S = 60.0
SILENCE_S = 40.0
"""A live stream that says nothing for so long is dead: the server pings every 15 seconds."""
_LARGEST = 64 * 1024 * 1024


class HttpTransport:
    """Requests to one server, over connections that are kept. Used from any thread."""

    def __init__(self, url: str, context: ssl.SSLContext | None = None) -> None:
        self._url = url.rstrip("/")
        self._context = context
        self._client: httpx2.Client | None = None
        self._lock = threading.Lock()
        self._streams: set[socket.socket] = set()

    def send(self, request: Request) -> Reply:
        """Send and wait. Raises Unreachable when not even a status arrived."""
        import httpx2  # noqa: PLC0415  # who only works offline never loads it

        chunks: list[bytes] = []
        try:
            with self._opened(request, ANSWER_S) as response:
                whole = _read_into(chunks, response)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Reply(response.status_code, headers, b"".join(chunks), whole)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise Unreachable(type(error).__name__) from error

    def begin(self, request: Request) -> Callable[[], Reply]:
        """Send, and let the answer come while the caller does something else."""
        return _Coming(self.send, request).wait

    @contextmanager
    def listen(self, request: Request) -> Iterator[tuple[int, Iterator[str]]]:
        """Open a stream: its status and its lines. Raises Unreachable, on opening only."""
        import httpx2  # noqa: PLC0415  # the same

        try:
            opened = self._opened(request, SILENCE_S)
            response = opened.__enter__()
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise Unreachable(type(error).__name__) from error
        raw = _socket_of(response)
        mine = {raw} if raw is not None else set()
        with self._lock:
            self._streams |= mine
        try:
            yield response.status_code, _lines(response)
        finally:
            with self._lock:
                self._streams -= mine
            with suppress(httpx2.HTTPError, OSError):
                opened.__exit__(None, None, None)

    def hang_up(self) -> None:
        """End the open streams: whoever reads them reads to the end."""
        with self._lock:
            for raw in self._streams:
                with suppress(OSError):
                    raw.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of every connection."""
        self.hang_up()
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    @contextmanager
    def _opened(self, request: Request, silence: float) -> Iterator[httpx2.Response]:
        import httpx2  # noqa: PLC0415  # the same

        timeout = httpx2.Timeout(silence, connect=CONNECT_S)
        with self._connected().stream(
            request.method,
            self._url + request.path,
            headers=request.headers,
            content=request.body or None,
            timeout=timeout,
        ) as response:
            yield response

    def _connected(self) -> httpx2.Client:
        import httpx2  # noqa: PLC0415  # the same

        with self._lock:
            if self._client is None:
                self._client = httpx2.Client(verify=self._context if self._context is not None else True)
            return self._client


class _Coming:
    """An answer that is on its way, on a thread of its own."""

    def __init__(self, send: Callable[[Request], Reply], request: Request) -> None:
        self._send, self._request = send, request
        self._reply: Reply | None = None
        self._error: Exception = Unreachable("")
        self._thread = threading.Thread(target=self._run, name="saojie-answer", daemon=True)
        self._thread.start()

    def wait(self) -> Reply:
        """The answer. Raises Unreachable."""
        self._thread.join()
        if self._reply is None:
            raise self._error
        return self._reply

    def _run(self) -> None:
        try:
            self._reply = self._send(self._request)
        except Exception as error:  # noqa: BLE001  # raised where it is waited for
            self._error = error


def _read_into(chunks: list[bytes], response: httpx2.Response) -> bool:
    """Read the body; whether it came whole."""
    import httpx2  # noqa: PLC0415  # the same

    size = 0
    try:
        for chunk in response.iter_bytes():
            chunks.append(chunk)
            size += len(chunk)
            if size > _LARGEST:
                return False
    except (httpx2.HTTPError, OSError):
        return False
    return True


def _lines(response: httpx2.Response) -> Iterator[str]:
    import httpx2  # noqa: PLC0415  # the same

    with suppress(httpx2.HTTPError, OSError):
        yield from response.iter_lines()


def _socket_of(response: httpx2.Response) -> socket.socket | None:
    stream = response.extensions.get("network_stream")
    found = stream.get_extra_info("socket") if stream is not None else None
    return found if isinstance(found, socket.socket) else None
