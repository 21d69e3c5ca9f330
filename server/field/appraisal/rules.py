"""The rules of the appraisal: pure functions from facts and settings to lines,
as section 11 of `docs/rules.md` says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from uuid import UUID

from server.field.appraisal.facts import Archive, Facts, Line, Met, Phase, Why
from server.identity.rosters import team_of
from server.identity.territories import Place
from sync.business.registration import is_complete
from sync.policies import Policies
from sync.policies.trade import KEEP_FRESH, REWARD_BUILD, REWARD_KEEP

__all__ = [
    "build_lines",
    "is_doubted",
    "keep_lines",
    "months_of_line",
    "phase_at",
    "quarters_that_count",
]

_DOUBTFUL = "doubtful"


def phase_at(phases: Mapping[UUID, list[tuple[int, Phase]]], territory: UUID | None, at: int) -> Phase:
    """The phase of a territory at a server time; the first until it was switched."""
    if territory is None:
        return Phase.BUILD
    return next((phase for since, phase in reversed(phases.get(territory, [])) if since <= at), Phase.BUILD)


def is_doubted(archive: Archive, visits: Collection[Met]) -> bool:
    """Whether all that the registrar's own visits came to is doubt; no visit is no doubt."""
    own = [one.state for one in visits if one.staff == archive.registered_by]
    return bool(own) and all(state == _DOUBTFUL for state in own)


def quarters_that_count(last: date) -> frozenset[str]:
    """The quarter of a day and the one before, as `2026Q4`."""
    number = (last.month - 1) // 3
    before = (last.year, number) if number else (last.year - 1, 4)
    return frozenset({f"{last.year}Q{number + 1}", f"{before[0]}Q{before[1]}"})


def months_of_line(approved: str, month: str, held_before: bool) -> bool:
    """Whether an archive's reward belongs into a month: that of its first approval, or a later one after a question
    had held it back.
    """
    return approved == month or (held_before and approved < month)


def _standing(archive: Archive) -> bool:
    is_open = archive.fields.get("status") != "closed" and archive.fields.get("merged_into") is None
    return is_open and not archive.gone and archive.territory is not None


def build_lines(
    facts: Facts, built: Mapping[UUID, str], month: str, *, held: Collection[UUID], earlier: Collection[UUID]
) -> tuple[list[Line], list[UUID]]:
    """The lines of the first phase, and the outlets that `held` kept out of it. `built` are the months of first
    approval by outlet; `earlier` were held back in a month before and never paid.
    """
    lines, kept_out = [], []
    visits = _by_outlet(facts)
    for archive in facts.archives.values():
        approved, person = built.get(archive.id), archive.registered_by
        if approved is None or person is None or not months_of_line(approved, month, archive.id in earlier):
            continue
        first = phase_at(facts.phases, archive.approved_in, archive.approved_at or 0) is Phase.BUILD
        if not first or archive.gone or archive.fields.get("merged_into") is not None:
            continue
        if is_doubted(archive, visits.get(archive.id, ())):
            continue
        if archive.id in held:
            kept_out.append(archive.id)
            continue
        lines.append(_line(person, Why.BUILD, archive, facts.policies))
    return sorted(lines, key=lambda one: one.place), sorted(kept_out)


def keep_lines(
    facts: Facts, days: tuple[date, date], met: Mapping[UUID, date], *, held: Collection[UUID]
) -> list[Line]:
    """The lines of the second phase for a month that ends on the second of `days`. `met` is the last day of each outlet
    on which it was visited without doubt, up to that day.
    """
    _, last = days
    owners = _owners(facts)
    counted, lines, visits = quarters_that_count(last), list[Line](), _by_outlet(facts)
    fresh = last - timedelta(days=facts.policies.of(KEEP_FRESH))
    for archive in facts.archives.values():
        owner = owners.get(archive.territory) if archive.territory is not None else None
        if owner is None or not _standing(archive) or archive.id in held:
            continue
        if is_doubted(archive, visits.get(archive.id, ())):
            continue
        if phase_at(facts.phases, archive.territory, 1 << 62) is not Phase.KEEP:
            continue
        is_whole = is_complete(
            archive.fields,
            facts.contacts.get(archive.id, 0),
            has_front=archive.id in facts.fronts,
            policies=facts.policies,
        )
        is_true = archive.fields.get("review") == "approved" and bool(counted & facts.verified.get(archive.id, set()))
        if is_whole and is_true and met.get(archive.id, fresh) > fresh:
            lines.append(_line(owner, Why.KEEP, archive, facts.policies))
    return sorted(lines, key=lambda one: one.place)


def _by_outlet(facts: Facts) -> dict[UUID, list[Met]]:
    found: dict[UUID, list[Met]] = defaultdict(list)
    for one in facts.visits:
        found[one.outlet].append(one)
    return found


def _owners(facts: Facts) -> dict[UUID, UUID | None]:
    places: dict[UUID, list[Place]] = defaultdict(list)
    for one in facts.places:
        places[one.territory].append(one)
    return {of: team_of(found).owner for of, found in places.items()}


_SAID = {
    Why.BUILD: ("建档", "built and approved"),
    Why.KEEP: ("维护", "complete, verified, up to date"),
}


def _line(staff: UUID, why: Why, archive: Archive, policies: Policies) -> Line:
    setting = REWARD_BUILD if why is Why.BUILD else REWARD_KEEP
    of_class, grade = str(archive.fields.get("outlet_class", "other")), str(archive.fields.get("grade", "C"))
    zh, en = _SAID[why]
    detail = f"{zh}（{of_class}，{grade}） · {en} ({of_class}, {grade})"
    return Line(staff, why, policies.of(setting, of_class, grade), archive.id, detail)
