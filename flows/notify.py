"""Notifications: a run failed, publication was refused, a count is unusual, or the sources were not scanned for a long time.

They are sent to a webhook that accepts Slack's JSON, and to Prefect's notification blocks, as configured in the environment. The
address is a secret, so that it is in no message and no log. An error here does not fail a run, and a timeout limits the delay.
"""

import json
import logging
import os
import threading
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from statistics import median
from urllib.parse import urlsplit

from etl.store.journal import Run
from etl.text import plural
from flows.freshness import is_look

LOG = logging.getLogger("prefect.ontherecord")

#: Environment variables: the address of a webhook, and names of Prefect blocks such as ``slack-webhook/newsroom``, comma-separated.
WEBHOOK = "ONTHERECORD_WEBHOOK"
BLOCKS = "ONTHERECORD_NOTIFY_BLOCKS"
#: The timeout of a receiver, in seconds.
DEADLINE = 10.0
#: A count is unusual if it is this many times more, or less, than the median of the last runs. The number of last runs to use, and
#: the fewest runs and the smallest median that are enough for a comparison.
TIMES, PAST_RUNS, FEWEST_RUNS, SMALLEST_MEDIAN = 4, 14, 7, 5
#: New rejections are unusual if there are at least this many, and more than this share of the run's files.
FEWEST_REJECTED, REJECTED_SHARE = 5, 0.1


def notify(subject: str, body: str) -> None:
    """Notify all receivers. A failing receiver is logged, without its address."""
    threads = [
        threading.Thread(target=_try, args=(name, partial(send, subject, body)), daemon=True)
        for name, send in _channels()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
        if thread.is_alive():
            LOG.warning("a notification took longer than %.0f s; not waiting for it any longer", DEADLINE)


def unusual(run: Run, past: Sequence[Run]) -> str | None:
    """What is unusual about a run's counts, compared with earlier runs that scanned all sources; None if nothing is."""
    looked = [each for each in past if is_look(each) and each.run_id < run.run_id][-PAST_RUNS:]
    n = run.n_new + run.n_changed
    if len(looked) >= FEWEST_RUNS and run.is_whole:
        usual = median(each.n_new + each.n_changed for each in looked)
        if usual >= SMALLEST_MEDIAN and not usual / TIMES <= n <= usual * TIMES:
            return f"{plural(n, 'file')} new or changed, where {usual:,.0f} are usual"
    published = [each.n_rejected for each in looked if each.status == "published"]
    more = run.n_rejected - published[-1] if published and run.status == "published" else 0
    if more >= FEWEST_REJECTED and more > REJECTED_SHARE * n:
        return f"{more:,} more files or records are rejected than before, of {n:,} new or changed files"
    return None


def _channels() -> Iterator[tuple[str, Callable[[str, str], None]]]:
    if url := os.environ.get(WEBHOOK):
        yield "the webhook", partial(_post, url)
    for name in filter(None, map(str.strip, os.environ.get(BLOCKS, "").split(","))):
        yield f"the block {name}", partial(_notify_block, name)


def _try(name: str, send: Callable[[], None]) -> None:
    try:
        send()
    except Exception as error:  # the message is not logged, because it may quote the address
        LOG.warning("%s did not accept a notification (%s)", name, type(error).__name__)


def _post(url: str, subject: str, body: str) -> None:
    if urlsplit(url).scheme not in ("http", "https"):
        raise ValueError("not a web address")
    data = json.dumps({"text": f"*{_escaped(subject)}*\n{_escaped(body)}"}).encode()
    asked = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310  # checked above
    with urllib.request.urlopen(asked, timeout=DEADLINE):  # noqa: S310  # as above
        pass


def _escaped(text: str) -> str:
    """Text with the three characters escaped that are markup in Slack."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _notify_block(name: str, subject: str, body: str) -> None:
    from prefect.blocks.abstract import NotificationBlock
    from prefect.blocks.core import Block

    block = Block.load(name)
    if not isinstance(block, NotificationBlock):
        raise TypeError("not a notification block")
    block.notify(body, subject=subject)  # type: ignore[unused-coroutine]  # it is none in a thread without an event loop
