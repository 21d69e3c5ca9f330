"""The slow link: what passes through it is the same, only later."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from random import Random

import pytest

from server.cli.trial.link import DIRECT, Lane, Link, LinkState

BAD = LinkState(bits_per_s=20_000_000, delay_s=0.001, jitter_s=0.002, loss=0.02)


@pytest.fixture
def echo() -> Iterator[str]:
    """A server that says everything back, until the other side has said all."""
    door = socket.create_server(("127.0.0.1", 0))

    def each(line: socket.socket) -> None:
        with line, suppress(OSError):
            while data := line.recv(1 << 16):
                line.sendall(data)

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=each, args=(door.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{door.getsockname()[1]}"
    door.close()


def connect(link: Link) -> socket.socket:
    """A connection through the link."""
    return socket.create_connection(("127.0.0.1", int(link.url.rpartition(":")[2])), timeout=60)


def said_back(line: socket.socket, data: bytes) -> bytes:
    """Say something, and that this was all; what comes back."""
    line.sendall(data)
    line.shutdown(socket.SHUT_WR)
    came = bytearray()
    while part := line.recv(1 << 16):
        came += part
    return bytes(came)


@pytest.mark.parametrize("state", [DIRECT, BAD])
def test_everything_arrives_in_order_and_is_counted(echo: str, state: LinkState) -> None:
    """Whatever was lost, late or slow; each way by itself, over two connections."""
    data = Random(1).randbytes(40_000)
    with Link(echo, state) as link:
        for at in (1, 2):
            with connect(link) as line:
                assert said_back(line, data) == data
            assert (link.up, link.down, link.connections) == (at * len(data), at * len(data), at)


def test_a_cut_ends_every_connection_and_the_next_one_works(echo: str) -> None:
    """Whoever was connected reads to the end."""
    with Link(echo) as link:
        with connect(link) as line:
            line.sendall(b"one")
            assert line.recv(3) == b"one"
            link.cut()
            with suppress(ConnectionError):
                assert line.recv(1) == b""
        with connect(link) as line:
            assert said_back(line, b"two") == b"two"
        assert link.connections == 2


def test_a_link_that_is_down_refuses_until_it_is_up_again(echo: str) -> None:
    """At the same address, however often each is said; whoever was connected reads to the end."""
    with Link(echo) as link:
        with connect(link) as line:
            line.sendall(b"one")
            assert line.recv(3) == b"one"
            for _ in range(2):
                link.take_down()
            with suppress(ConnectionError):
                assert line.recv(1) == b""
        assert link.is_down
        with pytest.raises(ConnectionRefusedError):
            connect(link)
        for _ in range(2):
            link.put_up()
        with connect(link) as line:
            assert said_back(line, b"two") == b"two"
        assert not link.is_down


def test_a_server_that_is_away_is_a_connection_that_ends() -> None:
    """As a phone sees it: connected, and then nothing."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        url = f"http://127.0.0.1:{door.getsockname()[1]}"
    with Link(url) as link, connect(link) as line, suppress(ConnectionError):
        assert line.recv(1) == b""


def test_the_rate_is_shared_and_the_delay_comes_on_top() -> None:
    """Packets queue one behind the other at the rate, with 40 bytes of headers each; each is then under way."""
    lane, state = Lane(Random(1)), LinkState(bits_per_s=8000, delay_s=0.25)
    assert [round(lane.arrives_at(state, 0.0, 960), 6) for _ in range(3)] == [1.25, 2.25, 3.25]
    assert round(lane.arrives_at(state, 10.0, 460), 6) == 10.75
    assert lane.carried == 3 * 960 + 460
    assert lane.arrives_at(DIRECT, 20.0, 10**6) == 20.0


def test_what_is_lost_comes_a_round_trip_and_more_later_as_often_as_the_link_loses() -> None:
    """About one in ten here; the same ones for the same seed."""
    state = LinkState(delay_s=0.25, loss=0.1)
    lane, again = Lane(Random(7)), Lane(Random(7))
    times = [lane.arrives_at(state, 0.0, 100) for _ in range(2000)]
    assert times == [again.arrives_at(state, 0.0, 100) for _ in range(2000)]
    assert set(times) == {0.25, 1.0}
    assert 150 < times.count(1.0) < 250


def test_jitter_stays_within_its_bound() -> None:
    """Later by up to so much, never sooner."""
    lane, state = Lane(Random(3)), LinkState(delay_s=0.1, jitter_s=0.05)
    times = [lane.arrives_at(state, 0.0, 100) for _ in range(500)]
    assert 0.1 <= min(times) < 0.11
    assert 0.14 < max(times) <= 0.15
