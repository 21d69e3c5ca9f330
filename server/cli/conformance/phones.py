"""What the throw-away phones do: enrolled, filled with words that stand nowhere else, they work without a network."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from PIL import Image

from server.cli.conformance.ground import Ground
from server.cli.talk import Failure
from server.cli.trial.company import Company
from server.cli.trial.processes import Phone

__all__ = ["Markers", "enrolled", "filled", "in_step", "photo_in", "until", "work_offline"]

OUTLETS, PENDING_VISITS, PENDING_EDITS = 12, 6, 2
_LOOK_EVERY_S = 0.05


class Markers(msgspec.Struct, frozen=True):
    """Words that stand nowhere else: what the archive holds, and what each phone that is away has pending."""

    archive: tuple[str, ...]
    away: tuple[str, ...]
    letter: tuple[str, ...]

    @classmethod
    def drawn(cls, random: Callable[[int], bytes]) -> Markers:
        """The markers of one check."""
        tag = random(5).hex()
        kinds = ("outlet", "contact", "hobby", "note")
        archive = tuple(f"检查{tag}{kind}{number:02}" for kind in kinds for number in range(OUTLETS))
        return cls(archive, _pending(f"断网{tag}"), _pending(f"信件{tag}"))

    @property
    def all(self) -> tuple[str, ...]:
        """Every one."""
        return self.archive + self.away + self.letter


def _pending(tag: str) -> tuple[str, ...]:
    visits = (f"{tag}visit{number:02}" for number in range(PENDING_VISITS))
    edits = (f"{tag}edit{number:02}" for number in range(PENDING_EDITS))
    return (*visits, *edits, f"{tag}new")


def _of(kind: str, words: Iterable[str]) -> list[str]:
    return [one for one in words if kind in one]


async def enrolled(company: Company, ground: Ground, directory: Path, running: ExitStack) -> Phone:
    """A new phone of the check's rep, confirmed by its six digits."""
    phone = running.enter_context(Phone(ground.person.name, directory))
    asked = phone.does("enrol", code=await company.code_for(ground.person), model="conformance")
    phone.device = UUID(asked["device"])
    await company.confirm(phone.device, asked["confirmation"])
    return phone


def in_step(phone: Phone) -> dict[str, Any]:
    """Sync a phone, which has to work, and acknowledge what holds the archive until it is read. Raises Failure."""
    report: dict[str, Any] = phone.does("sync")["report"]
    if report["ended"] != "done" or not report["verified"]:
        raise Failure("not_in_step", f"the phone did not sync: {report['en']}", f"手机未能同步：{report['zh']}")
    for notice in phone.does("notices", unread=True)["notices"]:
        if notice["must_acknowledge"]:
            phone.does("acknowledge", notice=notice["id"])
    return report


def filled(phone: Phone, ground: Ground, markers: Markers) -> None:
    """Register outlets, contacts with their private part, and visits, all of them with markers."""
    rows = zip(*(_of(kind, markers.archive) for kind in ("outlet", "contact", "hobby", "note")), strict=True)
    for shop, person, hobby, notes in rows:
        place = str(ground.territory.id)
        outlet = phone.does("register", name=shop, territory=place, outlet_class="other")["outlet"]["id"]
        contact = phone.does("add_contact", outlet=outlet, name=person)["contact"]["id"]
        phone.does("update_private", contact=contact, hobbies=[hobby])
        phone.does("log_visit", outlet=outlet, notes=notes)


def work_offline(phone: Phone, ground: Ground, words: Sequence[str], photo: Path) -> int:
    """Work on without a network: visits, edits, a new outlet, a photo. How many operations are pending then."""
    phone.does("offline", on=True)
    shops = [one["id"] for one in phone.does("list", size=OUTLETS)["outlets"]]
    visits = [
        phone.does("log_visit", outlet=shop, notes=notes)["visit"]["id"]
        for shop, notes in zip(shops, _of("visit", words), strict=False)
    ]
    for shop, address in zip(shops, _of("edit", words), strict=False):
        phone.does("update", outlet=shop, address=address)
    phone.does("register", name=words[-1], territory=str(ground.territory.id), outlet_class="other")
    phone.does("attach", record=visits[0], path=str(photo))
    return phone.pending


def photo_in(path: Path) -> Path:
    """A picture as a camera makes it, in a file."""
    held = io.BytesIO()
    Image.effect_noise((640, 480), 60).convert("RGB").save(held, "JPEG")
    path.write_bytes(held.getvalue())
    return path


def until(what: Callable[[], bool], within_s: float, failure: Failure) -> int:
    """Wait until something is so, and say how many milliseconds that took. Raises `failure` where it does not come."""
    began = time.monotonic()
    while not what():
        if time.monotonic() - began > within_s:
            raise failure
        time.sleep(_LOOK_EVERY_S)
    return round((time.monotonic() - began) * 1000)
