"""What a process has cost so far, as the system counts it: processor time and memory, with the processes it started."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

__all__ = ["Cost", "cost_of"]

_PROC = Path("/proc")
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_KIB = 1024


class Cost(msgspec.Struct, frozen=True):
    """`cpu_s` seconds of processor (to a hundredth), `resident` bytes of memory now, `peak` at most so far."""

    cpu_s: float = 0.0
    resident: int = 0
    peak: int = 0


def cost_of(group: int) -> Cost:
    """What all processes of a group have cost that still run; zero where there is none. Linux only."""
    cpu_s, resident, peak = 0.0, 0, 0
    for place in _of_group(group):
        with suppress(OSError):
            ticks = _fields(place)[11:13]
            told = dict(line.split(":", 1) for line in (place / "status").read_text("utf-8").splitlines())
            cpu_s += sum(map(int, ticks)) * _TICK_S
            resident += _bytes(told, "VmRSS")
            peak += _bytes(told, "VmHWM")
    return Cost(round(cpu_s, 2), resident, peak)


def _of_group(group: int) -> Iterator[Path]:
    for place in _PROC.glob("[0-9]*"):
        with suppress(OSError):
            if int(_fields(place)[2]) == group:
                yield place


def _fields(place: Path) -> list[str]:
    """The fields of `stat` behind the program's name, which may hold anything."""
    return (place / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()


def _bytes(told: dict[str, str], name: str) -> int:
    return int(told[name].split()[0]) * _KIB if name in told else 0
