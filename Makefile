# The one door: `make check` is what CI runs, less the clean environment. Needs uv and make.

.PHONY: check lint format test benchmarks

check: lint test

lint:
	uv run ruff format --check .
	uv run ruff check .
	uv run mypy
	uv run lint-imports

format:
	uv run ruff format .
	uv run ruff check --fix .

test:
	uv run pytest

benchmarks:
	uv run python -m tests.benchmarks classify --json
	uv run python -m tests.benchmarks startup --json
