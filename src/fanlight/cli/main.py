"""`fanlight`: the verbs, and what all of them share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fanlight import __version__
from fanlight.cli import local
from fanlight.cli.errors import run_and_explain

app = typer.Typer(
    name="fanlight",
    help="A data catalogue that a security team can say yes to.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with local variables would show secrets
    add_completion=True,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fanlight {__version__}")
        raise typer.Exit


@app.callback()
def every_verb(
    home: Annotated[
        Path | None, typer.Option(help="Where the embedded mode keeps its things.", envvar="FANLIGHT_HOME")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Choose the home that the verb works on."""
    local.choose_home(home)


def main() -> None:
    """Run the command line."""
    # Imported here so that each can import `app`.
    from fanlight.cli import accounts, processes, reading, sources, upkeep  # noqa: F401, PLC0415

    run_and_explain(lambda: app(prog_name="fanlight"))


if __name__ == "__main__":
    # Under `python -m` this module is called __main__; the verbs must find the same `app`.
    from fanlight.cli.main import main as the_main

    the_main()
