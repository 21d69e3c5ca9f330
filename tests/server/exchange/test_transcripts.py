"""The golden transcripts are what the server says today, byte for byte, on both databases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from server.master.store import Store
from tests.server.exchange.transcripts import FOLDER, TRANSCRIPTS, recorded


@pytest.mark.parametrize("name", TRANSCRIPTS)
async def test_the_server_says_what_the_transcript_says(store: Store, tmp_path: Path, name: str) -> None:
    """A difference is a change of the protocol, and has to be meant."""
    golden = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    steps = json.loads(json.dumps(await recorded(store, tmp_path, name), ensure_ascii=False))
    assert [one["what"] for one in steps] == [one["what"] for one in golden]
    for ours, theirs in zip(steps, golden, strict=True):
        assert ours == theirs, ours["what"]
