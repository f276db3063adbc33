"""Options that several verbs take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fanlight.cli import local


def _choose_home(value: Path | None) -> Path | None:
    if value is not None:
        local.choose_home(value)
    return value


Organization = Annotated[
    str | None,
    typer.Option("--organization", help="Which organization; needed only where there are several."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsJsonLine = Annotated[
    bool,
    typer.Option("--json", help="When all is ready, print one line of JSON: url, sign_in, ca_file, home."),
]
HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        help="Where the embedded mode keeps its things.",
        callback=_choose_home,
        readable=False,
        show_default=False,
    ),
]
