"""A phone in a terminal: one JSON command a line, exactly one JSON answer a line."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from client_sdk.ports import Request
from client_sdk.terminal.phone import COMMANDS
from client_sdk.testing.server import Server
from client_sdk.testing.world import World
from sync import scopes
from sync.codec import encode
from sync.records import Notice
from tests.client_sdk.acts import picture


def handler(server: Server) -> type[BaseHTTPRequestHandler]:
    """The server in memory behind HTTP."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.title(): value for name, value in self.headers.items()}
            reply = server.send(Request(self.command, self.path, headers, body))
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        do_GET = do_POST = do_PATCH = do_HEAD = _answer  # noqa: N815  # the names that http.server looks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture
def address(world: World) -> Iterator[str]:
    """The server in memory on a port of this machine, telling the real time."""
    world.time.now = time.time_ns() // 1_000_000
    with ThreadingHTTPServer(("127.0.0.1", 0), handler(world.server)) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Terminal:
    """A phone as a process."""

    def __init__(self, directory: Path) -> None:
        start = [sys.executable, "-m", "client_sdk.terminal", str(directory)]
        self.process = subprocess.Popen(start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, do: str, **arguments: Any) -> dict[str, Any]:
        """One command and its answer."""
        return self.line(msgspec.json.encode({"do": do, **arguments}).decode())

    def line(self, line: str) -> dict[str, Any]:
        """One line and the line that answers it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = msgspec.json.decode(self.process.stdout.readline())
        return answer

    def end(self) -> int:
        """End of input."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(20)


def test_a_day_in_a_terminal(world: World, address: str) -> None:
    """Enrol, sync, work offline, look around, sync, be wiped: over real HTTP, in a process of its own."""
    outlet = world.outlet(phone="13811112222")
    photo = world.directory / "photo.jpg"
    photo.write_bytes(picture(400, 300))
    code = world.company.code_for(world.rep)
    phone = Terminal(world.directory / "terminal")
    assert phone("status")["error"] == "not_enrolled"
    assert len(phone("enrol", code=code, url=address)["confirmation"]) == 6
    assert phone("sync")["report"]["ended"] == "done"
    assert phone("offline", on=True) == {"ok": True, "offline": True}
    shop = phone("register", name="新开的店", position=[39.9, 116.4], phone="1")["outlet"]
    assert phone("update", outlet=shop["id"], phone="13899998888")["outlet"]["phone"] == "13899998888"
    visit = phone("log_visit", outlet=str(outlet.id), notes="补货", stock=[["SKU-1", 12, 5]])["visit"]
    assert phone("attach", record=visit["id"], path=str(photo))["photo"]["width"] == 400
    assert phone("add_contact", outlet=shop["id"], name="李四", phone="13700000000")["contact"]["name"] == "李四"
    assert phone("sync")["report"]["ended"] == "no_network"
    assert [one["name"] for one in phone("search", text="xkdd")["outlets"]] == ["新开的店"]
    assert len(phone("near", lat=39.9042, lon=116.4074, within=5000)["outlets"]) == 2
    assert phone("get", outlet=str(outlet.id))["outlet"]["stock"]["SKU-1"]["sold"] == 5
    assert len(phone("list")["outlets"]) == 2
    assert phone("today")["today"]["due"] == 1
    assert phone("counts")["pending"] == 5
    assert {one["phone"] for one in phone("dump")["outlets"]} == {"13811112222", "13899998888"}
    assert phone("offline", on=False)["offline"] is False
    report = phone("sync")
    assert (report["report"]["sent"], report["photos"]["sent"]) == (5, 1)
    assert len(phone("outcomes")["outcomes"]) == 5
    assert phone("refused")["refused"] == []
    sums = {name: world.company.master.sum_of(name) for name in world.company.granted(world.rep)}
    assert phone("digests")["digests"] == {
        name: {"count": one.count, "digest": one.digest.hex()} for name, one in sums.items()
    }
    (device,) = world.company.devices.values()
    order = world.company.order_wipe(device)
    assert phone("accept", signed=encode(order).hex())["status"]["why"] == "ending"
    assert phone("dump")["error"] == "replica_wiped"
    assert phone("sync")["report"]["state"] == "wiped"
    assert phone("close") == {"ok": True, "closed": True}
    assert phone.end() == 0


def test_notices_and_the_letterbox_in_a_terminal(world: World, address: str) -> None:
    """A notice that holds the archive is read and acknowledged; letters go in beside it."""
    outlet = world.outlet()
    notice = Notice(world.company.new_id(), "保密须知", "客户资料归公司所有。", must_acknowledge=True)
    world.company.master.put(notice, scopes.COMPANY)
    phone = Terminal(world.directory / "terminal")
    phone("enrol", code=world.company.code_for(world.rep), url=address)
    phone("sync")
    held = phone("list")
    assert (held["error"], held["todo_zh"]) == ("notice_unread", "请显示须知并确认。")
    new = phone("put_outlet", name="新开的店", position=[39.9, 116.4])["record"]
    assert phone("put_visit", outlet=new, notes="补货")["ok"]
    (unread,) = phone("notices", unread=True)["notices"]
    assert phone("acknowledge", notice=unread["id"])["acknowledgement"]["notice_revision"] == 1
    assert [one["id"] for one in phone("list")["outlets"]] == [str(outlet.id)]
    report = phone("sync")["report"]
    assert (report["ended"], report["handed_in"], phone("status")["status"]["pending"]) == ("done", 2, 0)
    phone("close")
    assert phone.end() == 0


def test_every_line_is_answered_by_one_line(world: World) -> None:
    """Nonsense, unknown commands, wrong arguments: an error with a code, and the phone goes on."""
    phone = Terminal(world.directory / "terminal")
    for line in (
        "nonsense",
        "[]",
        "{}",
        '{"do": "fly"}',
        '{"do": "search"}',
        '{"do": "do"}',
        '{"do": "offline", "x": 1}',
    ):
        assert phone.line(line)["error"] in {"bad_command", "not_enrolled"}, line
    answer = phone("enrol", code="too short", url="http://127.0.0.1:9")
    assert (answer["error"], answer["zh"]) == ("bad_code", "登记码格式不正确。")
    assert phone("enrol", code="0" * 24, url="http://127.0.0.1:9")["error"] == "no_network"
    assert phone.end() == 0


def test_every_command_that_the_demo_needs_is_there() -> None:
    """By name."""
    needed = "enrol confirmation sync register update log_visit search near get list today status counts digests dump"
    assert set(needed.split()) | {"accept", "offline", "live", "attach", "close"} <= set(COMMANDS)


def test_how_to_call_it_is_said_in_both_languages() -> None:
    """Without a directory."""
    run = subprocess.run([sys.executable, "-m", "client_sdk.terminal"], capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "usage" in run.stderr
    assert "用法" in run.stderr
