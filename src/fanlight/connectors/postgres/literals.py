"""Remove every literal from the SQL text that PostgreSQL prints, before anything else sees it (promise D3).

This is a lexer, not a parser: it follows the server's own lexical rules (PostgreSQL documentation, section
4.1, and src/backend/parser/scan.l) and replaces each constant by `?`. What it does not recognise to the last
character is not kept at all: a keyed digest stands for it, so that a change is still noticed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from types import MappingProxyType

from fanlight.connectors.types import Text

# Where the server prints literals, and the statement that reads them. A test puts a canary into each.
# What is never read at all is not here: bodies of functions, values of options, where a sequence stands.
LITERAL_CARRIERS: Mapping[str, str] = MappingProxyType(
    {
        "view": "view_definitions",
        "materialized view": "view_definitions",
        "column default": "defaults",
        "generated column": "defaults",
        "view column default": "defaults",
        "foreign table column default": "defaults",
        "check constraint": "constraint_definitions",
        "exclusion constraint predicate": "constraint_definitions",
        "exclusion constraint expression": "constraint_definitions",
        "index expression": "index_definitions",
        "index predicate": "index_definitions",
        "partition key expression": "partition_keys",
        "list partition bound": "partition_bounds",
        "range partition bound": "partition_bounds",
        "domain default": "domain_defaults",
        "domain check": "constraint_definitions",
        "argument default": "argument_defaults",
        "trigger condition": "trigger_definitions",
        "trigger argument": "trigger_definitions",
        "rule": "rule_definitions",
        "policy for what is there": "policy_expressions",
        "policy for what is new": "policy_expressions",
        "extended statistics expression": "statistics_expressions",
        "publication row filter": "publication_filters",
    }
)

# No possessive quantifiers: Python before 3.11.4, Debian 12's own among them, gets them wrong. Instead every loop runs
# over one class of characters, or begins each turn with a character that the class before it excludes, so that giving
# back what was taken cannot help and the time stays linear in the length of the text.
_SPACE = r"[ \t\n\r\f\v]"
_WORD = r"[A-Za-z_\u00a0-\ud7ff\ue000-\U0010ffff][A-Za-z0-9_$\u00a0-\ud7ff\ue000-\U0010ffff]*"
_QUOTED_CHARACTER = r"[^\"\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]"
_QUOTED_NAME = (
    rf"(?:[uU]&)?\"(?:{_QUOTED_CHARACTER}|\"\"){_QUOTED_CHARACTER}*(?:\"\"{_QUOTED_CHARACTER}*)*\"(?!\")"
)
# A constant's prefix is part of the constant: e'..', b'..', x'..', n'..', u&'..'.
_NAME = rf"(?:(?![eEbBxXnN]'|[uU]&['\"]){_WORD}|{_QUOTED_NAME})"
_TYPE_WORDS = r"(?:[ ](?:varying|precision))?"
# The modifiers of a type in a cast are metadata: at most two plain numbers of at most five digits.
_MODIFIERS = rf"(?:\([0-9]{{1,5}}(?:,[ ]?-?[0-9]{{1,5}})?\)(?!{_SPACE}*\())?"
_CAST = rf"::{_SPACE}*{_NAME}(?:\.{_NAME})*{_TYPE_WORDS}{_MODIFIERS}"
# Operators, up to where a comment begins.
_OPERATOR = r"(?:(?!--|/\*)[+\-*/<>=~!@#%^&|`?])"
# What is longer is not kept: nobody reads it, and a source could keep a worker busy with it.
MOST_CHARACTERS = 1_000_000
_PARAMETER = r"\$[0-9]+(?![A-Za-z0-9_$\u0080-\U0010ffff])"
# A dot belongs to a number when a digit follows it and no name stands before it. So many at a time: the engine
# remembers each turn of the loop.
_KEPT = re.compile(
    rf"(?:{_SPACE}|{_NAME}(?:\.(?![0-9])|\[)?|{_CAST}|::|:=|[:(),;\]\[]|\.(?![0-9])|{_PARAMETER}|{_OPERATOR}){{1,1000}}"
)
_DIGITS = r"[0-9]+(?:_[0-9]+)*"
_NUMBER = (
    r"(?:0[xX](?:_?[0-9A-Fa-f])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+"
    rf"|(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?)"
    r"(?![A-Za-z0-9_$.\u0080-\U0010ffff])"
)
_STRING_CHARACTER = r"[^'\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]"
_ESCAPED_CHARACTER = r"[^'\\\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]"
_LITERAL = re.compile(
    rf"(?:[bBxXnN]|[uU]&)?'{_STRING_CHARACTER}*(?:''{_STRING_CHARACTER}*)*'(?!')"
    rf"|[eE]'{_ESCAPED_CHARACTER}*(?:(?:''|\\.){_ESCAPED_CHARACTER}*)*'(?!')"
    rf"|{_NUMBER}",
    re.DOTALL,
)
_DOLLAR_TAG = re.compile(r"\$(?:[A-Za-z_\u00a0-\ud7ff][A-Za-z0-9_\u00a0-\ud7ff]*)?\$")
_LINE_COMMENT = re.compile(r"--[^\n\r]*")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
# A minus sign that can only belong to the number after it.
_UNARY_MINUS = re.compile(r"(?:(?<=[(,\[])|(?<=[(,\[] )|\A)-\Z")


def without_literals(sql: str, digest_key: bytes) -> Text:
    """Return the text with each literal replaced by `?`, or a digest of it when a part is not understood.

    sql: one expression or query as the server prints it, with standard_conforming_strings on. TRUE, FALSE and
    NULL stay, and so do the modifiers of a type after `::`. Comments become one space.
    digest_key: up to 64 secret bytes, the same for each run of one integration. A plain digest of a short
    text could be guessed by trying the likely literals; with a key that can be done only by who holds the
    key.
    """
    kept = _scan(sql) if len(sql) <= MOST_CHARACTERS else None
    if kept is not None:
        return Text(kept, "sql")
    digest = hashlib.blake2b(sql.encode("utf-8", "surrogatepass"), digest_size=16, key=digest_key)
    return Text(f"blake2b:{digest.hexdigest()}", "digest")


def _scan(sql: str) -> str | None:
    pieces: list[str] = []
    position, length = 0, len(sql)
    while position < length:
        kept = _KEPT.match(sql, position)
        if kept is not None:
            pieces.append(kept[0])
            position = kept.end()
            continue
        literal = _LITERAL.match(sql, position)
        if literal is not None:
            if pieces and sql[position] in "0123456789.":
                pieces[-1] = _UNARY_MINUS.sub("", pieces[-1])
            pieces.append("?")
            position = literal.end()
            continue
        end, replacement = _skip_rare(sql, position)
        if end < 0:
            return None
        pieces.append(replacement)
        position = end
    return "".join(pieces)


def _skip_rare(sql: str, position: int) -> tuple[int, str]:
    """Return the end of a dollar-quoted string or a comment and what stands for it; -1 when it is neither."""
    tag = _DOLLAR_TAG.match(sql, position)
    if tag is not None:
        end = sql.find(tag[0], tag.end())
        return (end + len(tag[0]) if end >= 0 else -1), "?"
    comment = _LINE_COMMENT.match(sql, position)
    if comment is not None:
        return comment.end(), " "
    if sql.startswith("/*", position):
        return _comment_end(sql, position), " "
    return -1, ""


def _comment_end(sql: str, position: int) -> int:
    depth = 0
    for edge in _COMMENT_EDGE.finditer(sql, position):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return edge.end()
    return -1
