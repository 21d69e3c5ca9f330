"""An SDK of a later protocol before a server of an earlier one: `python -m tests.client_sdk.newer_sdk 4 2 DIRECTORY`.

A process of its own, in which `CURRENT` is raised before anything else is loaded: as if the line in `sync/versions.py`
had been edited. Prints how each sync ended, and the protocols that were asked in.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import sync

__all__ = ["raised"]

_FILE = Path(sync.__file__).parent / "versions.py"
_LINE = "\nCURRENT = 1\n"


def raised(current: int) -> ModuleType:
    """`sync.versions` with a later current protocol."""
    text = _FILE.read_text("utf-8")
    assert text.count(_LINE) == 1, "the line that says the current protocol is another one: say it here too"
    module = ModuleType("sync.versions")
    exec(compile(text.replace(_LINE, f"\nCURRENT = {current}\n"), _FILE, "exec"), vars(module))  # noqa: S102
    return module


def main(current: int, served: int, directory: Path) -> None:
    """Enrol, sync, work and sync again."""
    sys.modules["sync.versions"] = raised(current)

    from client_sdk.ports import Reply, Request  # noqa: PLC0415  # only now: all of it reads the raised version
    from client_sdk.testing import Server, World  # noqa: PLC0415
    from sync.frames import read_request  # noqa: PLC0415

    asked: list[int] = []

    class Earlier(Server):
        """A server that speaks nothing after `served`."""

        def send(self, request: Request) -> Reply:
            if request.path == "/sync":
                asked.append(read_request(request.body).protocol)
                if asked[-1] > served:
                    return Reply(400, {}, b'{"code": "protocol_too_new"}')
            return super().send(request)

    world = World(directory)
    world.server = Earlier(world.company)
    outlet = world.outlet()
    replica = world.enrolled()
    first = replica.sync().ended
    if first == "done":
        replica.visits.log(outlet.id, notes="said in the earlier protocol")
    sys.stdout.write(f"{first} {replica.sync().ended} {asked}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
