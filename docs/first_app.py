"""A first app: a rep's day in a terminal, written from docs/sdk.md alone. `python first_app.py DIRECTORY [CODE]`."""

from __future__ import annotations

import sys
from pathlib import Path

from client_sdk import AlikeOutlets, NotEnrolled, Outlet, Position, Replica, ReplicaLocked, SaojieError, Status

ACTS = ("today", "near", "find", "new", "visit", "refused")


def show(*words: object) -> None:
    """Put words on the screen, which here is a terminal; in one piece, as what is watched comes on another thread."""
    print(" ".join(map(str, words)) + "\n", end="", flush=True)


def say(said: SaojieError | Status) -> None:
    """What is the case and what to do: errors and the status bring the words, in both languages."""
    show(said.zh, said.todo_zh, said.en, said.todo)


class App:
    """`here` is where the phone is, `listed` what was shown last."""

    def __init__(self, replica: Replica) -> None:
        self.replica, self.here, self.listed = replica, Position(0, 0), tuple[Outlet, ...]()

    def today(self) -> None:
        """Whom to visit, in walking order, and what to do; after a sync, as for somebody who pulls the list down."""
        self.replica.sync()
        today = self.replica.today(near=self.here)
        self.list(*(due.outlet for due in today.visits))
        show(*(task.title for task in today.tasks))

    def near(self, lat: str, lon: str) -> None:
        """What is around where the phone is now."""
        self.here = Position(float(lat), float(lon))
        self.list(*(one.outlet for one in self.replica.outlets.near(self.here)))

    def find(self, text: str) -> None:
        """Outlets by name, pinyin, phone or contact."""
        self.list(*self.replica.outlets.search(text))

    def new(self, name: str, sure: str = "") -> None:
        """Register an outlet where the phone is; `sure` says that it is none of those that look like it."""
        try:
            self.list(self.replica.outlets.register(name=name, position=self.here, confirmed=bool(sure)))
        except AlikeOutlets as error:
            say(error)
            self.list(*(one.record for one in error.found if isinstance(one.record, Outlet)))

    def visit(self, number: str, notes: str, photo: str = "") -> None:
        """Log a visit, with a photo; while the replica is locked it goes into the letterbox."""
        outlet = self.listed[int(number)].id
        try:
            visit = self.replica.visits.log(outlet, position=self.here, notes=notes)
            if photo:
                self.replica.photos.attach(visit.id, Path(photo).read_bytes())
        except ReplicaLocked:
            self.replica.letterbox.visit(outlet, position=self.here, notes=notes)

    def refused(self, number: str = "") -> None:
        """What the company refused, why, and what was entered; with a number, sent again at that outlet."""
        for one in self.replica.refusals.list():
            show(one.zh, one.todo_zh, one.en, one.todo, one.entered)
            if number:
                self.replica.refusals.mend(one.id, outlet=self.listed[int(number)].id)

    def list(self, *outlets: Outlet) -> None:
        """Show outlets with their numbers."""
        self.listed = outlets
        for number, one in enumerate(outlets):
            show(number, one.name, one.address)


def run(phone: Replica) -> None:
    """Do what is typed. What it records goes out by itself; the status and today's figures stay true on the screen."""
    app, due = App(phone), lambda: phone.today().due
    with phone, phone.live(), phone.watch(phone.status, say), phone.watch(due, lambda count: show("今日 due", count)):
        for line in sys.stdin:
            name, *words = line.split() or ["today"]
            try:
                getattr(app, ACTS[ACTS.index(name)])(*words)
            except SaojieError as error:
                say(error)
            except (TypeError, ValueError, IndexError, OSError):
                show("?", *ACTS)


if __name__ == "__main__":
    try:
        replica = Replica.open(sys.argv[1])
    except NotEnrolled:
        replica = Replica.enrol(code=sys.argv[2], directory=sys.argv[1])
        show(replica.confirmation)
    run(replica)
