"""The DuckDB file: when it is copied and its rows replaced, and when it is loaded anew."""

from pathlib import Path

import pyarrow as pa

from etl.schema import TABLES
from etl.store.manifest import read_manifest
from tests.helpers import STORY, article, build_in_process, kill, write
from warehouse.reader import query

#: Nobody in it is named elsewhere, so that no row of the story changes.
FERRY = article("Halvard Quill said: “The ferry will not sail before noon.”", title="No ferry")
#: For whom a full load would be the end.
NEVER_ANEW = {"etl.store.load.load_all": kill}


def test_no_list_is_null() -> None:
    """DuckDB's hash of a list that is null is that of an empty one, so a change from one to the other would not be seen."""
    nested = [column for table in TABLES.values() for column in table.columns if pa.types.is_nested(column.type)]
    assert nested
    assert not any(column.nullable for column in nested)


def n_replaced(root: Path) -> int:
    return read_manifest(root / "current").n_replaced


def test_a_warehouse_that_only_grows_is_never_loaded_anew(tmp_path: Path) -> None:
    root, news = tmp_path / "w", write(tmp_path / "in", {"story.txt": STORY})
    build_in_process(root, news)
    for name, hour in (("Orme", "nine"), ("Tallis", "ten"), ("Marrack", "eleven")):
        write(news, {f"{name}.txt": FERRY.replace("Halvard Quill", f"Wenna {name}").replace("noon", hour)})
        build_in_process(root, patches=NEVER_ANEW)
    assert n_replaced(root) == 3, "only the row of the run before, which each build completes"
    assert query(root, "SELECT count(*) FROM article").column(0).to_pylist() == [4]


def test_rows_replaced_or_deleted_are_counted_until_the_next_full_load(tmp_path: Path) -> None:
    root, never = tmp_path / "w", {"etl.store.load.REPLACED_SHARE": 100.0}
    news = write(tmp_path / "in", {"story.txt": STORY, "ferry.txt": FERRY})
    build_in_process(root, news)
    write(news, {"ferry.txt": FERRY.replace("noon", "midnight")})
    build_in_process(root, patches=never)
    replaced = n_replaced(root)
    assert replaced > 0
    (news / "ferry.txt").unlink()
    build_in_process(root, patches=never)
    assert n_replaced(root) > replaced
    write(news, {"story.txt": STORY.replace("the whole wall", "half the wall")})
    build_in_process(root, patches={"etl.store.load.REPLACED_SHARE": 0.0})
    assert n_replaced(root) == 0
