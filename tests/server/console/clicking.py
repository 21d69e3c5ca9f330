"""Somebody at a desk who looks at lists and clicks: what the inbox takes, put together without any HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from server.console.inbox.kinds import kind_of
from server.console.inbox.parts import Came, Hand, Item, Line, Look
from server.console.viewer import Viewer
from server.departure.departures_file import DeparturesFile
from server.departure.means import Means
from server.departure.quarantine import Decided
from server.exchange.quarantined import take_in
from server.field.ground import Ground
from server.field.policies import policies_of
from server.identity import staff
from server.identity.keys import create_keys, load_keys
from server.identity.locks import FileLocks
from server.live.announce import Announcer
from server.master.store import Store, Tx
from server.ports import Sources
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


def means_with(store: Store, sources: Sources, home: Path) -> Means:
    """What a departure takes, with keys that are made once for each folder."""
    folder = home / "keys"
    keys = load_keys(folder) if folder.exists() else create_keys(folder, Random(3).randbytes)
    file = DeparturesFile(home / "departures", keys)
    return Means(store, FileLocks(home / "locks"), keys, file, Announcer(), sources)


async def hand_of(firm: Firm, who: UUID, home: Path, language: str = "zh", **typed: Any) -> Hand:
    """The hand of somebody who looks at a page now, and typed this."""
    return await hand_with(means_with(firm.store, firm.sources, home), who, language, **typed)


async def hand_with(means: Means, who: UUID, language: str = "zh", **typed: Any) -> Hand:
    """The same of any company."""
    async with means.store.read() as tx:
        person = await staff.find(tx, who)
    assert person is not None
    viewer = Viewer(language, ZONE, means.sources.now(), "测试公司", person, "")
    ground = Ground(means.sources, ZONE)

    async def ruled(tx: Tx) -> Ground:
        return replace(ground, policies=await policies_of(tx))

    async def take(items: Sequence[UUID]) -> Decided:
        return await take_in(means, items, who)

    return Hand(viewer, means.store, means.sources, ground, ruled, means, Typed(typed), take)


async def page_of(hand: Hand, kind: str) -> Item:
    """The page of the first item of a kind that is open."""
    async with hand.store.read() as tx:
        (line, *_) = await kind_of(kind).lines(tx, hand, Look())
        return await kind_of(kind).item(tx, hand, ref_of(line))


async def decided_on(hand: Hand, kind: str, act: str) -> tuple[Came, Item]:
    """Decide on the first item of a kind that is open, by a button that stands on its page; what its page says then."""
    item = await page_of(hand, kind)
    assert act in {one.name for one in item.acts}, item.acts
    came = await kind_of(kind).decide(hand, [ref_of(item.line)], act)
    async with hand.store.read() as tx:
        return came, await kind_of(kind).item(tx, hand, ref_of(item.line))


def ref_of(line: Line) -> str:
    """What a line is called in addresses."""
    return line.ref.partition("/")[2]
