"""Somebody at a desk who looks at lists and clicks: what the inbox takes, put together without any HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from server.console.inbox.parts import Hand
from server.departure.departures_file import DeparturesFile
from server.departure.means import Means
from server.departure.quarantine import accept
from server.field.ground import Ground
from server.field.policies import policies_of
from server.identity.keys import create_keys, load_keys
from server.identity.locks import FileLocks
from server.live.announce import Announcer
from server.master.store import Tx
from tests.server.console.conftest import viewer_of
from tests.server.firm import ZONE, Firm


@dataclass
class Typed:
    """What was typed in a form."""

    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """One field."""
        value = self.values.get(name, "")
        return value if isinstance(value, str) else ""

    def many(self, name: str) -> list[str]:
        """All values of a field."""
        value = self.values.get(name, [])
        return [value] if isinstance(value, str) else list(value)

    def names(self) -> list[str]:
        """The names of all fields."""
        return list(self.values)


def _means(firm: Firm, home: Path) -> Means:
    """What a departure takes, with keys that are made once for each folder."""
    folder = home / "keys"
    keys = load_keys(folder) if folder.exists() else create_keys(folder, Random(3).randbytes)
    file = DeparturesFile(home / "departures", keys)
    return Means(firm.store, FileLocks(home / "locks"), keys, file, Announcer(), firm.sources)


async def hand_of(firm: Firm, who: UUID, home: Path, language: str = "zh", **typed: Any) -> Hand:
    """The hand of somebody who looks at a page now, and typed this."""
    means = _means(firm, home)
    viewer = await viewer_of(firm, who, language)

    async def ruled(tx: Tx) -> Ground:
        return replace(Ground(firm.sources, ZONE), policies=await policies_of(tx))

    async def take(items: Any) -> Any:
        return await accept(means, items, who)

    return Hand(viewer, firm.store, firm.sources, Ground(firm.sources, ZONE), ruled, means, Typed(typed), take)
