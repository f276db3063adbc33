# Every target sets up what it needs and says what is wrong when it cannot. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo test check sabotage docs bench screenshots lighthouse locks clean
SHELL := /bin/bash
BIN := .venv/bin

help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what Fanlight runs on into .venv; the command is then .venv/bin/fanlight
	@tools/setup runtime

setup-dev: ## The same, with what its checks and tests need
	@tools/setup dev

demo: setup ## Run everything with a demo organization and a real source; Ctrl-C ends it
	@$(BIN)/fanlight demo

test: setup-dev ## Run every test; says what it had to leave out
	@tools/test

check: setup-dev ## Formatting, lint, types, floors, migrations, generated docs
	@tools/check

sabotage: setup-dev ## Break every proven promise for real, see it turn red, mend it; prints counts (JSON=1: nothing else)
	@if [ "$$(id -u)" = 0 ]; then tools/servers >/dev/null || exit 3; fi; $(BIN)/python -m tests.trust.sabotage $(if $(JSON),--json)

docs: setup-dev ## Write the generated pages of docs/
	@$(BIN)/python tools/docs.py --write

AGAINST ?= --against datahub
ENTRIES ?= 1000000

bench: setup-dev ## Measure extraction, search and pages beside others, into docs/performance.md; AGAINST= leaves DataHub out
	@mkdir -p build/bench
	@$(BIN)/python bench/extract.py --tables 10000 --rounds 2 $(AGAINST) --json build/bench/extract.json
	@$(BIN)/python bench/extract.py --tables 10000 100000 --rounds 1 --json build/bench/scale.json
	@$(BIN)/python bench/search.py --entries $(ENTRIES) --others 100 --seeds 2 5 7 --json build/bench/search.json
	@echo '`python -m bench.pages`:' >build/bench/pages.md; $(BIN)/python -m bench.pages >>build/bench/pages.md
	@$(BIN)/python bench/page.py extraction=build/bench/extract.json scale=build/bench/scale.json search=build/bench/search.json pages=build/bench/pages.md

screenshots: setup-dev ## Make a picture of every page in every state, in build/screenshots/index.html
	@if [ "$$(id -u)" = 0 ]; then tools/servers >/dev/null || exit 3; fi; $(BIN)/python -m tests.journeys.screenshots

lighthouse: setup-dev ## Ask Lighthouse (npm) about the main pages; exit 1 below 95 points or above 150 kB
	@if [ "$$(id -u)" = 0 ]; then tools/servers >/dev/null || exit 3; fi; $(BIN)/python -m bench.lighthouse

locks: setup-dev ## Resolve requirements/*.in again into hashed lock files
	@tools/locks

clean: ## Remove what the targets made in this folder (no home, no data)
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build
