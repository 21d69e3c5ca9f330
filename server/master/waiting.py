"""What waits for a person, in the very words of the indexes that hold nothing else.

A database answers from such an index only where the question has the index's own condition in it: with a bound value
it does not know that it may.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, literal_column

__all__ = ["is_word"]


def is_word(column: Column[Any] | ColumnElement[Any], *words: str) -> ColumnElement[bool]:
    """The condition that a column has one of these words, which are written out. They are names in the code, never what
    somebody typed.
    """
    written: list[ColumnElement[Any]] = [literal_column(f"'{word}'") for word in words]
    return column == written[0] if len(written) == 1 else column.in_(written)
