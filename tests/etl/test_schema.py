import re
from datetime import date

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from etl.errors import SchemaError
from etl.schema import ENTITY, PASSAGE, TABLES, VOLATILE_COLUMNS, ddl, to_arrow

ROW = {"article_id": "a", "passage_no": 0, "kind": "paragraph", "span_start": 0, "span_end": 4, "published_on": None}


def frame(**changed: object) -> pd.DataFrame:
    return pd.DataFrame([{**ROW, **changed}]).astype(object)


def test_a_column_without_a_value_keeps_its_declared_type() -> None:
    rows = to_arrow(PASSAGE, frame())
    assert rows.schema.equals(PASSAGE.arrow)
    assert rows.schema.field("published_on").type == pa.date32()
    assert to_arrow(PASSAGE, frame(published_on=date(2031, 3, 4))).column("published_on").to_pylist() == [
        date(2031, 3, 4)
    ]


@pytest.mark.parametrize("changed", [{"kind": None}, {"span_start": "zero"}, {"passage_no": 2**40}, {"surprise": 1}])
def test_rows_that_do_not_fit_are_refused(changed: dict[str, object]) -> None:
    with pytest.raises(SchemaError, match="passage"):
        to_arrow(PASSAGE, frame(**changed))


def test_duckdb_has_the_declared_tables_with_their_meanings() -> None:
    with duckdb.connect() as db:
        for table in TABLES.values():
            for statement in ddl(table):
                db.execute(statement)
        columns = db.execute(
            "SELECT table_name, column_name, is_nullable, comment FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
    declared = {(t.name, c.name): c for t in TABLES.values() for c in t.columns}
    assert {(table, column) for table, column, _, _ in columns} == declared.keys()
    for table, column, nullable, comment in columns:
        assert nullable == declared[table, column].nullable
        assert comment.startswith(declared[table, column].meaning)


def test_names_follow_the_grammar() -> None:
    for table in TABLES.values():
        for column in table.columns:
            assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", column.name)
            assert column.name.endswith("_on") == (column.type == pa.date32()) or column.name in (
                "first_seen",
                "last_seen",
                "month",
            )
            assert column.name.endswith("_at") == pa.types.is_timestamp(column.type)
            assert column.name.startswith("is_") == (column.type == pa.bool_())
        assert set(table.key) <= set(table.names)
        assert set(table.order) <= set(table.names)
        assert table.bucket_by in table.names


def test_volatile_columns_are_columns_and_never_keys() -> None:
    assert {name for table in TABLES.values() for name in table.names} >= VOLATILE_COLUMNS
    assert not VOLATILE_COLUMNS & set(ENTITY.key)
