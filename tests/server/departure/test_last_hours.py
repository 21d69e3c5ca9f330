"""Several last hours at once, and a disk without room: nobody waits for another, and no line is forgotten."""

from __future__ import annotations

import dataclasses
import errno
from collections.abc import Iterable
from uuid import UUID

import pytest

from server.departure.cutoff import LineMissing
from server.departure.departures_file import Departure, DeparturesFile, Entry
from server.departure.leaving import notice
from server.departure.leaving.scheduled import cut_off_due
from server.departure.leaving.wanted import Wanted
from server.departure.recovery import Recovery, keep_together
from server.identity.staff import PersonStatus
from tests.server.departure.office import Office
from tests.server.departure.test_notice import DAY, given, person


class FullDisk(DeparturesFile):
    """A file that takes one line too few: none of one person."""

    refused: UUID

    def append(self, entries: Iterable[Entry]) -> None:
        """Fail where it is about that person."""
        told = list(entries)
        if any(isinstance(one, Departure) and one.staff == self.refused for one in told):
            raise OSError(errno.ENOSPC, "no room")
        super().append(told)


async def test_one_persons_trouble_holds_up_nobody_elses_hour(office: Office) -> None:
    """Two have the same last hour; what goes wrong for the first is raised when the second has been cut off."""
    first, second = sorted((office.wang, office.li))
    async with office.store.write() as tx:
        for hours, who in ((1, first), (2, second)):
            last_at = office.clock() + hours
            await notice.give(tx, who, last_at, Wanted(), office.sources, reason="resigned")
    office.clock.tick(DAY)
    full = FullDisk(office.file.path, office.keys)
    full.refused = first
    with pytest.raises(LineMissing, match="no room"):
        await cut_off_due(dataclasses.replace(office.means, file=full))
    assert (await person(office, second)).status is PersonStatus.DEPARTED
    assert await cut_off_due(office.means) == []


async def test_a_line_that_could_not_be_written_is_written_while_the_server_runs(office: Office) -> None:
    """The disk was full at the hour: the departure stands outside the database as soon as there is room again."""
    made = await given(office)
    office.clock.ms = made.last_at
    full = FullDisk(office.file.path, office.keys)
    full.refused = office.wang
    with pytest.raises(LineMissing, match="no room"):
        await cut_off_due(dataclasses.replace(office.means, file=full))
    assert office.file.read() == ()
    office.clock.tick(DAY - 1)
    assert (await keep_together(office.store, office.file, office.keys, office.sources)).written == 2
    assert [one.staff for one in office.file.read() if isinstance(one, Departure)] == [office.wang]
    assert await keep_together(office.store, office.file, office.keys, office.sources) == Recovery()
