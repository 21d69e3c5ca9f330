"""A past deployment laid out again: its store, its keys, its phones, and today's server on them at the hour of then."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

import httpx

from client_sdk import Replica
from client_sdk.ports import Reply, Request, Unreachable
from client_sdk.testing.ahead import begun
from server.app import create_app
from server.departure.means import Means, means_of
from server.logs import make_logger
from server.master.migrations import upgrade
from server.ports import Sources
from server.settings import Settings
from tests.past.clock import Clock
from tests.past.stepping import laid_over
from tests.source import ROOT

__all__ = ["FOLDER", "PHONES", "STEPS", "Deployed", "Line", "Past", "served"]

T = TypeVar("T")
FOLDER = ROOT / "fixtures" / "past"
STEPS = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
"""Every deployment that is kept."""
PHONES = [step for step in STEPS if (FOLDER / step / "one").is_dir()]
"""Those with a rep's phone."""
_HOUR = 3_600_000


class Line:
    """The way from a phone to an application that runs in a thread of its own."""

    def __init__(self, loop: asyncio.AbstractEventLoop, client: httpx.AsyncClient) -> None:
        self.loop = loop
        self._client = client

    def send(self, request: Request) -> Reply:
        """One request."""
        asked = self._client.request(request.method, request.path, headers=request.headers, content=request.body)
        answer = asyncio.run_coroutine_threadsafe(asked, self.loop).result(60)
        return Reply(
            answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.content
        )

    def begin(self, request: Request) -> Callable[[], Reply]:
        """The next request, ahead of its time."""
        return begun(self.send, request)

    def listen(self, _request: Request) -> AbstractContextManager[tuple[int, Iterator[str]]]:
        """No stream here."""
        raise Unreachable("no stream here")

    def hang_up(self) -> None:
        """No stream here."""

    def close(self) -> None:
        """The client is the application's."""


class Past:
    """The deployment of a step, laid out under `folder`, its store in `database` where that is given (an empty one of
    PostgreSQL). `now` is an hour after it was made.
    """

    def __init__(self, step: str, folder: Path, database: str = "") -> None:
        self.folder = folder
        shutil.copytree(FOLDER / step, folder)
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o700 if path.is_dir() else 0o600)
        made = json.loads((folder / "made.json").read_text("utf-8"))
        self.schema: int = made["schema"]
        self.held: dict[str, int] = made["held"]
        self.now: int = made["at"] + _HOUR
        self.settings = Settings(folder / "home", database_url=database)
        path = folder / "home" / "saojie.db"
        with closing(sqlite3.connect(path)) as store:
            store.executescript((folder / "store.sql").read_text("utf-8"))
        if database:
            self.act(lambda means: laid_over(path, means.store, step))
            path.unlink()

    @property
    def sources(self) -> Sources:
        """The clock of then."""
        return Sources(lambda: self.now)

    def act(self, work: Callable[[Means], Awaitable[T]]) -> T:
        """Do something to the deployment, as a command would."""

        async def whole() -> T:
            means = means_of(self.settings, self.sources)
            try:
                return await work(means)
            finally:
                await means.store.close()

        return asyncio.run(whole())

    def upgrade(self) -> None:
        """What `saojie init` does with a store that is there."""

        async def work(means: Means) -> None:
            await upgrade(means.store)

        self.act(work)

    def phone(self, name: str, line: Line) -> Replica:
        """A phone's directory in the hands of today's SDK."""
        return Replica.open(self.folder / name, transport=line, clock=Clock(self.now))


class Deployed(Protocol):
    """A deployment that a server runs on, at its own time."""

    @property
    def settings(self) -> Settings:
        """Where it is."""
        ...

    @property
    def sources(self) -> Sources:
        """Its clock."""
        ...


@contextmanager
def served(past: Deployed) -> Iterator[Line]:
    """Today's server on the deployment."""
    ready: Future[tuple[Line, asyncio.Event]] = Future()
    thread = threading.Thread(target=lambda: asyncio.run(_live(past, ready)), name="past-server")
    thread.start()
    line, ending = ready.result(120)
    try:
        yield line
    finally:
        line.loop.call_soon_threadsafe(ending.set)
        thread.join(120)


async def _live(past: Deployed, ready: Future[tuple[Line, asyncio.Event]]) -> None:
    """Start, wait until it is told to end, end."""
    try:
        app = create_app(past.settings, past.sources, make_logger("error", io.StringIO()))
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
        async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://past") as client:
            ending = asyncio.Event()
            ready.set_result((Line(asyncio.get_running_loop(), client), ending))
            await ending.wait()
    except BaseException as error:
        if not ready.done():
            ready.set_exception(error)
        raise
