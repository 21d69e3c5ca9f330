"""A rep's day in the sample app, on a phone's screen, against a sandbox: enrolled, offline, killed, refused, locked,
wiped. Each step is what a person reads and taps.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

from tests.browser.sample import Sample, Thumb
from tests.end_to_end.sandbox import Sandbox

REP = "周海波"
THUMB = 48
"""Points that a thumb needs."""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A company in a process of its own."""
    started = Sandbox(tmp_path_factory.mktemp("sandbox") / "company")
    yield started
    started.end()


@pytest.fixture
def sample(tmp_path: Path, sandbox: Sandbox) -> Iterator[Sample]:
    """The app, with a code to begin with."""
    app = with_code(sandbox, REP, tmp_path / "phone").start()
    yield app
    app.kill()


def with_code(sandbox: Sandbox, who: str, folder: Path) -> Sample:
    """The app, with a code of somebody's."""
    return Sample(folder, sandbox.url, "--code", sandbox("code", who, "--no-confirm")["code"]["payload"])


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """What a camera gives; beside it lies what is no picture."""
    (tmp_path / "shelf.txt").write_text("货架")
    Image.new("RGB", (640, 480), "#805020").save(tmp_path / "shelf.jpg")
    return tmp_path / "shelf.jpg"


def fill_in(thumb: Thumb, number: str) -> None:
    """The rest of a registration, and save it."""
    thumb.taps("食杂店")
    thumb.types("电话", number)
    thumb.taps("保存登记")


def sync(thumb: Thumb) -> None:
    """Sync now, by hand, until the phone and the company are equal."""
    thumb.goes_to("我的")
    thumb.opens("同步与设置", "同步与设置")
    thumb.taps("立即同步")
    thumb.sees("核对一致")


def find(thumb: Thumb, name: str) -> None:
    """Open an outlet by its name."""
    thumb.goes_to("查找")
    thumb.types("店名", name)
    thumb.sees("共 1 家")
    thumb.opens(name, "终端")


def be_told_that_there_is_no_network(thumb: Thumb) -> None:
    """Who syncs by hand hears how it ended."""
    thumb.goes_to("我的")
    thumb.opens("同步与设置", "同步与设置")
    thumb.taps("立即同步")
    thumb.sees("无法连接服务器")
    thumb.taps("返回")


def sweep_without_a_network(thumb: Thumb, photo: Path) -> None:
    """Begin to sweep; a new outlet and a visit there, with what was counted and a picture."""
    thumb.goes_to("附近")
    thumb.taps("开始扫街")
    thumb.sees("扫街中")
    thumb.opens("登记新终端", "登记新终端")
    thumb.types("名称", "新开小吃店")
    fill_in(thumb, "15400000901")
    thumb.sees("待同步")
    thumb.opens("开始拜访", "拜访")
    thumb.taps("云澜特曲 42度 500ml 加一")
    thumb.takes_picture("拍货架", photo.with_suffix(".txt"))
    thumb.sees("不符合要求")
    thumb.takes_picture("拍货架", photo)
    thumb.sees("已拍照")
    thumb.types("备注", "货架已谈妥")
    thumb.opens("结束拜访", "终端")
    thumb.sees("货架已谈妥")
    thumb.taps("返回")
    thumb.sees("新增 1 家")


def be_killed_in_a_form(thumb: Thumb, sample: Sample) -> None:
    """What was typed is there when the app starts again."""
    thumb.opens("登记新终端", "登记新终端")
    thumb.types("名称", "写到一半的店")
    sample.has_draft("register", {"name": "写到一半的店"})
    sample.kill()
    sample.start()
    thumb.open()
    thumb.goes_to("我的")
    thumb.opens("写到一半的店", "登记新终端")
    thumb.has_in("名称", "写到一半的店")
    fill_in(thumb, "15400000902")
    thumb.sees("待同步")
    thumb.taps("返回")


def mend_what_was_refused(thumb: Thumb, sandbox: Sandbox) -> None:
    """The outlet goes back to the pool in the moment in which its edit arrives; it comes back, and the edit with it."""
    sandbox("refuse", REP, "写到一半的店")
    find(thumb, "写到一半的店")
    thumb.opens("修改档案", "修改终端")
    thumb.types("地址", "东升大道 9 号")
    thumb.taps("保存")
    thumb.is_at("查找")
    thumb.goes_to("我的")
    thumb.sees("1 项")
    sandbox("refuse", REP, "--back")
    sync(thumb)
    thumb.taps("返回")
    thumb.opens("被退回的工作", "被退回的工作")
    thumb.opens("档案不存在", "修改后重发")
    thumb.has_in("地址", "东升大道 9 号")
    thumb.types("地址", "东升大道 19 号")
    thumb.taps("重新发送")
    thumb.sees("没有被退回的工作")
    thumb.taps("返回")
    find(thumb, "写到一半的店")
    thumb.sees("东升大道 19 号")
    thumb.taps("返回")


def be_locked_and_let_in_again(thumb: Thumb, sandbox: Sandbox) -> None:
    """Why is said in words; what was on the screen comes back."""
    sandbox("lock", REP)
    thumb.sees("公司已停用本机")
    sandbox("unlock", REP)
    thumb.taps("立即同步")
    thumb.sees("共 1 家")


def be_wiped(thumb: Thumb, sandbox: Sandbox) -> None:
    """Nothing of the customers is on the screen any more; the phone may be somebody else's."""
    sandbox("wipe", REP, "--to", "曹文俊")
    thumb.sees("访问权限已于")
    assert "写到一半的店" not in thumb.reads()
    thumb.taps("用新登记码登记")
    thumb.sees("请向经理索取登记码")


def test_a_reps_day_from_the_first_code_to_the_wipe(
    browser: Browser, sandbox: Sandbox, sample: Sample, photo: Path
) -> None:
    """A sweep without a network, a kill in a form, refused work mended, a lock and its renewal, the wipe."""
    thumb = Thumb(browser, sample).open()
    thumb.taps("登记")
    thumb.sees("应访终端")
    sandbox("cut")
    be_told_that_there_is_no_network(thumb)
    sweep_without_a_network(thumb, photo)
    be_killed_in_a_form(thumb, sample)
    thumb.goes_to("附近")
    thumb.taps("结束扫街")
    thumb.sees("开始扫街")
    sandbox("mend")
    sync(thumb)
    thumb.taps("返回")
    mend_what_was_refused(thumb, sandbox)
    be_locked_and_let_in_again(thumb, sandbox)
    be_wiped(thumb, sandbox)
    thumb.close()


def test_both_languages_are_a_tap_away(browser: Browser, sandbox: Sandbox, tmp_path: Path) -> None:
    """Every word of the app is the reader's; what the company wrote stays as it was written. A second window on the
    phone joins in, and takes nothing from the first.
    """
    sample = with_code(sandbox, "曹文俊", tmp_path / "phone").start()
    thumb, other = Thumb(browser, sample).open(), Thumb(browser, sample).open()
    thumb.taps("登记")
    thumb.is_at("今天")
    other.taps("登记")
    other.is_at("今天")
    other.close()
    thumb.goes_to("我的")
    thumb.opens("同步与设置", "同步与设置")
    thumb.sees("省流量与省电")
    assert min(thumb.heights()) >= THUMB
    thumb.taps("English")
    thumb.is_at("Today")
    for tab in ("Near me", "Search", "Mine"):
        thumb.goes_to(tab)
    assert thumb.reads().isascii(), thumb.reads()
    sample.kill()
