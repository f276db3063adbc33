"""Whole processes, measured from outside: wall time, processor time, peak memory."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LAUNCH = Path(__file__).with_name("launch.py")
_TICKS = os.sysconf("SC_CLK_TCK")
_SETTLE_SECONDS = 0.1


@dataclass(frozen=True)
class Measured:
    """One run of a program.

    cpu_seconds: user and system, with the children it waited for. peak_mib: of its largest process.
    servers_cpu_seconds: what each database server spent meanwhile, by the server's name.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_mib: float
    servers_cpu_seconds: dict[str, float]
    output: str


def measure(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    servers: Mapping[str, int],
) -> Measured:
    """Run a program to its end and measure it.

    servers: the postmaster's process id of each database server that works for it.
    Raises SystemExit with the program's last words when it fails.
    """
    program = shutil.which(command[0])
    if program is None:
        raise SystemExit(f"{command[0]} is not there.")
    before = _ended_cpu_seconds(servers)
    with tempfile.NamedTemporaryFile("r") as figures:
        done = subprocess.run(
            [sys.executable, "-I", "-S", _LAUNCH, figures.name, program, *command[1:]],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=dict(environment),
            check=False,
        )
        if done.returncode:
            last = (done.stderr.strip() or done.stdout)[-2000:]
            raise SystemExit(f"{' '.join(map(str, command))} ended with {done.returncode}: {last}")
        wall, cpu, peak_kib = map(float, figures.read().split())
    after = _ended_cpu_seconds(servers)
    spent = {name: after[name] - before[name] for name in servers}
    return Measured(wall, cpu, peak_kib / 1024, spent, done.stdout)


def _ended_cpu_seconds(servers: Mapping[str, int]) -> dict[str, float]:
    """Return the processor time of each server's ended connections: proc(5), cutime and cstime."""
    time.sleep(_SETTLE_SECONDS)  # a server notices a closed connection a moment later
    seconds = {}
    for name, postmaster in servers.items():
        fields = Path(f"/proc/{postmaster}/stat").read_text().rpartition(")")[2].split()
        seconds[name] = (int(fields[13]) + int(fields[14])) / _TICKS
    return seconds
