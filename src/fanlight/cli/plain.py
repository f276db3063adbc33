"""Plain arguments, read without the parser's validation library, which takes a tenth of a second to load.

Words, switches, numbers that were left at their default and folders need none of it; whatever else is said is read as
the parser does it. It has no door for this, so what it keeps for itself is filled beforehand. Were that renamed, every
verb would only begin later (tests/cli/test_start.py notices).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

from typer._click import Context
from typer._coercion import RuntimeParam, TypeDescriptor, build_runtime_param

_CHECKS = (
    "exists",
    "readable",
    "writable",
    "resolve_path",
    "allow_dash",
    "path_type",
)  # that a folder may have to bear


@dataclass(frozen=True)
class _Plain(RuntimeParam):
    """One parameter. descriptor: what the parser knows of it."""

    descriptor: TypeDescriptor

    def _coerce_value(self, value: Any, param: Any, ctx: Context) -> Any:
        wanted: Any = self.annotation
        if (
            wanted is Path
            and type(value) is str
            and not any(getattr(self.parameter_info, one) for one in _CHECKS)
        ):
            return Path(value)
        if type(value) is wanted and wanted in (str, bool):
            return value
        if wanted is int and type(value) is int and value == param.default:
            return value
        if (
            get_origin(wanted) is list
            and get_args(wanted) == (str,)
            and all(type(one) is str for one in value)
        ):
            return list(value)
        return build_runtime_param(self.descriptor).coerce(value, param, ctx)


def spare(command: Any) -> None:
    """Have a command and all below it read plain arguments plainly."""
    # With the parser's own switch --help, which it makes when it is first asked for it.
    for one in command.get_params(Context(command)):
        descriptor = getattr(one, "type_descriptor", None)
        if descriptor is not None:
            one._runtime_param = _Plain(descriptor.parameter_info, descriptor.annotation, descriptor)
    commands: Mapping[str, Any] = getattr(command, "commands", {})
    for below in commands.values():
        spare(below)
