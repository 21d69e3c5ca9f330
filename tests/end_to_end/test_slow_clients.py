"""Clients that are slow, endless or enormous, against the real server under both runners: each is given up in time and
within bounds, and none keeps others out.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from server.departure.means import Means
from tests.end_to_end.crowd import Caller, enrolled, peak_memory, talk
from tests.end_to_end.deployment import Deployment

IDLE = 1100
FILES = 4096
MEMORY = 64 << 20
MEBIBYTE = 1 << 20
SYNC = "POST /sync HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"


@pytest.fixture(params=["granian", "uvicorn"])
def deployment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployment]:
    """A company's server, which waits a second for a body that stands still."""
    home = tmp_path / "home"
    home.mkdir()
    deployment = Deployment(home)
    deployment.environment |= {"SAOJIE_BODY_WAIT": "1s", "SAOJIE_STREAMS_AT_ONCE": "100"}
    deployment.command("init", "--company", "测试商贸", "--manager", "陈经理")
    deployment.launch("--runner", request.param)
    yield deployment.wait()
    deployment.close()


async def is_well(deployment: Deployment) -> bool:
    """Whether somebody else is answered."""
    return (await talk(deployment.port, "GET /healthz HTTP/1.1")).status == 200


async def read(reader: asyncio.StreamReader) -> bytes:
    """An answer, up to its end or the connection's; nothing of one that a reset took along."""
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        head = await reader.readuntil(b"\r\n\r\n")
        size = re.search(rb"content-length: (\d+)", head.lower())
        return head + await reader.readexactly(int(size[1]) if size else 0)
    return b""


async def answered(deployment: Deployment, *parts: bytes, pause_s: float = 0) -> bytes:
    """What comes back for a request that comes in parts; nothing where the server hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", deployment.port)
    got = asyncio.create_task(read(reader))
    with suppress(ConnectionError):
        for part in parts:
            if got.done():
                break
            writer.write(part)
            await writer.drain()
            await asyncio.wait([got], timeout=pause_s)
    async with asyncio.timeout(60):
        answer = await got
    writer.transport.abort()
    return answer


def status_of(answer: bytes) -> int:
    """Its status, 0 without an answer."""
    return int(answer.split()[1]) if answer else 0


def test_connections_that_say_nothing_keep_nobody_out(deployment: Deployment) -> None:
    """More of them than the runners would hold by themselves, in the middle of a request line, a header, a body."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < FILES:
        if hard < FILES:
            pytest.skip("not so many files may be open here")
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, hard))
    begun = (b"", b"POST /sy", SYNC.encode(), f"{SYNC}Content-Length: 1000\r\n\r\nabc".encode())

    async def look() -> bool:
        writers = []
        for number in range(IDLE):
            _, writer = await asyncio.open_connection("127.0.0.1", deployment.port)
            writer.write(begun[number % len(begun)])
            writers.append(writer)
        try:
            return await is_well(deployment)
        finally:
            for writer in writers:
                writer.close()

    assert asyncio.run(look())


def test_a_body_that_stands_still_or_drips_is_given_up(deployment: Deployment) -> None:
    """503 with Retry-After, as it may be the network."""
    head = f"{SYNC}Content-Length: 1000\r\n\r\n".encode()

    async def look() -> tuple[bytes, bytes]:
        still, drip = answered(deployment, head), answered(deployment, head, *[b" "] * 900, pause_s=0.1)
        return await asyncio.gather(still, drip)

    for answer in asyncio.run(look()):
        assert answer.startswith(b"HTTP/1.1 503"), answer
        assert b"retry-after" in answer.lower()
        assert b'"unavailable"' in answer
    assert asyncio.run(is_well(deployment))


def test_what_is_endless_or_enormous_is_refused_within_bounds(deployment: Deployment) -> None:
    """A header without an end, a body without an end, bombs of three kinds: each a plain refusal, memory bounded."""
    assert deployment.server is not None

    async def device(means: Means) -> Caller:
        return (await enrolled(means, deployment.port, 1))[0]

    caller = deployment.act(device)
    bearer = f"{SYNC}Authorization: Bearer {caller.token}\r\n"
    before = peak_memory(deployment.server.pid)

    async def sent(head: str, body: bytes) -> int:
        return status_of(await answered(deployment, f"{head}Content-Length: {len(body)}\r\n\r\n".encode(), body))

    async def look() -> list[int]:
        header = await answered(deployment, SYNC.encode() + b"X: ", *[b"a" * MEBIBYTE] * 64)
        chunk = f"{MEBIBYTE:x}\r\n".encode() + bytes(MEBIBYTE) + b"\r\n"
        endless = await answered(deployment, f"{bearer}Transfer-Encoding: chunked\r\n\r\n".encode(), *[chunk] * 64)
        bomb = gzip.compress(bytes(256 * MEBIBYTE), 9)
        return [
            status_of(header),
            status_of(endless),
            await sent(f"{bearer}Content-Encoding: gzip\r\n", bomb),
            await sent(bearer, b"[" * 2 * MEBIBYTE),
            await sent(bearer, json.dumps({"operations": ["00" * 40] * 20_000}).encode()),
        ]

    header, endless, *others = asyncio.run(look())
    assert header in {0, 400, 431}
    assert endless in {0, 413}
    assert others == [413, 400, 400]
    assert peak_memory(deployment.server.pid) - before < MEMORY
    assert asyncio.run(is_well(deployment))
