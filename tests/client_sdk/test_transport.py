"""The real transport against a real socket: whole answers, cut answers, no answers, streams that end."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from client_sdk.ports import Request, Unreachable
from client_sdk.transport import HttpTransport

Answer = Callable[[socket.socket], None]


@contextmanager
def server(answer: Answer) -> Iterator[str]:
    """A server that answers every connection by hand."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with line:
                line.recv(65536)
                answer(line)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def whole(line: socket.socket) -> None:
    """An answer of five bytes."""
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Some-Header: yes\r\nConnection: close\r\n\r\nhello")


def test_a_whole_answer_comes_whole() -> None:
    """Status, headers in lower case, body."""
    with server(whole) as url:
        transport = HttpTransport(url)
        reply = transport.send(Request("POST", "/sync", {"A": "b"}, b"body"))
        transport.close()
    assert (reply.status, reply.body, reply.whole) == (200, b"hello", True)
    assert reply.headers["x-some-header"] == "yes"


def test_a_cut_answer_gives_what_arrived() -> None:
    """The connection breaks in the middle of the body."""
    with server(lambda line: line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello")) as url:
        transport = HttpTransport(url)
        reply = transport.send(Request("POST", "/sync"))
        transport.close()
    assert (reply.status, reply.body, reply.whole) == (200, b"hello", False)


@pytest.mark.parametrize("answer", [lambda _line: None, lambda line: line.sendall(b"nonsense\r\n\r\n")])
def test_no_answer_is_unreachable(answer: Answer) -> None:
    """Nothing came, or nothing that is HTTP."""
    with server(answer) as url:
        transport = HttpTransport(url)
        with pytest.raises(Unreachable):
            transport.send(Request("POST", "/sync"))
        with pytest.raises(Unreachable), transport.listen(Request("GET", "/live")):
            pass
        transport.close()


def test_nobody_there_is_unreachable() -> None:
    """No server, no such name, no such address."""
    for url in ("http://127.0.0.1:9", "http://no.such.name.invalid", "http://[bad", "nonsense"):
        transport = HttpTransport(url)
        with pytest.raises(Unreachable):
            transport.send(Request("GET", "/"))
        transport.close()


def test_a_stream_gives_its_lines_as_they_come_and_ends_when_hung_up() -> None:
    """From another thread: whoever reads it reads to the end."""
    began = threading.Event()

    def stream(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n:\n\nevent: changed\n")
        began.set()
        line.recv(1)

    with server(stream) as url:
        transport = HttpTransport(url)
        with transport.listen(Request("GET", "/live")) as (status, lines):
            assert status == 200
            assert [next(lines), next(lines), next(lines)] == [":", "", "event: changed"]
            assert began.wait(10)
            transport.hang_up()
            assert list(lines) == []
        transport.close()


def test_a_closed_transport_can_be_used_again() -> None:
    """Closing lets go of connections; the next request makes a new one."""
    with server(whole) as url:
        transport = HttpTransport(url)
        for _ in range(2):
            assert transport.send(Request("GET", "/")).body == b"hello"
            transport.close()
