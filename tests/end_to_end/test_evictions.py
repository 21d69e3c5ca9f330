"""A territory is taken away: the phone drops it, signs that it did, and `devices show` says both."""

from __future__ import annotations

from pathlib import Path

from tests.end_to_end.deployment import Deployment
from tests.end_to_end.searching import found_with_keys

REP = "周海波"


def test_losing_a_territory_is_told_by_the_phones_own_receipt(deployment: Deployment, tmp_path: Path) -> None:
    """Told to drop at once; the receipt counts the records that the phone had, and none can be found any more."""
    deployment.command("territory", "roster", "城东片区", "--add", REP)
    phone = deployment.phone(REP, tmp_path / "phone")
    held = {scope: count for scope, (count, _) in phone.digests().items()}
    names = {one.name for one in phone.outlets.list(size=10_000) if len(one.name.encode()) >= 9}
    deployment.command("territory", "roster", "城东片区", "--remove", REP)
    report = phone.sync()
    assert report.verified
    assert phone.diagnostics.hand_in().is_there
    shown = deployment.command("devices", "show", str(phone.device))
    assert [one["told"]["records"] for one in shown["diagnostics"]] == [phone.counts()]
    told = {one["scope"] for one in shown["holds"] if one["evicted_at"] is not None}
    claimed = {one["scope"]: one["rows"] for one in shown["receipts"]}
    assert set(claimed) == set(report.evicted) >= told
    assert claimed == {scope: held[scope] for scope in report.evicted}
    kept = {one.name for one in phone.outlets.list(size=10_000)}
    assert found_with_keys(tmp_path / "phone", names) <= kept
    assert deployment.faults() == []
