# The two commands: make demo, make test. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What runs is installed, and what tests, lints and trains besides.
RUNS := $(VENV)/runs
READY := $(VENV)/ready
INSTALL := $(BIN)/python -m pip install --quiet --no-deps
# On all cores; a file's tests stay together, since they share what they build. In their own order: else the longest come last.
PYTEST := $(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

.PHONY: help demo test test-fast coverage test-services soak lint docs format bench constraints versions clean

help:
	@echo "make demo           build a warehouse from the example articles and ask it something"
	@echo "make test           all tests that need nothing installed"
	@echo "make test-fast      those without builds and servers: under a minute"
	@echo "make coverage       all tests, and which lines they run; shown, not gated"
	@echo "make test-services  tests that need PostgreSQL and Chromium installed"
	@echo "make soak           the long versions of the tests of trust: an hour or more; CORPUS=DIR adds real articles"
	@echo "make bench          measure, and write docs/benchmarks.md and .json; CORPUS=DIR measures with real articles"
	@echo "make lint           style, types and spelling"
	@echo "make docs           the generated pages of docs/, and what the README shows of the demo"
	@echo "make format         put the code into shape"
	@echo "make versions       pin the stages whose VERSION was raised"
	@echo "make constraints    pin the versions again (needs uv)"

$(RUNS): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes --requirement constraints.txt
	$(INSTALL) --no-build-isolation --editable .
	touch $(RUNS)

$(READY): $(RUNS) constraints-dev.txt
	$(INSTALL) --require-hashes --requirement constraints-dev.txt
	touch $(READY)

# The examples end to end: a Prefect flow, the published warehouse, and some answers.
DEMO := build/demo
# Prefect keeps its records in it too, not in the home of whoever only looks.
demo: export PREFECT_HOME = $(CURDIR)/build/prefect
demo: $(RUNS)
	$(BIN)/ontherecord build tests/examples/articles --warehouse $(DEMO) --name examples
	@for question in who_said_most who_talked_about_whom latest_words; do \
		head -n 1 warehouse/queries/$$question.sql; \
		$(BIN)/ontherecord sql --warehouse $(DEMO) --file warehouse/queries/$$question.sql; \
	done
	@echo "In a browser: $(BIN)/ontherecord dashboard --warehouse $(DEMO)"

test: $(READY)
	$(PYTEST) --ignore tests/services

# Functions on values, without a build, a server or the real model.
FAST := tests/etl tests/test_docs.py tests/flows/test_request.py --ignore tests/etl/test_incremental.py --ignore tests/etl/store
test-fast: $(READY)
	$(PYTEST) $(FAST) -m "not slow"

coverage: $(READY)
	$(PYTEST) --ignore tests/services --cov --cov-report term:skip-covered

test-services: $(READY)
	$(PYTEST) tests/services

# What `make test` does a little of, at length: hundreds of kills, publications and histories, thousands of damaged files.
CORPUS ?=
soak: $(READY)
	SOAK=1 CORPUS=$(CORPUS) $(BIN)/pytest -s tests/trust tests/etl/test_incremental.py

# Timings, written to docs/benchmarks.md: nothing here passes or fails. CORPUS="DIR…" measures with folders of real articles.
bench: $(READY)
	$(BIN)/python -m tests.benchmarks.suite $(CORPUS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell

docs: $(READY)
	$(BIN)/python -m tests.reference
	$(BIN)/python -m tests.readme

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

PIN := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml \
	--extra build --extra dashboard --extra xlsx --extra dask --extra s3
constraints:
	$(PIN) --output-file constraints.txt
	$(PIN) --extra dev --extra train --constraint constraints.txt --output-file constraints-dev.txt

# Pin the digests of stages whose VERSION was raised (tests/test_versions.py).
versions: $(READY)
	$(BIN)/python -m tests.versions

clean:
	rm -rf $(VENV) build *.egg-info
