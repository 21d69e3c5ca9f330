"""One sandbox that runs: what its acts work on, and who it is that somebody names."""

from __future__ import annotations

from dataclasses import dataclass

from server.cli.deployment import Deployment
from server.cli.sandbox.home import Places
from server.cli.sandbox.house import House
from server.cli.sandbox.time import SandboxTime
from server.cli.sandbox.waiting import Waiting
from server.cli.sandbox.weather import Weather
from server.cli.talk import Failure, Talk
from server.identity import devices
from server.identity.devices import Device
from server.identity.staff import Person
from server.master.store import Tx
from server.settings import Settings
from sync.messages import Standing

__all__ = ["Sandbox"]


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The settings, the time, the application, the network, what lies in wait for work; `confirm`
    whether new phones wait for their six digits.
    """

    settings: Settings
    places: Places
    time: SandboxTime
    house: House
    weather: Weather
    waiting: Waiting
    confirm: bool

    @property
    def deployment(self) -> Deployment:
        """The deployment as commands see it, silent."""
        return Deployment(Talk(is_quiet=True), self.settings, self.house.means)

    @property
    def url(self) -> str:
        """Where phones reach it."""
        return self.weather.link.url

    async def phones(self, tx: Tx, typed: str, *standings: Standing) -> tuple[Person, list[Device]]:
        """Somebody, and their phones that stand like this. Raises Failure where they have none."""
        person = await self.deployment.person(tx, typed)
        found = [one for one in await devices.of_person(tx, person.id) if one.standing in standings]
        if not found:
            states = ", ".join(standings)
            raise Failure(
                "no_phone", f"{person.name} has no phone that is {states}; see `saojie sandbox people`",
                f"{person.name} 没有处于 {states} 的手机，请查看 saojie sandbox people",
            )  # fmt: skip
        return person, found
