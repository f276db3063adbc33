"""The report of a comparison of searches, as Markdown: latency, recall and MRR, by kind of question and in all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean, quantiles
from typing import Any

from report import table

_MIB = 1 << 20


def markdown(result: dict[str, Any]) -> str:
    """Render a whole comparison."""
    about = result["about"]
    load = " ".join(f"{part:.2f}" for part in (*about["load_before"][:1], *about["load_after"][:1]))
    engines = f"{about['server']}; tantivy {about['tantivy']}; Python {about['python']}"
    machine = f"{about['machine']} with {about['cores']} cores; load before and after {load}"
    head = (
        f"`{about['command']}`: {about['entries']:,} entries of one organization beside {about['others']} others, "
        f"searched as {about['role']} with row security {about['row_security']}, {engines}, {machine}."
    )
    parts = [head]
    for number, (seed, answers) in enumerate(result["rounds"].items()):
        count = len(next(iter(answers.values())))
        parts += [
            f"## {count:,} questions, seed {seed} ({'held out' if number else 'open for tuning'})",
            _overall(answers),
            _by_kind(answers),
        ]
    return "\n\n".join([*parts, _rest(result)]) + "\n"


def figures(answers: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Return percentiles of the latency in milliseconds, recall@10 and MRR@10 where something was meant."""
    cuts = quantiles((one["ms"] for one in answers), n=100, method="inclusive")
    sought = [one["place"] for one in answers if one["kind"] != "one word"]
    return {
        "p50": cuts[49],
        "p95": cuts[94],
        "p99": cuts[98],
        "max": max(one["ms"] for one in answers),
        "recall": fmean(place > 0 for place in sought) if sought else float("nan"),
        "mrr": fmean(1 / place if place else 0 for place in sought) if sought else float("nan"),
    }


def _overall(answers: dict[str, list[dict[str, Any]]]) -> str:
    found = {name: figures(of) for name, of in answers.items()}
    rows = [
        [
            name,
            *(f"{of[key]:.2f}" for key in ("p50", "p95", "p99", "max")),
            f"{of['recall']:.3f}",
            f"{of['mrr']:.3f}",
        ]
        for name, of in found.items()
    ]
    ours, theirs = found.values()
    ratios = [f"{ours[key] / theirs[key]:.1f} x" for key in ("p50", "p95", "p99", "max")]
    rows.append(
        ["Fanlight to tantivy", *ratios, *(f"{ours[key] - theirs[key]:+.3f}" for key in ("recall", "mrr"))]
    )
    return table(["", "p50 ms", "p95", "p99", "max", "recall@10", "MRR@10"], rows)


def _by_kind(answers: dict[str, list[dict[str, Any]]]) -> str:
    rows = []
    for kind in dict.fromkeys(one["kind"] for one in next(iter(answers.values()))):
        ours, theirs = (figures([one for one in of if one["kind"] == kind]) for of in answers.values())
        both = [f"{ours[key]:.1f} / {theirs[key]:.1f}" for key in ("p50", "p95", "max")]
        fits = (
            ["-", "-"]
            if kind == "one word"
            else [f"{ours[key]:.3f} / {theirs[key]:.3f}" for key in ("recall", "mrr")]
        )
        rows.append([kind, *both, *fits])
    return table(["Fanlight / tantivy", "p50 ms", "p95", "max", "recall@10", "MRR@10"], rows)


def _rest(result: dict[str, Any]) -> str:
    sizes, built = result["sizes"], result["built"]
    merging = f"{built['phases']['merging'] / 1000:.1f} s" if built else "-"
    whole = f"{built['seconds']:.1f} s" if built else "-"
    found_after = result["found_after_seconds"]
    rows: Iterable[list[str]] = [
        ["runs that stored it, catalogue and search together", whole],
        ["of that in the merges", merging],
        ["tantivy's index, of texts in memory", f"{result['tantivy_seconds']:.1f} s"],
        ["tables of search", f"{sizes['tables'] / _MIB:,.0f} MiB"],
        ["indexes of search", f"{sizes['indexes'] / _MIB:,.0f} MiB"],
        ["tantivy's index", f"{sizes['tantivy'] / _MIB:,.0f} MiB"],
        ["statements of one search, begin and commit aside", str(len(result["statements"]))],
        ["from a run's end until its new table is found", f"{found_after * 1000:.0f} ms" if built else "-"],
    ]
    return table(["", "measured"], rows)
