"""`saojie serve --sandbox`: a company is made, and served to this machine alone until somebody ends it."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from os import getpid
from pathlib import Path

import uvicorn

from server.app import create_app
from server.cli.deployment import ADDRESS_FILE, Deployment
from server.cli.founding import establish, free_port
from server.cli.sandbox.company import COMPANY, MANAGER, REPS, Issued, SignIn, code_for, fill, sign_ins
from server.cli.sandbox.front import Front
from server.cli.sandbox.home import PREFIX, Address, Places
from server.cli.sandbox.house import House
from server.cli.sandbox.moments import START, is_kept, make_mark
from server.cli.sandbox.sandbox import Sandbox
from server.cli.sandbox.time import SandboxTime
from server.cli.sandbox.waiting import Waiting
from server.cli.sandbox.weather import Weather
from server.cli.talk import Failure, Talk
from server.cli.trial.link import Link
from server.departure.means import means_of
from server.identity import devices
from server.logs import make_logger
from server.master.meta import read_identity
from server.ports import REAL, Sources
from server.settings import FILE_NAME, Settings, read_settings
from sync.messages import Standing

__all__ = ["Wish", "run"]

_LOOPBACK = "127.0.0.1"
_GRACE_S = 5
_SETTINGS = """\
# A sandbox: nothing here is a company's. 沙盒：不含任何公司的数据。
company_name = "{company}"
code_lifetime = "24h"
log_level = "warning"
support_contact = "沙盒 · Sandbox 400-000-0000"
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asked for: `home` None for one that goes when the sandbox ends; `port` None for the setting's;
    `confirm` whether phones wait for their six digits.
    """

    home: Path | None
    port: int | None
    seed: int
    confirm: bool


def run(talk: Talk, host: str | None, wish: Wish) -> None:
    """Serve until somebody ends it. Raises Failure."""
    if host not in {None, _LOOPBACK, "localhost"}:
        raise Failure(
            "sandbox_is_local", "a sandbox answers this machine alone: leave --host away",
            "沙盒只在本机提供服务，请去掉 --host",
        )  # fmt: skip
    with _home(wish.home) as home:
        asyncio.run(_whole(talk, home, wish))


@contextmanager
def _home(named: Path | None) -> Iterator[Path]:
    """The home: the one that was named, or one for as long as the block runs."""
    home = named.absolute() if named is not None else Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        yield home
    finally:
        if named is None:
            shutil.rmtree(home)


async def _whole(talk: Talk, home: Path, wish: Wish) -> None:
    places = Places(home)
    places.make(home)
    settings = _settings(home)
    time = SandboxTime(places.time, REAL.now)
    sources = Sources(time.now)
    port = await free_port((_LOOPBACK, settings.port if wish.port is None else wish.port))
    await _found(talk, settings, sources, places, wish.seed)
    with socket.create_server((_LOOPBACK, 0)) as listening:
        control = f"http://{_LOOPBACK}:{listening.getsockname()[1]}"
        with Link(control, port=port) as link:
            house = House(partial(create_app, settings, sources, make_logger(settings.log_level)))
            sandbox = Sandbox(settings, places, time, house, Weather(link), Waiting(), wish.confirm)
            await _serve(talk, sandbox, Address(link.url, control, secrets.token_urlsafe(32), getpid()), listening)


def _settings(home: Path) -> Settings:
    """The settings of the home alone: what the environment says is another deployment's. Raises Failure."""
    file = home / FILE_NAME
    if not file.exists():
        file.write_text(_SETTINGS.format(company=COMPANY), "utf-8")
    settings = read_settings({"SAOJIE_HOME": str(home)})
    if settings.database_url:
        raise Failure(
            "sandbox_is_local", "a sandbox has a database of its own", "沙盒使用自己的数据库，不能指定其他数据库"
        )
    return settings


async def _found(talk: Talk, settings: Settings, sources: Sources, places: Places, seed: int) -> None:
    """Make the company unless it is there, whole: the first copy to come back to is what is made last."""
    means, _ = await establish(talk, settings, COMPANY, MANAGER, sources)
    try:
        if is_kept(places.marks / START):
            return
        talk.both("正在准备沙盒：导入样例片区……", "Making the sandbox: the sample district comes in…")
        await fill(Deployment(Talk(is_quiet=True), settings, means), seed)
        async with means.store.read() as tx:
            company = (await read_identity(tx)).company
        await asyncio.to_thread(make_mark, settings, places.marks / START, company, sources.now())
    finally:
        await means.close()


async def _serve(talk: Talk, sandbox: Sandbox, address: Address, listening: socket.socket) -> None:
    """Serve until a signal comes; the address is there to be found meanwhile."""
    front = Front(sandbox, address.token, address.control)
    config = uvicorn.Config(
        front,
        http="h11",
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    # The server says again what ended it, when it has ended: then the home is still to be removed.
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, _heard)
    codes, accounts = await _prepared(sandbox, address)
    sandbox.places.keep(address)
    (sandbox.settings.home / ADDRESS_FILE).write_text(address.url, "utf-8")
    try:
        _tell(talk, sandbox, address, codes, accounts)
        await uvicorn.Server(config).serve([listening])
    finally:
        sandbox.places.address.unlink(missing_ok=True)


def _heard(_number: int, _frame: object) -> None:
    """A signal that the server has acted on already."""


async def _prepared(sandbox: Sandbox, address: Address) -> tuple[list[Issued], list[SignIn]]:
    """Codes for the reps who have no phone yet, and the accounts."""
    means = means_of(sandbox.settings, Sources(sandbox.time.now))
    deployment = Deployment(Talk(is_quiet=True), sandbox.settings, means)
    codes = []
    try:
        async with means.store.write() as tx:
            for name in REPS:
                person = await deployment.person(tx, name)
                phones = [
                    one for one in await devices.of_person(tx, person.id) if one.standing is not Standing.DEPARTED
                ]
                if person.is_active and not phones:
                    codes.append(await code_for(deployment, tx, person, address.url, confirm=sandbox.confirm))
            return codes, await sign_ins(tx)
    finally:
        await means.close()


def _tell(talk: Talk, sandbox: Sandbox, address: Address, codes: list[Issued], accounts: list[SignIn]) -> None:
    """Say loudly what this is, where it is, and how to come in."""
    from server.identity.qr import as_terminal

    talk.both(
        "【沙盒】仅供开发试用：明文 HTTP，只在本机，数据均为虚构。请勿存放真实客户。",
        "SANDBOX, to try things out: plain HTTP, this machine alone, all data invented. Put no real customer into it.",
    )
    talk.say(f"手机地址：{address.url}（Ctrl-C 结束）", f"For phones: {address.url} (Ctrl-C ends it)")
    talk.say(f"数据目录：{sandbox.settings.home}", f"Its home: {sandbox.settings.home}")
    for one in accounts:
        talk.say(
            f"管理台 {address.control}：{one.name}（{one.login} / {one.password}）",
            f"The console, {address.control}: {one.name} ({one.login} / {one.password})",
        )
    for code in codes:
        talk.say(f"{code.name} 的登记码：{code.code}", f"The code for {code.name}: {code.code}")
        talk.say(f"  {code.payload}", f"  {code.payload}")
        if not talk.is_json:
            talk.raw(as_terminal(code.payload))
    talk.say(
        "另开一个终端：saojie sandbox --help 列出每一种“坏日子”。",
        "In another terminal: `saojie sandbox --help` lists each bad day.",
    )
    talk.result(
        {
            "url": address.url,
            "console": address.control,
            "home": str(sandbox.settings.home),
            "codes": codes,
            "accounts": accounts,
        }
    )
