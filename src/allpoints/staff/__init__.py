"""Who may run the gathering: the secret of the control page and who is signed in with it."""

from allpoints.staff.door import Door, TooManyTries
from allpoints.staff.secret import SecretDamaged, SecretMissing, WrongSecret, ensure_secret
from allpoints.staff.sessions import (
    BadFormToken,
    NotSignedIn,
    StaffSession,
    StaffSessions,
    check_form_token,
    form_token,
    reset_secret,
)

__all__ = [
    "BadFormToken",
    "Door",
    "NotSignedIn",
    "SecretDamaged",
    "SecretMissing",
    "StaffSession",
    "StaffSessions",
    "TooManyTries",
    "WrongSecret",
    "check_form_token",
    "ensure_secret",
    "form_token",
    "reset_secret",
]
