"""One phone: `python -m client_sdk.terminal DIRECTORY`."""

from __future__ import annotations

import sys

from client_sdk.terminal.loop import run
from client_sdk.terminal.phone import Phone

if __name__ == "__main__":
    sys.exit(run(Phone))
