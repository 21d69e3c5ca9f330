"""The least that an answer could take on this machine: the framework's hello, under the runner that serves the product.

`python -m server.cli.bench.raw_hello PORT` runs it.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from litestar import Litestar, get

from server.cli.trial.processes import Serving, environment_of

__all__ = ["Hello", "application"]


@get("/", media_type="text/plain", sync_to_thread=False)
def _hello() -> str:
    return "hello"


def application() -> Litestar:
    """An application that says hello to `GET /`, and nothing else."""
    return Litestar([_hello], openapi_config=None, logging_config=None)


class Hello(Serving):
    """That application in a process of its own. `folder` takes its log."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        super().__init__(["-m", __name__, str(port)], environment_of(), folder / "hello.log", "/")


def _serve(port: int) -> None:
    sys.stdout.write(f'{{"url": "http://127.0.0.1:{port}"}}\n')
    sys.stdout.flush()
    target = f"{__spec__.name}:application"
    Granian(
        target,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        factory=True,
        websockets=False,
        log_enabled=False,
    ).serve()


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
