"""A backup as files: what is taken, in which order, and how a damaged one is known before anything is put back.

The database is a snapshot of its own; all else is copied after it, so that whatever the database names is there. The
list of all files with their sums is written last: a folder without it is no backup.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from uuid import UUID

import msgspec

from server.cli.talk import Failure
from server.files import keep_file, keep_names
from server.settings import Settings

__all__ = ["LIST_NAME", "Manifest", "load", "save"]

LIST_NAME = "backup.json"
_DATABASE = "saojie.db"
_FOLDERS = ("keys", "attestation", "photos", "agreements")
_FILES = ("departures.log", "settings.toml")
_SUFFIXES = ("", "-wal", "-shm")


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds: the company, when it was begun (server milliseconds), each file's SHA-256 by its path."""

    company: UUID
    at: int
    files: dict[str, str]

    @property
    def has_database(self) -> bool:
        """Whether the database is in it: a PostgreSQL is not."""
        return _DATABASE in self.files


def save(settings: Settings, folder: Path, company: UUID, now: int) -> Manifest:
    """Back a deployment up to a folder that is empty or not there yet. Raises Failure, OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    if any(folder.iterdir()):
        raise Failure("folder_used", f"{folder} is not empty", f"{folder} 不是空文件夹")
    source = _sqlite(settings)
    if source is not None:
        _copy_database(source, folder / _DATABASE)
    for name in _present(settings.home):
        with suppress(FileNotFoundError):  # a photo that was erased meanwhile
            _copy(settings.home / name, folder / name)
    sums = {str(path.relative_to(folder)): _sum(path) for path in _files_in(folder)}
    made = Manifest(company, now, sums)
    beside = folder / f".{LIST_NAME}"
    beside.write_bytes(msgspec.json.format(msgspec.json.encode(made)))
    keep_file(beside)
    beside.replace(folder / LIST_NAME)
    keep_names(folder)
    return made


def load(settings: Settings, folder: Path) -> tuple[Manifest, Path | None]:
    """Put a backup back, and say where the database went that was there. Keys, departures file, settings and files
    that are there stay as they are: they are newer. Raises Failure, OSError.
    """
    found = _checked(folder)
    target = _sqlite(settings)
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = None
    # Keys stand and fall together: where there are some, none of an older set comes beside them.
    kept = "keys/" if any(settings.keys.glob("*.key")) else _DATABASE
    for name in found.files:
        if not name.startswith((_DATABASE, kept)) and not (settings.home / name).exists():
            _copy(folder / name, settings.home / name)
    if found.has_database and target is not None:
        beside = target.with_name(f".{target.name}.new")
        _copy(folder / _DATABASE, beside)
        aside = _set_aside(target)
        beside.replace(target)
        keep_names(target.parent)
    return found, aside


def _sqlite(settings: Settings) -> Path | None:
    scheme, _, path = settings.database.partition("///")
    return Path(path) if scheme.startswith("sqlite") else None


def _copy_database(source: Path, target: Path) -> None:
    """A snapshot, while others go on writing. Raises Failure for one that does not hold together."""
    with closing(sqlite3.connect(source)) as database, closing(sqlite3.connect(target)) as copied:
        database.backup(copied)
        (said,) = copied.execute("PRAGMA integrity_check(1)").fetchone()
    if said != "ok":
        raise Failure("store_broken", f"the database is damaged: {said}", f"数据库已损坏：{said}")
    target.chmod(0o600)
    keep_file(target)


def _present(home: Path) -> Iterator[str]:
    """Files to be copied, by their paths under the home; the departures file last, so that it is never behind."""
    for folder in _FOLDERS:
        yield from (str(path.relative_to(home)) for path in _files_in(home / folder))
    yield from (name for name in reversed(_FILES) if (home / name).exists())


def _files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copy2(source, target)
    keep_file(target)


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _checked(folder: Path) -> Manifest:
    """The list of a backup that is whole. Raises Failure."""
    try:
        found = msgspec.json.decode((folder / LIST_NAME).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise Failure(
            "backup_incomplete", f"{folder} holds no backup that was finished", f"{folder} 中没有完整的备份"
        ) from error
    for name, wanted in found.files.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file() or _sum(path) != wanted:
            raise Failure("backup_damaged", f"{name} is not as it was backed up", f"{name} 与备份时不一致")
    return found


def _set_aside(target: Path) -> Path | None:
    """Move a database with its journals into a folder of its own, and say which."""
    present = [path for suffix in _SUFFIXES if (path := target.with_name(target.name + suffix)).exists()]
    if not present:
        return None
    number = 1
    while (aside := target.parent / f"replaced-{number}").exists():
        number += 1
    aside.mkdir(mode=0o700)
    for path in present:
        path.replace(aside / path.name)
    return aside
