"""How a transport in the process begins a request: it is answered at once, before its caller goes on, and heard when it
is waited for. So the order of things is the same in each run, and the earliest that there is.
"""

from __future__ import annotations

from collections.abc import Callable

from client_sdk.ports import Reply, Request, Unreachable

__all__ = ["begun"]


def begun(send: Callable[[Request], Reply], request: Request) -> Callable[[], Reply]:
    """What waits for the reply that `send` gave, or raises what it raised."""
    try:
        reply = send(request)
    except Unreachable as error:
        return _raising(error)
    return lambda: reply


def _raising(error: Unreachable) -> Callable[[], Reply]:
    def wait() -> Reply:
        raise error

    return wait
