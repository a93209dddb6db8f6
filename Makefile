# The two commands: make demo, make test. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

# Telemetry of dependencies stays off, whatever the machine says.
export DO_NOT_TRACK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false

.PHONY: help demo test test-services lint format bench soak constraints clean

help:
	@echo "make demo           build a warehouse from the example articles and ask it something"
	@echo "make test           all tests that need nothing installed"
	@echo "make test-services  tests that need a browser"
	@echo "make lint           style and types"
	@echo "make format         put the code into shape"
	@echo "make constraints    pin the versions anew (needs uv)"

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement constraints.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $(READY)

test: $(READY)
	$(BIN)/pytest

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

constraints:
	uv pip compile --quiet --universal --python-version 3.11 --extra dev --generate-hashes --no-header \
		--no-annotate --output-file constraints.txt pyproject.toml

clean:
	rm -rf $(VENV) build *.egg-info
