"""Who may open which part of the console: sets of roles. Reps have phones, and no account."""

from __future__ import annotations

from server.identity.accounts import OFFICE_ROLES
from server.identity.staff import Role

__all__ = ["ARCHIVE", "CARE", "DEALERS", "MANAGERS", "OFFICE"]

DEALERS = frozenset({Role.DEALER})
MANAGERS = DEALERS | {Role.MANAGER}
ARCHIVE = MANAGERS | {Role.ARCHIVIST}
CARE = MANAGERS | {Role.SERVICE}
OFFICE = OFFICE_ROLES
