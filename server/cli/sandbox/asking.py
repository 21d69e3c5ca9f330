"""Asking a sandbox that runs for an act, over its control address, and telling what it says."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import rich_click as click

from server.cli.deployment import speaking
from server.cli.sandbox.asked import ACT_PATH, Act, Done
from server.cli.sandbox.home import Address, found
from server.cli.talk import Failure, Talk

__all__ = ["asking"]

_WAIT_S = 60


class _Error(msgspec.Struct, frozen=True):
    error: str
    en: str
    zh: str


def asking(
    show: Callable[[Talk, dict[str, Any]], None] | None = None,
) -> Callable[[Callable[..., Act]], Callable[..., None]]:
    """A command that asks for the act which it returns, of the sandbox that `--home` or `--url` names, and tells what
    was done and what phones show; `show` tells the facts.
    """

    def made(work: Callable[..., Act]) -> Callable[..., None]:
        @click.option("--home", type=click.Path(file_okay=False, path_type=Path), help="沙盒目录 · The sandbox's home.")
        @click.option("--url", help="沙盒地址 · The sandbox's address.")
        @wraps(work)
        def run(talk: Talk, home: Path | None, url: str | None, **options: Any) -> None:
            done = _ask(found(home, url), work(**options))
            _tell(talk, done)
            if show is not None:
                show(talk, done.facts)
            talk.result({"did": done.did, "shows": done.shows, **done.facts})

        return speaking(run)

    return made


def _tell(talk: Talk, done: Done) -> None:
    talk.both(done.did.zh, done.did.en)
    if done.shows is not None:
        talk.both(f"手机：{done.shows.zh}", f"The phone: {done.shows.en}")


def _ask(address: Address, act: Act) -> Done:
    """Ask, and wait until it is done. Raises Failure."""
    at = urlsplit(address.control)
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=_WAIT_S)
    try:
        connection.request("POST", ACT_PATH, msgspec.json.encode(act), {"Authorization": f"Bearer {address.token}"})
        reply = connection.getresponse()
        status, body = reply.status, reply.read()
    except OSError as error:
        raise Failure("no_sandbox", f"{address.control}: {error}", f"{address.control}：{error}") from error
    finally:
        connection.close()
    if status == http.HTTPStatus.OK:
        return msgspec.json.decode(body, type=Done)
    told = msgspec.json.decode(body, type=_Error)
    raise Failure(told.error, told.en, told.zh)
