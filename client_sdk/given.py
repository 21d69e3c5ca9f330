"""What an application gives to a call that reads or begins something, checked before anything is looked up or kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar, get_args

from client_sdk.errors import InvalidInput
from sync.business.today import WEEKDAYS
from sync.positions import Datum, Position
from sync.records import Corner

__all__ = ["a_datum", "a_day", "a_page", "a_place", "check_weekdays", "corners", "paged"]

T = TypeVar("T")

_DAY = "a day as YYYY-MM-DD"
_MOST = 1_000_000_000
"""No list is longer: a larger number is as good as this one."""


def a_day(given: str, field: str) -> str:
    """A day of the calendar, YYYY-MM-DD. Raises InvalidInput."""
    try:
        if str(date.fromisoformat(given)) == given:
            return given
    except (TypeError, ValueError) as error:
        raise InvalidInput("bad_value", field, _DAY) from error
    raise InvalidInput("bad_value", field, _DAY)


def a_page(page: int, size: int | None) -> tuple[int, int]:
    """How many entries a page has (-1 for all) and how many come before it. Pages count from 0; a `size` of None has
    everything on page 0. Less than nothing is nothing.
    """
    if size is None:
        return (-1 if page <= 0 else 0), 0
    most = min(max(0, size), _MOST)
    return most, min(max(0, page), _MOST) * most


def paged(found: Sequence[T], page: int, size: int | None) -> list[T]:
    """One page of what is in memory."""
    most, skip = a_page(page, size)
    return list(found[skip:] if most < 0 else found[skip : skip + most])


def a_place(given: object, field: str) -> Position:
    """A position on earth: latitude to 90, longitude to 180, an accuracy of 0 or more. Raises InvalidInput."""
    if isinstance(given, Position) and _on_earth(given) and _is_accuracy(given.accuracy):
        a_datum(given.datum)
        return given
    raise InvalidInput("bad_value", field, "a position: lat -90 to 90, lon -180 to 180, accuracy 0 to 100,000,000 m")


def a_datum(given: Datum) -> Datum:
    """A datum that positions come in. Raises InvalidInput."""
    if given not in get_args(Datum):
        raise InvalidInput("bad_value", "datum", f"one of {', '.join(get_args(Datum))}")
    return given


def check_weekdays(fields: Mapping[str, Any]) -> None:
    """Raises InvalidInput for visit days that are no days of a week: an outlet with such days would never be due."""
    days = fields.get("visit_days", ())
    if isinstance(days, Iterable) and not all(one in WEEKDAYS for one in days):
        raise InvalidInput("bad_value", "visit_days", f"days of the week: {', '.join(WEEKDAYS)}")


def corners(given: Iterable[object], most: int) -> tuple[Corner, ...]:
    """The corners of an area that was drawn. Raises InvalidInput."""
    drawn = tuple(given)
    if len(drawn) > most:
        raise InvalidInput("bad_value", "area", f"an area has at most {most} corners")
    area = tuple(one for one in drawn if isinstance(one, Corner) and _on_earth(one))
    if len(area) < len(drawn):
        raise InvalidInput("bad_value", "area", "corners: lat -90 to 90, lon -180 to 180")
    return area


def _on_earth(one: Position | Corner) -> bool:
    """What is no number at all (NaN) lies nowhere."""
    return _is_number(one.lat) and _is_number(one.lon) and abs(one.lat) <= 90 and abs(one.lon) <= 180


def _is_accuracy(metres: Any) -> bool:
    return metres is None or (_is_number(metres) and 0 <= metres <= 1e8)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)
