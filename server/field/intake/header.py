"""Which row holds the headings, and what the rows below it say once merged cells are filled.

Titles, dates and blank rows above the headings are common in lists made by hand; so are headings in two rows and
one cell merged over all the rows it stands for.
"""

from __future__ import annotations

from collections.abc import Iterator

from server.field.intake.grid import Grid, Merged, Row
from server.field.intake.headings import OUTLETS, Vocabulary
from server.field.intake.reasons import IntakeError

__all__ = ["body_rows", "find_header", "heading_rows"]

_LOOK_AT = 25
_TWO_ROWS = 2


def find_header(grid: Grid, words: Vocabulary = OUTLETS) -> int:
    """The index in `grid.rows` of the first row of headings. Raises IntakeError where there is none."""
    tops = grid.rows[:_LOOK_AT]
    scores = [_known(row, words) for row in tops]
    best = max(range(len(tops)), key=lambda at: (scores[at], -at), default=-1)
    if best >= 0 and scores[best] and (scores[best] >= _TWO_ROWS or scores[best] * 2 >= _filled(tops[best])):
        return _outer_row(grid, best)
    worded = [at for at, row in enumerate(tops) if _filled(row) > 1 and not any(map(_numeric, row.cells))]
    if not worded:
        raise IntakeError("no_header")
    return max(worded, key=lambda at: (_filled(tops[at]), -at))


def heading_rows(grid: Grid, at: int, words: Vocabulary = OUTLETS) -> tuple[tuple[str, ...], int]:
    """The headings, and how many rows they take: two where the first of them has cells merged into the second."""
    first = grid.rows[at]
    second = grid.rows[at + 1] if at + 1 < len(grid.rows) else None
    if second is None or second.number != first.number + 1 or not _spans(grid, first.number):
        return first.cells, 1
    upper = _across(grid.merged, first)
    width = max(len(upper), len(second.cells))
    pairs = zip(_padded(upper, width), _padded(second.cells, width), strict=True)
    return tuple(low if words.known(low) or not high else f"{high}{low}" for high, low in pairs), _TWO_ROWS


def body_rows(grid: Grid, start: int, header: tuple[str, ...]) -> Iterator[Row]:
    """The rows from `start` on, each as wide as the header, merged cells filled downward, repeated headers left out."""
    fill = _downward(grid, start)
    for row in grid.rows[start:]:
        cells = list(_padded(row.cells, len(header)))[: max(len(header), len(row.cells))]
        for column, text in fill.get(row.number, ()):
            if column < len(cells) and not cells[column]:
                cells[column] = text
        if tuple(cells[: len(header)]) != header:
            yield Row(row.number, tuple(cells))


def _known(row: Row, words: Vocabulary) -> int:
    fields = {found[0] for cell in row.cells if cell and (found := words.known(cell)) and found[1]}
    return len(fields - {"ignored"})


def _filled(row: Row) -> int:
    return sum(1 for cell in row.cells if cell)


def _numeric(cell: str) -> bool:
    return cell.replace(".", "", 1).removeprefix("-").isdigit()


def _outer_row(grid: Grid, best: int) -> int:
    """The row above, where the best row is the lower half of headings in two rows."""
    if best == 0:
        return best
    above, row = grid.rows[best - 1], grid.rows[best]
    return best - 1 if above.number == row.number - 1 and _spans(grid, above.number) else best


def _spans(grid: Grid, number: int) -> bool:
    """Whether some cell of this row is merged with exactly the one below it."""
    return any(
        block.top == number and block.bottom == number + 1 and block.left == block.right for block in grid.merged
    )


def _across(merged: tuple[Merged, ...], row: Row) -> tuple[str, ...]:
    cells = list(row.cells)
    for block in merged:
        if block.top == row.number and block.left < len(cells):
            cells += [""] * (block.right + 1 - len(cells))
            cells[block.left : block.right + 1] = [cells[block.left]] * (block.right + 1 - block.left)
    return tuple(cells)


def _downward(grid: Grid, start: int) -> dict[int, list[tuple[int, str]]]:
    """Row number → (column, text) that merged blocks of the body put there."""
    texts = {row.number: row.cells for row in grid.rows[start:]}
    fill: dict[int, list[tuple[int, str]]] = {}
    for block in grid.merged:
        cells = texts.get(block.top, ())
        if block.left < len(cells) and cells[block.left]:
            for number in range(block.top + 1, block.bottom + 1):
                fill.setdefault(number, []).append((block.left, cells[block.left]))
    return fill


def _padded(cells: tuple[str, ...], width: int) -> tuple[str, ...]:
    return cells + ("",) * (width - len(cells))
