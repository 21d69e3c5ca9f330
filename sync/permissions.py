"""Who may do what with which records: one table, which the write path reads and the tests try cell by cell.

A role counts by how far its word goes: reps, service people and archivists as *rep*, managers and dealers as
*manager*; the company's rules are the *server*. Where records stand is another matter: nobody reaches a record
outside the scopes that they hold. `docs/permissions.md` shows both tables.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from sync.rules import Writer

__all__ = ["FIELDS", "PERMISSIONS", "Cell", "Permission", "Who"]


class Who(StrEnum):
    """How far an actor's word goes."""

    REP = "rep"
    MANAGER = "manager"
    SERVER = "server"


class Cell(StrEnum):
    """What becomes of an operation that writes a field."""

    ALLOWED = "allowed"
    PROPOSED = "proposed"
    """It waits for a manager."""
    MAKING = "making"
    """Allowed in the operation that makes the record, refused afterwards."""
    REFUSED = "refused"


_ALL = frozenset(Who)
_DECIDING = frozenset({Who.MANAGER, Who.SERVER})
_SERVER = frozenset({Who.SERVER})
_NOBODY: frozenset[Who] = frozenset()


class Permission(msgspec.Struct, frozen=True):
    """One row of the table of collections: who may make, edit, remove and move its records."""

    create: frozenset[Who]
    edit: frozenset[Who]
    remove: frozenset[Who]
    move: frozenset[Who] = _NOBODY

    def allows(self, act: str, who: Who) -> bool:
        """Whether somebody may do this: create, edit, remove or move."""
        allowed: frozenset[Who] = getattr(self, act)
        return who in allowed


_KEPT = Permission(create=_ALL, edit=_ALL, remove=_DECIDING)
_LOGGED = Permission(create=_ALL, edit=_NOBODY, remove=_SERVER)
_COMPANYS = Permission(create=_DECIDING, edit=_DECIDING, remove=_DECIDING)
_RULES = Permission(create=_SERVER, edit=_SERVER, remove=_SERVER)

PERMISSIONS: dict[str, Permission] = {
    "outlet": Permission(create=_ALL, edit=_ALL, remove=_DECIDING, move=_DECIDING),
    "contact": _KEPT,
    "contact_private": _KEPT,
    "visit": _LOGGED,
    "sweep": _LOGGED,
    "photo": _LOGGED,
    "task": Permission(create=_DECIDING, edit=_ALL, remove=_DECIDING, move=_DECIDING),
    "acknowledgement": _LOGGED,
    "opening": _LOGGED,
    "daily_report": _LOGGED,
    "practice": _KEPT,
    "claim": Permission(create=_ALL, edit=_DECIDING, remove=_DECIDING),
    "order": _LOGGED,
    "delivery": _LOGGED,
    "payment": _LOGGED,
    "contact_report": _LOGGED,
    "verification": _LOGGED,
    "occasion": _KEPT,
    "gift": _LOGGED,
    "credit_application": _KEPT,
    "product": _COMPANYS,
    "price": _COMPANYS,
    "outlet_class": _COMPANYS,
    "policy": _COMPANYS,
    "notice": _COMPANYS,
    "teaser": _RULES,
    "score": _RULES,
    "refused": Permission(create=_SERVER, edit=_ALL, remove=_SERVER),
    "finding": _RULES,
    "code_block": _RULES,
}
"""Who may do what with the records of each collection. What is never changed is edited by nobody: it is amended."""

FIELDS: dict[Writer, dict[Who, Cell]] = {
    Writer.REP: {Who.REP: Cell.ALLOWED, Who.MANAGER: Cell.ALLOWED, Who.SERVER: Cell.ALLOWED},
    Writer.PROPOSE: {Who.REP: Cell.PROPOSED, Who.MANAGER: Cell.ALLOWED, Who.SERVER: Cell.ALLOWED},
    Writer.REGISTRAR: {Who.REP: Cell.MAKING, Who.MANAGER: Cell.ALLOWED, Who.SERVER: Cell.ALLOWED},
    Writer.MANAGER: {Who.REP: Cell.REFUSED, Who.MANAGER: Cell.ALLOWED, Who.SERVER: Cell.ALLOWED},
    Writer.SERVER: {Who.REP: Cell.REFUSED, Who.MANAGER: Cell.REFUSED, Who.SERVER: Cell.ALLOWED},
}
"""What becomes of a field in the operation of each, by the word that stands beside the field's declaration."""
