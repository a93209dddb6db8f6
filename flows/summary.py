"""What a person is told of a build at its end."""

from rich.table import Table

from flows.pipeline import Summary


def lines(summary: Summary) -> list[tuple[str, str]]:
    """The summary as pairs of a name and a value."""
    plan, run = summary.plan, summary.run
    n_words = sum(result.n_words for result in summary.results)
    n_foreign = sum(result.n_foreign for result in summary.results)
    extract = run.seconds.get("extract", 0.0)
    found = [
        ("files found", f"{plan.n_found:,}"),
        ("new", f"{plan.n_new:,}"),
        ("changed", f"{plan.n_changed:,}"),
        ("removed", f"{plan.n_removed:,}"),
        *_any("gone, but kept", plan.n_kept),
        *_any("left until settled", plan.n_waiting),
        *_any("from stored text", plan.n_stored),
    ]
    if plan.is_resolved_anew:
        found.append(("names", "resolved anew"))
    if run.status == "unchanged" or not summary.results:
        return found
    return [
        *found,
        ("rejected", f"{run.n_rejected:,}"),
        ("articles", f"{run.n_articles:,}"),
        ("utterances", f"{run.n_utterances:,}"),
        ("mentions", f"{run.n_mentions:,}"),
        *_any("in other languages", n_foreign),
        ("words read", f"{n_words:,} at {n_words / max(extract, 0.001):,.0f} words/s"),
        ("seconds", ", ".join(f"{name} {seconds:.1f}" for name, seconds in run.seconds.items())),
    ]


def _any(name: str, n: int) -> list[tuple[str, str]]:
    return [(name, f"{n:,}")] if n else []


def as_table(summary: Summary) -> Table:
    """The summary for a terminal."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column()
    for name, value in lines(summary):
        table.add_row(name, value)
    return table


def as_markdown(summary: Summary) -> str:
    """The summary as a Prefect artifact."""
    rows = "\n".join(f"| {name} | {value} |" for name, value in lines(summary))
    return f"Run {summary.run.run_id}: {summary.run.status}\n\n| | |\n|---|---|\n{rows}\n"
