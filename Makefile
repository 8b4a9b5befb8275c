# Everything a person or a machine does with a clone. `make run` and `make test` set up what they need.
SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PORT ?= 8080
VENV := .venv
BIN := $(VENV)/bin
NODE_VENV := .venv-node
# The first interpreter that is new enough.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
# A node of the machine that Vite accepts, else one from a wheel.
NODE_PATH := $(shell node -e 'const [a,b]=process.versions.node.split(".").map(Number); process.exit(a>20||(a===20&&b>=19)?0:1)' 2>/dev/null \
	&& dirname "$$(command -v node)")

# What is built against this interpreter asks for its header.
PYTHON_HEADER = $(shell $(PYTHON) -c 'import sysconfig; print(sysconfig.get_paths()["include"])' 2>/dev/null)/Python.h

# A stamp bears the hash of what it was made from: unchanged input costs nothing at the next start.
hash = $(shell cat $(1) 2>/dev/null | sha256sum | cut -c1-16)
RUN_STAMP := $(VENV)/.run-$(call hash,requirements/run.txt requirements/build.txt pyproject.toml)
DEV_STAMP := $(VENV)/.dev-$(call hash,requirements/dev.txt requirements/build.txt pyproject.toml)
NODE_STAMP := $(if $(NODE_PATH),,$(NODE_VENV)/.node-$(call hash,requirements/node.txt))
PACKAGES_STAMP := frontend/node_modules/.installed-$(call hash,frontend/package-lock.json)
UI_STAMP := $(VENV)/.ui-$(shell find frontend -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -name schema.ts -not -name openapi.json 2>/dev/null \
	| LC_ALL=C sort | xargs sha256sum 2>/dev/null | sha256sum | cut -c1-16)
# The LDAP library has no wheel. Nothing else hangs on it: where it cannot be built, that is said and all else goes on.
LDAP_STAMP := $(VENV)/.ldap-$(call hash,requirements/ldap.txt)
WITH_NODE = PATH="$(if $(NODE_PATH),$(NODE_PATH),$(CURDIR)/$(NODE_VENV)/bin):$$PATH"
# The lock names all there is, with its hashes, so nothing is left to resolve.
PIP = $(BIN)/python -m pip install --disable-pip-version-check --no-input --require-hashes --no-deps

# The oldest PostgreSQL that we support, where one is installed, and what runs on it again.
OLDEST_POSTGRES := $(firstword $(wildcard /usr/lib/postgresql/15/bin /usr/pgsql-15/bin))
OLDEST_TESTS := $(wildcard tests/*/api) tests/architecture/test_walls.py tests/control_plane/kernel tests/audit tests/tenants tests/iam

.PHONY: help run stop ui test check format bench beside conformance nightly findings journeys faults oldest coverage wheel docs lock clean setup packages ldap

help: ## Show what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

run: $(RUN_STAMP) $(UI_STAMP) ## Start an instance on this machine (PORT=8090 moves it); Ctrl-C stops it
	@ORRERY_WEB_PORT=$(PORT) exec $(BIN)/python -m control_plane.cli.main up

stop: ## Stop the instance of this clone from another terminal
	@test ! -s var/up.lock || flock --nonblock var/up.lock true || kill -TERM "$$(cat var/up.lock)"

setup: $(DEV_STAMP) $(UI_STAMP) ## Install everything that working on it needs
	@$(MAKE) ldap

ui: $(UI_STAMP) ## Build the web application

test: $(DEV_STAMP) $(UI_STAMP) packages ## Set up and run everything but the nightly tests
	@$(MAKE) ldap
	@$(MAKE) check
	@cd frontend && $(WITH_NODE) npm test && $(WITH_NODE) npm run size
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not nightly and not faults and not journey"
	@$(MAKE) oldest
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "(faults or journey) and not nightly"

check: $(DEV_STAMP) $(PACKAGES_STAMP) ## Format, lint, types, import contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	@echo "Writing frontend/openapi.json, from which the web application's types are made"
	@$(BIN)/python manage.py spectacular --format openapi-json --file frontend/openapi.json
	@cd frontend && $(WITH_NODE) npm run types && $(WITH_NODE) npm run check

format: $(DEV_STAMP) $(PACKAGES_STAMP) ## Format everything
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	@cd frontend && $(WITH_NODE) npm run format

bench: $(DEV_STAMP) ## Print the figures, with peer or floor beside them
	@set -e; for file in tests/bench/bench_*.py; do \
		name=$$(basename $$file .py); echo "== $$name"; $(BIN)/python -m tests.bench.$$name; done

beside: $(DEV_STAMP) ## The same in turn with an older commit: COMMIT=<hash> [BENCH="bench_chain ..."] [ROUNDS=5]
	@$(BIN)/python -m tests.bench.beside $(COMMIT) $(BENCH) --rounds $(or $(ROUNDS),5)

conformance: $(DEV_STAMP) ## Run a corpus of cases: CASES=<folder> ID=<one case> LIVE=1
	@CASES='$(CASES)' ID='$(ID)' LIVE='$(LIVE)' $(BIN)/python -m tests.conformance

nightly: ALSO := podman:podman conmon:conmon /usr/lib/podman/netavark:netavark runc:runc
nightly: $(DEV_STAMP) ldap packages ## What is too long for every run
	@$(BIN)/python -m pytest -q -m nightly

findings: ## Ask public packages again what findings/ says of them (needs a package registry)
	@set -e; for file in findings/*.sh; do sh $$file; done

journeys: $(DEV_STAMP) $(UI_STAMP) packages ## Whole user stories in a browser
	@$(BIN)/python -m pytest -q -m journey

faults: $(DEV_STAMP) ## Kill, stop and restart real processes
	@$(BIN)/python -m pytest -q -m "faults and not nightly"

oldest: $(DEV_STAMP) ## The tests of the API again on PostgreSQL 15, where one is installed
	@if [ -z "$(OLDEST_POSTGRES)" ]; then echo "No PostgreSQL 15 is installed here: its tests are left out"; else \
		echo "Again on PostgreSQL 15"; \
		POSTGRES_BINARIES=$(OLDEST_POSTGRES) $(BIN)/python -m pytest -q -n 2 --dist loadfile \
			-m "not nightly and not faults and not journey" $(OLDEST_TESTS); fi

coverage: $(DEV_STAMP) ## What the tests reach
	@$(BIN)/coverage run -m pytest -q -m "not nightly and not faults and not journey"
	@$(BIN)/coverage report --skip-covered --sort=cover

wheel: $(UI_STAMP) ## Build dist/orrery_control_plane-*.whl, web application included: what a release is
	@rm -rf build
	@$(BIN)/python -m pip wheel --quiet --no-index --no-deps --no-build-isolation --wheel-dir dist .
	@rm -rf build && ls dist

docs: $(VENV)/.docs-$(call hash,requirements/docs.txt) ## Build the documentation site into site/
	@$(BIN)/mkdocs build --strict

lock: ## Pin every package with its hashes again, after a change of pyproject.toml or requirements/*.in
	@$(PYTHON) -m venv .venv-lock && .venv-lock/bin/pip install --quiet uv==0.13.8
	@set -e; lock="uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header"; \
	PATH="$(CURDIR)/.venv-lock/bin:$$PATH"; \
	$$lock pyproject.toml -o requirements/run.txt; \
	$$lock pyproject.toml --extra dev --extra duckdb -o requirements/dev.txt; \
	for name in build node docs ldap; do $$lock --no-annotate requirements/$$name.in -o requirements/$$name.txt; done
	@rm -rf .venv-lock

clean: ## Remove what was built and installed; data under var/ stays
	rm -rf $(VENV) $(NODE_VENV) frontend/node_modules control_plane/ui site build dist *.egg-info

# What the tests talk to and Debian packages: a browser, and servers that the product meets in the field. As root they
# are installed, without starting a service; else a browser must be there, and each other one that lacks is said.
packages:
	@PATH="$$PATH:/usr/local/sbin:/usr/sbin:/sbin"; missing=""; \
	for pair in chromium:chromium nginx:nginx-light pgbouncer:pgbouncer rabbitmq-server:rabbitmq-server curl:curl systemd-analyze:systemd \
		slapd:slapd bwrap:bubblewrap busybox:busybox-static dockerd:docker.io gcc:gcc /usr/include/ldap.h:libldap2-dev /usr/include/sasl/sasl.h:libsasl2-dev $(PYTHON_HEADER):python3-dev $(ALSO); do \
		command -v $${pair%%:*} >/dev/null 2>&1 || test -e $${pair%%:*} || missing="$$missing $${pair##*:}"; done; \
	if [ -z "$$missing" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "Installing for the tests:$$missing"; \
		apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	elif command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1; then \
		echo "Tests that need one of these are left out (apt-get install$$missing):$$missing"; \
	else echo "The journeys need a browser. Install as root: apt-get install$$missing" >&2; exit 1; fi

ldap: $(BIN)/python
	@test -e $(LDAP_STAMP) || { echo "Building the LDAP library"; \
		$(PIP) --quiet --no-build-isolation -r requirements/ldap.txt >$(VENV)/ldap.log 2>&1 \
		&& rm -f $(VENV)/.ldap-* && touch $(LDAP_STAMP); } \
		|| echo "No LDAP here (its tests are left out): as root, apt-get install gcc python3-dev libldap2-dev libsasl2-dev, then make ldap; see $(VENV)/ldap.log"

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed." >&2; exit 1; }
	@echo "Creating $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): $(BIN)/python
	@if ls $(VENV)/.dev-* >/dev/null 2>&1; then file=dev; else file=run; fi; \
		echo "Installing the packages of requirements/$$file.txt"; \
		$(PIP) --progress-bar on -r requirements/build.txt -r requirements/$$file.txt
	@$(BIN)/python -m pip install --quiet --no-index --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/.run-* && touch $@

$(DEV_STAMP): $(BIN)/python
	@echo "Installing the packages of requirements/dev.txt"
	@$(PIP) --progress-bar on -r requirements/build.txt -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --no-index --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/.dev-* $(VENV)/.run-* && touch $@ $(RUN_STAMP)

$(VENV)/.docs-%: $(BIN)/python
	@$(PIP) --quiet -r requirements/docs.txt && touch $@

$(NODE_VENV)/.node-%:
	@echo "No node of 20.19 or newer is here: installing one from a wheel into $(NODE_VENV)"
	@$(PYTHON) -m venv $(NODE_VENV)
	@$(NODE_VENV)/bin/python -m pip install --disable-pip-version-check --require-hashes --progress-bar on -r requirements/node.txt
	@touch $@

$(PACKAGES_STAMP): $(NODE_STAMP)
	@echo "Installing the packages of the web application"
	@cd frontend && $(WITH_NODE) npm ci --no-audit --no-fund
	@touch $@

$(UI_STAMP): $(RUN_STAMP) $(PACKAGES_STAMP)
	@echo "Building the web application"
	@cd frontend && $(WITH_NODE) npm run build
	@$(BIN)/python -m whitenoise.compress --quiet control_plane/ui
	@rm -f $(VENV)/.ui-* && touch $@
