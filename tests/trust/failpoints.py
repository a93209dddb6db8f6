"""Moments of a build at which it can be killed, without a line of it changed: every call and return of its own functions,
and every call by which it changes the disk, told apart by the stage that is running.

Moments are recorded from an uninterrupted build, so that they follow the code as it is.
"""

import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

#: The functions whose running is a stage.
STAGES = {
    "etl.sources.scan.scan": "find",
    "etl.extract.plan.make_plan": "plan",
    "etl.extract.shard.run_shard": "extract",
    "etl.store.assemble.assemble": "assemble",
    "etl.store.load.load": "load",
    "etl.store.audit.audit_parts": "audit",
    "etl.store.audit.audit_snapshot": "audit",
    "etl.store.publish.publish": "publish",
    "etl.store.publish.prune": "prune",
    "etl.store.journal.record": "journal",
    "etl.store.publication.tidy": "tidy",
}
#: The stage that runs once for each shard; its moments are counted from the shard's beginning.
PER_SHARD = "extract"
#: What changes the disk, no matter what calls it.
PRIMITIVES = {
    getattr(os, name): name
    for name in ("fsync", "replace", "rename", "symlink", "link", "unlink", "mkdir", "rmdir", "ftruncate")
}
PACKAGES = ("etl", "flows", "warehouse")
VERBS = {
    "call": "at the start of",
    "return": "at the end of",
    "c_call": "before",
    "c_return": "after",
    "c_exception": "after",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """The ``nth`` time, from 1, that something named happens in a stage."""

    stage: str
    name: str
    nth: int

    def __str__(self) -> str:
        return f"{self.stage}: {self.name} #{self.nth}"


class Watch(threading.local):
    """Sees what each thread of a build does, and tells ``see(stage, name)`` of each moment within a stage."""

    def __init__(self, see: Callable[[str, str], None], leave: Callable[[str], None]) -> None:
        self.see, self.leave = see, leave
        self.stack: list[tuple[str, FrameType]] = []

    def __call__(self, frame: FrameType, event: str, arg: Any) -> None:
        module = frame.f_globals.get("__name__", "")
        is_own = module.partition(".")[0] in PACKAGES
        function = f"{module}.{frame.f_code.co_qualname}"
        if is_own and event == "call" and function in STAGES:
            self.stack.append((STAGES[function], frame))
        if self.stack:
            stage, entered = self.stack[-1]
            is_call_of_c = event.startswith("c_")
            if is_call_of_c and arg in PRIMITIVES:
                self.see(stage, f"{VERBS[event]} os.{PRIMITIVES[arg]}")
            elif is_own:
                what = f" {arg.__qualname__} in" if is_call_of_c else ""
                self.see(stage, f"{VERBS[event]}{what} {function}")
            if frame is entered and event == "return":
                self.stack.pop()
                self.leave(stage)


def watch(see: Callable[[str, str], None], leave: Callable[[str], None]) -> None:
    """Watch this process from now on: this thread, those it starts, and the workers it forks."""
    seer = Watch(see, leave)
    threading.setprofile(seer)
    sys.setprofile(seer)


def record(folder: Path) -> None:
    """Leave a file of each stage that runs from now on, with what happened in it, in order."""
    local = threading.local()

    def see(stage: str, name: str) -> None:
        local.__dict__.setdefault(stage, []).append(name)

    def leave(stage: str) -> None:
        path = folder / f"{stage} {time.time_ns()} {os.getpid()}.json"
        path.write_text(json.dumps(local.__dict__.pop(stage)))

    watch(see, leave)


def recorded(folder: Path) -> dict[str, list[Moment]]:
    """The moments of each stage, in order; those of one shard for all, since any worker may take it."""
    happened: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.json"), key=lambda path: path.name.split()[1]):
        stage, names = path.name.split()[0], json.loads(path.read_text())
        before = happened.get(stage, [])
        happened[stage] = max(before, names, key=len) if stage == PER_SHARD else before + names
    return {stage: list(_counted(stage, names)) for stage, names in happened.items()}


def _counted(stage: str, names: list[str]) -> Iterator[Moment]:
    counts = Counter[str]()
    for name in names:
        counts[name] += 1
        yield Moment(stage, name, counts[name])


def kill_at(moment: Moment, flag: Path, kill: Callable[[], None]) -> None:
    """Call ``kill`` when the moment comes for the first time in any process of the build; ``flag`` says that it came."""
    local = threading.local()

    def see(stage: str, name: str) -> None:
        if (stage, name) != (moment.stage, moment.name):
            return
        local.n = getattr(local, "n", 0) + 1
        if local.n == moment.nth:
            try:
                os.close(os.open(flag, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                return
            kill()

    def leave(stage: str) -> None:
        if stage == PER_SHARD:
            local.n = 0

    watch(see, leave)
