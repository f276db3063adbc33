"""`fanlight`: the verbs, and what all of them share."""

# Imports stand where they are needed: the rooms load after the process has its role, and Django takes its time.
# ruff: noqa: PLC0415
from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from fanlight import __version__
from fanlight.cli import local, plain
from fanlight.cli.errors import INTERRUPTED, wrong_use

app = typer.Typer(
    name="fanlight",
    help="A data catalogue that a security team can say yes to.",
    epilog="Exit codes: 0 done, 1 a finding, 2 wrong use, 3 something outside failed.",
    pretty_exceptions_enable=False,  # a traceback with local variables would show secrets
    add_completion=True,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fanlight {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def every_verb(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(
            help="Where the embedded mode keeps its things.", envvar="FANLIGHT_HOME", readable=False
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Choose the home that the verb works on."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit
    local.choose_home(home)


def run() -> int:
    """Run the verb that the arguments name and return the exit code. Raises FanlightError."""
    # Imported here so that each can import `app`.
    from fanlight.cli import accounts, changes, processes, promises, reading, sources, steering, upkeep  # noqa: F401

    command = typer.main.get_command(app)
    plain.spare(command)
    gc.enable()
    try:
        code = command.main(prog_name="fanlight", standalone_mode=False)
    except TyperException as error:
        context = getattr(error, "ctx", None)
        verb = context.command_path if context is not None else "fanlight"
        raise wrong_use(error.format_message(), verb) from error
    except typer.Abort:
        print("fanlight: Interrupted.", file=sys.stderr)
        return INTERRUPTED
    except SystemExit as ended:
        # The parser takes a reader that has had enough for a failure; it is none.
        if isinstance(ended.__context__, BrokenPipeError):
            raise ended.__context__ from None
        raise
    if code == INTERRUPTED:  # so the parser answers Ctrl-C
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0
