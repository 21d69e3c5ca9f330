"""The least that a chain of durable writes could take on this machine: so many small files appended to and synced, one
after another.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory

__all__ = ["raw_fsyncs"]

_PAGE = bytes(4096)


def raw_fsyncs(folder: Path, links: int, times: int) -> list[float]:
    """Milliseconds of each of so many chains: in each, one page is appended to each of `links` files in `folder`, and
    synced before the next is.
    """
    with TemporaryDirectory(dir=folder) as place:
        files = [os.open(Path(place) / str(at), os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600) for at in range(links)]
        try:
            return [_chain(files) for _ in range(times)]
        finally:
            for one in files:
                os.close(one)


def _chain(files: list[int]) -> float:
    began = time.perf_counter()
    for one in files:
        os.write(one, _PAGE)
        os.fsync(one)
    return (time.perf_counter() - began) * 1000
