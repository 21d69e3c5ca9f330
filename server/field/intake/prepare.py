"""The stages of an import up to the store, in one call: what a command or a page runs before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from server.field.intake.drafts import Harvest
from server.field.intake.mapping import Mapping, guess_mapping
from server.field.intake.normalise import ListSettings, harvest
from server.field.intake.table import Table, read_table

__all__ = ["Prepared", "prepare", "prepare_table"]


class Prepared(msgspec.Struct, frozen=True):
    """A file that has been read: its table, which column means what, and the rows as drafts or rejected."""

    table: Table
    mapping: Mapping
    harvest: Harvest


def prepare(
    path: Path,
    settings: ListSettings,
    overrides: Iterable[tuple[str, str]] = (),
    sheet: str | None = None,
    progress: Callable[[int], object] | None = None,
) -> Prepared:
    """Read, map and normalise one file. Raises IntakeError."""
    return prepare_table(read_table(path, sheet), settings, overrides, progress=progress)


def prepare_table(
    table: Table,
    settings: ListSettings,
    overrides: Iterable[tuple[str, str]] = (),
    remembered: Iterable[tuple[str, str]] = (),
    progress: Callable[[int], object] | None = None,
) -> Prepared:
    """Map and normalise a table that was read; `remembered` is what was said of such columns before. Raises
    IntakeError.
    """
    mapping = guess_mapping(table, overrides, remembered=remembered)
    return Prepared(table, mapping, harvest(table, mapping, settings, progress))
