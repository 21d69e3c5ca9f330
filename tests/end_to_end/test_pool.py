"""The public pool with a real server and real phones: what a phone may see of an outlet, and who gets it."""

from __future__ import annotations

from pathlib import Path

from sync.records import ClaimState
from tests.end_to_end.deployment import Deployment
from tests.end_to_end.searching import found_with_keys

REP, OTHER = "周海波", "吴晓琳"


def test_a_pooled_outlet_shows_no_way_to_reach_it_and_goes_to_the_first_who_claims(
    deployment: Deployment, tmp_path: Path
) -> None:
    """Returned by hand, it leaves its phones; name, phone and contacts are in no page of another rep's phone, opened
    with its own keys, until the claim is won. The last holder has to wait.
    """
    last, next_ = deployment.phone(REP, tmp_path / "last"), deployment.phone(OTHER, tmp_path / "next")
    shop = next(one for one in last.outlets.list(size=1000) if one.phone and len(one.name) >= 4 and one.address)
    words = {shop.name, shop.phone, *(one.name for one in last.contacts.of(shop.id) if len(one.name) >= 3)}
    assert found_with_keys(tmp_path / "next", words) == set()
    done = deployment.command("pool", "return", str(shop.id), "--reason", "无人跟进")
    assert (done["moved"], done["refused"]) == ([str(shop.id)], {})
    assert last.sync().verified
    assert next_.sync().verified
    (offer,) = [one for one in next_.pool.teasers() if one.teaser.outlet == shop.id]
    assert offer.teaser.outlet_class == shop.outlet_class
    assert offer in last.pool.teasers()
    assert found_with_keys(tmp_path / "last", {shop.phone}) == set()
    assert found_with_keys(tmp_path / "next", words) == set()
    deployment.stop()
    place = last.pool.claim(offer.teaser)
    asked = next_.pool.claim(offer.teaser)
    deployment.start()
    assert last.sync().verified
    assert next_.sync().verified
    assert {one.id: (one.state, one.reason) for one in last.pool.claims()} == {
        place.id: (ClaimState.REFUSED, "cool_down")
    }
    assert {one.id: one.state for one in next_.pool.claims()} == {asked.id: ClaimState.WON}
    assert next_.outlets.get(shop.id).phone == shop.phone
    assert [one for one in next_.pool.teasers() if one.teaser.outlet == shop.id] == []
    steps = deployment.command("pool", "history", str(shop.id))["steps"]
    assert [one["scope"].split("/")[0] for one in steps] == ["territory", "pool", "territory"]
    assert deployment.faults() == []
