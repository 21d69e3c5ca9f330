"""Testing an app without a server: a company in memory, phones with a settable clock, and every bad day.

Nothing here opens a socket, starts a process or sleeps. A phone is a real `Replica` with real files, and what it talks
to signs, seals and orders as the company's server does. As pytest fixtures, one for each bad day: `fixtures`.

    from client_sdk.testing import DAY, World

    def test_a_visit_waits_for_a_network(tmp_path):
        world = World(tmp_path)
        shop = world.outlet("老张烟酒")
        replica = world.phone()
        world.server.cut()
        replica.visits.log(shop.id, notes="补货两箱")
        assert replica.sync().ended == "no_network"
        world.server.mend()
        assert replica.sync().sent == 1
"""

from __future__ import annotations

from client_sdk.testing import bad_days
from client_sdk.testing.clocks import DAY, HOUR, PhoneClock, Time
from client_sdk.testing.company import Company, PhoneOfStaff, Staff
from client_sdk.testing.district import District, furnish
from client_sdk.testing.seeded import Seeded
from client_sdk.testing.server import Server
from client_sdk.testing.surroundings import PhoneSurroundings
from client_sdk.testing.transcript import RECORDED, Unrecorded, playback
from client_sdk.testing.world import HERE, URL, World

__all__ = [
    "DAY",
    "HERE",
    "HOUR",
    "RECORDED",
    "URL",
    "Company",
    "District",
    "PhoneClock",
    "PhoneOfStaff",
    "PhoneSurroundings",
    "Seeded",
    "Server",
    "Staff",
    "Time",
    "Unrecorded",
    "World",
    "bad_days",
    "furnish",
    "playback",
]
