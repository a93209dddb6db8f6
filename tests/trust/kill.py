"""Kills real builds, worker processes and all, at recorded moments, and looks at what each leaves.

Run as a module, in a process of its own that starts no thread: builds are forked from it with everything imported and the
model loaded, so that a moment takes a second. ``python -m tests.trust.kill FOLDER PER_STAGE`` prints one JSON line a moment.
"""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from unittest import mock

import pyarrow.parquet as pq

from etl.choices import DEFAULT_MODEL
from etl.extract.article import extract
from etl.page.parse import Hints, parse
from etl.sources.record import Record
from etl.store.journal import journal
from etl.store.paths import Layout
from flows import workers
from flows.pipeline import Summary, build_directly
from flows.request import BuildRequest
from tests.helpers import STORY, Rows, article, listed, tables, write
from tests.trust.children import adopt_orphans, in_child, is_gone, start, wait
from tests.trust.failpoints import PER_SHARD, PRIMITIVES, Moment, kill_at, record, recorded
from tests.trust.kit import broken_checks, left_behind
from warehouse.reader import snapshot

N_WORKERS = 2
#: Small shards, so that some are finished and some are not; snapshots old enough to be removed at once.
SETTINGS: dict[str, object] = {"etl.extract.plan.SHARD_FILES": 2}
#: From so many moments a stage on, every step of publication is one.
EVERY = 10
#: Every so many builds start their workers as in earnest, which takes seconds; the others fork them.
SPAWN_EVERY = 10
PUBLICATION = ("publish", "prune", "journal")
WHO = ("worker", "parent", "both")

Tables = dict[str, Rows]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one kill: where, which process, and what was wrong afterwards. ``came``: whether the moment came."""

    stage: str
    moment: str
    who: str
    came: bool
    is_published: bool
    n_finished: int
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """A warehouse with something to do: its directory, the tables it has and those it is to have, and the model."""

    folder: Path
    root: Path
    before: Tables
    after: Tables
    n_files: int


def story(n: int) -> str:
    """One of many articles, over three months and none."""
    said = f"“We shall mend wall number {n} before the winter,” Odile Marrack said."
    day = None if n % 4 == 3 else date(2031, 1 + n % 4, 1 + n)
    return article(f"Tobias Fenwright met Halvard Quill {n} times.", said, title=f"Wall {n}", day=day)


def build(root: Path, prepare: Callable[[], None] = lambda: None, how: str = "fork") -> Summary:
    """Build with worker processes, forked (or spawned, as in earnest) from here."""
    with ExitStack() as stack:
        for name, value in SETTINGS.items():
            stack.enter_context(mock.patch(name, value))
        stack.enter_context(mock.patch("multiprocessing.get_context", return_value=get_context(how)))
        prepare()
        return build_directly(BuildRequest(warehouse=root, workers=N_WORKERS))


def warm() -> None:
    """Load the model and whatever else is loaded once a process, so that what is forked from here has it."""
    page = parse(Record(0, STORY), Hints("in/warm.txt"))
    assert list(extract([page], workers.annotator(DEFAULT_MODEL)))


def set_scene(folder: Path) -> Scene:
    """A warehouse of three snapshots whose sources have changed since, and what it is to become."""
    warm()
    root, news = folder / "base", folder / "in"
    listed(root, f"keep_snapshots = 1\nkeep_hours = 0\n[[source]]\nname = 'in'\npath = '{news}'\n")
    write(news, {f"{n}.txt": story(n) for n in range(6)} | {"empty.txt": ""})
    said = folder / "said"
    for n in range(3):
        write(news, {"edited.txt": STORY.replace("whole", f"whole {n}")})
        in_child(partial(build, root), said)
    before = in_child(partial(tables, root), said)
    write(news, {f"{n}.txt": story(n) for n in range(6, 16)} | {"edited.txt": STORY, "0.txt": story(99)})
    (news / "1.txt").unlink()
    whole = folder / "whole"
    shutil.copytree(root, whole, symlinks=True)
    done = in_child(partial(build, whole), said)
    return Scene(folder, root, before, in_child(partial(tables, whole), said), done.plan.n_new + done.plan.n_changed)


def moments_of(scene: Scene) -> dict[str, list[Moment]]:
    """The moments of each stage of the build that the scene has to do."""
    root, log = scene.folder / "recorded", scene.folder / "log"
    shutil.copytree(scene.root, root, symlinks=True)
    log.mkdir()
    in_child(partial(build, root, partial(record, log)), scene.folder / "said")
    return recorded(log)


def chosen(moments: dict[str, list[Moment]], per_stage: int) -> Iterator[Moment]:
    """So many moments of each stage, evenly spread, and those next to every change of the disk by which a run is published."""
    for stage, all_of_it in moments.items():
        disk = [m for m in all_of_it if m.name.split(" os.")[-1] in PRIMITIVES.values()] if stage in PUBLICATION else []
        wanted = len(disk) if per_stage >= EVERY else per_stage
        times = len(WHO) if stage == PER_SHARD else 1
        yield from dict.fromkeys([*spread(all_of_it, per_stage * times), *spread(disk, wanted)])


def spread(moments: Sequence[Moment], n: int) -> Sequence[Moment]:
    """``n`` of the moments, evenly spread."""
    return [moments[(2 * i + 1) * len(moments) // (2 * n)] for i in range(n)] if moments else []


def kill_and_pause(process: int) -> None:
    """Kill another process and do nothing more."""
    os.kill(process, signal.SIGKILL)
    signal.pause()


def strike(scene: Scene, moment: Moment, who: str, how: str) -> Outcome:
    """Kill a build at a moment, look at what is left, and build again."""
    root, said, flag = (scene.folder / name for name in ("struck", "said", "flag"))
    shutil.rmtree(root, ignore_errors=True)
    flag.unlink(missing_ok=True)
    shutil.copytree(scene.root, root, symlinks=True)

    def child() -> Summary:
        parent = os.getpid()
        kills: dict[str, Callable[[], None]] = {
            "worker": lambda: os.kill(os.getpid(), signal.SIGKILL),
            "parent": partial(kill_and_pause, parent),
            "both": lambda: os.killpg(parent, signal.SIGKILL),
        }
        return build(root, partial(kill_at, moment, flag, kills[who]), how)

    pid = start(child, said)
    was_killed = wait(pid)
    wrong = [] if is_gone(pid) else ["a process lives on"]
    wrong += ["the build did not go on"] if was_killed is (who == "worker") else []
    is_published, n_finished, problems = in_child(partial(look, scene, root), said)
    again = in_child(partial(build, root), said)
    problems += in_child(partial(look_again, scene, root, again, n_finished, is_published), said)
    return Outcome(moment.stage, str(moment), who, flag.exists(), is_published, n_finished, (*wrong, *problems))


def look(scene: Scene, root: Path) -> tuple[bool, int, list[str]]:
    """Whether the killed run's snapshot is published, how many files its finished shards hold, and what is wrong."""
    found = tables(root)
    wrong = [f"broken check {name}" for name in broken_checks(snapshot(root))]
    if found not in (scene.before, scene.after):
        wrong.append("what is published is neither the old state nor the new")
    done = Layout(root).shards.glob("*/file.parquet")
    return found == scene.after, sum(pq.read_metadata(path).num_rows for path in done), wrong


def look_again(scene: Scene, root: Path, again: Summary, n_finished: int, is_published: bool) -> list[str]:
    """What is wrong after the next build."""
    wrong = [f"left behind: {name}" for name in left_behind(root)]
    if tables(root) != scene.after:
        wrong.append("the end state is not that of an uninterrupted build")
    n_run = sum(result.n_files for result in again.results)
    n_to_run = 0 if is_published else scene.n_files - n_finished
    if n_run != n_to_run:
        wrong.append(f"{n_run} files were extracted, {n_to_run} were left to do")
    runs = journal(Layout(root).runs)
    if [run.run_id for run in runs if run.status == "published"][-1] != snapshot(root).name:
        wrong.append("the journal's last published run is not the current one")
    return wrong


def main(folder: Path, per_stage: int) -> None:
    """Strike at moments of every stage; in workers, parent and worker and both in turn."""
    adopt_orphans()
    scene = set_scene(folder)
    moments = moments_of(scene)
    sys.stdout.write(json.dumps({stage: len(some) for stage, some in moments.items()}) + "\n")
    turns = cycle(WHO)
    for n, moment in enumerate(chosen(moments, per_stage)):
        who = next(turns) if moment.stage == PER_SHARD else "parent"
        how = "spawn" if n % SPAWN_EVERY == 0 and moment.stage != PER_SHARD else "fork"
        outcome = strike(scene, moment, who, how)
        if not outcome.came:  # DuckDB calls back in threads of its own, which are not watched
            outcome = strike(scene, replace(moment, nth=1), who, how)
        sys.stdout.write(json.dumps(asdict(outcome)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
