"""The main menu: what a role finds there, in the order of a day."""

from __future__ import annotations

from server.console.rights import ARCHIVE, MANAGERS, OFFICE
from server.identity.staff import Role

__all__ = ["navigation"]

_PAGES = (
    ("/", "今天", "Today", OFFICE),
    ("/map", "地图", "Map", OFFICE),
    ("/outlets", "终端", "Outlets", OFFICE),
    ("/inbox", "待办", "Inbox", OFFICE),
    ("/import", "导入", "Import", ARCHIVE),
    ("/people", "人员", "People", MANAGERS),
    ("/departures", "离职", "Departures", MANAGERS),
    ("/pool", "公海", "Pool", MANAGERS),
    ("/reports", "报表", "Reports", OFFICE),
    ("/settings", "设置", "Settings", MANAGERS),
)


def navigation(role: Role) -> list[tuple[str, str, str]]:
    """The pages of the menu that are open to a role: address, Chinese, English."""
    return [(address, zh, en) for address, zh, en, roles in _PAGES if role in roles]
