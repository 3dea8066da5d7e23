# `make help` lists what there is. Options of the app, and of pytest, go into ARGS:
#   make run ARGS="--port 8060 --model demo-gpt"
#   make test ARGS=tests/compute/maps

SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help run test bench soak clean-cache

PY := .venv/bin/python
PIP := $(PY) -m pip install --disable-pip-version-check
ARGS ?=

help:  ## show this list
	@awk -F ':.*## *' '/^[a-z-]+:.*##/ { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: .venv/installed  ## start Headscope (the first time: install it into .venv)
	@$(PY) app.py $(ARGS)

test: .venv/installed-for-tests  ## check style and run all tests, those in a browser included
	@browser=$$(bash tests/browser.sh chromium) && \
	firefox=$$(bash tests/browser.sh firefox) && \
	$(PY) -m ruff check . && \
	$(PY) -m ruff format --check . && \
	HF_HUB_OFFLINE=1 CHROMIUM="$$browser" FIREFOX="$$firefox" $(PY) -m pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

bench: .venv/installed-for-tests  ## run the benchmarks one after the other
	@browser=$$(bash tests/browser.sh chromium) || exit 1; \
	for file in $$(ls benchmarks/[a-z]*.py | grep -v -e soak -e kills -e fuzz); do \
		echo "== $$file"; \
		HF_HUB_OFFLINE=1 CHROMIUM="$$browser" PYTHONPATH=. $(PY) "$$file" || exit 1; \
	done

soak: .venv/installed-for-tests  ## use eight tabs for half an hour while jobs and the server are killed
	@browser=$$(bash tests/browser.sh chromium) && CHROMIUM="$$browser" $(PY) benchmarks/soak.py $(ARGS)

clean-cache:  ## delete all kept results, and the texts of your own, not your notes (not while it runs)
	@mkdir -p cache && set -f && find cache -mindepth 1 ! -path cache/README.md \
		! -path 'cache/notes*' ! -path 'cache/selections*' ! -path 'cache/imports*' ! -path cache/runs \
		$$(for one in $$(ls cache/imports 2>/dev/null); do echo "! -path cache/runs/$${one%.json}*"; done) -delete
	@if [ -d cache/notes ] || [ -d cache/selections ] || [ -d cache/imports ]; then \
		echo "Your stars, notes, kept selections (cache/notes, cache/selections) and imported vectors were left" \
			"alone: delete these folders yourself, imports with python -m compute import --delete NAME."; \
	fi
	@if [ -n "$${HEADSCOPE_CACHE:-}" ]; then \
		echo "HEADSCOPE_CACHE is set: the results in $$HEADSCOPE_CACHE were left alone."; \
	fi

.venv/installed: requirements.txt | $(PY)
	@echo "Installing what Headscope needs into .venv. This is done once."
	@$(PIP) -r requirements.txt
	@touch $@

.venv/installed-for-tests: requirements-dev.txt requirements-cluster.txt .venv/installed
	@echo "Installing what the tests need into .venv. This is done once."
	@$(PIP) --quiet -r requirements-dev.txt
	@touch $@

# Each candidate is asked for its version: one that only leads to a missing Python answers nothing.
$(PY):
	@for python in $${PYTHON:-python3.11 python3.12 python3.13 python3 python}; do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
				echo "$$python can't make virtual environments: install its venv package" \
					"(on Debian and Ubuntu: apt-get install python3-venv)." >&2; \
				exit 1; \
			fi; \
			exec "$$python" -m venv .venv; \
		fi; \
	done; \
	echo "Headscope needs Python 3.11 or later, and none was found." \
		"Install it, or name it: make run PYTHON=/path/to/python3" >&2; \
	exit 1
