"""Whether a position is in the part of China whose maps are shifted: the mainland, without Hong Kong, Macao, Taiwan.

For: `sync.positions`, which shifts only there. Never: a statement about borders.

The outline is made from Natural Earth's countries at 1:10m (public domain), widened by about 0.35 degrees and
simplified, so that no town at the border is missed: who says GCJ-02 a little beyond it reads a Chinese map. It keeps
clear of Seoul, Vladivostok, Hanoi, Kathmandu and Almaty. The parts taken out again are drawn by hand to about 300 m
along the Shenzhen River and the Macao channels; the sea limits follow State Council Order 221 (1997) roughly.
All pairs are (lat, lon) in WGS-84 degrees.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["is_mainland"]

# (south, west, north, east), wholly inside the outline and far from the parts taken out: most questions end here.
_HEART = ((24.0, 105.0, 40.0, 117.0), (30.0, 117.0, 36.0, 119.0), (27.0, 100.0, 38.0, 105.0))

# fmt: off
_OUTLINE = (
    (39.39, 73.29), (40.28, 73.71), (40.82, 74.68), (40.79, 76.29), (41.33, 76.71), (41.4, 77.97), (42.36, 79.85),
    (43.46, 80.32), (45.14, 79.6), (45.62, 81.95), (47.53, 82.88), (47.39, 85.25), (48.57, 85.44), (49.45, 86.82),
    (49.49, 87.96), (48.46, 88.9), (47.93, 90.57), (46.64, 91.39), (45.57, 91.07), (44.59, 95.55), (43.09, 96.62),
    (42.88, 101.59), (41.99, 104.95), (43.06, 110.18), (43.83, 111.38), (44.5, 111.07), (45.41, 111.84),
    (45.11, 113.55), (45.78, 115.52), (46.72, 116.7), (46.97, 119.32), (47.68, 118.13), (47.35, 115.8),
    (48.19, 115.17), (50.12, 116.49), (49.88, 117.77), (50.32, 118.79), (52.18, 120.32), (52.41, 119.76),
    (52.95, 119.74), (53.62, 120.79), (53.91, 123.64), (53.37, 125.78), (52.32, 126.85), (49.95, 127.96),
    (49.18, 130.84), (48.06, 131.21), (48.73, 134.38), (48.3, 135.07), (47.55, 135.08), (44.88, 133.37),
    (44.61, 131.46), (43.27, 131.61), (42.23, 130.71), (42.41, 130.07), (41.03, 128.22), (41.28, 126.86),
    (39.37, 123.39), (38.69, 123.24), (38.47, 120.91), (39.66, 120.9), (40.47, 121.79), (40.55, 121.34),
    (38.83, 119.1), (38.67, 117.94), (38.39, 119.14), (37.59, 119.6), (38.3, 120.74), (37.57, 123), (36.62, 122.73),
    (36.35, 121.31), (34.99, 119.7), (34.51, 120.55), (32.84, 121.26), (32.02, 122.19), (31.07, 122.29),
    (30.89, 122.83), (29.7, 122.72), (27.23, 121.38), (26.01, 120.05), (24.91, 119.78), (22.62, 116.63),
    (22.38, 115.22), (21.68, 114.29), (21.95, 113.87), (21.24, 112.88), (21.05, 110.96), (19.5, 111.35),
    (17.83, 109.67), (18.22, 108.48), (18.82, 108.27), (19.59, 108.41), (20.34, 109.52), (20.76, 109.34),
    (20.75, 108.88), (21.25, 108.75), (21.29, 107.19), (21.74, 106.39), (22.51, 106.19), (22.91, 105.23),
    (22.17, 104.04), (22.06, 102), (21.19, 102.17), (20.79, 101.79), (21.11, 100.05), (21.86, 98.95), (23.75, 98.32),
    (23.5, 97.59), (23.92, 97.17), (27.17, 98.32), (28, 97.71), (28.14, 96.29), (28.9, 95.87), (28.84, 94.65),
    (27.38, 92.04), (27.98, 90.08), (26.97, 88.84), (27.63, 88.4), (27.56, 85.84), (30.01, 81.8), (29.68, 81.01),
    (31.01, 78.56), (32.52, 78.03), (32.96, 78.84), (34.22, 78.41), (35.11, 77.69), (35.5, 76), (36.39, 75.61),
    (36.87, 74.14), (38.26, 74.42), (38.35, 73.56),
)
_HONG_KONG = (
    (22.148, 113.838), (22.273, 113.847), (22.4, 113.867), (22.445, 113.9), (22.462, 113.94), (22.49, 113.97),
    (22.51, 113.995), (22.497, 114.029), (22.501, 114.044), (22.505, 114.058), (22.514, 114.065), (22.517, 114.08),
    (22.53, 114.09), (22.533, 114.103), (22.5313, 114.1135), (22.5305, 114.12), (22.537, 114.13), (22.54, 114.148),
    (22.551, 114.155), (22.558, 114.163), (22.561, 114.175), (22.556, 114.184), (22.553, 114.22), (22.548, 114.226),
    (22.553, 114.25), (22.566, 114.33), (22.565, 114.41), (22.55, 114.445), (22.47, 114.45), (22.365, 114.5025),
    (22.148, 114.5025),
)
_MACAO = (
    (22.2065, 113.5305), (22.2135, 113.5345), (22.217, 113.549), (22.215, 113.562), (22.205, 113.6), (22.105, 113.6),
    (22.105, 113.555), (22.125, 113.5475), (22.14, 113.5415), (22.165, 113.5345), (22.185, 113.5275), (22.2, 113.5285),
)
# Kinmen, Matsu and Wuqiu lie inside the widened outline; the island of Taiwan and Penghu lie outside it.
_ISLANDS = (
    (24.38, 118.2, 24.53, 118.5), (25.93, 119.89, 26.3, 120.05), (26.34, 120.45, 26.4, 120.52),
    (24.96, 119.42, 25.02, 119.49),
)
# fmt: on

Box = tuple[float, float, float, float]
Corners = Sequence[tuple[float, float]]


def is_mainland(lat: float, lon: float) -> bool:
    """Whether maps of the place (WGS-84 degrees) are shifted."""
    if any(_in_box(lat, lon, box) for box in _HEART):
        return True
    if not _inside(lat, lon, _OUTLINE) or any(_in_box(lat, lon, box) for box in _ISLANDS):
        return False
    return not (_inside(lat, lon, _HONG_KONG) or _inside(lat, lon, _MACAO))


def _in_box(lat: float, lon: float, box: Box) -> bool:
    south, west, north, east = box
    return south <= lat <= north and west <= lon <= east


def _inside(lat: float, lon: float, corners: Corners) -> bool:
    """Even-odd rule: a ray to the east crosses the outline an odd number of times."""
    odd = False
    last_lat, last_lon = corners[-1]
    for next_lat, next_lon in corners:
        if (next_lat > lat) != (last_lat > lat):
            crossing = next_lon + (lat - next_lat) / (last_lat - next_lat) * (last_lon - next_lon)
            odd ^= lon < crossing
        last_lat, last_lon = next_lat, next_lon
    return odd
