"""The server's machine: a disk that stays, and processes on it that live and die."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from litestar import Litestar

from client_sdk.ports import Reply, Request, Unreachable
from server.app import create_app
from server.identity.keys import create_keys
from server.logs import make_logger
from server.master import meta
from server.master.migrations import upgrade
from server.master.store import Store
from server.ports import Sources
from server.routes.context import Context
from server.settings import Settings
from tests.past.stepping import taken_down
from tests.simulation.disks import Disk
from tests.simulation.driver import Process
from tests.simulation.loop import StillLoop
from tests.simulation.stage import Stage

__all__ = ["Machine", "founded"]

_COMPANY = "扫街公司"


def _settings(home: Path, disk: Disk) -> Settings:
    """No decoys, and what a phone asks for is counted by nobody: the world asks more often than a person could."""
    return Settings(
        home, database_url=disk.url, decoys_per_replica=0, budget_burst=100_000, budget_per_minute=1_000_000,
        enrolments_per_minute=1_000_000,
    )  # fmt: skip


def founded(home: Path, disk: Disk, began_ms: int) -> None:
    """A company that nobody works for yet, in a home and on a disk: what every seed begins with."""
    home.mkdir(parents=True, exist_ok=True)
    random, loop = Random(1), StillLoop(began_ms)
    asyncio.set_event_loop(loop)
    disk.listen(loop)
    create_keys(_settings(home, disk).keys, random.randbytes)

    async def establish(store: Store) -> None:
        await upgrade(store)
        sources = Sources(lambda: began_ms, random.randbytes)
        async with store.write() as tx:
            await meta.found(tx, _COMPANY, sources.new_id(), random.randbytes(meta.EPOCH_BYTES))

    _ran(loop, disk, establish)
    loop.close()


class Machine:
    """One machine with one server on it. `context` is what the running process works with."""

    def __init__(self, home: Path, disk: Disk, stage: Stage, loop: StillLoop, random: Random) -> None:
        disk.listen(loop)
        self._disk = disk
        self._stage = stage
        self._loop = loop
        self._random = random
        self.settings = _settings(home, disk)
        self.process = Process(loop)
        self.app: Litestar | None = None
        self._end = asyncio.Event()
        self._life: asyncio.Task[None] | None = None
        self._backups = 0

    @property
    def sources(self) -> Sources:
        """The world's time, and randomness of the seed."""
        return Sources(lambda: self._loop.now_ms, self._random.randbytes)

    @property
    def context(self) -> Context:
        """What the running server works with."""
        assert self.app is not None
        context: Context = self.app.state.context
        return context

    def start(self) -> None:
        """A new process, which looks at what is on the disk before it answers."""
        self.process = Process(self._loop)
        self.app = create_app(self.settings, self.sources, make_logger("error", io.StringIO()))
        self._disk.attach(self.context.store, self.process)
        started = self._loop.create_future()
        self._end = asyncio.Event()
        self._life = self._loop.create_task(self._live(self.app, started, self._end))
        self._loop.run_until_complete(started)

    def kill(self) -> None:
        """The process dies where it is."""
        self.process.bury()
        for task in self._loop.living:
            task.cancel()
        self._end.set()
        if self._life is not None:
            self._loop.run_until_complete(asyncio.gather(self._life, return_exceptions=True))
        self.app = self._life = None

    def stop(self) -> None:
        """The process ends as it is told to."""
        self._end.set()
        if self._life is not None:
            self._loop.run_until_complete(self._life)
        self.app = self._life = None

    def back_up(self) -> Disk:
        """Take a copy of the database, as the backup of a night does; the departures file stands apart from it."""
        self.stop()
        self._backups += 1
        backup = self._disk.copied(self.settings.home / f"backup-{self._backups}")
        self.start()
        return backup

    def restore(self, backup: Disk) -> None:
        """Put a backup in the place of the database."""
        self.stop()
        self._disk.put(backup)
        self.start()

    def upgrade(self, step: str, deaths: Sequence[int]) -> None:
        """The database as the version of a step left it is brought to the newest one, by processes that die before so
        many statements and one that lives; then the server starts.
        """
        self.stop()
        _ran(self._loop, self._disk, lambda store: _taken_back(store, step))
        for statements in deaths:
            _ran(self._loop, self._disk, upgrade, statements)
        _ran(self._loop, self._disk, upgrade)
        self.start()

    def answer(self, request: Request) -> Reply:
        """What the server answers. Raises Unreachable where it is down or dies over it."""
        if self.app is None or self.process.is_dead:
            raise Unreachable("down")
        try:
            status, headers, body = self._stage.wait(self._asked(self.app, request))
        except asyncio.CancelledError:
            raise Unreachable("died") from None
        if self.process.is_dead:
            raise Unreachable("died")
        return Reply(status, headers, body)

    # ---- inside --------------------------------------------------------

    async def _live(self, app: Litestar, started: asyncio.Future[None], end: asyncio.Event) -> None:
        try:
            async with app.lifespan():
                started.set_result(None)
                await end.wait()
        except BaseException as error:
            if not started.done():
                started.set_exception(error)
            if not self.process.is_dead:
                raise

    async def _asked(self, app: Litestar, request: Request) -> tuple[int, dict[str, str], bytes]:
        sent: list[Any] = []
        waiting = [request.body]
        gone = asyncio.Event()

        async def receive() -> Any:
            if waiting:
                return {"type": "http.request", "body": waiting.pop(), "more_body": False}
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        try:
            await app(_scope(request), receive, send)  # type: ignore[arg-type]
        except Exception:
            if not self.process.is_dead:
                raise
        if not sent:
            return 0, {}, b""
        named = {name.decode().lower(): value.decode("latin-1") for name, value in sent[0]["headers"]}
        return int(sent[0]["status"]), named, b"".join(one.get("body", b"") for one in sent[1:])


def _ran(loop: StillLoop, disk: Disk, work: Callable[[Store], Awaitable[None]], dies_after: int | None = None) -> None:
    """A process of a command."""
    process = Process(loop)
    process.dies_after = dies_after
    store = Store(disk.url)
    disk.attach(store, process)

    async def run() -> None:
        await work(store)
        await store.close()

    try:
        loop.run_until_complete(run())
    except Exception:
        if not process.is_dead:
            raise
    process.bury()


async def _taken_back(store: Store, step: str) -> None:
    async with store.write() as tx:
        await taken_down(tx, step)


def _scope(request: Request) -> dict[str, Any]:
    path, _, query = request.path.partition("?")
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in request.headers.items()]
    length = (b"content-length", str(len(request.body)).encode())
    return {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1",
        "method": request.method, "scheme": "http", "path": path, "raw_path": path.encode(), "root_path": "",
        "query_string": query.encode(), "headers": [(b"host", b"world"), length, *headers],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
