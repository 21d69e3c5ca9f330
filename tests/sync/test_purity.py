"""The engine at work touches nothing: what the architecture test reads in its source is watched here while it runs."""

from __future__ import annotations

import subprocess
import sys

from tests.source import ROOT

SCRIPT = """
import sys
from tests.sync.exchange import Phone, Server, settle
from tests.sync.merging import Asked, start
from tests.sync.frozen import sample
from sync import digest, frames, jsonform, machine, messages, signing, stock
from sync.codec import pack, plain, unpack
from sync.cursors import is_ours, seal
from sync.ids import new_id
from sync.records import COLLECTIONS

WATCHED = ("open", "socket.", "os.", "subprocess.", "sqlite3.", "shutil.", "tempfile.", "ctypes.", "import")
touched = []

def work():
    settle(Phone().log(5), Server(), 2)
    world = start("outlet", {})
    world.take(Asked("A", 10, {"phone": "1"}))
    world.take(Asked("B", 20, {"phone": "2"}))
    request = sample(messages.SyncRequest)
    assert frames.read_request(frames.write_request(request)) == request
    parts = [sample(kind) for kind in (messages.Head, messages.Page, messages.Tail)]
    assert frames.read_answer(frames.write_answer(*parts)).head == parts[0]
    jsonform.answer_to_json(parts[0], messages.Page(), parts[2])
    for one in COLLECTIONS.values():
        packed = pack(sample(one.type))
        plain(unpack(packed))
        digest.entry_hash(b"epoch", 1, 1, packed)
    is_ours(b"k", b"e", "company", seal(b"k", b"e", "company", 5))
    new_id(5, bytes(10))
    signing.six_digits(bytes(16), b"public")
    machine.after(machine.State.OPEN, machine.Event.ORDER_VERIFIED)

def watch(event, arguments):
    if watching and event.startswith(WATCHED):
        touched.append((event, arguments))

watching = False
work()
sys.addaudithook(watch)
watching = True
work()
watching = False
print(touched)
"""


def test_the_engine_opens_asks_and_starts_nothing() -> None:
    """No file, socket, database, process or late import, through a whole exchange."""
    run = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
