"""Compare Fanlight's search with tantivy's on the same questions, interleaved, as the portal's role under row security.

python bench/search.py --entries 1000000 --others 100 --json search.json
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

import corpus
import report
import search_report
from corpus import Entry
from fanlight.cli import local
from fanlight.foundation.embedded import EmbeddedServer
from questions import Question, questions
from stocking import BIG, FRESH, SEED
from tantivy_search import Tantivy

HERE = Path(__file__).parent
MOST, COUNTED = 20, 10  # hits asked for, and those that count for recall and MRR
WARMING = 100
_DATABASE = "fanlight"
_FOUND_WITHIN_SECONDS = 30.0


def main() -> None:
    """Make the corpus, store it, ask both, print the report."""
    given = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="fanlight-bench-search-") as folder:
        home = given.home or Path(folder) / "home"
        local.choose_home(home)
        entries = list(corpus.entries(given.entries, SEED))
        rival, rival_seconds = _build_rival(Path(folder), entries)
        is_new = not (home / "id").exists()
        try:
            built = _stock(home, given) if is_new else {}
            result = _measure(home, given, entries, rival, is_new=is_new) | {
                "built": built,
                "tantivy_seconds": rival_seconds,
            }
        finally:
            if given.home is None:
                _remove(home)
    print(search_report.markdown(result))
    if given.json:
        given.json.write_text(json.dumps(result, indent=2) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=100_000, help="of the organization that searches")
    parser.add_argument("--others", type=int, default=20, help="other organizations, of 3,000 entries each")
    parser.add_argument("--questions", type=int, default=1000, help="of each seed")
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[2, 5], help="the first for tuning, the rest held out"
    )
    parser.add_argument("--home", type=Path, help="keep the catalogue there, or use what is there already")
    parser.add_argument("--misses", action="store_true", help="print what was not found at the first place")
    parser.add_argument("--json", type=Path, help="where to write every figure")
    return parser.parse_args()


def _build_rival(folder: Path, entries: Sequence[Entry]) -> tuple[Tantivy, float]:
    (index := folder / "tantivy").mkdir()
    rival = Tantivy(index)
    _say(f"indexing {len(entries):,} entries with tantivy {rival.version}")
    started = time.perf_counter()
    rival.build(entries)
    return rival, time.perf_counter() - started


def _stock(home: Path, given: argparse.Namespace) -> dict[str, Any]:
    output = ""
    home.mkdir(parents=True, exist_ok=True)
    for step in ("organizations", "integrations", "runs"):
        _say(f"storing: {step}")
        output = _step(home, step, "--entries", str(given.entries), "--others", str(given.others))
    built: dict[str, Any] = json.loads(output)
    return built


def _step(home: Path, step: str, *arguments: str) -> str:
    command = [sys.executable, HERE / "stocking.py", step, "--home", home, *arguments]
    # Ours says which role we have; a step has another.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FANLIGHT_")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise SystemExit(f"storing {step} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout.strip().rpartition("\n")[2]


def _measure(
    home: Path, given: argparse.Namespace, entries: Sequence[Entry], rival: Tantivy, *, is_new: bool
) -> dict[str, Any]:
    with local.as_process("portal", "bench"):
        from django.db import connection  # noqa: PLC0415 - the rooms load after the process has its role

        from fanlight.discovery import queries  # noqa: PLC0415
        from fanlight.discovery.types import SearchTookTooLong  # noqa: PLC0415

        actor, _ = local.operator_of(BIG)

        def ours(typed: str) -> list[Entry]:
            try:
                return [_entry(hit.kind, hit.path) for hit in queries.search(actor, typed, most=MOST)]
            except SearchTookTooLong:
                return []  # whoever asked has found nothing

        def theirs(typed: str) -> list[Entry]:
            return rival.search(typed, MOST)

        sizes = _settle(home)
        about = _surroundings(connection, rival) | {"entries": len(entries), "others": given.others}
        rounds = {}
        for seed in given.seeds:
            asked = list(questions(entries, given.questions, seed))
            _say(f"asking {len(asked):,} questions of seed {seed}")
            rounds[seed] = _ask(asked, {"Fanlight": ours, "tantivy": theirs}, shows_misses=given.misses)
        statements = _statements(connection, lambda: queries.search(actor, "customer ord", most=MOST))
        # A kept catalogue has had its fresh table, and a run that removes it is held.
        fresh = (
            _time_until_found(home, lambda name: bool(queries.search(actor, name, most=MOST)))
            if is_new
            else None
        )
    return {
        "about": about | {"load_after": os.getloadavg()},
        "sizes": sizes | {"tantivy": rival.size_bytes()},
        "rounds": rounds,
        "statements": statements,
        "found_after_seconds": fresh,
    }


def _entry(kind: str, path: str) -> Entry:
    return Entry(kind, tuple(path.replace('"', "").split(".")), "")


def _ask(
    asked: Sequence[Question], engines: dict[str, Callable[[str], list[Entry]]], *, shows_misses: bool
) -> dict[str, list[dict[str, Any]]]:
    """Ask every engine each question in turn, so that all see the same noise."""
    for question in asked[:WARMING]:
        for search in engines.values():
            search(question.typed)
    answers: dict[str, list[dict[str, Any]]] = {name: [] for name in engines}
    for question in asked:
        for name, search in engines.items():
            started = time.perf_counter()
            hits = search(question.typed)
            seconds = time.perf_counter() - started
            place = _place(question, hits[:COUNTED])
            answers[name].append({"kind": question.kind, "ms": 1000 * seconds, "place": place})
            if shows_misses and question.meant is not None and place != 1:
                meant, first = question.meant, [(hit.kind, ".".join(hit.path[1:])) for hit in hits[:3]]
                print(
                    "MISS",
                    name,
                    question.kind,
                    repr(question.typed),
                    meant.kind,
                    ".".join(meant.path[1:]),
                    place,
                    first,
                )
    return answers


def _place(question: Question, hits: Sequence[Entry]) -> int:
    """Return at which place, from 1, something as good as what was meant was found; 0 where it was not."""
    meant = question.meant
    if meant is None:
        return 0
    if question.kind in ("path", "end of a path"):
        wanted = question.typed.lower()
        return next((n for n, hit in enumerate(hits, 1) if ".".join(hit.path).lower().endswith(wanted)), 0)
    return next((n for n, hit in enumerate(hits, 1) if _likeness(hit) == _likeness(meant)), 0)


def _likeness(entry: Entry) -> tuple[str, str, str]:
    # Of the same kind and name, and for columns of a table of the same name: nobody could tell which was meant.
    return entry.kind, entry.name.lower(), entry.path[-2].lower() if entry.kind == "column" else ""


@contextmanager
def _as_superuser(home: Path) -> Iterator[psycopg.Connection[Any]]:
    server = EmbeddedServer(home)
    with server.in_use("benchmark") as address:
        password = address.superuser_password_file.read_text("utf-8").strip()
        conninfo = address.conninfo(user=address.superuser, password=password, database=_DATABASE)
        with psycopg.connect(conninfo, autocommit=True) as connection:
            yield connection


def _settle(home: Path) -> dict[str, int]:
    """Do what autovacuum does within minutes, and return what search takes on disk."""
    with _as_superuser(home) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")
        found = connection.execute(
            r"""
            SELECT coalesce(sum(pg_table_size(oid)), 0)::bigint, coalesce(sum(pg_indexes_size(oid)), 0)::bigint
            FROM pg_class
            WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname LIKE 'discovery\_%'"""
        ).fetchone()
    return {"tables": found[0], "indexes": found[1]} if found else {}


def _surroundings(connection: Any, rival: Tantivy) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, current_setting('server_version'), current_setting('row_security')"
        )
        role, server, row_security = cursor.fetchone()
    return {
        "command": report.command(),
        "role": role,
        "row_security": row_security,
        "server": f"PostgreSQL {server}",
        "tantivy": rival.version.removeprefix("tantivy ").partition(",")[0],
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load_before": os.getloadavg(),
    }


def _statements(connection: Any, press_key: Callable[[], object]) -> list[str]:
    """Return what one search sends, begin and commit aside."""
    sent: list[str] = []

    def note(execute: Callable[..., Any], text: Any, *arguments: Any) -> Any:
        whole = text if isinstance(text, str) else text.as_string(None)
        sent.append(" ".join(whole.split())[:80])
        return execute(text, *arguments)

    with connection.execute_wrapper(note):
        press_key()
    return sent


def _time_until_found(home: Path, is_found: Callable[[str], bool]) -> float:
    """Return the seconds from the end of a run, as its own row says it, to the first search that finds its table."""
    name, ended = f"zyx_{FRESH}_{os.getpid()}", dict[str, Any]()
    run = threading.Thread(target=lambda: ended.update(json.loads(_step(home, "fresh", "--name", name))))
    run.start()
    deadline = time.monotonic() + _FOUND_WITHIN_SECONDS
    while not is_found(name):
        if time.monotonic() > deadline:
            raise SystemExit(f"{name} was not found within {_FOUND_WITHIN_SECONDS:.0f} s.")
        time.sleep(0.002)
    found_at = time.time()
    run.join()
    return found_at - float(ended["finished_at"])


def _remove(home: Path) -> None:
    from catalogue import remove_server  # noqa: PLC0415

    remove_server(EmbeddedServer(home))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
