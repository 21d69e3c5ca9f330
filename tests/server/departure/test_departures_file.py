"""The departures file: what is appended is on the disk, in order, signed, and cannot be altered unseen."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.departure.departures_file import (
    DepartedDevice,
    Departure,
    DeparturesFile,
    DeparturesFileError,
    EpochBegan,
    Planned,
)


class Keys:
    """A signing key, and those that lines are believed by."""

    def __init__(self, secret: bytes) -> None:
        self.signing = Ed25519PrivateKey.from_private_bytes(secret)
        self.signing_public = [self.signing.public_key().public_bytes_raw()]


KEYS = Keys(bytes(range(32)))
COMPANY = UUID(int=1)


def departure(number: int) -> Departure:
    """A departure of a person with one device and one territory."""
    device = DepartedDevice(UUID(int=number + 100), UUID(int=number + 200), UUID(int=number + 300), "3059")
    planned = Planned(UUID(int=number + 400), UUID(int=number + 500), None)
    return Departure(1_800_000_000_000 + number, UUID(int=number), True, "left", (device,), (planned,))


def opened(path: Path) -> DeparturesFile:
    """The file as a process opens it."""
    return DeparturesFile(path, KEYS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file is."""
    return tmp_path / "departures.log"


def filled(path: Path) -> DeparturesFile:
    """A file with an epoch and two departures."""
    file = opened(path)
    file.append([EpochBegan(COMPANY, "aa" * 8, 1)])
    file.append([departure(1), departure(2)])
    return file


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file of this process grows beyond so many bytes, as on a disk that is nearly full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_line_for_which_there_is_no_room_is_told_and_can_be_written_later(path: Path) -> None:
    """The system takes the part that fits and calls that no error: half a line would be no line."""
    file = filled(path)
    with room_for(path.stat().st_size + 50), pytest.raises(OSError, match="room"):
        file.append([departure(3)])
    assert opened(path).read() == (EpochBegan(COMPANY, "aa" * 8, 1), departure(1), departure(2))
    file.append([departure(3)])
    assert opened(path).read()[-1] == departure(3)


def test_what_was_appended_is_read_back_in_order(path: Path) -> None:
    """Entries come back whole and in the order in which they were written."""
    filled(path)
    assert opened(path).read() == (EpochBegan(COMPANY, "aa" * 8, 1), departure(1), departure(2))


def test_a_missing_file_holds_nothing(path: Path) -> None:
    """A deployment that nobody has left has no entries."""
    assert opened(path).read() == ()


def test_only_the_owner_may_read_it(path: Path) -> None:
    """The file says who left; it is closed to others."""
    filled(path)
    assert path.stat().st_mode & 0o077 == 0


def test_an_entry_is_written_once(path: Path) -> None:
    """Writing a departure or an epoch again adds nothing, so that repeats after a kill are harmless."""
    file = filled(path)
    before = path.read_bytes()
    file.append([EpochBegan(COMPANY, "aa" * 8, 99), departure(2)])
    assert path.read_bytes() == before


def test_a_line_that_was_being_written_is_cut_off_by_the_next(path: Path) -> None:
    """A machine that stopped in the middle of a line loses that line, which never counted, and nothing else."""
    file = filled(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    assert file.read() == (EpochBegan(COMPANY, "aa" * 8, 1), departure(1))
    file.append([departure(3)])
    assert file.read()[-1] == departure(3)
    assert len(file.read()) == 3


@pytest.mark.parametrize("line", [1, 2, 3])
def test_an_altered_line_is_found(path: Path, line: int) -> None:
    """Changing what a line says is seen, and where."""
    file = filled(path)
    lines = path.read_bytes().splitlines(keepends=True)
    content = json.loads(lines[line - 1])
    content["entry"]["at"] += 1
    lines[line - 1] = json.dumps(content).encode() + b"\n"
    path.write_bytes(b"".join(lines))
    with pytest.raises(DeparturesFileError) as caught:
        file.read()
    assert caught.value.line == line


@pytest.mark.parametrize(("kept", "line"), [((1, 2), 1), ((0, 2), 2), ((0, 2, 1), 2), ((0, 1, 1), 3)])
def test_a_removed_or_moved_or_repeated_line_is_found(path: Path, kept: tuple[int, ...], line: int) -> None:
    """Lines stay where they are: taking one out or putting it elsewhere breaks the chain."""
    file = filled(path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[one] for one in kept))
    with pytest.raises(DeparturesFileError) as caught:
        file.read()
    assert caught.value.line == line


def test_another_companys_line_is_not_believed(path: Path) -> None:
    """A line counts only if a pinned key signed it."""
    filled(path)
    with pytest.raises(DeparturesFileError, match="not signed"):
        DeparturesFile(path, Keys(bytes(32))).read()


def test_nothing_is_appended_to_an_altered_file(path: Path) -> None:
    """A file that does not hold together is not written on as if it did."""
    file = filled(path)
    path.write_bytes(path.read_bytes().replace(b'"left"', b'"lost"', 1))
    before = path.read_bytes()
    with pytest.raises(DeparturesFileError):
        file.append([departure(4)])
    assert path.read_bytes() == before


def _append(path: Path, first: int) -> None:
    for number in range(first, first + 10):
        opened(path).append([departure(number)])


def test_several_processes_append_one_after_another(path: Path) -> None:
    """A command and a server that write at the same time lose no line and break no chain."""
    context = get_context("spawn")
    writers = [context.Process(target=_append, args=(path, first)) for first in (100, 200, 300)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert [one.exitcode for one in writers] == [0, 0, 0]
    assert len(opened(path).read()) == 30
