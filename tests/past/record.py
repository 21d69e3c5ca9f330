"""Makes the deployment of a past version: run in a checkout of that version, with this file's path.

    cd CHECKOUT && python …/tests/past/record.py TO [SDK]

A real server and real phones of that version: what is acknowledged, what is pending, one rep who has left and whose
phone has not heard of it. With SDK, the folder of a later version, a phone of that version joins them. It writes
TO/store.sql, TO/home (keys, departures file), TO/one, TO/leaver, TO/ahead (phones' directories) and TO/made.json.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, ".")

from client_sdk import Position, Replica, Stock
from sync.versions import SCHEMA
from tests.end_to_end.deployment import Deployment

REP, PARTNER, LEAVER = "周海波", "曹文俊", "林雅静"
AHEAD = """
import sys
sys.path.insert(0, ".")
from client_sdk import Position, Replica, Stock
url, code, directory = sys.argv[1:]
phone = Replica.enrol(url, code=code, directory=directory)
assert phone.sync().verified
shop = phone.outlets.search("甲")[0]
phone.visits.log(shop.id, position=Position(39.9042, 116.4074), notes="ahead", stock=[Stock("SKU-1", sold=1)])
phone.practices.write("陈列", "靠门的货架先补")
assert phone.sync().verified
phone.practices.write("拜访", "先看货架再谈")
phone.close()
"""


def _here(at: int) -> Position:
    return Position(39.9042 + at / 1000, 116.4074)


def _work(one: Replica, two: Replica, leaver: Replica, deployment: Deployment) -> None:
    shops = [
        two.outlets.register(name=f"{name}烟酒", outlet_class="tobacco_liquor", position=_here(at))
        for at, name in enumerate("甲乙丙丁戊")
    ]
    for at, shop in enumerate(shops):
        two.visits.log(shop.id, position=_here(at), notes="acknowledged", stock=[Stock("SKU-1", on_hand=10, sold=2)])
    own = leaver.outlets.register(name="城西老店", outlet_class="tobacco_liquor", position=_here(50))
    leaver.visits.log(own.id, position=_here(50), notes="acknowledged")
    for phone in (two, leaver, one):
        assert phone.sync().verified
    one.outlets.update(shops[0].id, phone="13800000000", name="甲记烟酒行")
    leaver.visits.log(own.id, position=_here(50), notes="pending of the leaver")
    deployment.command("offboard", LEAVER, "--yes")
    assert one.sync().verified
    one.visits.log(shops[0].id, position=_here(0), notes="pending", stock=[Stock("SKU-1", on_hand=8, sold=3)])
    one.outlets.update(shops[1].id, address="东升大道 1 号")


def _dump(home: Path, to: Path) -> str:
    with closing(sqlite3.connect(home / "saojie.db")) as store:
        (step,) = store.execute("SELECT version_num FROM alembic_version").fetchone()
        to.write_text("\n".join(store.iterdump()) + "\n", "utf-8")
    for path in home.iterdir():
        if path.name not in {"keys", "departures.log"}:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return str(step)


def record(to: Path, sdk: Path | None) -> None:
    """Make the deployment under `to`."""
    home = to / "home"
    home.mkdir(parents=True)
    deployment = Deployment(home)
    deployment.command("init", "--company", "测试商贸", "--manager", "陈经理")
    for place in ("城东片区", "城西片区"):
        deployment.command("territory", "add", place)
    places = {REP: ("城东片区", "城西片区"), PARTNER: ("城东片区",), LEAVER: ("城西片区",)}
    for name, theirs in places.items():
        options = [word for place in theirs for word in ("--territory", place)]
        deployment.command("staff", "add", name, "--role", "rep", *options)
    deployment.start()
    phones = [
        deployment.phone(name, to / place) for name, place in ((REP, "one"), (PARTNER, "two"), (LEAVER, "leaver"))
    ]
    one, two, leaver = phones
    _work(one, two, leaver, deployment)
    if sdk is not None:
        words = [sys.executable, "-c", AHEAD, deployment.url, deployment.code(PARTNER), str(to / "ahead")]
        subprocess.run(words, cwd=sdk, check=True)
    held = {name: count for name, (count, _) in one.digests().items()}
    deployment.stop()
    for phone in phones:
        phone.close()
    shutil.rmtree(to / "two")
    made = {"step": _dump(home, to / "store.sql"), "schema": SCHEMA, "at": time.time_ns() // 1_000_000, "held": held}
    (to / "made.json").write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    record(Path(sys.argv[1]).absolute(), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
