"""What a list or a map of outlets can be narrowed to, as choices of a form in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from server.console.outlets.filters import MISSING_ANY, SEEN
from server.console.outlets.listing import Choices
from server.console.viewer import Viewer
from server.console.words import WORDS
from server.field.registration.completeness import LACKS

__all__ = ["Options", "options_of"]

Options = list[tuple[str, str]]
"""Values with what they are called."""


def options_of(viewer: Viewer, known: Choices) -> Mapping[str, Options]:
    """What each filter can be."""

    def words(kind: str, values: Iterable[str]) -> Options:
        return [(one, viewer.say(*WORDS[kind][one])) for one in values]

    days = [(one, viewer.say(f"{one} 天内未拜访", f"Not for {one} days")) for one in SEEN if one != "never"]
    pool = viewer.say("公海", "Pool")
    return {
        "kinds": [(one.code, viewer.say(one.zh, one.en)) for one in known.classes],
        "grades": words("grade", WORDS["grade"]),
        "statuses": [*words("status", WORDS["status"]), ("all", viewer.say("全部", "All"))],
        "reviews": words("review", WORDS["review"]),
        "places": [(str(one.id), f"{one.name} · {pool}" if one.is_pool else one.name) for one in known.places],
        "reps": [(str(one.id), one.name) for one in known.reps],
        "seen": [*days, ("never", viewer.say("从未拜访", "Never visited"))],
        "missing": [(MISSING_ANY, viewer.say("任何必填项", "Anything required")), *words("missing", LACKS)],
        "sorts": [
            ("name", viewer.say("按店名拼音", "By name")),
            ("unseen", viewer.say("最久未拜访在前", "Longest not visited first")),
            ("seen", viewer.say("最近拜访在前", "Visited last first")),
        ],
    }
