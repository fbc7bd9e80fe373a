# Everything a developer types. Works in a fresh clone with Python >= 3.11, git and make; each goal
# sets up what it needs first and says so.
.POSIX:

VENV = .venv
BIN = $(VENV)/bin
JOBS = 2

.PHONY: help demo test check nightly bench format clean

help:
	@echo "make demo     orders go through a real server into a simulated QuickBooks company"
	@echo "make test     all tests (those that run for long are in make nightly)"
	@echo "make check    ruff, mypy --strict, pyright, the import contracts, the house rules"
	@echo "make nightly  the long tests; needs PostgreSQL's programs"
	@echo "make bench    speed beside plain lxml loops, as ratios"
	@echo "make format   ruff format and the fixes that are safe"
	@echo "make clean    remove $(VENV) and the caches"

# Two environments in one folder: what users need, and what developers need on top.
$(VENV)/.ready-to-run: pyproject.toml scripts/setup_venv.sh
	@sh scripts/setup_venv.sh $(VENV) run

$(VENV)/.ready-to-develop: pyproject.toml scripts/setup_venv.sh
	@sh scripts/setup_venv.sh $(VENV) develop

demo: $(VENV)/.ready-to-run
	@echo "== demo: a real server, a simulated Web Connector, a simulated company file"
	$(BIN)/qbsync demo

test: $(VENV)/.ready-to-develop
	@echo "== tests in random order, warnings are errors, branch coverage measured"
	$(BIN)/pytest -n $(JOBS) --dist loadgroup --cov --cov-report=term

check: $(VENV)/.ready-to-develop
	@echo "== ruff: rules"
	$(BIN)/ruff check
	@echo "== ruff: format"
	$(BIN)/ruff format --check
	@echo "== mypy --strict"
	$(BIN)/mypy
	@echo "== pyright: what users write"
	$(BIN)/pyright --pythonpath $(BIN)/python
	@echo "== import contracts"
	$(BIN)/lint-imports
	@echo "== bandit"
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml src
	@echo "== house rules"
	$(BIN)/python scripts/check_rules.py
	@echo "== the page of the session's table"
	$(BIN)/python scripts/make_session_page.py --check

nightly: $(VENV)/.ready-to-develop
	@echo "== the long tests, with a PostgreSQL server of their own"
	@bash scripts/postgres_for_tests.sh $(BIN)/pytest -n $(JOBS) --dist loadgroup -m nightly --timeout 3600

bench: $(VENV)/.ready-to-develop
	@echo "== speed: medians of pairs, ours and a plain lxml loop in turn"
	$(BIN)/pytest benchmarks -o pythonpath=benchmarks -p no:randomly -p no:xdist --timeout 1800 --benchmark-columns=median,iqr,rounds

format: $(VENV)/.ready-to-develop
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage build dist
