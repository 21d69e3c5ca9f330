"""The network between phones and the server: it loses, cuts, repeats and delays, as the seed says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from random import Random
from typing import Protocol

import msgspec

from client_sdk.ports import Reply, Request, Unreachable
from client_sdk.testing.ahead import begun

__all__ = ["Network", "Server", "Watched"]


class Server(Protocol):
    """Whoever answers."""

    def answer(self, request: Request) -> Reply:
        """What is answered. Raises Unreachable."""
        ...


Watched = Callable[[Request, Reply | None], None]
"""Called with a request before it is answered, and with both after that."""


def _unwatched(_request: Request, _reply: Reply | None) -> None:
    return


class Network:
    """A phone's way to the server. `trouble` is how often something goes wrong, from 0 to 1.

    `late` are requests that the phone has given up and that have yet to arrive, in whatever order.
    """

    def __init__(self, server: Server, random: Random, watched: Watched = _unwatched) -> None:
        self._server = server
        self._watched = watched
        self._random = random
        self.trouble = 0.0
        self.late: list[Request] = []

    def send(self, request: Request) -> Reply:
        """Send once and wait; what arrives there may be repeated, and what comes back may be less."""
        if self._random.random() >= self.trouble:
            return self._answer(request)
        fate = self._random.choice(("lost", "late", "unheard", "cut", "repeated"))
        if fate == "late":
            self.late.append(request)
        if fate in {"lost", "late"}:
            raise Unreachable("lost on the way")
        reply = self._answer(request)
        if fate == "unheard":
            raise Unreachable("the answer was lost")
        if fate == "repeated":
            return self._answer(request)
        return msgspec.structs.replace(
            reply, body=reply.body[: self._random.randrange(len(reply.body) + 1)], whole=False
        )

    def begin(self, request: Request) -> Callable[[], Reply]:
        """The next request, ahead of its time."""
        return begun(self.send, request)

    def arrive(self) -> None:
        """One of the late requests arrives after all; nobody waits for its answer."""
        if self.late:
            request = self.late.pop(self._random.randrange(len(self.late)))
            try:
                self._answer(request)
            except Unreachable:
                self.late.append(request)

    def _answer(self, request: Request) -> Reply:
        self._watched(request, None)
        reply = self._server.answer(request)
        self._watched(request, reply)
        return reply

    def listen(self, request: Request) -> AbstractContextManager[tuple[int, Iterator[str]]]:
        """There is no stream here: phones sync when the world says so."""
        del request
        raise Unreachable("no stream")

    def hang_up(self) -> None:
        """Nothing is open."""

    def close(self) -> None:
        """Nothing is held."""
