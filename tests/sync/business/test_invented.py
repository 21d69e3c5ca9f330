"""When a registration is asked about: what speaks for it settles it, and too few signs are none."""

from __future__ import annotations

import pytest

from sync.business.invented import Known, Sign, signs_of

BARE = Known(7)


def test_a_bare_registration_is_asked_about_from_the_day_on() -> None:
    """On the seventh day, not on the sixth."""
    assert signs_of(BARE, after=7, least=2) == (Sign.NO_SURE_VISIT, Sign.NO_PHOTO, Sign.NO_CONTACT)
    assert signs_of(Known(6), after=7, least=2) == ()


@pytest.mark.parametrize("known", [Known(9, sure_other=True), Known(9, bought=True), Known(9, confirmed=True)])
def test_what_speaks_for_an_outlet_outweighs_every_sign(known: Known) -> None:
    """Somebody else was there, something was bought, a verifier confirmed it."""
    assert signs_of(known, after=7, least=1) == ()


def test_as_many_signs_as_are_asked_for() -> None:
    """Exactly so many are enough."""
    shown = Known(9, sure_own=True, photo=True, shared=True)
    assert signs_of(shown, after=7, least=2) == (Sign.NO_CONTACT, Sign.SHARED_POSITION)
    assert signs_of(shown, after=7, least=3) == ()
    assert signs_of(Known(9, sure_own=True, photo=True, contact=True, denied=True), after=7, least=1) == (
        Sign.UNKNOWN_THERE,
    )
