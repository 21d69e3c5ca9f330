"""A process that opens a replica and forks: what the copy may do with it is tried in the copy."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from client_sdk.errors import ReplicaClosed
from client_sdk.replica import Replica

__all__ = ["act"]

FINE, TOUCHED = 0, 7


def act(directory: str) -> None:
    """Open, fork, and leave as the copy left. Raises where the copy was answered."""
    replica = Replica.open(directory)
    replica.status()
    copy = os.fork()
    if copy == 0:
        os._exit(_tried(replica, Path(directory)))
    _, status = os.waitpid(copy, 0)
    code = os.waitstatus_to_exitcode(status)
    if code != FINE:
        raise RuntimeError(f"the copy ended with {code}")
    replica.status()
    replica.close()


def _tried(replica: Replica, directory: Path) -> int:
    """Call what there is to call, in the copy: it is refused, and no byte of any file is another one after it."""
    before = _bytes(directory)
    calls: list[Callable[[], object]] = [
        replica.status,
        replica.sync,
        replica.outlets.list,
        lambda: replica.drafts.save("form", {}),
        lambda: replica.watch(replica.status, print),
    ]
    for call in calls:
        try:
            call()
        except ReplicaClosed as error:
            if error.code == "replica_forked":
                continue
        return TOUCHED
    replica.close()
    return FINE if _bytes(directory) == before else TOUCHED


def _bytes(directory: Path) -> dict[str, str]:
    return {str(one): sha256(one.read_bytes()).hexdigest() for one in sorted(directory.rglob("*")) if one.is_file()}
