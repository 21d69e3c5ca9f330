"""The two databases, set up: what each connection is told when it opens, and when one is given up.

The drivers' own implicit transactions lose updates on SQLite, so every BEGIN is ours there.
"""

from __future__ import annotations

import socket
from typing import Any

import msgspec
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from server.master.faults import is_stale_primary
from server.master.sqlite import BEGIN, Connection

__all__ = ["as_json", "on_postgres", "on_sqlite"]

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 10000",
    "PRAGMA secure_delete = ON",
    "PRAGMA cache_size = -65536",
)
_CONNECT_S = 5.0
_SESSION = {
    "application_name": "saojie",
    "client_connection_check_interval": "5s",
    "jit": "off",
    "lock_timeout": "10s",
    "tcp_keepalives_count": "3",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_user_timeout": "20s",
}
"""A lock is waited for as long as on SQLite. A node that is cut off loses its session, and with it its locks."""
_PRIMARY = "target_session_attrs"
_LEVEL = """
SELECT set_config('synchronous_commit', 'on', false)
 WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write');
SELECT pg_logical_emit_message(true, 'saojie', '');
"""
"""Commits what is nothing: like any commit it waits until a synchronous standby has all that this server shows, also
what it brought back from its own disk alone after a crash (docs/decisions/failover.md)."""
_KEEPALIVE = ((socket.TCP_KEEPIDLE, 10), (socket.TCP_KEEPINTVL, 5), (socket.TCP_KEEPCNT, 3))
_KEEPALIVE_MS = ((socket.TCP_USER_TIMEOUT, 20_000),)


def as_json(value: Any) -> str:
    """A value as both databases are given JSON."""
    return msgspec.json.encode(value).decode()


def on_sqlite(url: str, connections: int, *, reads: bool) -> AsyncEngine:
    """An engine on SQLite whose transactions only read, or take the lock to write; on at most so many connections."""
    engine = create_async_engine(
        url,
        hide_parameters=True,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=connections,
        max_overflow=0,
        json_serializer=as_json,
        json_deserializer=msgspec.json.decode,
    )

    @event.listens_for(engine.sync_engine, "do_connect")
    def _open(dialect: Any, _record: object, arguments: Any, options: Any) -> Connection:
        return Connection.opened(dialect, *arguments, reads=reads, **options)

    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(BEGIN if reads else "BEGIN IMMEDIATE")

    return engine


def on_postgres(url: str, isolation: str, idle: str) -> AsyncEngine:
    """An engine on the primary of a PostgreSQL; a session that stays idle within a transaction for `idle` is ended.

    A connection whose other end is gone is not handed out, and one to a server that another has replaced is given up.
    """
    whole = make_url(url)
    session = {**_SESSION, "idle_in_transaction_session_timeout": idle}
    given: dict[str, Any] = {"timeout": _CONNECT_S, "server_settings": session}
    if _PRIMARY not in whole.query:
        given[_PRIMARY] = "primary"
    engine = create_async_engine(
        whole,
        hide_parameters=True,
        pool_size=20,
        max_overflow=0,
        isolation_level=isolation,
        connect_args=given,
        json_serializer=as_json,
        json_deserializer=msgspec.json.decode,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        _keep_alive(connection.driver_connection)
        connection.run_async(_level)

    @event.listens_for(engine.sync_engine, "checkout")
    def _checkout(connection: Any, _record: object, _proxy: object) -> None:
        if connection.driver_connection.is_closed():
            raise DisconnectionError

    @event.listens_for(engine.sync_engine, "handle_error")
    def _fault(context: ExceptionContext) -> None:
        if is_stale_primary(context.original_exception):
            context.is_disconnect = True

    return engine


async def _level(connection: Any) -> None:
    """Raises ConnectionError, also where no standby answers in time."""
    try:
        await connection.execute(_LEVEL, timeout=_CONNECT_S)
    except Exception as error:
        connection.terminate()
        raise ConnectionError(f"the server does not commit: {type(error).__name__}") from error


def _keep_alive(connection: Any) -> None:
    """Notice within half a minute that a network took what was sent and brought nothing back."""
    end = connection._transport.get_extra_info("socket")  # noqa: SLF001  # the driver has no setting for it
    if end.family == socket.AF_UNIX:
        return
    end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (*_KEEPALIVE, *_KEEPALIVE_MS):
        end.setsockopt(socket.IPPROTO_TCP, option, value)
