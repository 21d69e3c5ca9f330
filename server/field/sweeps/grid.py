"""The grid that shows where nobody has been: H3 at resolution 9, cells with edges of about 200 metres."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import h3

from sync.records import TrackPoint

__all__ = ["RESOLUTION", "cell_of", "unwalked_cells"]

RESOLUTION = 9


def cell_of(lat: float, lon: float) -> str:
    """The cell in which a position (WGS-84) lies."""
    return str(h3.latlng_to_cell(lat, lon, RESOLUTION))


def unwalked_cells(
    cells: Collection[str], track: Iterable[TrackPoint], sighted: Iterable[tuple[float, float]]
) -> set[str]:
    """Those of these cells in which no point of a track and none of these places lies."""
    left = set(cells)
    for lat, lon in (*((one.lat, one.lon) for one in track), *sighted):
        if not left:
            break
        left.discard(cell_of(lat, lon))
    return left
