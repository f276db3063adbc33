"""The embedded PostgreSQL server: made, started, shared, recovered and stopped without a hand.

A home holds named servers. Each is one cluster with no TCP, one Unix socket and SCRAM for every role:

    server = EmbeddedServer(home)
    with server.in_use("fanlight search") as address:      # a verb: shared, stopped 60 s after the last one
        psycopg.connect(address.conninfo(user=..., password=..., database=...))
    with server.hold_up("fanlight up") as address: ...     # the foreground: one per home

Whether somebody lives is decided by flock()ed files, which the kernel releases whatever way a process
ends; a pid in a file is only ever a hint that is checked against the process itself.
"""

from fanlight.foundation.embedded.server import EmbeddedServer
from fanlight.foundation.embedded.types import IDLE_SECONDS, Roots, ServerAddress, ServerStatus
from fanlight.foundation.embedded.uplock import UpLock

__all__ = ["IDLE_SECONDS", "EmbeddedServer", "Roots", "ServerAddress", "ServerStatus", "UpLock"]
