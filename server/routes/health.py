"""`/healthz`, `/metrics` and `/sync-health`: for whoever runs the server. Counts, states and ids, never a name.

`/healthz` is for balancers and open to all; the others take the token of operations, by which nothing else opens.
"""

from __future__ import annotations

import hmac
from math import inf
from pathlib import Path

import msgspec
from litestar import get
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ASGIApp
from sqlalchemy import func, select

from server.departure.departures_file import DeparturesFileError
from server.departure.recovery import count_missing
from server.identity.fleet import DeviceHealth, health_of
from server.logs import tell_failure
from server.master.meta import read_identity
from server.master.schema import is_current
from server.master.store import Store, Tx
from server.routes.calls import AnyRequest, Call, answered, plain
from server.routes.context import Context
from server.routes.openapi import OPERATIONS
from server.routes.problems import refusals
from sync.errors import Refusal

__all__ = ["healthz", "metrics", "sync_health"]


class Health(msgspec.Struct, frozen=True):
    """That the store answers and has the schema of this version."""

    status: str
    store: bool
    schema_current: bool


async def _healthz(call: Call) -> ASGIApp:
    store = call.context.store
    try:
        async with store.read() as tx:
            identity = await read_identity(tx)
        current = await is_current(store)
    except Exception as error:
        tell_failure(call.context.log, "store not reached", error)
        raise Refusal("unavailable", "the store does not answer") from error
    call.context.keys.follow(identity.keys)
    if not current:
        raise Refusal("unavailable", "the store's schema is not that of this version")
    return plain(call.request, 200, msgspec.json.encode(Health("ok", store=True, schema_current=True)))


class Fleet(msgspec.Struct, frozen=True):
    """All devices at server time `at`, the worst first; with so many of them something is wrong."""

    at: int
    troubled: int
    devices: tuple[DeviceHealth, ...]


def _check_operations(call: Call) -> None:
    """Whether whoever asks watches the server. Raises Refusal."""
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    is_right = hmac.compare_digest(token.strip().encode(), call.context.operations.encode())
    if scheme.lower() != "bearer" or not is_right:
        call.context.unsigned.spend(f"{call.address} operations")
        raise Refusal("not_signed_in", "this door takes the token in keys/operations.key")


async def _sync_health(call: Call) -> ASGIApp:
    _check_operations(call)
    now = call.context.sources.now()
    async with call.context.store.read() as tx:
        devices = tuple(await health_of(tx, now))
    fleet = Fleet(now, sum(bool(one.troubles) for one in devices), devices)
    return plain(call.request, 200, msgspec.json.encode(fleet))


async def _metrics(call: Call) -> ASGIApp:
    _check_operations(call)
    context, now = call.context, call.context.sources.now()
    async with context.store.read() as tx:
        await context.meters.store.read(tx, now)
        sizes = await _sizes(tx, context.store)
    context.meters.store.take_files(await _lag(context, now), sizes)
    return plain(call.request, 200, context.meters.written(), "text/plain; version=0.0.4")


async def _sizes(tx: Tx, store: Store) -> dict[str, int]:
    """The bytes of the store's parts."""
    if not store.is_sqlite:
        return {"database": (await tx.execute(select(func.pg_database_size(func.current_database())))).scalar_one()}
    path = Path(store.url.partition("///")[2])
    return {"database": _size(path), "wal": _size(path.with_name(f"{path.name}-wal"))}


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


async def _lag(context: Context, now: int) -> float:
    """How many departures have no line in their file; without end where the file does not hold together."""
    try:
        return await count_missing(context.store, context.exchange.departure.file, now)
    except DeparturesFileError:
        return inf


@get(
    "/healthz",
    summary="Is the server well?",
    responses={200: ResponseSpec(Health, description="It is"), **refusals()},
)
async def healthz(request: AnyRequest) -> ASGIApp:
    """Whether the store answers and its schema is current."""
    return await answered(request, _healthz)


@get(
    "/metrics",
    summary="Meters",
    media_type="text/plain",
    security=OPERATIONS,
    responses={
        200: ResponseSpec(str, description="Meters of Prometheus", media_type="text/plain"),
        **refusals("not_signed_in"),
    },
)
async def metrics(request: AnyRequest) -> ASGIApp:
    """All meters in the text form of Prometheus."""
    return await answered(request, _metrics)


@get(
    "/sync-health",
    summary="How the devices are",
    security=OPERATIONS,
    responses={
        200: ResponseSpec(Fleet, description="Every device, the worst first"),
        **refusals("not_signed_in"),
    },
)
async def sync_health(request: AnyRequest) -> ASGIApp:
    """Every device: when it was last seen to be right, what it has not sent, and what is wrong with it."""
    return await answered(request, _sync_health)
