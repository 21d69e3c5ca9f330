"""Bugs of the exchange, on the server's side."""

from __future__ import annotations

from typing import Any

from server.departure import recovery
from server.exchange import push, serve
from server.exchange.outboxes import Outbox
from server.exchange.pull import Pulled
from sync.outbox import Known, Told, Verdict, judge
from tests.simulation.planted.bug import Plant, bug, meant, replaced


def _judged(what: Verdict) -> Plant:
    def lenient(told: Told, bodies: list[bytes], known: Known) -> Verdict:
        verdict = judge(told, bodies, known)
        return Verdict.GO_ON if verdict is what else verdict

    return replaced(push, judge=lenient)


@bug
def fork_not_noticed() -> Plant:
    """A phone that was put back numbers new work with numbers already acknowledged, and is told that it is in."""
    verdict = push._verdict

    async def lenient(*given: Any) -> Verdict:
        found = await verdict(*given)
        return Verdict.GO_ON if found is Verdict.FORK else found

    def submissions(request: Any, told: Told, box: Outbox, *given: Any) -> Any:
        return [one for one in handed(request, told, box, *given) if one.number > box.known.acknowledged]

    handed = push._submissions
    return replaced(push, _verdict=lenient, _submissions=submissions)


@bug
def resend_not_asked() -> Plant:
    """A phone that is ahead of a restored server is not asked to send again what the server lost."""
    return _judged(Verdict.RESEND)


@bug
def evictions_not_told() -> Plant:
    """A phone is not told which scopes it lost: it keeps them."""
    pull = meant(serve, "pull")

    async def silent(*given: Any) -> Pulled:
        pulled: Pulled = await pull(*given)
        pulled.evictions = ()
        return pulled

    return replaced(serve, pull=silent)


@bug
def checkpoint_too_early() -> Plant:
    """A checkpoint is said while more pages are there."""
    pull = meant(serve, "pull")

    async def hasty(*given: Any) -> Pulled:
        pulled: Pulled = await pull(*given)
        pulled.is_complete = True
        return pulled

    return replaced(serve, pull=hasty)


@bug
def epoch_kept() -> Plant:
    """A restored database goes on in its old epoch: cursors of the history that was lost are believed."""

    async def nothing(*_: Any) -> None:
        return

    return replaced(recovery, enter_epoch=nothing)


@bug
def acknowledged_unheard() -> Plant:
    """All that a phone told of is acknowledged, and not what its request carried."""

    def reached(_request: Any, told: Told) -> tuple[int, bytes]:
        return told.last, told.last_hash

    return replaced(push, _reached=reached)
