"""`docs/sdk.md` runs as it stands: the guide as one story in front of a company in memory, the day on a real server.

Between two blocks of the guide something befalls the phone or the company: the page says `<!-- act: NAME -->`.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from client_sdk import Replica
from client_sdk.testing import DAY, HERE, HOUR, URL, World
from sync import scopes
from sync.codec import encode
from sync.machine import State
from sync.positions import Position
from sync.records import Contact, Grade, Notice, Outlet, Score, StockLine, Visit
from tests.client_sdk.acts import picture
from tests.end_to_end.waiting import until
from tests.source import ROOT
from tests.test_readme import server

__all__ = ["server"]

GUIDE, DAY_OF_A_REP = (ROOT / "docs" / "sdk.md").read_text("utf-8").split("\n## A rep's day", 1)
MONTH = "2026-09"
STEP = re.compile(r"```python\n(.*?)```|<!-- act: (\w+) -->", re.DOTALL)
SHOWN: dict[str, tuple[str, ...]] = {
    "Begin": (),
    "Enrol": (r"\d{6}", "等待经理确认六位数字"),
    "The first sync": (
        r"^没有等待上传的内容。 0 None$",
        "已与公司数据同步。 7 True",
    ),
    "Today": (r"老张烟酒行 \d", "送海报 None"),
    "Lists that stay true": ("^名单 老张烟酒行 $", "^名单 老张烟酒行 东升大道 8 号"),
    "Near me, search": ("老张烟酒行 0",),
    "An outlet, its people and its stock": ("上次补货", "张三 店主", "YL-TQ42 24", "13900000001", "^1$"),
    "Register an outlet": ("老张烟酒行 0.0",),
    "A form": ("name 名称 Name text True", "cooperation.level 不得大于 9。 True", "position 必填。 False", "^3 500000"),
    "A visit, with a photo and the stock": ("^12$", "填写的内容不符合要求。 请修改填写的内容。"),
    "What a kill leaves": (),
    "A sweep": ("3 0",),
    "Orders and money": ("20800",),
    "My score, and what was found": ("资料完整 500", "^500$"),
    "In the background": ("已与公司数据同步。", "^wifi$"),
    "Threads": (r"^\d$", "该操作需要等待网络，不能在绘制界面的线程上进行。"),
    "Refused work": ("档案不存在或不在您的范围内。 请询问经理。 送样品",),
    "A notice that has to be read": ("保密须知 客户资料归公司所有。",),
    "The status, in words": ("^1 条工作记录等待上传，已安全保存在手机上。", "^1 0 刘经理"),
    "Diagnostics for support": ("诊断信息已交给公司。 True", r"\d 2|\d+\.\d+\.\d+ \d+ done"),
    "Locked, and the letterbox": ("已于 .*锁定：", "^2$"),
    "Erased": ("副本已于", "已与公司数据同步。 2"),
    "What heals by itself": (),
    "Wiped": ("访问权限已于",),
    "Try it": (),
}
"""What the blocks of each section show, as patterns of which each is found."""


class Story:
    """The company and the phone of the guide, what its code may name, and all that it `told`."""

    def __init__(self, directory: Path) -> None:
        self.told = io.StringIO()
        self._before = 0
        self.world = World(directory)
        days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
        stock = {"YL-TQ42": StockLine(on_hand=24)}
        shop = self.world.outlet("老张烟酒行", grade=Grade.A, visit_days=days, stock=stock)
        self.other = self.world.outlet("东升超市", outlet_class="tobacco_liquor")
        self.world.put(Contact(self._id(), shop.id, "张三", role="店主", phone="13900000001"))
        self.world.task(self.world.rep)
        score = Score(self._id(), MONTH, "complete", 500, shop.id, "资料完整")
        self.world.company.master.put(score, scopes.staff(self.world.rep.id))
        self._was_there(shop)
        path = directory / "phone"
        self.names: dict[str, Any] = {
            "url": URL,
            "scanned": self.world.company.code_for(self.world.rep, confirm=True),
            "directory": path,
            "ports": self.world.ports(path),
            "here": HERE,
            "front": picture(),
            "other": self.other,
            "run_your_app": self._until_sent,
        }

    @property
    def replica(self) -> Replica:
        """The phone, as the code has it now."""
        replica: Replica = self.names["replica"]
        return replica

    def step(self, code: str, act: str) -> None:
        """One block, or what befalls between two."""
        if act:
            self._act(act)
        else:
            self._before = len(self.told.getvalue())
            exec(compile(code, "docs/sdk.md", "exec"), self.names)  # noqa: S102  # the page's own lines

    def _act(self, name: str) -> None:
        """What befalls the phone or the company. KeyError for a word that is none."""
        acts: dict[str, Callable[[], object]] = {
            "wait": lambda: until(lambda: len(self.told.getvalue()) > self._before),
            "confirm": lambda: self.world.company.confirm(self.world.device(self.replica)),
            "move": lambda: self.world.company.master.move(self.other.id, scopes.territory(self.world.east)),
            "notice": self._notice,
            "lock": lambda: self._later(DAY + HOUR),
            "letter": self._letter,
            "erase": lambda: self._later(30 * DAY),
            "mend": self.world.server.mend,
            "wipe": lambda: self.world.company.cut_off(self.world.rep),
        }
        acts[name]()

    def _was_there(self, shop: Outlet) -> None:
        """A colleague has been at the outlet, and took a photo."""
        with self.world.phone(self.world.company.hire("小李", self.world.west), name="colleague") as phone:
            phone.visits.log(shop.id, notes="上次补货")
            phone.photos.attach(shop.id, picture())
            phone.sync()
            phone.photos.upload()
        self.world.time.now += 2 * DAY

    def _until_sent(self) -> None:
        """The app, until what it logs has gone out."""
        self.replica.visits.log(self.names["shop"].id, notes="顺路看了一眼")
        until(lambda: not self.replica.status().pending)

    def _notice(self) -> None:
        made = Notice(self._id(), "保密须知", "客户资料归公司所有。", must_acknowledge=True)
        self.world.company.master.put(made, scopes.COMPANY)

    def _id(self) -> UUID:
        return self.world.company.new_id()

    def _later(self, ms: int) -> None:
        self.world.server.cut()
        self.world.time.now += ms

    def _letter(self) -> None:
        self.names["letter"] = encode(self.world.company.letter_for(self.world.device(self.replica), HOUR))


def test_the_guide_runs_from_the_first_code_to_the_wipe(tmp_path: Path) -> None:
    """What each section shows is what it says, and all work is the company's in the end."""
    story = Story(tmp_path)
    sections = [(part.partition("\n")[0], part) for part in GUIDE.split("\n## ")[1:]]
    assert [title for title, _ in sections] == [*SHOWN]
    for title, part in sections:
        before = len(story.told.getvalue())
        with contextlib.redirect_stdout(story.told):
            for code, act in STEP.findall(part):
                story.step(code, act)
        shown = story.told.getvalue()[before:]
        for pattern in SHOWN[title]:
            assert re.search(pattern, shown, re.MULTILINE), (title, pattern, shown)
    assert story.replica.status().state is State.WIPED
    notes = {one.notes for one in story.world.in_master(Visit)}
    assert notes == {"上次补货", "补货两箱", "老板说下周再来", "顺路看了一眼", "送样品", "锁定期间"}
    assert [len(box) for box in story.world.device(story.replica).handed_in.values()] == [1]
    story.replica.close()


def test_code_stands_in_the_guide_alone() -> None:
    """The reference has none: what is shown is run, and it is run here."""
    assert "```python" not in (ROOT / "docs" / "replica.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["sdk.md", "replica.md", "phones.md", "testing.md", "sandbox.md", "keystores.md"])
def test_links_lead_to_headings_that_are_there(name: str) -> None:
    """Within a page, and in another one; by the words of the heading as a browser of the repository writes them."""
    folder = ROOT / "docs"
    for page, anchor in re.findall(r"\]\(([\w./-]*)#([^)]+)\)", (folder / name).read_text("utf-8")):
        headings = re.findall(r"(?m)^#+ (.+)$", (folder / (page or name)).read_text("utf-8"))
        assert anchor in {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}


def test_a_reps_day_runs_as_it_is_written(server: tuple[str, str], tmp_path: Path) -> None:
    """From the first sync to the last: everything reaches the company, and nothing is refused."""
    url, enrolment = server
    code = "\n".join(re.findall(r"```python\n(.*?)```", DAY_OF_A_REP, re.DOTALL))
    with Replica.enrol(url, code=enrolment, directory=tmp_path / "replica") as replica:
        replica.sync()
        place = next(one.position for one in replica.outlets.list() if one.position is not None)
        here = Position(place.lat, place.lon, 8.0)
        names = {"replica": replica, "here": here, "front": picture()}
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            exec(compile(code, "docs/sdk.md", "exec"), names)  # noqa: S102  # the page's own lines
        assert replica.status().pending == 0
        assert replica.refusals.list() == []
        assert replica.reports.sent()[0].notes == "新店 1 家"
        assert replica.sweeps.current() is None
        assert "0 " in told.getvalue()
