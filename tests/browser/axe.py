"""Faults of accessibility that axe-core finds on a page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

__all__ = ["SCRIPT", "faults"]

SCRIPT = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
_GRAVE = ("serious", "critical")
_RUN = """async () => {
    const found = await axe.run(document, {resultTypes: ["violations"]});
    return found.violations.map(one => [one.impact, one.id, ...one.nodes.map(node => node.target.join(" "))]);
}"""


def faults(page: Page) -> list[str]:
    """The serious and the critical faults of what the page shows now: each its rule and the elements it is about."""
    page.evaluate(SCRIPT.read_text("utf-8"))
    found: list[list[str]] = page.evaluate(_RUN)
    return [" ".join(rest) for impact, *rest in found if impact in _GRAVE]
