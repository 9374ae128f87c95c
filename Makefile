# What a working copy needs day by day; `pip install -e '.[test]' --group lint` brings the tools.
.PHONY: check test test-all fix shots

check: ## lint, format, types, contract of imports: changes nothing
	ruff check .
	ruff format --check .
	mypy
	lint-imports

test: ## everything that is quick: no end-to-end tests, no sound device, nothing marked slow; under a minute
	pytest -m "not e2e and not device and not slow" --ignore=tests/e2e

test-all: ## everything, as the README says
	pytest

fix: ## mend what can be mended by rule
	ruff check --fix .
	ruff format .

shots: ## rewrite the pictures that the screen is compared with; look at the diff
	UPDATE_SNAPSHOTS=1 pytest tests/ui/test_snapshots.py
