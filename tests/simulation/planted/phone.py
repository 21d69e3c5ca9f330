"""Bugs of the phone's side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from client_sdk import lifecycle
from client_sdk.device import Device
from client_sdk.exchange import rounds
from client_sdk.local import intake
from client_sdk.local.intake import Intake
from client_sdk.local.overlay import Overlay
from client_sdk.outbox import Outbox
from sync.machine import Event, Instruction
from sync.messages import Light, Removal, ScopePage
from tests.simulation.planted.bug import Plant, bug, replaced


@bug
def cursor_saved_first() -> Plant:
    """The cursor is committed before the rows that it stands for: a phone that dies between never gets them."""
    take_page = Intake._scope_page

    def early(self: Intake, part: ScopePage) -> None:
        scope = self._scopes.ensure(part.scope)
        if part.after == scope.cursor.version and scope.next is None:
            self._scopes.move_on(scope.id, part.cursor)
            self._file.run("COMMIT")
            self._file.run("BEGIN IMMEDIATE")
            self._file.run("UPDATE scope SET version=? WHERE id=?", (part.after, scope.id))
        take_page(self, part)

    return replaced(Intake, _scope_page=early)


@bug
def outbox_dropped_at_order() -> Plant:
    """A wipe takes the outbox with the replica: what was not uploaded dies with it."""

    def remove(device: Device) -> Event | None:
        device.remove_outbox()
        return lifecycle._remove_replica_files(device)

    acts = {**lifecycle._ACTS, Instruction.REMOVE_REPLICA_FILES: remove}
    return replaced(lifecycle, _ACTS=acts)


@bug
def removal_takes_any() -> Plant:
    """An entry that says that a record moved removes it from wherever it stands, also from where it moved to."""

    def remove(self: Intake, _scope: int, removals: Sequence[Removal]) -> None:
        held = self._rows.among(one.record for one in removals)
        self._drop([one for one in held.values() if one.packed is not None])

    return replaced(Intake, _remove=remove)


@bug
def promoted_unseen() -> Plant:
    """The phone keeps its own row for the server's without comparing them."""

    def same(self: Intake, old: Any, light: Light) -> bytes | None:
        found: bytes | None = old.packed if old is not None and old.packed is not None else None
        return found or self._promoted(light.record)

    return replaced(Intake, _same_body=same)


@bug
def wipe_leaves_the_file() -> Plant:
    """A wiped phone keeps the replica's file, since its key is gone anyway."""

    def leave(device: Device) -> Event | None:
        device.let_go()
        return Event.FILES_REMOVED

    return replaced(lifecycle, _ACTS={**lifecycle._ACTS, Instruction.REMOVE_REPLICA_FILES: leave})


@bug
def wipe_leaves_the_share() -> Plant:
    """A wiped phone forgets the wrapped key and keeps the share that it was wrapped under."""

    def leave(device: Device) -> Event | None:
        device.let_go()
        return Event.SHARE_DESTROYED

    return replaced(lifecycle, _ACTS={**lifecycle._ACTS, Instruction.DESTROY_DEVICE_SHARE: leave})


@bug
def handed_in_never_marked() -> Plant:
    """What was handed in stays marked as pending: the phone hands it in for ever."""
    return replaced(rounds.Exchange, _handed_in=lambda *_: None)


@bug
def overlay_never_settles() -> Plant:
    """What the master has taken over stays laid over the master's row: the rep sees old values for good."""
    return replaced(Overlay, settle=lambda _self: None)


@bug
def fork_keeps_numbers() -> Plant:
    """A phone that is told of a fork takes a new outbox id and leaves behind what the server has not acknowledged."""

    def fork(self: Outbox, box: bytes) -> None:
        with self.file.transaction():
            if self._ordinal(box) == self._current():
                self._new_box()

    return replaced(Outbox, fork=fork)


@bug
def copied_row_by_version() -> Plant:
    """Whether a row is newer is asked of its version alone, also where it stood in another scope."""
    return replaced(intake, _is_newer=lambda old, _scope, version: old.version >= version)


@bug
def sent_again_in_vain() -> Plant:
    """What a restored server asks for again is marked as acknowledged all the same."""

    def resend(self: Outbox, box: bytes, number: int, reached: bytes) -> None:
        del number, reached
        self.file.run("UPDATE box SET acknowledged=last, hash=last_hash WHERE id=?", (box,))

    return replaced(Outbox, resend=resend)
