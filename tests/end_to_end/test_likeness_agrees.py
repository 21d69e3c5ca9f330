"""Phone and server find the same outlets alike: one rule, two ways to compare texts and to read sounds and phones."""

from __future__ import annotations

import random

import pytest
from rapidfuzz import fuzz

from client_sdk.local.pinyin import syllables
from server.field import likeness
from server.field.intake.neighbours import Neighbours
from server.field.intake.phones import read_phones
from sync.business.likeness import alike, plain_ratio, portrait
from sync.business.phones import numbers_in
from tests.builders.district import shops


def test_over_the_whole_district_phone_and_server_agree() -> None:
    """Every pair that either could find: the same reason, surely or not, at the same distance."""
    listed = [(str(one.cells.get("店名") or ""), str(one.cells.get("联系电话") or ""), one.place) for one in shops()]
    ours = [portrait(name, syllables, numbers_in(phone), place) for name, phone, place in listed]
    theirs = [
        likeness.portrait(name, [one.e164 for one in read_phones(phone, "CN")[0] if one.e164], place)
        for name, phone, place in listed
    ]
    assert [one.sound for one in ours] == [one.sound for one in theirs]
    index = Neighbours()
    pairs = []
    for number, one in enumerate(theirs):
        pairs += [(number, other) for other, _ in index.find(one)]
        index.add(one)
    rng = random.Random(4)
    pairs += [(rng.randrange(len(listed)), rng.randrange(len(listed))) for _ in range(20_000)]
    found = 0
    for a, b in pairs:
        mine, said = alike(ours[a], ours[b]), likeness.alike(theirs[a], theirs[b])
        assert (mine and (mine.why, mine.certain)) == (said and (said.why, said.certain)), (listed[a], listed[b])
        found += said is not None
    assert found > 10


@pytest.mark.parametrize("seed", range(3))
def test_texts_are_compared_as_rapidfuzz_does(seed: int) -> None:
    """Over short texts of few letters, where much repeats."""
    rng = random.Random(seed)
    for _ in range(500):
        a, b = ("".join(rng.choices("张记烟酒ab", k=rng.randrange(12))) for _ in range(2))
        assert plain_ratio(a, b) == pytest.approx(fuzz.ratio(a, b))
