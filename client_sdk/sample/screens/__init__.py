"""The screens. `TABS` are those at the foot of the phone."""

from __future__ import annotations

from client_sdk.sample.screens.mine import Mine
from client_sdk.sample.screens.near import Near
from client_sdk.sample.screens.search import Search
from client_sdk.sample.screens.tab import Tab
from client_sdk.sample.screens.today import DayScreen

__all__ = ["TABS"]

TABS: tuple[type[Tab], ...] = (DayScreen, Near, Search, Mine)
