"""Incremental equals full with the real model, over articles of CORPUS where the environment names a folder, else the examples."""

import os
import shutil
from pathlib import Path

from etl.choices import DEFAULT_MODEL
from flows.pipeline import build_directly
from flows.request import BuildRequest
from tests.flows.conftest import EXAMPLES
from tests.helpers import tables
from tests.trust.scale import scaled, tell

CORPUS = Path(os.environ.get("CORPUS") or EXAMPLES)
#: Articles taken of a larger corpus, and the parts they arrive in.
N_ARTICLES = 600
NIGHTS = scaled(2, 4)


def test_nights_of_arrivals_edits_and_removals_equal_one_full_build(tmp_path: Path) -> None:
    news = tmp_path / "in"
    taken = [path for path in sorted(CORPUS.rglob("*")) if path.is_file()][:N_ARTICLES]
    for night in range(NIGHTS):
        for n, path in enumerate(taken[night::NIGHTS]):
            target = news / f"{night}" / f"{n} {path.name}"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        arrived = sorted(news.rglob("*.*"))
        arrived[0].write_bytes(
            arrived[0].read_bytes() + b"\n\nOdile Marrack said: \xe2\x80\x9cAnd once more.\xe2\x80\x9d\n"
        )
        arrived[-1].unlink()
        arrived[len(arrived) // 2].rename(news / f"renamed {night}.txt")
        build_directly(
            BuildRequest(
                warehouse=tmp_path / "w",
                sources=(news,),
                model=DEFAULT_MODEL,
                workers=scaled(1, 2),
                allow_removals=True,
                allow=("sudden_drop",),
            )
        )
    build_directly(
        BuildRequest(warehouse=tmp_path / "fresh", sources=(news,), model=DEFAULT_MODEL, workers=scaled(1, 2))
    )
    wanted = tables(tmp_path / "fresh")
    n_articles, n_quotes = len(wanted["article"]), len(wanted["quote"])
    tell(f"{NIGHTS} nights over {len(taken)} files equal a full build: {n_articles} articles, {n_quotes} quotes")
    assert wanted["quote"]
    assert tables(tmp_path / "w") == wanted
