"""The services that the lab runs: where they are, and in plain words which are missing."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

__all__ = ["DEPLOY", "OWNER", "PATRONI", "as_postgres", "missing", "patroni", "postgres_programs"]

_ROOT = Path(__file__).parents[3]
DEPLOY = _ROOT / "deploy"
OWNER = "postgres"
PATRONI = _ROOT / ".venv" / "failover"
_PROGRAMS = ("etcd", "haproxy")


def postgres_programs() -> Path | None:
    """The folder of the newest installed PostgreSQL's programs."""
    versions = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if (folder / "postgres").exists()]
    return max(versions, key=lambda folder: int(folder.parent.name), default=None)


def missing() -> str:
    """Why the lab cannot run here; empty where it can."""
    found = [name for name in _PROGRAMS if shutil.which(name) is None]
    found += [] if postgres_programs() else ["postgresql"]
    found += [] if (PATRONI / "patroni").exists() else ["patroni"]
    return f"not installed: {', '.join(found)}; see tools/services.sh" if found else ""


def as_postgres() -> list[str]:
    """What to put before a command that must not run as root, which PostgreSQL refuses. It may read this project."""
    if os.geteuid() != 0:
        return []
    may = [f"--{which}-caps=+dac_override" for which in ("inh", "ambient")]
    return ["setpriv", f"--reuid={OWNER}", f"--regid={OWNER}", "--init-groups", *may]


def patroni() -> list[str]:
    """The program, to be run with PATRONI as its PYTHONPATH."""
    return [sys.executable, "-m", "patroni"]
