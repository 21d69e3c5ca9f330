"""What is declared once beside each field of a record: how it merges, who may write it, what it means.

The server's write path, the phone's overlay, the forms of an app and the documentation all read
these declarations; none keeps a list of fields of its own.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

__all__ = ["Merge", "Rule", "Writer"]


class Merge(StrEnum):
    """How two concurrent values of one field become one."""

    LATEST = "latest"
    """The later stamp wins; the value that lost is kept in the journal."""
    SET = "set"
    """Elements are added and removed one by one; a removal takes only what it had seen."""
    FORWARD = "forward"
    """Only ever goes forward in the order of its enumeration."""
    FIXED = "fixed"
    """Given when the record is made and never changed."""
    DERIVED = "derived"
    """Worked out by the server from other records; no operation may name it."""


class Writer(StrEnum):
    """Who may write a field by an operation."""

    REP = "rep"
    """Anybody with the record's scope and a role that edits."""
    PROPOSE = "propose"
    """A rep's value becomes a proposal for the manager; a manager writes it."""
    REGISTRAR = "registrar"
    """Whoever makes the record gives it then; afterwards it is a manager's to write."""
    MANAGER = "manager"
    """Managers, dealers and the server's own rules."""
    SERVER = "server"
    """The server's own rules only."""


class Rule(msgspec.Struct, frozen=True):
    """The declaration beside a field. `matters` puts a lost value before the manager.

    `propose` lists values that a rep may only propose where others are the rep's to write.
    """

    merge: Merge = Merge.LATEST
    write: Writer = Writer.REP
    matters: bool = False
    propose: tuple[str, ...] = ()
    zh: str = ""
    en: str = ""

    def is_only_proposed(self, value: object) -> bool:
        """Whether this value has to be decided by a manager."""
        return self.write is Writer.PROPOSE or (isinstance(value, str) and value in self.propose)
