"""Form tokens: bound to one session and no way back to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpoints.staff import BadFormToken, check_form_token, form_token


@given(st.text(min_size=1), st.text(min_size=1))
def test_the_token_of_one_session_is_good_for_no_other(one: str, other: str) -> None:
    check_form_token(one, form_token(one))
    if one != other:
        with pytest.raises(BadFormToken):
            check_form_token(other, form_token(one))


@given(st.text())
def test_nothing_else_is_taken(given: str) -> None:
    with pytest.raises(BadFormToken):
        check_form_token("a session's token", given)


def test_it_does_not_show_the_sessions_token() -> None:
    assert "lantern" not in form_token("lantern")
