# Everything that is done by hand here has a name. `make` lists them.
# GNU make 3.81 (as macOS ships it) is enough. pip finds its index where it always does: environment or configuration.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
UV ?= uv
CANDIDATES := $(strip $(PYTHON) python3.11 python3.12 python3.13 python3)

# A stamp carries a checksum of what it was made from: nothing is reinstalled until that changes.
RUNTIME := $(VENV)/.runtime-$(shell cat requirements.lock pyproject.toml 2>/dev/null | cksum | cut -d' ' -f1)
TOOLS := $(VENV)/.tools-$(shell cat requirements.lock requirements-dev.lock pyproject.toml 2>/dev/null | cksum | cut -d' ' -f1)

.DEFAULT_GOAL := help
.PHONY: help setup run test unit lint format docs screenshots slack-pictures discord-pictures bench bench-match bench-delivery bench-search bench-commands bench-discord soak-commands soak-index soak-kill soak-year lock clean

help:  ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

setup: $(TOOLS)  ## Build .venv with everything that running and testing need

run: $(RUNTIME)  ## Start Broadsheet and its local page (ARGS="--port 9000" passes options on)
	@$(BIN)/broadsheet run $(ARGS)

test: lint  ## Check everything: lint, types, import contracts, the whole test suite
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

unit: $(TOOLS)  ## Run the fast tests only
	@$(BIN)/python -m pytest tests/unit $(ARGS)

lint: $(TOOLS)  ## Check style, formatting, types and import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(TOOLS)  ## Rewrite the sources in the one style
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

docs: $(TOOLS)  ## Write the reference pages that are made from the code
	@for page in commands settings errors cli; do $(BIN)/broadsheet docs $$page > docs/$$page.md || exit 1; done

screenshots: $(TOOLS)  ## Draw the pictures of docs/images from the sample edition (needs Chromium)
	@$(BIN)/python -m tests.browser.pictures

slack-pictures: $(TOOLS)  ## Draw the pictures of docs/slack.md (needs Chromium and Node.js)
	@$(BIN)/python -m tests.browser.slack_pictures

discord-pictures: $(TOOLS)  ## Draw the pictures of docs/discord.md (needs Chromium and Node.js)
	@$(BIN)/python -m tests.browser.discord_pictures

bench: $(TOOLS)  ## Run every benchmark in bench/
	@found=; for file in bench/bench_*.py; do \
		[ -e "$$file" ] || continue; \
		found=yes; echo "== $$file"; $(BIN)/python "$$file" $(ARGS) || exit 1; \
	done; \
	[ -n "$$found" ] || echo "bench/ holds no benchmark."

bench-match: $(TOOLS)  ## Match 100,000 topics with a day, beside Tantivy (ARGS="--quick" for a small one)
	@$(BIN)/python bench/bench_match.py $(ARGS)

bench-delivery: $(TOOLS)  ## Deliver to 10,000 channels within the platforms' limits (ARGS="--quick" for a small one)
	@$(BIN)/python bench/bench_delivery.py $(ARGS)

bench-search: $(TOOLS)  ## Search 100,000 to 3,000,000 papers, beside FTS5 and PostgreSQL (ARGS="--quick" for a small one)
	@$(BIN)/python bench/bench_search.py $(ARGS)

bench-commands: $(TOOLS)  ## Send 300 signed slash commands a second, beside raw Bolt (ARGS="--quick" for a small one)
	@$(BIN)/python bench/bench_commands.py $(ARGS)

bench-discord: $(TOOLS)  ## Post to 2,000 channels through discord.py, within Discord's limits (ARGS="--quick" for a small one)
	@$(BIN)/python bench/bench_discord.py $(ARGS)

soak-commands: $(TOOLS)  ## The same for ten minutes
	@$(BIN)/python bench/bench_commands.py --seconds 600 $(ARGS)

soak-index: $(TOOLS)  ## Kill processes while they index and swap (KILLS=n)
	@$(BIN)/python -m tests.soak.index_kill --kills $(KILLS) $(ARGS)

KILLS ?= 120
soak-kill: $(TOOLS)  ## Kill workers at every point of a delivery (KILLS=n COMBO=sqlite-1-readback)
	@$(BIN)/python -m tests.soak.kill --kills $(KILLS) $(foreach each,$(COMBO),--combo $(each)) $(ARGS)

soak-year: $(TOOLS)  ## A virtual year in every time zone: each local date accounted for once
	@$(BIN)/python -m tests.soak.year $(ARGS)

lock:  ## Resolve the lock files anew (needs uv; UPGRADE=1 takes newer versions)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv (pip install uv), or UV=/path/to/uv."; exit 1; }
	@$(LOCK) --group build --output-file requirements.lock
	@$(LOCK) --group build --extra postgres --constraint requirements.lock --output-file requirements-postgres.lock
	@$(LOCK) --group dev --all-extras --constraint requirements.lock --output-file requirements-dev.lock
	@! grep -nE '://|^--|^-e| @ ' requirements*.lock \
		|| { echo "A lock names a place. Locks hold names, versions and hashes only."; exit 1; }

clean:  ## Remove .venv, caches and build results
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

LOCK = $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate $(if $(UPGRADE),--upgrade)

$(RUNTIME): | $(BIN)/python
	@echo "Installing what Broadsheet needs to run (the first time takes about a minute) ..."
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null   # a .venv made by uv
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/.runtime-* && touch $@

$(TOOLS): $(RUNTIME)
	@echo "Installing what its tests need ..."
	@$(PIP) --require-hashes -r requirements-dev.lock
	@rm -f $(VENV)/.tools-* && touch $@

$(BIN)/python:
	@python=; \
	for candidate in $(CANDIDATES); do \
		"$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && python=$$candidate && break; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Broadsheet needs Python 3.11 or newer: none of $(CANDIDATES) is one."; \
		echo "Install it, or name yours: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; \
		exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "$$python cannot build virtual environments: its venv module is missing."; \
		echo "On Debian and Ubuntu: apt install python3-venv"; \
		exit 1; \
	fi; \
	echo "Building $(VENV) with $$("$$python" --version)"; \
	"$$python" -m venv --clear $(VENV)
