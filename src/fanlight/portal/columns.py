"""A relation's columns as rows of a table.

Not by a template: there can be 1,600 of them on a page, and the template engine takes many times as long for each.
Therefore nothing here is escaped by itself: every text passes through `said`, or is ours and has no markup in it.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.safestring import SafeString

from fanlight.core.identifiers import AssetId
from fanlight.portal.addresses import address_of
from fanlight.portal.shapes import Badge, ColumnRow
from fanlight.portal.templatetags.say import said


def rows(of: Iterable[ColumnRow], *, wanted: str, is_continued: bool) -> SafeString:
    """Return the rows, one after the other.

    wanted: the name of the column that somebody came for, or empty. is_continued: whether other rows came before; then
    the first one takes the focus, which was on the link that asked for it.
    """
    printed = []
    for place, one in enumerate(of):
        is_wanted = one.column.name == wanted
        takes_focus = is_wanted or (not wanted and place == 0 and is_continued)
        printed.append(_row(one, is_wanted=is_wanted, takes_focus=takes_focus))
    return SafeString("".join(printed))


def _row(one: ColumnRow, *, is_wanted: bool, takes_focus: bool) -> str:
    column = one.column
    row = ' class="wanted"' if is_wanted else ""
    name = ' tabindex="-1" autofocus' if takes_focus else ""
    return (
        f'<tr id="column-{column.position:d}"{row}>'
        f'<td><bdi class="mono"{name}>{said(column.name)}</bdi>{"".join(map(_badge, one.badges))}</td>'
        f'<td class="type mono soft" data-label="Type">{_linked(column.type, one.type_id)}</td>'
        f'<td class="null soft" data-label="Null">{"may be null" if column.is_nullable else "not null"}</td>'
        f'<td class="soft" data-label="Default">{_default(column.default, is_digest=one.is_digest)}</td>'
        f'<td class="words said">{said(column.comment or "")}</td></tr>\n'
    )


def _linked(text: str, asset_id: AssetId | None, attributes: str = "") -> str:
    if asset_id is None:
        return f"<bdi>{said(text)}</bdi>"
    return f'<a{attributes} href="{address_of("asset", asset_id)}"><bdi>{said(text)}</bdi></a>'


def _badge(badge: Badge) -> str:
    if badge.asset_id is None:
        return f'<br><span class="badge soft"><bdi>{said(badge.word)}</bdi></span>'
    return "<br>" + _linked(badge.word, badge.asset_id, ' class="badge"')


def _default(default: str | None, *, is_digest: bool) -> str:
    if is_digest:
        return f'<span title="{said(default or "")}">kept as a digest</span>'
    return "" if default is None else f"<code>{said(default)}</code>"
