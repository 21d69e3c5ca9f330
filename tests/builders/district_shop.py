"""One row of the sample district's customer sheet while it is being made."""

from __future__ import annotations

from typing import Any

import msgspec

from sync.positions import Datum, Position, from_wgs84

__all__ = ["HEADINGS", "Shop"]

HEADINGS = (
    "客户编码", "店名", "终端类型", "等级", "合作状态", "地址", "纬度", "经度", "坐标系", "联系电话", "联系人", "职务",
    "营业时间", "合作起始", "合作级别", "结算方式", "账期(天)", "信用额度(元)", "片区", "业务员", "备注",
)  # fmt: skip


class Shop(msgspec.Struct):
    """One row of 客户 while it is being made: cells in the order of HEADINGS, the position apart, in WGS-84."""

    cells: dict[str, Any]
    place: Position | None
    datum: Datum = "wgs84"
    swapped: bool = False

    def row(self) -> list[Any]:
        """The cells as the sheet has them."""
        cells = dict(self.cells)
        if self.place is not None:
            numbers = from_wgs84(self.place, self.datum)
            lat, lon = round(numbers.lat, 6), round(numbers.lon, 6)
            cells["纬度"], cells["经度"] = (lon, lat) if self.swapped else (lat, lon)
            cells["坐标系"] = {"wgs84": "WGS84", "gcj02": "GCJ-02", "bd09": "BD-09"}[self.datum]
        return [cells.get(heading) for heading in HEADINGS]
