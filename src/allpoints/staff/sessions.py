"""Who is signed in to the control page: tokens in people's browsers, their hashes in the database."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from allpoints.kernel.clock import Clock
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.folders import Folders
from allpoints.kernel.storage import Instant, Storage, StorageFull
from allpoints.staff.secret import replace_secret

LIFETIME = timedelta(days=5)
"""Longer than a gathering, so that nobody is signed out in the middle of one."""

KEPT_AFTER = timedelta(days=60)
"""What has expired stays in the database for so long: the clock may be wrong, and be put right."""

METADATA = sa.MetaData()

_SESSION = sa.Table(
    "staff_session", METADATA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("token_hash", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
)


class NotSignedIn(AllpointsError):
    """The token is unknown, ended or expired."""

    code = "not_signed_in"
    status = 401
    for_people = "You are not signed in any more. Sign in again with the secret of the control page."


class BadFormToken(AllpointsError):
    """A form comes without the token that its page was given (cross-site request forgery)."""

    code = "bad_form_token"
    status = 403
    for_people = "This page is out of date. Load it again, then repeat what you did."


@dataclass(frozen=True)
class StaffSession:
    """Somebody signed in. ``id`` is safe to show; ``name`` is what they called themselves."""

    id: str
    name: str
    started_at: datetime
    expires_at: datetime


class StaffSessions:
    """All sessions of one database: they survive a restart of the web, and every process sees the same.

    Who signs in while the disk is full stays so in this process alone, until there is room: the crew must get in.
    """

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._passing: dict[bytes, StaffSession] = {}

    def start(self, name: str) -> tuple[str, StaffSession]:
        """Sign somebody in: the token for their browser (256 random bits, never stored) and the session."""
        now = self._clock.now()
        token = secrets.token_urlsafe(32)
        shown = "".join(letter for letter in name if letter.isprintable()).strip()[:60]
        session = StaffSession(secrets.token_hex(6), shown, now, now + LIFETIME)
        self._keep(_hash(token), session)
        return token, session

    def _keep(self, token_hash: bytes, session: StaffSession) -> None:
        try:
            with self._storage.write() as connection:
                long_ago = self._clock.now() - KEPT_AFTER
                connection.execute(sa.delete(_SESSION).where(_SESSION.c.expires_at <= long_ago))
                connection.execute(sa.insert(_SESSION).values(
                    id=session.id, token_hash=token_hash, name=session.name, started_at=session.started_at,
                    expires_at=session.expires_at,
                ))
        except StorageFull:
            self._passing[token_hash] = session
        else:
            self._passing.pop(token_hash, None)

    def find(self, token: str) -> StaffSession:
        """The session of a token. Raises NotSignedIn."""
        if passing := self._passing.get(_hash(token)):
            self._keep(_hash(token), passing)
            return passing
        with self._storage.read() as connection:
            row = connection.execute(_living(self._clock.now()).where(_SESSION.c.token_hash == _hash(token))).first()
        if row is None:
            raise NotSignedIn
        return _session(row)

    def all(self) -> list[StaffSession]:
        """Everybody signed in, the longest first."""
        with self._storage.read() as connection:
            rows = connection.execute(_living(self._clock.now()).order_by(_SESSION.c.started_at)).all()
        return [*(_session(row) for row in rows), *self._passing.values()]

    def end(self, session_id: str) -> None:
        """Sign one out; nothing happens if that is so already."""
        self._passing = {key: one for key, one in self._passing.items() if one.id != session_id}
        with self._storage.write() as connection:
            connection.execute(sa.delete(_SESSION).where(_SESSION.c.id == session_id))

    def end_all(self) -> None:
        """Sign everybody out."""
        self._passing.clear()
        with self._storage.write() as connection:
            connection.execute(sa.delete(_SESSION))


def reset_secret(folders: Folders, sessions: StaffSessions) -> str:
    """Make a new secret, to be shown once, and sign everybody out."""
    made = replace_secret(folders)
    sessions.end_all()
    return made


def form_token(token: str) -> str:
    """What forms of this session carry: bound to its token, useless for any other, and no way back to it."""
    digest = hmac.digest(token.encode(errors="replace"), b"allpoints form token", "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def check_form_token(token: str, given: str) -> None:
    """Raises BadFormToken unless ``given`` is the form token of the session with ``token``."""
    if not hmac.compare_digest(form_token(token).encode(), given.encode(errors="replace")):
        raise BadFormToken


def _living(now: datetime) -> sa.Select[Any]:
    # What began long after now began while the clock was wrong: it would live until that time comes.
    return sa.select(_SESSION).where(_SESSION.c.expires_at > now, _SESSION.c.started_at < now + LIFETIME)


def _session(row: Any) -> StaffSession:
    return StaffSession(row.id, row.name, row.started_at, row.expires_at)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
