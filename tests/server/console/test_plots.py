"""Plots: what is drawn stands where its number says, and every number is in the rows as well."""

from __future__ import annotations

import pytest

from server.console.plots import Data, Series, bars, columns, lines, scale

AXES = ("Day", "Visits")


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (0, (0, 1)),
        (1, (0, 1)),
        (3, (0, 1, 2, 3)),
        (10, (0, 5, 10)),
        (11, (0, 5, 10, 15)),
        (97, (0, 50, 100)),
        (100_000, (0, 50_000, 100_000)),
    ],
)
def test_an_axis_has_a_handful_of_round_numbers(most: float, expected: tuple[float, ...]) -> None:
    """From 0 to the first at or above the largest."""
    assert scale(most) == expected


def test_columns_stand_on_one_another_as_high_as_their_numbers() -> None:
    """Two series of 3 and 1 make a column of 4; the heights are in proportion; zeros are not drawn."""
    plot = columns(Data("T", ["a", "b"], [Series("x", (3, 0)), Series("y", (1, 2))], AXES))
    first, second, third = plot.marks
    assert (first.series, second.series, third.series) == (1, 2, 2)
    assert first.height == pytest.approx(3 * second.height)
    assert third.height == pytest.approx(2 * second.height)
    assert second.y + second.height == pytest.approx(first.y)
    assert (plot.headings, plot.rows) == (("Day", "x", "y"), (("a", "3", "1"), ("b", "0", "2")))
    assert plot.legend == ("x", "y")


def test_a_line_has_a_gap_where_there_is_no_value() -> None:
    """It ends before and begins anew behind; no dot stands there, and the row says that there is none."""
    plot = lines(Data("T", list("abcd"), [Series("x", (1, 2, None, 3))], AXES))
    (path,) = [one.path for one in plot.marks if one.path]
    assert (path.count("M"), path.count("L")) == (2, 1)
    assert sum(not one.path for one in plot.marks) == 3
    assert plot.rows[2] == ("c", "—")
    assert plot.legend == ()


def test_bars_of_many_names_stay_readable_and_lose_no_number() -> None:
    """Thirty are drawn; long names are cut, wide characters counted twice; the rows have all of them whole."""
    names = [f"一二三四五六七八九十百{one}" for one in range(40)]
    plot = bars(Data("T", names, [Series("x", tuple(range(40, 0, -1)))], AXES))
    assert (len(plot.marks), len(plot.labels), plot.left_out, len(plot.rows)) == (30, 30, 10, 40)
    assert plot.labels[0].text == "一二三四五六七八九十…"
    assert plot.rows[0][0] == names[0]
    left, _, right, bottom = plot.box
    assert all(left <= one.x <= one.x + one.width <= right + 0.001 for one in plot.marks)
    assert bottom < plot.height


def test_a_plot_of_nothing_is_no_fault() -> None:
    """It has axes and no marks."""
    for plot in (lines(Data("T", [], [], AXES)), columns(Data("T", [], [], AXES)), bars(Data("T", [], [], AXES))):
        assert (plot.marks, plot.rows) == ((), ())
