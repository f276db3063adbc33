"""The house: floors, doors, sizes, one place for each thing."""

from __future__ import annotations

import ast
import re
from importlib import import_module, resources
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(str(resources.files("fanlight")))
ROOT = SOURCE.parents[1]
ROOMS = sorted(path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists())
MODULES = sorted(path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)
# Rooms below the doors (pure code, the outside world) are used whole; everybody else by the door.
OPEN_ROOMS = {"core", "foundation", "config", "cli", "portal"}
DOORS = {"services", "queries", "types"}
FURTHER_DOORS = {
    ("connectors", "registry"),  # how a connector is found
    ("tenancy", "migration"),  # for migrations
    ("tenancy", "provision"),  # for `fanlight migrate`
    ("tenancy", "register"),  # for `fanlight inventory`
}
MOST_LINES, MOST_FUNCTION_LINES = 400, 50


def _room(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0]


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_enters_other_rooms_by_their_doors(path: Path) -> None:
    room = _room(path)
    for name in _imports(path):
        parts = name.split(".")
        if parts[0] != "fanlight" or len(parts) < 3 or parts[1] not in ROOMS:
            continue
        other, part = parts[1], parts[2]
        if other == room or other in OPEN_ROOMS or not (SOURCE / other / f"{part}.py").exists():
            continue
        assert part in DOORS or (other, part) in FURTHER_DOORS, f"{path}: {name} is private to {other}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_module_and_no_function_is_too_long(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            assert node.end_lineno - node.lineno < MOST_FUNCTION_LINES, f"{path}: {node.name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_security_rule_raises_and_is_never_an_assert(path: Path) -> None:
    assert not [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Assert)]


DOOR_MODULES = [path for path in MODULES if path.stem in DOORS and _room(path) not in OPEN_ROOMS]


@pytest.mark.parametrize("path", DOOR_MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_every_door_is_documented_and_services_take_keywords(path: Path) -> None:
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{path}: {node.name} says nothing of itself"


def test_no_room_has_a_name_that_says_nothing() -> None:
    for path in MODULES:
        assert path.stem not in {"utils", "util", "helpers", "common", "manager", "base", "misc"}, path


def test_sql_files_hold_one_statement_with_a_head() -> None:
    files = list(SOURCE.rglob("sql/*.sql"))
    assert files
    for path in files:
        text = path.read_text("utf-8")
        head = "".join(line for line in text.splitlines(keepends=True) if line.startswith("--"))
        for said in ("in:", "out:", "index:"):
            assert said in head, f"{path} does not say {said}"
        body = re.sub(r"'(?:[^']|'')*'", "", text.replace(head, ""))
        assert ";" not in body, f"{path} holds more than one statement"


def test_every_named_sql_file_is_used() -> None:
    code = "\n".join(path.read_text("utf-8") for path in MODULES)
    for path in SOURCE.rglob("sql/*.sql"):
        assert f'"{path.stem}"' in code, f"{path} is used nowhere"


def test_statements_against_tables_of_organizations_filter_by_organization() -> None:
    for path in SOURCE.rglob("sql/*.sql"):
        body = "".join(
            line for line in path.read_text("utf-8").splitlines(keepends=True) if not line.startswith("--")
        )
        if re.search(r"\b(catalog|extraction|discovery|audit|vault|integrations)_[a-z]+\b", body):
            assert "%(organization_id)s" in body, path


def test_only_the_environment_module_and_the_command_line_read_the_environment() -> None:
    for path in MODULES:
        if _room(path) in {"cli", "config"} or "embedded" in path.parts or "connecting" in path.stem:
            continue
        assert "os.environ" not in path.read_text("utf-8"), path


def test_the_project_names_no_package_registry() -> None:
    for path in [*(ROOT / "requirements").iterdir(), *(ROOT / "tests").rglob("*.lock")]:
        assert not re.search(r"https?://", path.read_text("utf-8")), path


def test_every_setting_is_documented() -> None:
    from fanlight.config.environment import SETTINGS

    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    for setting in SETTINGS:
        assert setting.name in page


def _has_possessive(tree: Any) -> bool:
    if isinstance(tree, re._parser.SubPattern | list | tuple):  # type: ignore[attr-defined]
        return any(_has_possessive(part) for part in tree)
    return str(tree) in {"POSSESSIVE_REPEAT", "ATOMIC_GROUP"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_regular_expression_is_possessive(path: Path) -> None:
    # Debian 12's Python 3.11.2 matches possessive quantifiers and atomic groups wrongly.
    if path.stem in {"wsgi", "main"} or path.name == "__main__.py":
        return
    module = import_module(".".join(path.relative_to(SOURCE.parent).with_suffix("").parts))
    for name, value in vars(module).items():
        if isinstance(value, re.Pattern):
            parsed = re._parser.parse(value.pattern, value.flags)  # type: ignore[attr-defined]
            assert not _has_possessive(parsed), f"{path}: {name}"


def test_a_possessive_regular_expression_would_be_noticed() -> None:
    for pattern in ("a*+", "(?:a|b)++", "(?>a)", "x(a?+)y"):
        assert _has_possessive(re._parser.parse(pattern))  # type: ignore[attr-defined]
    assert not _has_possessive(re._parser.parse(r"[+*?]\++(?:a+)*"))  # type: ignore[attr-defined]
