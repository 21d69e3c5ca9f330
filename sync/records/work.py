"""What a rep does: visits (拜访), sweeps (扫街), photos, tasks, acknowledgements."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from sync.positions import Position
from sync.records.base import Amount, Code, Count, Day, Instant, Name, Record, Reference, Text
from sync.records.contact import Channel
from sync.rules import Merge, Rule, Writer

__all__ = [
    "Acknowledgement",
    "Competitor",
    "Corner",
    "Opening",
    "Photo",
    "Seen",
    "ShelfBatch",
    "Sighting",
    "Stock",
    "Sweep",
    "Task",
    "TaskStatus",
    "TrackPoint",
    "Visit",
]

Seconds = Annotated[int, Meta(ge=0, le=604_800)]
Pixels = Annotated[int, Meta(ge=0, le=100_000)]


class Stock(msgspec.Struct, array_like=True, frozen=True):
    """What a visit found and did with one product: counted on the shelf, sold and bought since."""

    product: Code
    on_hand: Count | None = None
    sold: Count = 0
    bought: Count = 0


class ShelfBatch(msgspec.Struct, array_like=True, frozen=True):
    """Pieces of one batch of a product that a visit saw on the shelf; `batch` as it is printed on them."""

    product: Code
    batch: Code
    pieces: Count | None = None


class Competitor(msgspec.Struct, array_like=True, frozen=True):
    """What a visit saw of another supplier's goods; `price` in minor units."""

    brand: Name
    product: Reference = ""
    price: Amount | None = None
    notes: Text = ""


class Visit(Record, tag=10, frozen=True):
    """What a rep did at an outlet, where and when. Never changed: an amendment names the old one.

    `channel` is by what means the outlet was reached where nobody went there; `contacts` are whom it was with; `mock`
    says that the phone reported a made-up position; `prepared_s` is how long before its start aim and questions were
    written down; `steps` are those of the checklist that were done.
    """

    outlet: UUID
    purpose: Code = ""
    aim: Text = ""
    started_at: Annotated[Instant | None, Rule(merge=Merge.DERIVED)] = None
    duration_s: Annotated[int, Meta(ge=0, le=86_400)] | None = None
    position: Position | None = None
    notes: Text = ""
    stock: tuple[Stock, ...] = ()
    competitors: tuple[Competitor, ...] = ()
    companions: tuple[UUID, ...] = ()
    questions: Text = ""
    result: Code = ""
    amends: UUID | None = None
    staff: Annotated[UUID | None, Rule(merge=Merge.DERIVED)] = None
    channel: Channel = Channel.UNKNOWN
    contacts: tuple[UUID, ...] = ()
    mock: bool = False
    prepared_s: Seconds | None = None
    steps: tuple[Code, ...] = ()
    batches: tuple[ShelfBatch, ...] = ()


class Seen(StrEnum):
    """How a sweep found an outlet."""

    SEEN = "seen"
    VISITED = "visited"
    NEW = "new"
    CLOSED = "closed"
    NOT_FOUND = "not_found"


class Sighting(msgspec.Struct, array_like=True, frozen=True):
    """One outlet that a sweep passed; `after_s` seconds from the sweep's start."""

    outlet: UUID
    seen: Seen
    after_s: Seconds = 0


class TrackPoint(msgspec.Struct, array_like=True, frozen=True):
    """One point of the walked track, WGS-84; `after_s` seconds from the sweep's start."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    after_s: Seconds


class Corner(msgspec.Struct, array_like=True, frozen=True):
    """One corner of an area that was drawn, WGS-84."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]


class Sweep(Record, tag=11, frozen=True):
    """One walk through an area that finds every outlet in it: the whole territory, or what `area` encloses."""

    started_at: Annotated[Instant | None, Rule(merge=Merge.DERIVED)] = None
    duration_s: Seconds = 0
    track: tuple[TrackPoint, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    notes: Text = ""
    amends: UUID | None = None
    staff: Annotated[UUID | None, Rule(merge=Merge.DERIVED)] = None
    area: tuple[Corner, ...] = ()


class Photo(Record, tag=12, frozen=True):
    """A photo's description; its bytes travel apart. `of` is the record it belongs to.

    `digest` is the BLAKE2b-32 of the bytes in hexadecimal, `size` counts bytes, width and height pixels. `kind` says
    what it shows: `front`, `shelf`, or another word.
    """

    of: UUID
    outlet: UUID
    digest: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$", max_length=64)]
    size: Annotated[int, Meta(ge=1, le=20_000_000)]
    width: Pixels = 0
    height: Pixels = 0
    caption: Reference = ""
    taken_at: Annotated[Instant | None, Rule(merge=Merge.DERIVED)] = None
    staff: Annotated[UUID | None, Rule(merge=Merge.DERIVED)] = None
    kind: Code = ""


class TaskStatus(StrEnum):
    """How far a task is; only ever goes forward, in this order."""

    OPEN = "open"
    STARTED = "started"
    DONE = "done"
    DROPPED = "dropped"


class Task(Record, tag=13, frozen=True):
    """Something that one person is asked to do."""

    title: Annotated[Name, Rule(write=Writer.MANAGER, zh="任务", en="Task")]
    kind: Annotated[Code, Rule(write=Writer.MANAGER, zh="种类", en="Kind")] = "general"
    outlet: Annotated[UUID | None, Rule(write=Writer.MANAGER, zh="终端", en="Outlet")] = None
    due: Annotated[Day | None, Rule(write=Writer.MANAGER, zh="到期", en="Due")] = None
    status: Annotated[TaskStatus, Rule(merge=Merge.FORWARD, zh="进度", en="Status")] = TaskStatus.OPEN
    answer: Annotated[Text, Rule(zh="结果", en="Answer")] = ""
    notes: Annotated[Text, Rule(write=Writer.MANAGER, zh="说明", en="Notes")] = ""
    about: Annotated[UUID | None, Rule(write=Writer.MANAGER, zh="关于", en="About")] = None
    companions: Annotated[tuple[UUID, ...], Rule(write=Writer.MANAGER, zh="同行", en="Together with")] = ()


class Acknowledgement(Record, tag=14, frozen=True):
    """A person read a notice, in the version that `notice_revision` names."""

    notice: UUID
    notice_revision: Annotated[int, Meta(ge=1, le=1 << 53)]
    at: Annotated[Instant | None, Rule(merge=Merge.DERIVED)] = None
    staff: Annotated[UUID | None, Rule(merge=Merge.DERIVED)] = None


class Opening(Record, tag=15, frozen=True):
    """How often somebody opened a contact's details on their phone on one day; `private` counts the private part."""

    contact: UUID
    outlet: UUID
    day: Day
    times: Annotated[int, Meta(ge=1, le=100_000)] = 1
    private: Annotated[int, Meta(ge=0, le=100_000)] = 0
    staff: Annotated[UUID | None, Rule(merge=Merge.DERIVED)] = None
