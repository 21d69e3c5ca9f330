"""What every answer carries, and one line in the log for each request: id, route, status, milliseconds, device.

Never a path, a header or a body in a line. Nothing that is answered here is for a browser to show, to guess at, to put
into another page or to keep.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from server.logs import Logger, tell_failure
from server.routes.asker import is_https
from server.routes.meters import Meters
from server.values import Network

__all__ = ["Lines"]

_ID_BYTES = 8
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
_OVER_TLS = (b"strict-transport-security", b"max-age=31536000")
_QUIET = frozenset({"/healthz", "/metrics"})


class Lines:
    """Writes the lines, counts the requests, and names each in its answer (X-Request-Id)."""

    def __init__(
        self, log: Logger, meters: Meters, random: Callable[[int], bytes], trusted: Sequence[Network] = ()
    ) -> None:
        self._trusted = trusted
        self._log = log
        self._meters = meters
        self._random = random

    async def watch(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Let `app` answer one request and write its line."""
        name = self._random(_ID_BYTES).hex()
        begun, status = time.perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._headed(scope, message["headers"], name)
            await send(message)

        try:
            await app(scope, receive, sending)
        except Exception as error:  # noqa: BLE001  # it failed in the middle of its answer: the server hangs up
            tell_failure(self._log, "failed in the middle", error)
        finally:
            self._write(scope, name, status, time.perf_counter() - begun)

    def _headed(self, scope: Scope, headers: Iterable[tuple[bytes, bytes]], name: str) -> list[tuple[bytes, bytes]]:
        """The headers of an answer with what every answer carries; what a route says itself stands."""
        given = list(headers)
        said = {key.lower() for key, _ in given}
        added = [*_ALWAYS, _OVER_TLS] if is_https(scope, self._trusted) else _ALWAYS
        return [*given, *(one for one in added if one[0] not in said), (b"x-request-id", name.encode())]

    def _write(self, scope: Scope, name: str, status: int, seconds: float) -> None:
        route = str(scope.get("path_template") or "unrouted")
        method = str(scope.get("method", ""))
        known = method if method in {"GET", "HEAD", "POST", "PATCH", "OPTIONS", "PUT", "DELETE"} else "other"
        self._meters.requests.labels(route, known, str(status)).inc()
        if route != "/live":
            self._meters.seconds.labels(route).observe(seconds)
        device = scope.get("state", {}).get("saojie_device")
        say = self._log.debug if route in _QUIET else self._log.info
        say("request", id=name, method=known, route=route, status=status, ms=round(seconds * 1000, 1), device=device)
