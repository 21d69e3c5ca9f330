"""The crew: phones that work and sync all the while, and write down what they were told was acknowledged."""

from __future__ import annotations

import random
import threading
from collections import Counter
from pathlib import Path
from uuid import UUID

from client_sdk import Position, Replica, Stock
from client_sdk.errors import SaojieError
from sync.machine import State
from tests.end_to_end.nodes.nodes import Nodes

__all__ = ["PRODUCT", "Rep"]

PRODUCT = "SKU-1"
_PAUSE_S = 0.05


class Rep(threading.Thread):
    """One person with one phone. `visits` and `texts` are what was logged and written, by the operation's number;
    `ends` counts how syncs ended.

    An operation of which the phone holds an acknowledgement is one of the first `acknowledged` of the `made`.
    """

    def __init__(self, nodes: Nodes, name: str, folder: Path, seed: str) -> None:
        super().__init__(name=name, daemon=True)
        self.person = name
        self.phone: Replica = nodes.phone(name, folder)
        self.device = self.phone.device
        self.made = 0
        self.acknowledged = 0
        self.visits: dict[int, UUID] = {}
        self.texts: dict[int, str] = {}
        self.received_after: int | None = None
        self.ends: Counter[str] = Counter()
        self.failure: BaseException | None = None
        self._random = random.Random(seed)
        self._work = threading.Event()
        self._resting = threading.Event()
        self._ending = threading.Event()
        place = Position(self._random.uniform(39, 40), self._random.uniform(116, 117))
        self.shop = self.phone.outlets.register(name=f"{name}的店", outlet_class="tobacco_liquor", position=place).id
        self._counted()

    def run(self) -> None:
        """Work, sync, and again, until told to end."""
        try:
            while not self._ending.is_set():
                if self._work.is_set():
                    self._once()
                    self._ending.wait(_PAUSE_S)
                else:
                    self._resting.set()
                    self._work.wait(_PAUSE_S)
        except BaseException as error:  # noqa: BLE001  # whoever waits for this thread raises it
            self.failure = error

    def begin(self) -> None:
        """Work from now on."""
        self._resting.clear()
        self._work.set()

    def rest(self) -> None:
        """Finish what is in progress, and wait."""
        self._work.clear()
        while not self._resting.wait(1):
            self.checked()

    def end(self) -> None:
        """End the thread."""
        self._ending.set()
        self.join(120)

    def cut_off(self) -> None:
        """The cut-off has committed: what arrives in a sync that begins from now on is counted."""
        self.received_after = 0

    def checked(self) -> Rep:
        """This one, if the thread runs. Raises what ended it."""
        if self.failure is not None:
            raise self.failure
        assert self.is_alive(), f"{self.person} has ended"
        return self

    def synced(self) -> bool:
        """Sync once; whether everything is in step then."""
        report = self.phone.sync()
        self.ends[report.ended] += 1
        self._counted()
        return report.verified and self.acknowledged == self.made

    @property
    def is_wiped(self) -> bool:
        """Whether the phone has ended, and the server knows."""
        return self.phone.status().state in {State.WIPED, State.ACKNOWLEDGED}

    def _once(self) -> None:
        is_over = self.received_after is not None
        if self.phone.status().state is State.OPEN:
            try:
                self._act()
            except SaojieError:
                assert self.phone.status().state is not State.OPEN
        report = self.phone.sync()
        self.ends[report.ended] += 1
        self._counted()
        if is_over:
            assert self.received_after is not None
            self.received_after += report.received

    def _act(self) -> None:
        number = self.made + 1
        if self._random.random() < 0.3:
            text = f"{self.person} {number}"
            self.phone.outlets.update(self.shop, address=text)
            self.texts[number] = text
        else:
            stock = [Stock(PRODUCT, on_hand=number, sold=1)]
            self.visits[number] = self.phone.visits.log(self.shop, notes=f"拜访 {number}", stock=stock).id
        self.made = number

    def _counted(self) -> None:
        status = self.phone.status()
        if status.state is not State.OPEN:
            return
        self.made = self.made or status.pending
        acknowledged = self.made - status.pending
        assert acknowledged >= self.acknowledged, f"{self.person}'s phone took an acknowledgement back"
        self.acknowledged = acknowledged
