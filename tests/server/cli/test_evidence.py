"""Exposure, agreements, access and the pack by the command."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.cli.conftest import Command
from tests.server.cli.phone import Phone


@pytest.fixture
def phone(command: Command) -> Phone:
    """Wang's phone; Wang works in the east."""
    command.json("territory", "add", "城东")
    command.json("staff", "add", "王芳", "--territory", "城东")
    return Phone.enrolled(command.home, command.json("enrol", "王芳")["code"])


def test_an_exposure_is_asked_by_person_or_by_device(command: Command, phone: Phone) -> None:
    """Both name the same device; somebody who is not there is told."""
    by_name = command.json("exposure", "王芳")
    by_device = command.json("exposure", phone.id.hex[-8:])
    assert [one["device"] for one in by_name["devices"]] == [str(phone.id)]
    assert by_device["devices"] == by_name["devices"]
    unknown = command("exposure", "没有人")
    assert (unknown.code, "staff_unknown" in unknown.err) == (1, True)


def test_agreements_are_entered_and_listed(command: Command, phone: Phone, tmp_path: Path) -> None:
    """Money is typed in yuan and kept in fen; the entry is in the journal; a bad amount is told."""
    file = tmp_path / "nda.txt"
    file.write_text("保密协议", "utf-8")
    command.json(
        "agreements", "add", "--staff", "王芳", "--kind", "confidentiality", "--file", file,
        "--signed-on", "2026-01-05", "--penalty", "50000",
    )  # fmt: skip
    command.json(
        "agreements", "add", "--staff", "王芳", "--kind", "allowance", "--month", "2026-11", "--amount", "300.5"
    )
    first, second = command.json("agreements", "list", "--staff", "王芳")["agreements"]
    assert (first["kind"], first["penalty"], first["is_kept"]) == ("confidentiality", 5_000_000, True)
    assert (second["month"], second["amount"], second["file"]) == ("2026-11", 30_050, None)
    assert command.journal().count("agreement_added") == 2
    assert phone.territory is not None
    for amount in ("a lot", "-1", "0.001", "NaN"):
        bad = command(
            "agreements", "add", "--staff", "王芳", "--kind", "allowance", "--month", "2026-11", "--amount", amount
        )
        assert (bad.code, "bad_amount" in bad.err) == (1, True)


def test_a_pack_is_made_checked_and_never_written_over(command: Command, phone: Phone, tmp_path: Path) -> None:
    """A folder or a zip file; the verifier in it runs on plain Python; what is there already stays."""
    out = tmp_path / "out"
    made = command.json("evidence", "--staff", "王芳", "--out", out / "pack")
    ran = subprocess.run(
        [sys.executable, "-I", "-S", out / "pack" / "verify_pack.py"], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, made["key"] in ran.stdout, "全部相符" in ran.stdout) == (0, True, True), ran.stdout
    command.json("evidence", "--staff", "王芳", "--out", out / "pack.zip", "--as-of", "2026-01-31", "--by", "刘经理")
    ran = subprocess.run(
        [sys.executable, "-I", "-S", out / "pack" / "verify_pack.py", out / "pack.zip"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0
    again = command("evidence", "--staff", "王芳", "--out", out / "pack")
    assert (again.code, "out_exists" in again.err) == (1, True)
    assert sorted(one.name for one in out.iterdir()) == ["pack", "pack.zip"]
    assert [stat.S_IMODE(one.stat().st_mode) for one in (out / "pack", out / "pack.zip")] == [0o700, 0o600]
    assert command.journal().count("evidence_made") == 2
    bad = command("evidence", "--staff", "王芳", "--as-of", "yesterday", "--out", out / "other")
    assert (bad.code, "bad_day" in bad.err) == (1, True)
    assert phone.territory is not None


def test_the_ledger_shows_enrolments_and_packs(command: Command, phone: Phone, tmp_path: Path) -> None:
    """Whoever asks sees the code, the enrolment and what was made about the person."""
    command.json("evidence", "--staff", "王芳", "--out", tmp_path / "pack")
    found = command.json("access", "--staff", "王芳")["access"]
    assert [one["kind"] for one in found][:2] == ["code_issued", "device_enrolled"]
    assert found[-1]["kind"] == "evidence_made"
    assert str(phone.id) in {one["device"] for one in found}


def test_a_list_of_customers_data_that_is_shown_is_noted(command: Command) -> None:
    """Who looked at what, and how many lines; a list with nothing in it shows nothing, and leaves no note."""
    command.json("proposals", "list", "--by", "刘经理")
    assert "accessed" not in command.journal()
