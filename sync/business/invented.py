"""Whether a registration looks like a shop that nobody ever saw (section 3 of `docs/rules.md`). Signals, no verdict."""

from __future__ import annotations

from enum import StrEnum

import msgspec

__all__ = ["Known", "Sign", "signs_of"]


class Sign(StrEnum):
    """What speaks against an outlet."""

    NO_SURE_VISIT = "no_sure_visit"
    NO_PHOTO = "no_photo"
    NO_CONTACT = "no_contact"
    SHARED_POSITION = "shared_position"
    UNKNOWN_THERE = "unknown_there"


class Known(msgspec.Struct, frozen=True):
    """What is known of an outlet that a rep registered. `age` counts days since; `sure_own` says that the registrar
    made an undoubted visit in person, `sure_other` that somebody else did; `bought` that an order or a delivery stands;
    `confirmed` and `denied` what a verification said; `shared` that another outlet stands within ten metres.
    """

    age: int
    sure_own: bool = False
    sure_other: bool = False
    bought: bool = False
    confirmed: bool = False
    denied: bool = False
    photo: bool = False
    contact: bool = False
    shared: bool = False


def signs_of(known: Known, *, after: int, least: int) -> tuple[Sign, ...]:
    """The signs where they are enough to ask; none where something speaks for the outlet, or it is too young."""
    if known.age < after or known.sure_other or known.bought or known.confirmed:
        return ()
    held = {
        Sign.NO_SURE_VISIT: not known.sure_own,
        Sign.NO_PHOTO: not known.photo,
        Sign.NO_CONTACT: not known.contact,
        Sign.SHARED_POSITION: known.shared,
        Sign.UNKNOWN_THERE: known.denied,
    }
    found = tuple(sign for sign, holds in held.items() if holds)
    return found if len(found) >= least else ()
