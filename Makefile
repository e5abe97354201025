# What a person does here. `make` alone lists it.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.made
SOURCES := $(shell find reportlib notebooks parameters -type f -not -name '*.pyc' -not -path '*/.ipynb_checkpoints/*')

.DEFAULT_GOAL := help
.PHONY: help setup report weekly lab demo-live test test-slow endurance fuzz explore conformance docs lint benchmark benchmark-reports benchmark-scale calibration lock spark conformance-spark clean

help:  ## list what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 20

setup: $(STAMP)  ## make .venv with everything, the reportlib command in .venv/bin

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed; name one with: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

report: output/index.html  ## the demo database and the review of each of its campaigns
	@echo "Open $(abspath $<)"

output/index.html: output/demo.duckdb $(SOURCES)
	CAMPAIGN_DATABASE_URL= $(BIN)/reportlib run parameters/post_campaign_review/demo.yaml --finished

weekly: output/demo.duckdb  ## the weekly edition of the demo's last week, as parameters/weekly.yaml has it
	CAMPAIGN_DATABASE_URL= $(BIN)/reportlib weekly --week 2026-W46

output/demo.duckdb: $(wildcard reportlib/warehouse/demo/*.py) reportlib/warehouse/contract/tables.py | $(STAMP)
	$(BIN)/reportlib demo

lab: output/demo.duckdb  ## JupyterLab on the notebooks, at START.ipynb
	JUPYTER_CONFIG_PATH=$(CURDIR)/jupyter $(BIN)/jupyter lab --notebook-dir=notebooks --LabApp.default_url=/lab/tree/START.ipynb

demo-live: $(STAMP)  ## a campaign that is sending now, for five minutes; prints how to watch it
	$(BIN)/reportlib demo-live

ON_ALL_CORES := -n logical --dist loadfile --no-loadscope-reorder

test: lint  ## the tests, on all cores; those whose browser or database server is missing are skipped, one line each
	$(BIN)/python -m pytest $(ON_ALL_CORES)

test-slow: spark  ## what `make test` leaves out: other engines, each notebook in JupyterLab, each page in the browser, kills, simulations, ...
	$(BIN)/python -m pytest $(ON_ALL_CORES) -m slow

spark: $(STAMP)  ## Spark itself beside it all, 400 MB, for the tests on a cluster; they need Java
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-spark.lock

conformance: $(STAMP)  ## every metric on each engine of this machine with each random database (5 minutes)
	CONFORMANCE=all $(BIN)/python -m pytest tests/conformance/test_metrics.py

conformance-spark: spark  ## every metric on Spark with each random database, while a worker is killed (5 minutes)
	CONFORMANCE=all $(BIN)/python -m pytest -m '' tests/conformance/test_spark.py

endurance: $(STAMP)  ## what tests do for a minute, for longer, and runs under what happens seldom (an hour)
	ENDURANCE=1 $(BIN)/python -m pytest -s -m '' tests/live tests/publishing/mail/test_killed_runs.py tests/publishing/endurance.py

fuzz: $(STAMP)  ## every command, option and parameter file asked with what nobody should ask; 20 minutes (docs/hardness.md)
	$(BIN)/python -m tests.fuzz

explore: $(STAMP)  ## the tests of random databases, with new ones each time
	HYPOTHESIS_PROFILE=explore $(BIN)/python -m pytest -m '' tests/metrics tests/warehouse tests/conformance tests/publishing/export

docs: $(STAMP)  ## these pages as a site, with pictures of the demo's reports: output/docs/index.html
	$(BIN)/python docs/pictures.py
	$(BIN)/python -m sphinx -q -W --keep-going -b html docs output/docs

lint: $(STAMP)  ## code, notebooks, the order of the rooms, and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

benchmark: $(STAMP)  ## how reports, imports and exports grow with their data (docs/benchmark.md, import_benchmark.md)
	$(BIN)/python -m tests.benchmark
	$(BIN)/python -m tests.warehouse.callbacks.benchmark
	$(BIN)/python -m tests.live.benchmark
	$(BIN)/python -m tests.warehouse.connect.benchmark
	$(BIN)/python -m tests.slow_spots

benchmark-scale: $(STAMP)  ## what reports ask of 1, 10 and 100 million messages, beside SQL by hand and data frames (docs/scale.md)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade --target output/scale-libraries polars pyarrow
	PYTHONPATH=output/scale-libraries $(BIN)/python -m tests.scale.benchmark

benchmark-reports: $(STAMP)  ## how long a batch of reports takes, beside papermill and nbconvert (docs/batch_benchmark.md)
	$(BIN)/python -m tests.publishing.batch.benchmark
	$(BIN)/python -m tests.publishing.batch.report_profile

calibration: $(STAMP)  ## how often verdicts are right (docs/calibration.md, impact_calibration.md, what_works_simulation.md, audience.md, send_times.md, weekly_statistics.md, live_monitor.md, watch.md, definitions.md, machine_clicks.md)
	$(BIN)/python -m tests.metrics.comparison.calibration
	$(BIN)/python -m tests.metrics.comparison.past_clicks_calibration
	$(BIN)/python -m tests.metrics.impact.calibration
	$(BIN)/python -m tests.metrics.what_works.simulation
	$(BIN)/python -m tests.metrics.audience.pressure_simulation
	$(BIN)/python -m tests.metrics.audience.opt_out_simulation
	$(BIN)/python -m tests.metrics.send_times.calibration
	$(BIN)/python -m tests.metrics.weekly.simulation
	$(BIN)/python -m tests.metrics.weekly.broken_weeks
	$(BIN)/python -m tests.metrics.weekly.mixed_weeks
	$(BIN)/python -m tests.metrics.live.simulation
	$(BIN)/python -m tests.metrics.live.alert_simulation
	$(BIN)/python -m tests.metrics.people.silent_feeds
	$(BIN)/python -m tests.metrics.people.machines.simulation

lock: $(STAMP)  ## requirements.lock anew from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --group dev --extra pdf --extra dask --extra s3 --extra spark --extra mysql --extra xlsx --universal \
	  --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet --upgrade -o requirements.lock
	echo 'pyspark>=4.3' | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate --quiet --upgrade -o requirements-spark.lock

clean:  ## remove what was made, .venv too
	rm -rf .venv output/*
