"""`saojie init` and `saojie serve`: a deployment is set up, and a server runs on it."""

from __future__ import annotations

import asyncio
import os
import resource
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from server.cli.deployment import ADDRESS_FILE, Deployment, opened, speaking
from server.cli.talk import Failure, Talk

if TYPE_CHECKING:
    from server.departure.means import Means
    from server.ports import Sources
    from server.settings import Settings

__all__ = ["establish", "free_port", "init", "serve"]


@click.command()
@click.option("--company", help="公司名称 · The company's name.")
@click.option("--manager", help="首位经理的姓名 · The first manager's name.")
@speaking
def init(talk: Talk, company: str | None, manager: str | None) -> None:
    """建立部署或升级数据库 · Set a deployment up, or bring its database to this version."""
    asyncio.run(_init(talk, company, manager))


async def _init(talk: Talk, company: str | None, manager: str | None) -> None:
    from server.settings import read_settings

    settings = read_settings(os.environ)
    means, is_new = await establish(talk, settings, company or settings.company_name, manager)
    try:
        await _tell(talk, means, settings.home, is_new=is_new)
    finally:
        await means.close()


async def establish(
    talk: Talk, settings: Settings, company: str, manager: str | None, sources: Sources | None = None
) -> tuple[Means, bool]:
    """Make sure that the deployment is set up and of this version: its means, and whether it is new. A replay brings
    its own clock with `sources`.

    Raises Failure, KeyFileError. What stopped half way is gone on with.
    """
    from server.departure.means import means_of
    from server.departure.recovery import reconcile
    from server.identity.keys import create_keys
    from server.master.migrations import upgrade
    from server.master.partitions import make_months
    from server.ports import REAL

    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not settings.keys.exists():
        await _refuse_other_keys(settings)
        create_keys(settings.keys, REAL.random)
    means = means_of(settings, sources or REAL)
    try:
        await upgrade(means.store)
        await make_months(means.store, means.sources.now())
        is_new = await _found(talk, means, company, manager)
        await reconcile(means.store, means.file, means.keys, means.sources)
    except BaseException:
        await means.close()
        raise
    return means, is_new


async def _refuse_other_keys(settings: Settings) -> None:
    """A database that a company has already is never given keys that its phones do not know. Raises Failure."""
    from sqlalchemy.exc import DBAPIError

    from server.master.meta import read_identity
    from server.master.store import Store

    store = Store(settings.database)
    try:
        async with store.read() as tx:
            await read_identity(tx)
    except (LookupError, DBAPIError):
        return
    finally:
        await store.close()
    raise Failure(
        "keys_missing",
        f"the database belongs to a company, and its keys are not here: copy {settings.keys} from another machine, "
        "or restore it",
        f"数据库已属于一家公司，但本机没有其密钥：请从另一台机器复制 {settings.keys}，或恢复备份",
    )


async def _found(talk: Talk, means: Means, company: str, manager: str | None) -> bool:
    """Set the company up unless it is there; whether it was new."""
    from server.field.defaults import add_default_classes
    from server.identity import staff
    from server.master import meta

    async with means.store.read() as tx:
        try:
            await meta.read_identity(tx)
        except LookupError:
            pass
        else:
            return False
    if means.file.read():
        raise Failure(
            "store_lost",
            "this deployment was in use before and its database is empty: put the backup back",
            "该部署曾经使用过，但数据库是空的，请恢复数据库备份",
        )  # fmt: skip
    company = company or _asked(talk, "公司名称", "The company's name", "--company")
    async with means.store.write() as tx:
        await meta.found(tx, company, means.sources.new_id(), means.sources.random(meta.EPOCH_BYTES))
        await add_default_classes(tx, means.sources)
        if manager:
            await staff.add(tx, manager, staff.Role.MANAGER, means.sources)
    return True


def _asked(talk: Talk, zh: str, en: str, option: str) -> str:
    if not talk.is_interactive:
        raise Failure("option_missing", f"name it with {option}", f"请用 {option} 指定{zh}")
    return str(click.prompt(talk.either(zh, en)))


async def _tell(talk: Talk, means: Means, home: Path, *, is_new: bool) -> None:
    from server.master.meta import read_identity

    async with means.store.read() as tx:
        identity = await read_identity(tx)
    if is_new:
        talk.say(
            f"已建立“{identity.company_name}”，全部数据在 {home}。请备份该目录，密钥在 keys/ 下。",
            f"{identity.company_name} is set up; all its state is in {home}. Back it up; the keys are in keys/.",
        )
    else:
        talk.say(
            f"“{identity.company_name}”已存在，数据库已是当前版本。",
            f"{identity.company_name} is there; its database is of this version.",
        )
    talk.result(
        {"company": identity.company, "company_name": identity.company_name, "home": str(home), "is_new": is_new}
    )


@click.command()
@click.option("--host", help="监听地址 · The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65_535), help="端口，0 表示任选 · The port; 0 takes a free one.")
@click.option("--runner", type=click.Choice(["granian", "uvicorn"]), default="granian", show_default=True)
@click.option("--tls-certificate", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="PEM")
@click.option("--tls-key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="PEM")
@click.option("--sandbox", is_flag=True, help="沙盒：自带样例公司，只在本机 · A sandbox with a company, here alone.")
@click.option("--home", type=click.Path(file_okay=False, path_type=Path), help="沙盒目录 · Keep the sandbox there.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="沙盒种子 · The sandbox's seed.")
@click.option(
    "--confirm", is_flag=True, help="沙盒手机须核对六位数字 · The sandbox's phones wait for their six digits."
)
@speaking
def serve(
    talk: Talk,
    host: str | None,
    port: int | None,
    runner: str,
    tls_certificate: Path | None,
    tls_key: Path | None,
    *,
    sandbox: bool,
    home: Path | None,
    seed: int,
    confirm: bool,
) -> None:
    """启动服务器 · Run the server."""
    if sandbox:
        if tls_certificate or tls_key:
            raise Failure("sandbox_is_local", "a sandbox is plain HTTP on this machine", "沙盒只在本机提供明文 HTTP")
        from server.cli.sandbox.running import Wish, run

        run(talk, host, Wish(home, port, seed, confirm))
        return
    if home is not None or confirm:
        raise Failure(
            "option_missing", "--home and --confirm go with --sandbox", "--home 与 --confirm 须与 --sandbox 同用"
        )
    if (tls_certificate is None) is not (tls_key is None):
        raise Failure("option_missing", "a certificate and its key go together", "证书与私钥必须同时给出")
    tls = None if tls_certificate is None or tls_key is None else (tls_certificate, tls_key)
    if tls is not None:
        _check_tls_key(tls[1])
    at = asyncio.run(_address(talk, host, port))
    url = f"{'https' if tls else 'http'}://{_shown(at[0])}:{at[1]}"
    _keep_address(url)
    talk.say(f"服务器运行在 {url}（Ctrl-C 结束）", f"The server is at {url} (Ctrl-C ends it)")
    if tls is None and at[0] not in _LOOPBACK:
        talk.say("警告：未启用 TLS，请只在可信网络内使用。", "Warning: without TLS this is for a trusted network only.")
    talk.result({"url": url})
    most = _connections()
    if runner == "granian":
        _granian(at, tls, most)
    else:
        _uvicorn(at, tls)


def _check_tls_key(path: Path) -> None:
    """Refuse a private key that everybody may read. Raises Failure."""
    from server.secret_files import check_closed
    from server.values import Unfit

    try:
        check_closed(path)
    except Unfit as unfit:
        raise Failure("keys_exposed", unfit.en, unfit.zh) from None


def _keep_address(url: str) -> None:
    """Leave the address where `saojie enrol` finds it."""
    from server.settings import read_settings

    (read_settings(os.environ).home / ADDRESS_FILE).write_text(url, "utf-8")


_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


async def _address(talk: Talk, host: str | None, port: int | None) -> tuple[str, int]:
    """Where to listen, on a deployment that is set up. Raises Failure."""
    async with opened(talk) as deployment:
        settings = deployment.settings
        at = host or settings.host, settings.port if port is None else port
        if talk.is_interactive:
            await _tell_first_code(deployment)
    return at[0], await free_port(at)


async def _tell_first_code(deployment: Deployment) -> None:
    """Where nobody can sign in to the console yet, somebody at the terminal is given the code for it."""
    from server.identity.invitations import invite_first

    async with deployment.store.write() as tx:
        made = await invite_first(tx, deployment.sources)
    if made is not None:
        deployment.talk.say(
            f"管理台还没有账号：请在浏览器打开 /welcome，输入开通码 {made.code.shown}（一小时内有效）",
            f"The console has no account yet: open /welcome in a browser and type {made.code.shown} (good for an hour)",
        )


async def free_port(at: tuple[str, int]) -> int:
    """The port, when it can be had: a server that was just killed may need a moment to let go. Raises Failure."""
    family = socket.AF_INET6 if ":" in at[0] else socket.AF_INET
    for left in reversed(range(_BIND_TRIES)):
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(at)
                return int(probe.getsockname()[1])
        except OSError as error:
            if not left:
                raise Failure(
                    "address_taken", f"{at[0]}:{at[1]} cannot be used ({error.strerror}); choose another with --port",
                    f"无法使用 {at[0]}:{at[1]}（{error.strerror}），请用 --port 换一个端口",
                ) from error  # fmt: skip
        await asyncio.sleep(_BIND_PAUSE_S)
    raise AssertionError("the loop above returns or raises")


_BIND_TRIES, _BIND_PAUSE_S = 10, 0.1
_GRACE_S = 10


_BESIDE_STREAMS, _OTHER_FILES = 4096, 256


def _connections() -> int:
    """How many connections are held at once: all live streams and then some, as far as the system lets files be open.

    Those of phones that only listen must not leave without one who has something to say.
    """
    from server.settings import read_settings

    wanted = read_settings(os.environ).streams_at_once + _BESIDE_STREAMS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted + _OTHER_FILES:
        soft = hard if hard != resource.RLIM_INFINITY and hard < wanted + _OTHER_FILES else wanted + _OTHER_FILES
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(min(wanted, soft - _OTHER_FILES), 1)


def _granian(at: tuple[str, int], tls: tuple[Path, Path] | None, most: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    certificate, key = tls or (None, None)
    Granian(
        "server.cli.worker:application",
        address=at[0],
        port=at[1],
        interface=Interfaces.ASGI,
        factory=True,
        websockets=False,
        backlog=_BESIDE_STREAMS,
        backpressure=most,
        log_enabled=False,
        workers_kill_timeout=_GRACE_S,
        ssl_cert=certificate,
        ssl_key=key,
    ).serve()


def _uvicorn(at: tuple[str, int], tls: tuple[Path, Path] | None) -> None:
    import uvicorn

    certificate, key = tls or (None, None)
    uvicorn.run(
        "server.app:from_environment",
        factory=True,
        host=at[0],
        port=at[1],
        # Whatever else is installed: httptools, which it would take by itself, reads headers without an end.
        http="h11",
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_S,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
