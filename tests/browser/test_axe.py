"""What the look for faults of accessibility sees."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.axe import faults

PAGE = "<!doctype html><html lang=zh><title>片区</title><main><h1>片区</h1>{}</main></html>"


@pytest.mark.usefixtures("axe")
def test_a_field_without_a_label_is_found(page: Page) -> None:
    """A serious fault is told with the rule and the element."""
    page.set_content(PAGE.format("<input id=name>"))
    assert faults(page) == ["label #name"]


@pytest.mark.usefixtures("axe")
def test_a_field_with_a_label_is_let_through(page: Page) -> None:
    """A page without serious faults has none told."""
    page.set_content(PAGE.format("<label for=name>店名</label><input id=name>"))
    assert faults(page) == []
