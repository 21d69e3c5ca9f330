"""`/healthz` and `/metrics`: for whoever runs the server. Counts and states, never a name."""

from __future__ import annotations

import msgspec
from litestar import get
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ASGIApp

from server.logs import tell_failure
from server.master.meta import read_identity
from server.master.schema import is_current
from server.routes.calls import AnyRequest, Call, answered, plain
from server.routes.problems import Details
from sync.errors import Refusal

__all__ = ["healthz", "metrics"]


class Health(msgspec.Struct, frozen=True):
    """That the store answers and has the schema of this version."""

    status: str
    store: bool
    schema_current: bool


async def _healthz(call: Call) -> ASGIApp:
    store = call.context.store
    try:
        async with store.read() as tx:
            await read_identity(tx)
        current = await is_current(store)
    except Exception as error:
        tell_failure(call.context.log, "store not reached", error)
        raise Refusal("unavailable", "the store does not answer") from error
    if not current:
        raise Refusal("unavailable", "the store's schema is not that of this version")
    return plain(call.request, 200, msgspec.json.encode(Health("ok", store=True, schema_current=True)))


async def _metrics(call: Call) -> ASGIApp:
    async with call.context.store.read() as tx:
        await call.context.meters.read_store(tx)
    return plain(call.request, 200, call.context.meters.written(), "text/plain; version=0.0.4")


@get(
    "/healthz",
    summary="Is the server well?",
    responses={200: ResponseSpec(Health, description="It is"), 503: ResponseSpec(Details, description="It is not")},
)
async def healthz(request: AnyRequest) -> ASGIApp:
    """Whether the store answers and its schema is current."""
    return await answered(request, _healthz)


@get(
    "/metrics",
    summary="Meters",
    media_type="text/plain",
    responses={200: ResponseSpec(str, description="Meters of Prometheus", media_type="text/plain")},
)
async def metrics(request: AnyRequest) -> ASGIApp:
    """All meters in the text form of Prometheus."""
    return await answered(request, _metrics)
