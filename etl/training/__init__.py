"""Fitting weights on annotated articles, and measuring how right the quotes are.

In: gold data. Out: the data files of `etl.knowledge`, and figures. Nothing here runs in a build.
"""
