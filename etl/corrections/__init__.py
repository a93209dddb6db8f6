"""Corrections: what a person decided about single rows, in CSV files that survive every new extraction.

In: corrections, and an article's rows as extracted. Out: its rows as corrected. Nothing here reads or writes Parquet.
"""

#: Raise it whenever the same correction may give another row.
VERSION = "3"
