"""The demo, run as anybody runs it: what it reports adds up, and the search that finds nothing at the end has teeth."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import apsw
import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.cli.trial.search import readable
from tests.source import ROOT

RUN = "from server.cli import main; main()"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """One run of `saojie demo --json`, with a deployment in the environment that it must leave alone."""
    home = tmp_path_factory.mktemp("demo")
    env = os.environ | {"SAOJIE_HOME": str(home / "other"), "SAOJIE_PORT": "1", "TMPDIR": str(home)}
    line = [sys.executable, "-c", RUN, "demo", "--json", "--lang", "zh"]
    ran = subprocess.run(line, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=240)
    assert ran.returncode == 0, ran.stderr
    assert list(home.iterdir()) == []
    return ran


def test_what_it_reports_adds_up(shown: subprocess.CompletedProcess[str]) -> None:
    """Every operation that was logged without a network is in the master store; after the wipe nothing is readable."""
    found = json.loads(shown.stdout.splitlines()[-1])
    assert (found["imported"], found["devices"]) == (1200, 2)
    assert found["operations_in_master"] == found["operations_logged_offline"] > 20
    assert found["drained_operations"] == found["accepted_operations"] == 6
    assert (found["conflicts_kept"], found["same_shop_questions"]) == (1, 1)
    assert found["digests_equal"] is True
    assert found["readable_before_wipe"] > 300
    assert found["readable_after_wipe"] == 0
    assert found["receipts"] == ["told", "locked", "drained", "wiped"]
    assert (found["wipe_state"], found["wipe_ms"] > 0) == ("wiped", True)
    assert found["seconds"] < 60


def test_it_tells_people_in_both_languages(shown: subprocess.CompletedProcess[str]) -> None:
    """With `--json` the story goes to standard error, so that the object is the only thing on standard output."""
    assert len(shown.stdout.splitlines()) == 1
    assert "断网扫街" in shown.stderr
    assert "Without a network" in shown.stderr


def sealed_directory(folder: Path) -> None:
    """A directory as the SDK leaves one: shares, a wrapped data key, an encrypted replica with one name in it."""
    (folder / "keystore").mkdir()
    (folder / "keystore" / "device_share").write_bytes(b"d" * 32)
    (folder / "keystore" / "lease_share").write_bytes(b"l" * 32)
    replica, key = b"r" * 16, b"k" * 32
    wrapping = HKDF(hashes.SHA256(), 32, None, replica).derive(b"d" * 32 + b"l" * 32)
    wrapped = msgspec.msgpack.encode([replica, b"n" * 12 + AESGCM(wrapping).encrypt(b"n" * 12, key, replica)])
    with sqlite3.connect(folder / "keys.db") as plain:
        plain.execute("CREATE TABLE fact(name TEXT, value BLOB)")
        plain.execute("INSERT INTO fact VALUES('WrappedKey', ?)", (wrapped,))
    plain.close()
    sealed = apsw.Connection(str(folder / "replica.db"))
    sealed.execute("PRAGMA cipher='aegis'")
    sealed.execute(f"PRAGMA key='raw:{key.hex()}'")
    sealed.execute("CREATE TABLE row(packed BLOB)")
    sealed.execute("INSERT INTO row VALUES(?)", ("老张烟酒".encode(),))
    sealed.close()


def test_the_search_opens_what_the_keys_open(tmp_path: Path) -> None:
    """With both shares a name in an encrypted file is found; without one of them it is not."""
    sealed_directory(tmp_path)
    found = readable(tmp_path, {"老张烟酒", "福顺超市"})
    assert (found.without_key, found.with_keys) == (0, 1)
    (tmp_path / "keystore" / "device_share").unlink()
    assert readable(tmp_path, {"老张烟酒"}).with_keys == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "gb18030"])
def test_the_search_finds_plain_words(tmp_path: Path, encoding: str) -> None:
    """A name that lies in a file as it is, in whatever encoding, is found without any key."""
    (tmp_path / "leftover.tmp").write_bytes(b"\x00\x01" + "老张烟酒".encode(encoding) + b"\xff")
    assert readable(tmp_path, {"老张烟酒"}).without_key == 1
