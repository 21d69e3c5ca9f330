"""The parts of `saojie` that run the dealer's business: each is imported when it is called."""

from __future__ import annotations

from collections.abc import Callable

import rich_click as click

__all__ = ["BUSINESS"]


def _policy() -> click.Command:
    from server.cli.policy import policy

    return policy


def _appraisal() -> click.Command:
    from server.cli.appraisal import appraisal

    return appraisal


BUSINESS: dict[str, tuple[Callable[[], click.Command], str]] = {
    "policy": (_policy, "公司规则的设置 · The settings of the company's rules."),
    "appraisal": (_appraisal, "考核 · The appraisal."),
}
"""Each part: how it is imported, and its help, which is the part's own."""
