"""Which column means which field: by its heading, by what stands in it, or because the person says so.

For: a guess that is shown before anything is imported. Never: two columns for a field that holds one value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from server.field.intake.content import agrees, guess_field
from server.field.intake.headings import OUTLETS, Vocabulary, datum_in, heading_key
from server.field.intake.reasons import IntakeError
from server.field.intake.table import Table

__all__ = ["Column", "Mapping", "guess_mapping", "parse_override"]

_SAMPLES = 200
_SHOWN = 3


class Column(msgspec.Struct, frozen=True):
    """One column: its heading (its letter where that is blank), our field or None, and why.

    `how` is heading, content, person, remembered, or empty for a column that is left out. `datum` is what the heading
    says of a position's datum. `samples` are a few of its values, to show.
    """

    index: int
    heading: str
    field: str | None
    how: str
    samples: tuple[str, ...]
    datum: str | None = None


class Mapping(msgspec.Struct, frozen=True):
    """All columns of a table, in order."""

    columns: tuple[Column, ...]

    def of(self, field: str) -> tuple[Column, ...]:
        """The columns that carry a field, in order; at most one unless the field can have several."""
        return tuple(column for column in self.columns if column.field == field)


def parse_override(text: str) -> tuple[str, str]:
    """`店名=name` as (heading, field). Raises IntakeError."""
    heading, equals, field = text.rpartition("=")
    if not (heading.strip() and equals and field.strip()):
        raise IntakeError("map_syntax", text)
    return heading.strip(), field.strip()


def guess_mapping(
    table: Table,
    overrides: Iterable[tuple[str, str]] = (),
    words: Vocabulary = OUTLETS,
    remembered: Iterable[tuple[str, str]] = (),
) -> Mapping:
    """The mapping of a table's columns. A field is taken once: by the person, by what a person said of such a file
    before, a known heading, an alike one, and for outlets by content.

    Raises IntakeError: an override names no column or field, or no column is the outlet's name.
    """
    headings = tuple(heading.strip() or letter(at) for at, heading in enumerate(table.header))
    samples = [_samples(table, at) for at in range(len(headings))]
    chosen: dict[int, tuple[str, str]] = dict(_by_person(headings, overrides, words))
    _by_memory(chosen, headings, remembered, words)
    for exact in (True, False):
        _by_heading(chosen, table.header, samples, words, exact=exact)
    if words is OUTLETS:
        _by_content(chosen, samples)
    columns = tuple(_column(at, heading, chosen.get(at), samples[at]) for at, heading in enumerate(headings))
    if words is OUTLETS and not any(column.field == "name" for column in columns):
        raise IntakeError("no_name_column")
    return Mapping(columns)


def letter(index: int) -> str:
    """The letter that a spreadsheet shows over a column: A for 0, AA for 26."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _column(at: int, heading: str, chosen: tuple[str, str] | None, samples: tuple[str, ...]) -> Column:
    field, how = chosen or (None, "")
    return Column(at, heading, field, how, samples[:_SHOWN], datum_in(heading))


def _by_person(
    headings: Sequence[str], overrides: Iterable[tuple[str, str]], words: Vocabulary
) -> Iterable[tuple[int, tuple[str, str]]]:
    keys = [heading_key(heading) for heading in headings]
    for heading, field in overrides:
        if field not in words.fields:
            raise IntakeError("map_field", field)
        key = heading_key(heading)
        if key not in keys:
            raise IntakeError("map_heading", heading)
        yield keys.index(key), (field, "person")


def _by_memory(
    chosen: dict[int, tuple[str, str]],
    headings: Sequence[str],
    remembered: Iterable[tuple[str, str]],
    words: Vocabulary,
) -> None:
    """Give columns what was said of them before, where nothing else is said now and there still is such a field."""
    keys = [heading_key(heading) for heading in headings]
    for heading, field in remembered:
        key = heading_key(heading)
        if key not in keys or field not in words.fields:
            continue
        at = keys.index(key)
        if at not in chosen and _free(chosen, field, words, exact=True):
            chosen[at] = (field, "remembered")


def _by_heading(
    chosen: dict[int, tuple[str, str]],
    headings: Sequence[str],
    samples: Sequence[tuple[str, ...]],
    words: Vocabulary,
    *,
    exact: bool,
) -> None:
    """Give free columns the fields that their headings mean; an alike heading must not be contradicted by its cells."""
    for at, heading in enumerate(headings):
        found = words.known(heading)
        if at in chosen or found is None or found[1] is not exact:
            continue
        field = found[0]
        if _free(chosen, field, words, exact=exact) and (exact or agrees(field, samples[at])):
            chosen[at] = (field, "heading")


def _by_content(chosen: dict[int, tuple[str, str]], samples: Sequence[tuple[str, ...]]) -> None:
    for at, values in enumerate(samples):
        if at not in chosen and values:
            taken = {field for field, _ in chosen.values()}
            field = guess_field(values, taken)
            if field:
                chosen[at] = (field, "content")


def _free(chosen: dict[int, tuple[str, str]], field: str, words: Vocabulary, *, exact: bool) -> bool:
    """Whether a field can take one more column; only a heading known word for word adds to one that is there."""
    return (exact and field in words.several) or all(field != taken for taken, _ in chosen.values())


def _samples(table: Table, at: int) -> tuple[str, ...]:
    values: list[str] = []
    for row in table.rows:
        if at < len(row.cells) and row.cells[at]:
            values.append(row.cells[at])
            if len(values) == _SAMPLES:
                break
    return tuple(values)
