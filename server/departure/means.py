"""What a departure is carried out with, given by whoever puts the rooms together."""

from __future__ import annotations

from dataclasses import dataclass

from server.departure.departures_file import DeparturesFile
from server.identity.keys import CompanyKeys
from server.identity.locks import HandOver
from server.live.announce import Announcer
from server.master.store import Store
from server.ports import REAL, Sources

__all__ = ["Means"]


@dataclass(frozen=True, slots=True)
class Means:
    """The store, the locks between processes, the company's keys, the departures file, and whom to tell."""

    store: Store
    locks: HandOver
    keys: CompanyKeys
    file: DeparturesFile
    announcer: Announcer
    sources: Sources = REAL
