"""A command in a process of its own that is killed on its way."""

from __future__ import annotations

__all__ = ["MORTAL"]

# Runs a command and is killed before its n-th statement or commit; with 0 it lives and says how many there were.
MORTAL = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from server.cli import main
stop, done = int(sys.argv.pop(1)), 0
def step(*_):
    global done
    done += 1
    if done == stop:
        os.kill(os.getpid(), signal.SIGKILL)
event.listen(Engine, "before_cursor_execute", step)
event.listen(Engine, "commit", step)
try:
    main()
finally:
    print("steps", done)
"""
