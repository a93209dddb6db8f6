"""The summary of a build for people."""

from pathlib import Path

from etl.text import plural
from flows.pipeline import Summary
from warehouse.corrections import warnings
from warehouse.rejections import n_by_reason
from warehouse.status import unlisted


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
        *_any("removed, but kept", plan.n_kept),
        *_any("left until settled", plan.n_waiting),
        *_any("left, not requested", plan.n_left),
        *_any("left to another slice", plan.n_over),
        *_any("from stored text", plan.n_stored),
    ]
    if plan.is_resolved_again:
        found.append(("names", "resolved again"))
    found += [*_any("corrections", run.n_corrections), *_any("corrections lost", run.n_corrections_lost)]
    if run.status != "published":
        return found
    read = [("words read", f"{n_words:,} at {n_words / max(extract, 0.001):,.0f} words/s")] if summary.results else []
    return [
        *found,
        ("rejected", f"{run.n_rejected:,}"),
        ("articles", f"{run.n_articles:,}"),
        ("utterances", f"{run.n_utterances:,}"),
        ("mentions", f"{run.n_mentions:,}"),
        *_any("in other languages", n_foreign),
        *read,
        ("seconds", ", ".join(f"{name} {seconds:.1f}" for name, seconds in run.seconds.items())),
    ]


def _any(name: str, n: int) -> list[tuple[str, str]]:
    return [(name, f"{n:,}")] if n else []


def headline(summary: Summary) -> str:
    """The result on one line. Prefect's lists show only some thirty characters of it, so zero counts are left out."""
    run = summary.run
    counts = {"new": run.n_new, "changed": run.n_changed, "removed": run.n_removed}
    changes = ", ".join(f"{n:,} {what}" for what, n in counts.items() if n) or "nothing new"
    changes += f" of {plural(run.n_found, 'file')}"
    return f"{run.status}: {run.error or changes}"


def as_markdown(summary: Summary, root: Path) -> str:
    """The summary as a Prefect artifact: counts, rejections with reasons, and commands for details."""
    run = summary.run
    head = f"## {root.name}: {run.status}\n\nRun {run.run_id}"
    said = [f"{head}. {run.error}" if run.error else head, _grid(("", ""), lines(summary))]
    if run.allowed:
        said.append(f"The findings of these checks were allowed: {', '.join(run.allowed)}.")
    if summary.snapshot:
        said.append(_rejections(root))
    if run.n_corrections_lost:
        said.append("\n".join(f"- {warning}" for warning in warnings(root)))
    if summary.snapshot:
        said += unlisted(root)
    return "\n\n".join([*said, _commands("status", "rejected", "corrections", "diff", root=root)])


def failure_as_markdown(why: str, root: Path) -> str:
    """A failed run as a Prefect artifact: what happened, that nothing is lost, and the commands to look further."""
    kept = "What was published stays published."
    return "\n\n".join([f"## {root.name}: failed", why, kept, _commands("status", "verify", root=root)])


def _rejections(root: Path) -> str:
    rows = n_by_reason(root)
    if not rows:
        return "Nothing is rejected."
    return _grid(("rejected for", "files or records"), [(reason, f"{n:,}") for reason, n in rows.items()])


def _grid(head: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    return "\n".join(f"| {name} | {value} |" for name, value in [head, ("---", "---"), *rows])


def _commands(*names: str, root: Path) -> str:
    return "For details:\n\n" + "\n".join(f"    ontherecord {name} --warehouse {root}" for name in names)
