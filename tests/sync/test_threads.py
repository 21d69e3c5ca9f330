"""Several threads of a phone read their first messages at once: the process lives."""

from __future__ import annotations

import subprocess
import sys

from tests.source import ROOT

# Every kind of message at once, in threads that take turns as often as the interpreter lets them.
PROGRAM = """
import random, sys, threading
import msgspec
from sync import codec, messages, statements

sys.setswitchinterval(1e-6)
kinds = [
    one for module in (messages, statements) for one in vars(module).values()
    if isinstance(one, type) and issubclass(one, msgspec.Struct) and one is not msgspec.Struct
]
packed = codec.encode([b"x", 1, 2, 3, {}, [1, 2, []]])
ready = threading.Barrier(8)

def read(order):
    ready.wait()
    for kind in order:
        for reads, data in ((codec.decode, packed), (codec.from_json, b'["x", 1, 2, 3, {}, [1, 2, []]]')):
            try:
                reads(data, kind)
            except codec.DecodeError:
                pass

threads = [threading.Thread(target=read, args=(random.Random(at).sample(kinds, len(kinds)),)) for at in range(8)]
for one in threads:
    one.start()
for one in threads:
    one.join()
print(len(kinds))
"""


def test_threads_that_read_their_first_messages_at_once_end_well() -> None:
    """A few processes, each with nothing made yet."""
    for _ in range(4):
        done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert int(done.stdout) > 30
