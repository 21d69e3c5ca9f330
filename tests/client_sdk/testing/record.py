"""Records what `client_sdk.testing.playback` plays, with the real server: `python -m tests.client_sdk.testing.record`.

To be run again where the SDK asks otherwise than it did, or the server answers otherwise in a way that a phone sees.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from client_sdk.testing import transcript
from client_sdk.testing.bad_days import DAYS
from tests.client_sdk.testing.looking import after
from tests.client_sdk.testing.real import Founded, RealWorld, found

FOLDER = Path(transcript.__file__).parent / "transcripts"
UNRECORDED = frozenset({"slow_link"})
"""Days of which the server has no part."""


def recorded(name: str, directory: Path, founded: Founded) -> bytes:
    """A day with its way out, said to the real server."""
    world = RealWorld(directory, founded)
    try:
        world.start()
        after(DAYS[name](world, world.phone()))
        return transcript.written(world.behind.said)
    finally:
        world.close()


def main() -> None:
    """Write all of them."""
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory() as place:
        founded = found(Path(place) / "home", Path(place) / "world")
        for name in sorted(DAYS.keys() - UNRECORDED):
            (FOLDER / f"{name}.json").write_bytes(recorded(name, Path(place) / name, founded))


if __name__ == "__main__":
    main()
