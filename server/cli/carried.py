"""Signed bytes that people carry to a phone: shown as a code to scan, and on one line to paste into a message."""

from __future__ import annotations

import base64

from server.cli.talk import Talk
from server.identity.codes import scannable

__all__ = ["show"]


def show(talk: Talk, signed: bytes) -> dict[str, object]:
    """Show signed bytes, and say how programs are told of them."""
    if not talk.is_json:
        from server.identity.qr import as_terminal

        talk.raw(as_terminal(scannable(signed), error="l"))
    line = base64.b64encode(signed).decode()
    talk.say(
        "用手机扫描上面的二维码，或把下一行发给手机：", "Scan the code with the phone, or send it the following line:"
    )
    talk.say(line, line)
    return {"hex": signed.hex(), "base64": line, "payload": scannable(signed), "bytes": len(signed)}
