"""Logs: one JSON object a line on standard error. Never a name, a phone, a body or an exception's message: these may
hold customers' data. What failed is told by the exceptions' types and the places in the code. Knows of no room.
"""

from __future__ import annotations

import logging
import sys
import traceback
from contextlib import suppress
from typing import Any, TextIO

import msgspec
import structlog

__all__ = ["Logger", "make_logger", "tell_failure"]

Logger = structlog.typing.FilteringBoundLogger

_DEEPEST = 12


def make_logger(level: str, out: TextIO | None = None) -> Logger:
    """A logger that writes from `level` (debug, info, warning, error) on; `out` is standard error by default."""
    logger: Logger = structlog.wrap_logger(
        _Lines(out or sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
    )
    return logger


def _json(event: structlog.typing.EventDict, **_: Any) -> str:
    return msgspec.json.encode(event, enc_hook=str).decode()


class _Lines(structlog.PrintLogger):
    """Writes lines. One that cannot be written (a full disk, a pipe that nobody reads) is lost and stops nothing."""

    def msg(self, message: str) -> None:
        """Write one line."""
        with suppress(OSError):
            super().msg(message)

    log = debug = info = warning = error = critical = msg


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    now: BaseException | None = error
    while now is not None and now not in found:
        found.append(now)
        now = now.__cause__ or now.__context__
    return found


def tell_failure(log: Logger, what: str, error: BaseException) -> None:
    """Log that something failed: the exception's types and places, never its message."""
    log.error(what, types=_types_of(error), places=_places_of(error))


def _types_of(error: BaseException) -> list[str]:
    """The types of an exception and of what caused it, without their messages."""
    return [f"{type(one).__module__}.{type(one).__qualname__}" for one in _causes(error)]


def _places_of(error: BaseException) -> list[str]:
    """Where an exception came from, the innermost place last; code places alone, no values."""
    frames: list[Any] = [frame for one in reversed(_causes(error)) for frame in traceback.extract_tb(one.__traceback__)]
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-_DEEPEST:]]
