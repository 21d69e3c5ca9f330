"""The command `saojie`. Importing this takes nothing of a server; a command imports what it needs when it runs."""

from __future__ import annotations

import sys

__all__ = ["main"]

_OURS = frozenset({"client_sdk", "server", "sync"})


def main() -> None:
    """Run the command; where the server's packages are not installed, say how to install them."""
    try:
        from server.cli.root import saojie
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in _OURS:
            raise
        sys.stderr.write(
            f"saojie: extra_missing: 缺少服务器组件（{missing}），请运行 pip install 'saojie[server]'\n"
            f"saojie: extra_missing: the server's packages are not installed ({missing}); "
            "run pip install 'saojie[server]'\n"
        )
        sys.exit(2)
    saojie()
