"""A layer of points in the form of vector tiles."""

from __future__ import annotations

from server.console.map.vector import Point, layer
from tests.server.console.map.reading import features


def test_points_come_back_with_their_values() -> None:
    """Texts in Chinese, numbers of one byte and of several, places outside of the tile too."""
    points = [
        Point(0, 4095, {"name": "老张烟酒", "count": 127}),
        Point(-3, 5000, {"count": 128, "class": "other"}),
        Point(7, 7, {"count": 1_000_000}),
    ]
    assert features(layer("outlets", points)) == {"outlets": [(one.x, one.y, dict(one.values)) for one in points]}


def test_what_is_said_often_is_written_once() -> None:
    """Names of values and values stand in tables of the layer."""
    one = Point(1, 1, {"class": "tobacco_liquor"})
    assert layer("outlets", [one] * 100).count(b"tobacco_liquor") == 1


def test_nothing_is_no_layer() -> None:
    """A tile without points is empty."""
    assert layer("outlets", []) == b""
