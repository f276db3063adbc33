"""A source's form: the fields that its connector asks for, what was typed, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fanlight.connectors.types import Connector, SettingField
from fanlight.core.errors import FanlightError, WrongUse

# What stands in the script for what was not typed yet.
EXAMPLES = {"host": "db.example.com", "databases": "your_database", "user": "fanlight"}
_FIELD_OF_CODE = {"integration.name": "name", "integration.exists": "name"}
_PREFIXES = ("setting.", "field.")


@dataclass(slots=True)
class FormField:
    """One field as the page prints it. problem: what is wrong with its value, or None."""

    name: str
    label: str
    help: str
    kind: str
    value: str
    example: str = ""
    is_required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    problem: FanlightError | None = None


@dataclass(slots=True)
class SourceForm:
    """A form. name and password are not the connector's own. problem: what was refused, or None."""

    name: FormField
    settings: list[FormField]
    password: FormField
    problem: FanlightError | None = None
    problem_field: FormField | None = field(default=None)

    def refuse(self, problem: FanlightError) -> None:
        """Put a problem beside its field, when its code names one, and above the form."""
        self.problem = problem
        wanted = _FIELD_OF_CODE.get(problem.code, problem.code)
        for prefix in _PREFIXES:
            wanted = wanted.removeprefix(prefix)
        for one in (self.name, *self.settings, self.password):
            if one.name == wanted:
                one.problem, self.problem_field = problem, one


def typed_settings(connector: Connector, posted: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed into the connector's fields, and nothing else."""
    return {one.name: posted[one.name] for one in connector.fields if one.name in posted}


def build(connector: Connector, *, name: str, settings: Mapping[str, str], has_password: bool) -> SourceForm:
    """Return the form. has_password: whether one may be sealed already, which an empty field keeps."""
    return SourceForm(
        name=FormField(
            name="name",
            label="Name",
            help="How it is called here, for example orders-prod. Every path there begins with it.",
            kind="text",
            value=name,
            is_required=True,
        ),
        settings=[_field(one, settings) for one in connector.fields],
        password=FormField(
            name="password",
            label="Password",
            help="Leave it empty to keep the one that is sealed."
            if has_password
            else "Sealed as it arrives: only the worker can open it, and no page shows it again. "
            "Leave it empty where the source asks for none.",
            kind="password",
            value="",
        ),
    )


def _field(one: SettingField, settings: Mapping[str, str]) -> FormField:
    return FormField(
        name=one.name,
        label=one.label,
        help=one.help,
        kind=one.kind,
        value=settings.get(one.name, one.default),
        example=EXAMPLES.get(one.name, ""),
        is_required=one.is_required,
        choices=one.choices,
    )


@dataclass(frozen=True, slots=True)
class Script:
    """The permission script. problem: why there is none yet. is_example: invented names stand in it."""

    text: str
    problem: FanlightError | None
    is_example: bool


def script(connector: Connector, settings: Mapping[str, str]) -> Script:
    """Return the least script for these settings, with examples where nothing was typed yet."""
    filled, is_example = {}, False
    for one in connector.fields:
        typed = settings.get(one.name, "").strip()
        if one.kind == "longtext":
            continue
        if not typed and not one.default and one.is_required:
            typed, is_example = EXAMPLES.get(one.name, f"your_{one.name}"), True
        if typed:
            filled[one.name] = typed
    # How one connects has no part in what is granted, and may be half typed.
    filled.pop("tls", None)
    try:
        return Script(connector.permission_script(filled), None, is_example)
    except WrongUse as problem:
        return Script("", problem, is_example)
