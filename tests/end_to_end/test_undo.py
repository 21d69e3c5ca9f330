"""What a leaver spoiled: 200 outlets ruined offline by a real phone are restored, but for what somebody confirmed."""

from __future__ import annotations

from pathlib import Path

from client_sdk import Outlet, Replica
from tests.end_to_end.deployment import Deployment

REP, PARTNER, SUCCESSOR = "周海波", "曹文俊", "吴晓琳"
MANY, CONFIRMED = 200, 7


def _spoil(phone: Replica, shops: list[Outlet]) -> None:
    for at, shop in enumerate(shops):
        phone.outlets.update(shop.id, phone=f"1390000{at:04}", name=f"歇业{at}", status="lapsed")


def test_one_act_restores_all_that_a_leaver_spoiled_but_what_a_colleague_confirmed(
    deployment: Deployment, tmp_path: Path
) -> None:
    """Phones, names and statuses of 200 outlets go back; seven that a colleague saved as they are stay; once."""
    for name in (REP, PARTNER):
        deployment.command("territory", "roster", "城西片区", "--add", name)
    phone, colleague = deployment.phone(REP, tmp_path / "leaver"), deployment.phone(PARTNER, tmp_path / "colleague")
    shared = {one.id for one in colleague.outlets.list(size=10_000)}
    shops = [one for one in phone.outlets.list(size=10_000) if one.id in shared and one.status != "closed"][:MANY]
    assert len(shops) == MANY
    deployment.stop()
    deployment.environment["SAOJIE_MASS_CHANGE_GUARD"] = "off"
    _spoil(phone, shops)
    deployment.start()
    assert phone.sync().verified
    assert colleague.sync().verified
    for shop in shops[:CONFIRMED]:
        seen = colleague.outlets.get(shop.id)
        colleague.outlets.update(shop.id, phone=seen.phone, name=seen.name, status=seen.status)
    assert colleague.sync().verified
    deployment.command("offboard", REP, "--to", SUCCESSOR, "--yes")
    shown = deployment.command("undo", "--staff", REP, "--since", "1h")
    assert shown["dry_run"]
    done = deployment.command("undo", "--staff", REP, "--since", "1h", "--by", "陈经理", "--yes")
    assert (done["records"], done["refused"]) == (MANY - CONFIRMED, {})
    assert done["counts"]["confirmed"] > 0
    assert colleague.sync().verified
    was = {one.id: one for one in shops}
    now = {one.id: one for one in colleague.outlets.list(size=10_000)}
    spared = {one.id for one in shops[:CONFIRMED]}
    for shop in shops:
        kept = (now[shop.id].phone, now[shop.id].name, now[shop.id].status)
        stood = (was[shop.id].phone, was[shop.id].name, was[shop.id].status)
        assert (kept == stood) is (shop.id not in spared), shop.name
    again = deployment.command("undo", "--staff", REP, "--since", "1h", "--yes")
    assert again["restored"] == 0
    (act,) = deployment.command("undo", "--list")["acts"]
    assert (act["id"], act["records"]) == (done["act"], MANY - CONFIRMED)
    assert deployment.faults() == []
