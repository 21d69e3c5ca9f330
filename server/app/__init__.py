"""The application, built from the settings. Runs under granian and uvicorn.

granian --interface asgi --factory server.app:from_environment
uvicorn --factory server.app:from_environment
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.types import Receive, Scope, Send

from server.app.compose import compose
from server.app.life import StartError, alive
from server.logs import Logger, make_logger, tell_failure
from server.ports import REAL, Sources
from server.routes import console, diagnostics, enrol, health, live, openapi, photos, sealed_photos, sync, wake
from server.routes.console.saying import refused_page
from server.routes.context import Context
from server.routes.lines import Lines
from server.routes.problems import MEDIA_TYPE, details_of, headers_of, is_ours, refusal_of
from server.settings import Settings, read_settings

__all__ = ["StartError", "create_app", "from_environment"]

_ROUTES = (
    enrol.enrol,
    sync.sync,
    live.live,
    diagnostics.take,
    wake.key,
    wake.register,
    wake.forget,
    photos.options,
    photos.create,
    photos.progress,
    photos.append,
    photos.read,
    sealed_photos.begin,
    sealed_photos.append,
    health.healthz,
    health.metrics,
    health.sync_health,
)


class _App(Litestar):
    """Litestar, with a line in the log for every request, unrouted ones included."""

    lines: Lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]
        """Answer one request, or run the lifespan."""
        if scope["type"] == "http":  # type: ignore[comparison-overlap]
            await self.lines.watch(super().__call__, scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def _refuse(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """What is refused before or beside a route: unrouted paths, wrong methods, faults of ours."""
    context: Context = request.app.state.context
    refusal = refusal_of(error)
    if is_ours(error):
        tell_failure(context.log, "failed", error)
    context.meters.refusals.labels(refusal.code).inc()
    details = details_of(refusal)
    headers = headers_of(error, refusal, context.sources.random)
    if "text/html" in request.headers.get("accept", ""):
        page, policy = refused_page(request, refusal)
        headers |= {"content-security-policy": policy}
        return Response(page, status_code=details.status, media_type="text/html", headers=headers)
    return Response(msgspec.json.encode(details), status_code=details.status, media_type=MEDIA_TYPE, headers=headers)


def create_app(settings: Settings, sources: Sources = REAL, log: Logger | None = None) -> Litestar:
    """The application of one deployment; without `log` it writes to standard error.

    Raises KeyFileError; starting it may raise StartError.
    """
    context = compose(settings, sources, log or make_logger(settings.log_level))

    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        async with alive(context):
            yield

    app = _App(
        route_handlers=[*_ROUTES, openapi.openapi, *console.ROUTES],
        state=State({"context": context, "description": openapi.Description(_ROUTES)}),
        lifespan=[lifespan],
        exception_handlers={HTTPException: _refuse, Exception: _refuse},
        openapi_config=None,
        request_max_body_size=settings.body_limit,
        logging_config=None,
        debug=False,
    )
    app.lines = Lines(context.log, context.meters, sources.random, settings.trusted_proxies)
    return app


def from_environment() -> Litestar:
    """The application of the deployment that the environment names. Raises SettingsError, KeyFileError."""
    return create_app(read_settings(os.environ))
