"""The reader of syntax: the second lock. It knows no list of statements, only what a statement may say (promise
R2).

A text is refused unless every single thing in it is allowed: its characters, what it is (one query), each node of
its tree, each function, relation, column and type (`readable.toml`). What does not parse, or is not known here, is
refused. The session's own few statements are not queries and are allowed by their exact text.

Importing this costs a tenth of a second, so it is done when the first source is opened (docs/decisions/0011).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from fanlight.connectors.postgres.connecting import SESSION_SETTINGS

# Nothing that begins a comment, ends a statement or a string in an unusual way, or spells an operator of one's own
# can be written with these characters; nor anything that one reader takes for a space and another for a letter.
_ALPHABET = re.compile(r"[A-Za-z0-9_ \n.,()\[\]'\"$:=<>|*+%\\-]+\Z")
_FORBIDDEN = re.compile(r"--|\$(?![0-9])|[A-Za-z_]\$")
_BEGINNING = re.compile(r"(?:SELECT|WITH)[ \n]")
_MOST_CHARACTERS = 20_000

# What is no query and is sent all the same.
_SESSION_TEXTS = frozenset(
    {
        "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
        "SAVEPOINT fanlight",
        "ROLLBACK TO SAVEPOINT fanlight",
        "SET LOCAL lock_timeout = '500ms'",
        "SET LOCAL lock_timeout = '20ms'",
        "COMMIT",
        "ROLLBACK",
    }
)

_NODES: tuple[type[exp.Expr], ...] = (
    # a query and its parts
    exp.Select, exp.Union, exp.Intersect, exp.Except, exp.With, exp.CTE, exp.Subquery, exp.Values, exp.Tuple, exp.From,
    exp.Join, exp.Lateral, exp.Table, exp.TableAlias, exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered,
    exp.Limit, exp.Offset, exp.Distinct, exp.Filter, exp.WithinGroup, exp.Window, exp.Alias, exp.Column, exp.Identifier,
    # what they say of values
    exp.Literal, exp.Boolean, exp.Null, exp.Parameter, exp.Star, exp.Paren, exp.Cast, exp.DataType,
    exp.ObjectIdentifier, exp.Collate, exp.Array, exp.Bracket, exp.Slice, exp.Case, exp.If, exp.And, exp.Or,
    exp.Not, exp.Is, exp.EQ, exp.NEQ,
    exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between, exp.Like, exp.Exists, exp.Any, exp.All, exp.Add, exp.Sub,
    exp.Mul, exp.Neg, exp.DPipe, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Anonymous, exp.Dot, exp.Var,
)  # fmt: skip
# Functions that the parser has classes of its own for. One class may stand for several names: the name that is
# written is looked up like all others (see `_calls`).
_FUNCTIONS: tuple[type[exp.Expr], ...] = (
    exp.Abs, exp.ArrayAgg, exp.ArrayAppend, exp.ArrayConcat, exp.ArrayPosition, exp.ArrayRemove, exp.ArraySize,
    exp.ArrayToString, exp.Coalesce, exp.Concat, exp.Count, exp.CurrentDatabase, exp.CurrentUser, exp.Explode,
    exp.ExplodingGenerateSeries, exp.Greatest, exp.GroupConcat, exp.Least, exp.Left, exp.Length, exp.LogicalAnd,
    exp.LogicalOr, exp.Lower, exp.MD5, exp.Max, exp.Min, exp.Nullif, exp.Replace, exp.Right, exp.RowNumber,
    exp.SessionUser, exp.SplitPart, exp.StartsWith, exp.StrPosition, exp.StringToArray, exp.Substring, exp.Sum,
    exp.Trim, exp.Unnest, exp.Upper,
)  # fmt: skip
# What may stand before a parenthesis without being a function's name.
_BEFORE_PARENTHESIS = frozenset(
    ["all", "and", "any", "array", "as", "by", "case", "distinct", "else", "except", "exists", "filter", "from",
     "having", "in", "intersect", "is", "join", "lateral", "like", "limit", "materialized", "not", "offset", "on",
     "or", "over",
     "select", "then", "union", "values", "when", "where"]
)  # fmt: skip


class _Readable(NamedTuple):
    """What `readable.toml` says."""

    relations: frozenset[str]
    columns: frozenset[str]
    parsed: frozenset[str]
    options: frozenset[str]
    functions: frozenset[str]
    settings: frozenset[str]
    types: frozenset[str]
    collations: frozenset[str]


def _load() -> _Readable:
    found = tomllib.loads((files(__package__) / "readable.toml").read_text("utf-8"))
    relations: dict[str, list[str]] = found["relations"]
    functions: dict[str, list[str]] = found["functions"]
    return _Readable(
        relations=frozenset(relations),
        columns=frozenset(found["yielded"]).union(*relations.values()),
        parsed=frozenset(found["parsed"]),
        options=frozenset(found["options"]),
        functions=frozenset().union(*functions.values()),
        settings=frozenset(found["settings"]),
        types=frozenset(found["types"]),
        collations=frozenset(found["collations"]),
    )


READABLE = _load()


class _Dialect(Postgres):
    """PostgreSQL's, with `oid` as a type that has arrays, which sqlglot's own has not."""

    class Tokenizer(Postgres.Tokenizer):
        KEYWORDS = {**Postgres.Tokenizer.KEYWORDS, "OID": TokenType.UINT}  # noqa: RUF012 - as its parent


_DIALECT = _Dialect()
_TYPE_NAMES: Mapping[str, str] = {
    "uint": "oid", "uint[]": "oid[]", "int": "integer", "int[]": "integer[]", "decimal": "numeric",
}  # fmt: skip


@lru_cache(maxsize=1000)
def objection(sql: str) -> str:
    """Return why this text may not be sent, or nothing at all where it may.

    sql: exactly what would go over the wire. The reason names what was found, and never more than a word of it.
    """
    if sql in _SESSION_TEXTS:
        return ""
    return _objection_to_text(sql) or _objection_to_syntax(sql)


def _objection_to_text(sql: str) -> str:
    if len(sql) > _MOST_CHARACTERS:
        return "it is longer than any statement"
    if not _ALPHABET.match(sql):
        return "it holds a character that no statement needs"
    if _FORBIDDEN.search(sql):
        return "it holds a comment, or a string or parameter in an unusual spelling"
    if not _BEGINNING.match(sql):
        return "it is not a query"
    return ""


def _objection_to_syntax(sql: str) -> str:
    try:
        tokens = _DIALECT.tokenize(sql)
        trees = _DIALECT.parser().parse(tokens, sql)
    except (SqlglotError, RecursionError, ValueError):
        return "it is not understood"
    if len(trees) != 1 or trees[0] is None:
        return "it is not one statement"
    if not isinstance(trees[0], exp.Select | exp.SetOperation):
        return "it is not a query"
    return next(_Query(trees[0], tokens).objections(), "")


class _Query:
    """One query, to be looked through for what it may not hold."""

    def __init__(self, tree: exp.Expr, tokens: list[Token]) -> None:
        self._tree = tree
        self._tokens = tokens
        self._nodes = list(tree.walk())
        self._tables = {cte.alias for cte in tree.find_all(exp.CTE)}
        self._relation_aliases: set[str] = set()
        self._names: set[str] = set()  # of columns that the query itself makes
        self._function_aliases: set[str] = set()
        self._option_names: set[str] = set()  # of columns that hold options, name and value
        self._rules: Mapping[type[exp.Expr], Callable[[Any], Iterator[str]]] = {
            exp.Identifier: self._identifier,
            exp.Table: self._table,
            exp.Column: self._column,
            exp.DataType: self._type,
            exp.Anonymous: self._function,
        }
        self._collect_names()
        self._sources = self._relation_aliases | self._function_aliases
        self._readable = READABLE.columns | READABLE.options | self._names | self._function_aliases

    def objections(self) -> Iterator[str]:
        """Yield every reason to refuse it."""
        if _is_session_settings(self._tree):
            return
        yield from self._calls()
        for node in self._nodes:
            if type(node) not in _NODES and type(node) not in _FUNCTIONS:
                yield f"it holds what no statement needs: {type(node).__name__}"
            elif node.comments:
                yield "it holds a comment"
            else:
                yield from self._about(node)

    def _collect_names(self) -> None:
        for node in self._nodes:
            if isinstance(node, exp.TableAlias):
                self._names.update(column.name for column in node.columns)
                of_function = isinstance(node.parent, exp.Unnest) or (
                    isinstance(node.parent, exp.Table | exp.Lateral)
                    and isinstance(node.parent.this, exp.Func)
                )
                (self._function_aliases if of_function else self._relation_aliases).add(node.name)
            elif isinstance(node, exp.Alias):
                self._names.add(node.alias)
            elif isinstance(node, exp.Table) and not node.alias:
                self._relation_aliases.add(node.name)
            elif isinstance(node, exp.Unnest):
                self._collect_unnested(node)
        self._relation_aliases |= self._tables

    def _collect_unnested(self, node: exp.Unnest) -> None:
        if isinstance(offset := node.args.get("offset"), exp.Identifier):
            self._names.add(offset.name)
        if any(found.name in READABLE.options for found in node.find_all(exp.Column)):
            self._option_names.update(node.alias_column_names or [node.alias])

    def _about(self, node: exp.Expr) -> Iterator[str]:
        rule = self._rules.get(type(node))
        if rule is not None:
            yield from rule(node)
        if isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count):
            yield "it asks for every column there is"
        if isinstance(node, exp.Dot) and not (
            _is_catalogue(node.this) and isinstance(node.expression, exp.Func)
        ):
            yield "it takes something apart, or calls what is not the catalogue's"
        if isinstance(node, exp.Var):
            yield f"it holds an unknown word: {node.name}"

    def _identifier(self, node: exp.Identifier) -> Iterator[str]:
        is_collation = isinstance(node.parent, exp.Collate) and node.name in READABLE.collations
        if not (is_collation or re.fullmatch("[a-z_][a-z0-9_]*", node.name)):
            yield f"it holds a name that is not in small letters: {node.name}"

    def _table(self, node: exp.Table) -> Iterator[str]:
        if isinstance(node.this, exp.Func):
            return  # looked at by itself
        if not isinstance(node.this, exp.Identifier) or node.catalog or node.args.get("only"):
            yield "it reads from something that is not a table of the catalogue"
        elif node.db not in ("", "pg_catalog"):
            yield f"it reads from the schema {node.db}"
        elif not (node.name.lower() in READABLE.relations or (node.name in self._tables and not node.db)):
            yield f"it reads from {node.name}"

    def _column(self, node: exp.Column) -> Iterator[str]:
        name = node.name
        if node.args.get("db") or node.args.get("catalog"):
            yield "it names a column by its schema"
        elif not node.table and name in self._relation_aliases:
            yield f"it takes whole rows of {name}"
        elif node.table and node.table not in self._sources:
            yield f"it takes a column of {node.table}"
        elif guarded := self._guarded(node):
            yield guarded
        elif name not in self._readable:
            yield f"it reads the column {name}"

    def _guarded(self, node: exp.Column) -> str:
        """Return what is wrong with a column that may only be asked for in one way."""
        name, parent = node.name, node.parent
        if name in READABLE.parsed:
            function = node.find_ancestor(exp.Anonymous)
            is_printed = function is not None and function.name.lower() == "pg_get_expr"
            return (
                ""
                if is_printed or isinstance(parent, exp.Is)
                else f"it takes what the server keeps parsed: {name}"
            )
        if name in READABLE.options:
            return "" if isinstance(parent, exp.Unnest) else f"it takes values of options: {name}"
        if name in self._option_names:
            is_cut = isinstance(parent, exp.SplitPart) and [
                parent.text("delimiter"),
                parent.text("part_index"),
            ] == ["=", "1"]
            return "" if is_cut else f"it takes more of an option than its name: {name}"
        return ""

    def _type(self, node: exp.DataType) -> Iterator[str]:
        if isinstance(node.parent, exp.DataType):
            return  # of an array, which is looked at as a whole
        name = node.sql(dialect=_DIALECT).lower()
        if _TYPE_NAMES.get(name, name) not in READABLE.types:
            yield f"it makes a value of the type {name}"

    def _function(self, node: exp.Anonymous) -> Iterator[str]:
        name = node.name.lower()
        if name == "all":
            return  # `<> ALL (...)`
        if name not in READABLE.functions:
            yield f"it calls {name}"
        elif name == "current_setting" and not (
            len(node.expressions) == 1
            and _is_text(node.expressions[0])
            and node.expressions[0].name in READABLE.settings
        ):
            yield "it asks for a setting that is none of its business"

    def _calls(self) -> Iterator[str]:
        """Yield what is written before a parenthesis and is no allowed function, as it is spelled.

        The parser has one class for several names, so the tree alone does not tell which one was written.
        """
        own = (self._tables | self._sources) - {""}
        for before, token in zip(self._tokens, self._tokens[1:], strict=False):
            if token.token_type is not TokenType.L_PAREN:
                continue
            word = before.text.lower()
            if before.token_type is TokenType.IDENTIFIER:
                yield "it calls something by a quoted name"
            elif not re.match("[a-z_]", word) or word in _BEFORE_PARENTHESIS:
                continue
            elif word in own:
                if word.upper() in exp.FUNCTION_BY_NAME or word in READABLE.functions:
                    yield f"it gives something the name of a function: {word}"
            elif word not in READABLE.functions:
                yield f"it calls {word}"


def _is_catalogue(node: exp.Expr) -> bool:
    return isinstance(node, exp.Identifier | exp.Column) and node.sql() == "pg_catalog"


def _is_text(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and node.is_string


def _is_session_settings(tree: exp.Expr) -> bool:
    """Tell whether a query does nothing but settle the session, as it is allowed to be."""
    if not isinstance(tree, exp.Select) or {key for key, value in tree.args.items() if value} != {
        "expressions"
    }:
        return False
    given = [call.sql(dialect=_DIALECT) for call in tree.expressions]
    wanted = {
        f"pg_catalog.set_config('{name}', '{value}', FALSE)" for name, value in SESSION_SETTINGS.items()
    }
    return len(given) == len(set(given)) and set(given) == wanted
