# Two commands for a newcomer: `make demo` and `make test`. All that is needed: Python 3.11 or newer, git, make.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
OUT ?= demo-run
# How tests run: a process for each core, and the tests of one file or class in one of them.
PARALLEL ?= --numprocesses auto --dist loadscope
# Nothing but the very files that the lock names.
LOCKED := --quiet --disable-pip-version-check --require-hashes --no-deps
# Pages that people write.
PAGES := $(wildcard *.md docs/*.md docs/decisions/*.md docs/formats/*.md .github/ISSUE_TEMPLATE/*.md)
# For make paper: where the real files are, where results go, and which seeds.
DATA ?= ../shared/data
PAPER ?= paper-run
SEEDS ?= 1..5

.PHONY: help demo test lint types contracts check wrap docs coverage test-lowest engines lock wheel sbom paper bench chaos fuzz clean

help:            ## say what there is
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(BIN)/.installed: pyproject.toml requirements.lock
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) isn't there: install Python 3.11, or name another with make PYTHON=python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install $(LOCKED) --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(BIN)/.installed          ## run FLuID on an embedded synthetic consortium
	$(BIN)/fluid demo --out $(OUT) --overwrite

test: $(BIN)/.installed          ## run all quick tests
	$(BIN)/python -m pytest -m "not slow" $(PARALLEL)

coverage: $(BIN)/.installed      ## run all quick tests, and fail where fewer lines were run than pyproject.toml asks for (half as long again)
	$(BIN)/python -m pytest -m "not slow" $(PARALLEL) --cov=fluidmol --cov-report=term:skip-covered

lint: $(BIN)/.installed          ## check style, spelling, and that prose is wrapped
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/python docs/wrap.py --check $(PAGES)

wrap: $(BIN)/.installed          ## wrap the prose of all pages near 120 characters
	$(BIN)/python docs/wrap.py $(PAGES)

types: $(BIN)/.installed         ## check types, of tests less strictly
	$(BIN)/mypy
	$(BIN)/mypy --config-file tests/mypy.ini tests

contracts: $(BIN)/.installed     ## check that the walls stand
	$(BIN)/lint-imports

check: lint types contracts test ## everything that a commit must pass

$(BIN)/.docs-installed: $(BIN)/.installed requirements-docs.lock
	$(BIN)/python -m pip install $(LOCKED) --requirement requirements-docs.lock
	@touch $@

docs: $(BIN)/.docs-installed     ## build the documentation site into build/docs; a warning is an error
	$(BIN)/python -m sphinx --builder html --jobs auto --fail-on-warning --keep-going --quiet --doctree-dir build/doctrees docs build/docs
	@echo "build/docs/index.html"

.venv-lowest/.installed: pyproject.toml requirements-lowest.lock
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install $(LOCKED) --requirement requirements-lowest.lock
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

test-lowest: .venv-lowest/.installed ## run the unit tests with the oldest libraries that pyproject.toml allows
	.venv-lowest/bin/python -m pytest -m "not slow and not browser" $(PARALLEL) -q -W default tests/unit tests/laws tests/walls tests/exchange tests/drop

lock: $(BIN)/.installed          ## write the lock files anew from pyproject.toml
	benchmarks/lock.sh $(BIN)

.venv-engines/.installed: pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv-engines
	.venv-engines/bin/python -m pip install $(LOCKED) --requirement requirements.lock
	.venv-engines/bin/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --editable '.[dask,ray]'
	@touch $@

engines: .venv-engines/.installed ## run the tests on real clusters of Dask and Ray, on loopback, in an environment of their own (minutes)
	.venv-engines/bin/python -m pytest tests/engines

paper: $(BIN)/.installed         ## check the recipe, run all studies on the real data, write PAPER/report.html (hours; goes on where it stopped)
	$(BIN)/python -m pytest -m slow tests/paper -s
	@if [ -f $(DATA)/herg_train.csv.gz ]; then \
		$(BIN)/fluid study paper --source $(DATA)/herg_train.csv.gz --external $(DATA)/herg_test.csv.gz \
			--transfer $(DATA)/transfer.csv.gz --transfer-size 50000 --seeds $(SEEDS) --out $(PAPER); \
	else echo "skipped: the real hERG files aren't in $(DATA); name their folder with make paper DATA=..."; fi

bench: $(BIN)/.installed         ## time each stage against its own limit
	$(BIN)/python benchmarks/start.py
	$(BIN)/python benchmarks/stages.py

chaos: $(BIN)/.installed         ## kill, fill, skew and corrupt a tiny consortium at random moments, and count what came of it (an hour)
	$(BIN)/python benchmarks/chaos

fuzz: $(BIN)/.installed          ## read 100 000 hostile files, texts and requests, and 20 000 tables of measurements (fifteen minutes)
	$(BIN)/python benchmarks/fuzz

wheel: $(BIN)/.installed         ## build the wheel into dist, twice: both must be the same bytes
	rm -rf dist build/wheel
	$(BIN)/python -m hatchling build --target wheel --directory dist
	$(BIN)/python -m hatchling build --target wheel --directory build/wheel
	cmp dist/*.whl build/wheel/*.whl
	@sha256sum dist/*.whl

sbom: wheel                      ## list what an installation holds, with licences, in dist/sbom.json (CycloneDX)
	rm -rf build/run build/release
	$(PYTHON) -m venv build/run
	build/run/bin/python -m pip install $(LOCKED) --requirement requirements-run.lock
	build/run/bin/python -m pip install --quiet --disable-pip-version-check --no-deps dist/*.whl
	$(PYTHON) -m venv build/release
	build/release/bin/python -m pip install $(LOCKED) --requirement requirements-release.lock
	build/release/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --of JSON --output-file dist/sbom.json build/run/bin/python
	@echo dist/sbom.json

lines: $(BIN)/.installed         ## print lines, modules and public names of each package
	$(BIN)/python benchmarks/lines.py

clean:                           ## remove environments and caches
	rm -rf $(VENV) .venv-lowest .venv-engines .pytest_cache .mypy_cache .ruff_cache .import_linter_cache demo-run
