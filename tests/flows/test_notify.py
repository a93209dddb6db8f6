"""Notifications against a real receiver: one that takes them, is slow, is down, or answers with an error."""

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.store.journal import Run, new_run
from flows import notify as module
from flows.notify import BLOCKS, WEBHOOK, notify, unusual
from flows.server import LocalServer

SECRET = "T0KEN"  # noqa: S105  # what must never be logged


@contextmanager
def receiver(status: int = 200, is_slow: bool = False) -> Iterator[tuple[str, list[bytes]]]:
    """A web server that keeps what it is sent: its address, and that. A slow one answers after the block."""
    got: list[bytes] = []
    is_over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name that the library calls
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            if is_slow:
                is_over.wait(600)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{SECRET}", got
    finally:
        is_over.set()
        server.shutdown()
        server.server_close()


def test_a_webhook_gets_slacks_json(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as (url, got):
        monkeypatch.setenv(WEBHOOK, url)
        notify("the build of wire failed", "news is missing; look into <news> & run it again")
    (body,) = map(json.loads, got)
    assert body == {"text": "*the build of wire failed*\nnews is missing; look into &lt;news&gt; &amp; run it again"}


@pytest.mark.parametrize("kind", ["error", "down", "slow", "not an address"])
def test_a_receiver_that_fails_fails_nothing_and_its_address_is_not_logged(
    kind: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "DEADLINE", 0.5)
    caplog.set_level(logging.DEBUG)
    logging.getLogger("prefect").propagate = True
    with receiver(500 if kind == "error" else 200, kind == "slow") as (url, _):
        if kind != "down":
            monkeypatch.setenv(WEBHOOK, f"file:///{SECRET}" if kind == "not an address" else url)
            notify("a", "b")  # returns, though a slow receiver does not answer before the block ends
    if kind == "down":
        monkeypatch.setenv(WEBHOOK, url)
        notify("a", "b")
    assert "notification" in caplog.text
    assert SECRET not in caplog.text


def test_prefects_own_blocks_are_told_too(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.blocks.notifications import CustomWebhookNotificationBlock

    with receiver() as (url, got):
        block = CustomWebhookNotificationBlock(name="desk", url=url, json_data={"said": "{{subject}}: {{body}}"})
        block.save("desk", overwrite=True)
        monkeypatch.setenv(BLOCKS, "custom-webhook/desk, custom-webhook/nobody")
        notify("stale", "nobody looked")
    assert [json.loads(body) for body in got] == [{"said": "stale: nobody looked"}]


def run(n_new: int, status: str = "published", n_rejected: int = 0) -> Run:
    return new_run({}).with_(n_new=n_new, status=status, n_rejected=n_rejected)


def test_a_count_far_from_the_usual_is_told() -> None:
    past = [run(n) for n in (20, 24, 18, 22, 20, 19, 21)]
    assert unusual(run(20), past) is None
    assert unusual(run(2, "unchanged"), past) == "2 files new or changed, where 20 are usual"
    assert unusual(run(200), past) == "200 files new or changed, where 20 are usual"
    assert unusual(run(200), past[:3]) is None
    assert (
        unusual(run(20, n_rejected=9), past)
        == "9 more files or records are rejected than before, of 20 new or changed files"
    )


@given(st.lists(st.integers(0, 50), max_size=20), st.integers(0, 500))
def test_the_usual_is_never_unusual(past: list[int], n: int) -> None:
    assert unusual(run(n), [run(n) for _ in past]) is None
    assert unusual(run(n), [run(each, "failed") for each in past]) is None
