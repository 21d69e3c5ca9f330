"""The server of the replay: the application itself behind real HTTP on this machine, on the history's clock."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from server.app import create_app
from server.cli.talk import Failure
from server.logs import make_logger
from server.ports import Sources
from server.settings import Settings

__all__ = ["served"]

_STARTS_WITHIN_S = 30.0
_LOOK_EVERY_S = 0.02


@contextmanager
def served(settings: Settings, sources: Sources) -> Iterator[str]:
    """Where the application answers, in a thread of its own, while the block runs. Raises Failure."""
    app = create_app(settings, sources, make_logger("error"))
    config = uvicorn.Config(
        app,
        http="h11",
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        _wait(server, thread)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def _wait(server: uvicorn.Server, thread: threading.Thread) -> None:
    ends = time.monotonic() + _STARTS_WITHIN_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > ends:
            raise Failure("month_server", "the server did not start", "服务器未能启动")
        time.sleep(_LOOK_EVERY_S)
