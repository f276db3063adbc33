"""What is written into postgresql.conf and pg_hba.conf. The files are ours: every start writes them again."""

from __future__ import annotations

import os
from pathlib import Path

from fanlight.foundation.embedded.types import PORT

_MEGABYTE = 1024 * 1024

ACCESS_RULES = """\
# Written by Fanlight at every start. A password for every role: no trust, no peer, nothing but the socket.
local all all scram-sha-256
"""

_TEMPLATE = """\
# Written by Fanlight at every start; changes are lost.

# One door: the Unix socket. No TCP, not even on localhost.
listen_addresses = ''
unix_socket_directories = {sockets}
unix_socket_permissions = 0770
port = {port}
hba_file = {access_rules}
password_encryption = 'scram-sha-256'
# The superuser of the database cannot change what this file says.
allow_alter_system = off

max_connections = 60
shared_buffers = '{shared_buffers_mb}MB'
# Short catalogue queries: compiling them costs more than it saves.
jit = off
# Nobody replicates an embedded server, so its log need not carry what replicas want.
wal_level = minimal
max_wal_senders = 0
# Names the server in the process list; the starter finds left-over processes by it.
cluster_name = {cluster_name}
{preload}
# Seven files, one a weekday, each started afresh a week later.
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_rotation_age = '1d'
log_rotation_size = 0
log_truncate_on_rotation = on
log_file_mode = 0600
log_line_prefix = '%m [%p] '
log_timezone = 'UTC'
timezone = 'UTC'
# The starter reads messages, so they stay in English.
lc_messages = 'C'
# Statements and parameters may hold secrets (CREATE ROLE ... PASSWORD) and customers' metadata: no line
# repeats one. Terse drops DETAIL and CONTEXT, which quote rows.
log_statement = 'none'
log_min_error_statement = 'panic'
log_min_duration_statement = -1
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_error_verbosity = 'terse'
"""

_PRELOAD = """\
shared_preload_libraries = 'pg_stat_statements'
# CREATE ROLE ... PASSWORD is a utility statement, and it would be kept as written.
pg_stat_statements.track_utility = off
"""


def configuration(*, socket_folder: Path, access_rules: Path, cluster_name: str, libraries: Path) -> str:
    """Return the text of postgresql.conf. libraries: the folder with PostgreSQL's loadable modules."""
    has_statistics = (libraries / "pg_stat_statements.so").exists()
    return _TEMPLATE.format(
        # A list setting: the inner quotes keep a comma in the path from splitting it.
        sockets=_quoted('"' + str(socket_folder).replace('"', '""') + '"'),
        port=PORT,
        access_rules=_quoted(str(access_rules)),
        shared_buffers_mb=shared_buffers_mb(_memory_bytes()),
        cluster_name=_quoted(cluster_name),
        preload=_PRELOAD if has_statistics else "",
    )


def shared_buffers_mb(memory_bytes: int) -> int:
    """Return an eighth of the memory, 128 to 512 MB: the machine is shared with the portal and the worker."""
    return max(128, min(512, memory_bytes // 8 // _MEGABYTE))


def _memory_bytes() -> int:
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:  # a container's own limit; the file says 'max' where there is none
        return min(physical, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    except (OSError, ValueError):
        return physical


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
