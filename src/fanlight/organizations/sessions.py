"""Django's sessions in the database, read by a statement that the server keeps."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db

from fanlight.foundation import clock, database


class SessionStore(db.SessionStore):
    """What Django's own does, but for how it reads: each page begins with this."""

    def load(self) -> dict[str, Any]:
        """Return what a session that has not expired holds; of any other nothing, and forget its key."""
        found = database.kept(
            "organizations", "session", {"session_key": self.session_key, "now": clock.now()}
        )
        if not found:
            self._session_key = None
            return {}
        return self.decode(found[0][0])
