from hypothesis import given
from hypothesis import strategies as st

from etl.csv_rows import FORMULA, guarded, unguarded

CELLS = st.text(st.sampled_from("'=+-@\t\rab "), max_size=6)


@given(CELLS)
def test_a_cell_is_no_formula_and_comes_back_as_it_was(cell: str) -> None:
    assert not guarded(cell).startswith(FORMULA)
    assert unguarded(guarded(cell)) == cell


def test_cells_that_are_no_formula_stay_as_they_are() -> None:
    for cell in ("'Tis late", "late", "", "''"):
        assert guarded(cell) == unguarded(cell) == cell
