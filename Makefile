# Two commands on a fresh machine: `make demo` and `make test`. What is up to date is not done again.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
.PHONY: help demo serve test check bench assets messages screenshots format lock clean

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check --no-input
# Wheels only, each by its hash: no compiler, and nothing that was not locked.
INSTALL := $(PIP) install --quiet --require-hashes --only-binary :all:

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/server assets ## Run the demonstration and serve it; CHECK=1 proves it instead, PORT=8000
	@$(BIN)/tanhui demo $(if $(CHECK),--check) $(if $(PORT),--port $(PORT))

serve: .venv/server assets ## Serve for real, as the TANHUI_* environment says
	@$(BIN)/tanhui migrate && $(BIN)/tanhui serve

test: .venv/dev assets chromium ## Run every test, browser included; ONLY=tests/ledger, RACE_ROUNDS=1000
	@$(if $(RACE_ROUNDS),TANHUI_TEST_RACE_ROUNDS=$(RACE_ROUNDS)) $(BIN)/pytest -n 2 --dist loadgroup $(if $(ONLY),$(ONLY))

check: .venv/dev assets ## Format, lint, types, import contract, house lints, migrations, settings, licences, words
	@$(BIN)/python -m tanhui.site.translations
	@$(BIN)/python tools/check.py

bench: .venv/dev assets ## Time what must be fast, each line against its limit of the same run
	@status=0; for each in bench/[a-z]*.py; do echo "# $$each"; $(BIN)/python "$$each" || status=1; done; exit $$status

assets: .venv/server ## Put fonts, style sheet and script of others in place
	@$(BIN)/python -m tools.assets

messages: .venv/dev ## Write new sentences into the catalogues, and compile them
	@$(BIN)/python tools/messages.py && $(BIN)/python -m tanhui.site.translations

screenshots: .venv/dev assets chromium ## Take the pictures of docs/screens.md anew; ONLY="home login"
	@$(BIN)/python -m tools.screenshots $(ONLY)

format: .venv/dev ## Format the code
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .

lock: .venv/server ## Resolve dependencies anew after changing an .in file or package.json; UPGRADE=1 takes newer ones
	@$(PYTHON) -m venv build/lock && build/lock/bin/pip install --quiet uv
	@cd requirements && for each in dev server base; do \
	  ../build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --no-build --generate-hashes \
	    --no-header --no-annotate --no-emit-index-url $(if $(UPGRADE),--upgrade) \
	    $$([ $$each = dev ] || echo --constraint dev.txt) $$each.in --output-file $$each.txt; done
	@$(BIN)/python -m tools.assets --lock

clean: ## Remove what can be made again; the database under var/ stays
	rm -rf .venv build dist .*_cache .hypothesis var/static var/tests var/check src/tanhui/ui/fonts
	rm -rf src/tanhui/ui/static/vendor assets/node_modules src/*.egg-info
	find src tests tools bench -name __pycache__ -prune -exec rm -rf {} +
	find src -name '*.mo' -delete

# -- what the targets above stand on ------------------------------------------------------------------------------------

.PHONY: chromium
chromium: # Debian's, for the browser tests, where we may install it; without it they are skipped and say so
	@if [ ! -x /usr/bin/chromium ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing chromium and Chinese fonts for the browser tests …"; \
	  (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
	    chromium fonts-noto-cjk) >/dev/null 2>&1 || echo "… which did not work: the browser tests will be skipped"; fi

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one: make PYTHON=…")'
	@$(PYTHON) -m venv .venv || { echo "python3 -m venv does not work here: install python3-venv"; exit 1; }
	@touch $@

.venv/server: .venv/python pyproject.toml requirements/server.txt
	@echo "Installing what the server needs …"
	@$(INSTALL) -r requirements/server.txt
	@$(PIP) install --quiet --no-build-isolation --no-deps --editable .
	@touch $@

.venv/dev: .venv/server requirements/dev.txt
	@echo "Installing what tests and checks need …"
	@$(INSTALL) -r requirements/dev.txt
	@touch $@
