# What a contributor types. `make help` lists it.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SILENT:
.SUFFIXES:

VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input \
	--no-build-isolation --use-pep517

.PHONY: help
help: ## List the targets
	awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: $(VENV)/runtime ## Start the whole shop in one process; pass options as ARGS="--no-demo"
	exec $(BIN)/shop run $(ARGS)

.PHONY: test
test: lint servers ## Check style, types and layers, then run every test whose outcome does not depend on the machine's speed
	$(BIN)/python -m tests.suite test $(ARGS)

.PHONY: proof
proof: $(VENV)/dev servers ## Kill, freeze, overload and simulate the shop, with limits scaled by how fast the machine is; half an hour
	$(BIN)/python -m tests.suite proof $(ARGS)

.PHONY: lint
lint: $(VENV)/dev ## Check style and types
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check . || { echo "Run 'make format'."; exit 1; }
	$(BIN)/mypy

.PHONY: format
format: $(VENV)/dev ## Bring the code into shape
	$(BIN)/ruff check --quiet --fix .
	$(BIN)/ruff format --quiet .

.PHONY: tests
tests: $(VENV)/dev servers ## Run some tests, of either kind; pass options as ARGS="tests/unit -k saga"
	$(BIN)/python -m pytest $(ARGS)

.PHONY: unit
unit: $(VENV)/dev ## Run the tests that need no server and no I/O, and the repository's own rules
	$(BIN)/python -m pytest tests/unit $(ARGS)

.PHONY: pythons
pythons: $(VENV)/dev ## Test the oldest and the newest Python beside the one of .venv; others as ARGS="3.12 3.13" (as root, on Debian)
	$(BIN)/python -m tests.pythons $(ARGS)

.PHONY: compose-test
compose-test: $(VENV)/dev ## Prove that compose.yaml runs, without pulling an image (as root, on Debian; half an hour)
	$(BIN)/python -m deploy.proof

.PHONY: simulate
SEEDS := 2000
simulate: $(VENV)/dev ## Simulate the shop with many things failing: SEEDS=100000 of them, or SEED=123 with all that happens
	$(BIN)/python -W ignore -m tests.simulation $(if $(SEED),--seed=$(SEED),--seeds=$(SEEDS)) $(ARGS)

.PHONY: chaos
chaos: $(VENV)/dev servers ## Break a shop in every way while customers order; pass options as ARGS="--embedded --kills 50"
	$(BIN)/shop chaos $(ARGS)

.PHONY: failpoints
failpoints: $(VENV)/dev servers ## Kill processes at every point of the code and step of an order, not at the chosen ones only
	FAILPOINTS=all $(BIN)/python -m pytest tests/proof/test_failpoints.py $(ARGS)

.PHONY: servers
servers: $(VENV)/dev $(VENV)/secantusdb/ready ## Install what the tests start: RabbitMQ, PostgreSQL, Redis, nginx and Chromium (as root, on Debian), stand-ins for MongoDB and CouchDB
	tests/servers/install.sh
	tests/servers/install_couchdb.sh $(VENV)/couchdb
	$(BIN)/python -m tests.servers.docker_compose

# Apart from everything else: it is under the GPL, and nothing of ours imports it.
$(VENV)/secantusdb/ready: tests/servers/secantusdb.lock | $(BIN)/python
	echo "Setting up $(VENV)/secantusdb, a stand-in for MongoDB (once; about half a minute) ..."
	$(BIN)/python -m venv $(VENV)/secantusdb
	$(VENV)/secantusdb/bin/pip install --quiet --disable-pip-version-check --no-input --require-hashes --requirement $< && touch $@ || \
		echo "The tests on MongoDB will be skipped: it could not be installed." >&2

.PHONY: bench
bench: $(VENV)/bench servers ## Measure how fast the shop is, against a yardstick; a quarter of an hour
	$(BIN)/python -W ignore -m tools.bench $(ARGS)

.PHONY: bench-full
bench-full: $(VENV)/bench servers ## Measure how it grows: more products, more orders behind; half an hour
	$(BIN)/python -W ignore -m tools.bench --only growth grown --to docs/bench/growth $(ARGS)

# uv resolves for every platform and every Python we support at once. Pins stay unless asked: ARGS=--upgrade
UV_COMPILE = $(VENV)/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links $(ARGS)
RELOCK = $(UV_COMPILE) --extra mongodb --extra postgres pyproject.toml

.PHONY: lock
lock: $(BIN)/python ## Pin the dependencies again; ARGS=--upgrade for newer ones
	$(BIN)/python -m venv $(VENV)/lock
	$(VENV)/lock/bin/pip install --quiet --disable-pip-version-check uv
	$(RELOCK) --group dev --output-file requirements-dev.lock
	$(RELOCK) --constraint requirements-dev.lock --no-annotate --output-file requirements.lock
	$(UV_COMPILE) --group bench --constraint requirements-dev.lock --output-file requirements-bench.lock
	echo secantusdb==0.7.0b3 | $(UV_COMPILE) --no-annotate --output-file tests/servers/secantusdb.lock -

# Folders with a website's texts, and the languages that they are translated into.
TRANSLATED := $(wildcard shop/web *_web)
LANGUAGES := de

.PHONY: translations
translations: $(VENV)/dev ## Gather the websites' texts for translation, and compile what is translated
	for folder in $(TRANSLATED); do \
		mkdir -p $$folder/translations && texts=$$folder/translations/messages.pot && \
		$(BIN)/pybabel -q extract --mapping babel.cfg --keyword _l --no-location --sort-output \
			--project "Nameko Shop" --output $$texts $$folder && \
		for language in $(LANGUAGES); do \
			$(BIN)/pybabel -q update --input-file $$texts --output-dir $$folder/translations --locale $$language \
				--init-missing --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 110 && \
			$(BIN)/pybabel -q compile --directory $$folder/translations --locale $$language || exit 1; \
		done && rm $$texts || exit 1; \
	done

.PHONY: clean
clean: ## Remove the environment, caches and build output; a shop's data in var stays
	rm -rf $(VENV) .pythons build dist *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment ---------------------------------------------------------------------------------

$(BIN)/python:
	python=$$(tools/find_python.sh $(PYTHON)) && exec "$$python" -m venv $(VENV)

# Two packages come as source only. They are built with the locked setuptools, so that has to be there first.
define install
	echo "Setting up $(VENV) from $(1) (once; about half a minute) ..."
	awk '/^[^ #]/ { wanted = /^setuptools==/ } wanted' $(1) > $(VENV)/setuptools.lock
	$(INSTALL) --require-hashes --requirement $(VENV)/setuptools.lock
	$(INSTALL) --require-hashes --requirement $(1)
	$(INSTALL) --no-deps --editable .
endef

$(VENV)/runtime: requirements.lock pyproject.toml | $(BIN)/python
	$(call install,requirements.lock)
	touch $@

$(VENV)/dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	$(call install,requirements-dev.lock)
	touch $@ $(VENV)/runtime

$(VENV)/bench: requirements-bench.lock $(VENV)/dev
	$(INSTALL) --require-hashes --requirement requirements-bench.lock
	touch $@
