# One command for each thing that one does here. Each sets up what it needs, once; `make` alone lists them.

PYTHON ?= python3
PY := .venv/bin/python
DONE := .venv/done
PIP := $(PY) -m pip install --quiet --no-input --disable-pip-version-check --constraint constraints.txt

# Settings of a shell that would change what .venv sees.
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help setup demo test check fix build generated recordings test-engine test-kernels test-pythons test-lowest torture fuzz soak safety bench lock clean page

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1 ## /p' $(MAKEFILE_LIST) | awk -F ' ## ' '{ printf "%-20s %s\n", $$1, $$2 }'

# Set-up: a file in .venv/done says what is there; nothing is if the Python that .venv was made with has gone.

$(if $(wildcard $(DONE)/venv),$(shell $(PY) -c '' 2>/dev/null || rm -rf $(DONE)))

$(DONE)/venv: tools/make_venv.sh
	@PYTHON="$(PYTHON)" tools/make_venv.sh
	@mkdir -p $(DONE) && touch $@

$(DONE)/build: $(DONE)/venv pyproject.toml constraints.txt
	@$(PIP) 'pip>=25.1'
	@$(PIP) --group build
	@touch $@

$(DONE)/demo: $(DONE)/build
	@echo "Installing the package and JupyterLab into .venv"
	@$(PIP) --no-build-isolation --editable . --group demo
	@touch $@

$(DONE)/browser: $(DONE)/demo
	@$(PIP) --group browser
	@touch $@

$(DONE)/test: $(DONE)/browser
	@echo "Installing the test tools into .venv"
	@$(PIP) --group test
	@touch $@

$(DONE)/node: $(DONE)/build
	@$(PY) tools/frontend.py has-node || { echo "Installing Node into .venv"; $(PIP) --group node; }
	@touch $@

$(DONE)/page-tools: $(DONE)/node js/package-lock.json
	@$(PY) tools/frontend.py install
	@touch $@

page: $(DONE)/node
	@$(PY) tools/frontend.py

$(DONE)/chromium: $(DONE)/browser
	@$(PY) -m tools.chromium
	@touch $@

setup: $(DONE)/test $(DONE)/chromium $(DONE)/page-tools page ## everything that the other commands need

demo: $(DONE)/demo $(if $(CHECK),$(DONE)/chromium) page ## JupyterLab on the first notebook; CHECK=1: run it in Chromium and look
	@$(PY) -m tools.demo $(if $(CHECK),--check)

test: setup ## every test and every check
	@$(PY) -m pytest -n 2 --dist loadscope

check: $(DONE)/test $(DONE)/page-tools page ## what takes no browser: style, types, layers, generated files, notebooks
	@$(PY) -m tools.check

fix: $(DONE)/test $(DONE)/page-tools page ## let the formatters have their way
	@$(PY) -m ruff check --fix --quiet
	@$(PY) -m ruff format --quiet
	@$(PY) tools/frontend.py run format

build: $(DONE)/test ## sdist and wheel, in dist/
	@$(PY) -m build

generated: $(DONE)/demo ## write the generated files again
	@$(PY) tools/wire_types.py

bench: setup ## the benchmarks beside the peers; QUICK=1: one round; that of the page alone is in benchmarks/page
	@$(PIP) --group lock
	@$(PY) -m tools.peers
	@status=0; for file in benchmarks/*.py; do echo "## $$file"; \
	  .venv-peers/bin/python -m benchmarks.$$(basename $$file .py) || status=1; done; exit $$status

recordings: $(DONE)/test ## train the tiny model, serve it and record its replies again (torch; ten minutes)
	@$(PY) -m tools.engine.environment
	@$(PY) -m tools.record_demo
	@$(PY) -m tools.run_notebook notebooks/*.ipynb

test-engine: setup ## the tests with a real engine (torch; ten minutes the first time)
	@$(PY) -m tools.engine.environment
	@$(PY) -m pytest tests/engine

test-kernels: setup ## the tests of Stop and approval with older ipykernels
	@$(PY) -m tools.older_kernels

test-pythons: setup ## the tests that need no browser with Python 3.10 to 3.13, as far as they are here
	@$(PIP) --group lock
	@$(PY) -m tools.other_pythons

test-lowest: setup ## the same with the lowest versions that pyproject.toml admits
	@$(PIP) --group lock
	@$(PY) -m tools.other_pythons --lowest 3.10

torture: setup ## every fault at every frame of every recorded stream, then 64 rounds of trouble in a real page; ROUNDS=200 for more
	@TORTURE=$(or $(ROUNDS),64) $(PY) -m pytest --timeout=1800 --durations=5 tests/test_faults.py tests/browser/test_torture.py

fuzz: $(DONE)/test ## damaged inputs to all that reads what others write: INPUTS=1000000 or SECONDS=600, SEED=7, TARGETS="sse chat"
	@$(PY) -m tests.fuzz $(if $(INPUTS),--inputs $(INPUTS)) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED)) $(TARGETS)

soak: setup ## many replies in one kernel and one page, and what both hold on to; ROUNDS=1000
	@$(PY) -m tests.soak --rounds $(or $(ROUNDS),1000)

safety: setup ## all attacks, everywhere, whole and one character at a time (long)
	@SAFETY=all $(PY) -m pytest -s --timeout 7200 tests/test_safety_notebook.py tests/browser/test_safety_page.py tests/browser/test_safety_lab.py

lock: $(DONE)/build ## choose the versions in constraints.txt again
	@$(PIP) --group lock
	@$(PY) -m uv pip compile --quiet --universal --python-version 3.10 --upgrade --no-annotate \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	  --group node --group test --group lock pyproject.toml --output-file constraints.txt
	@$(PY) -m tools.peers --lock

clean: ## remove what the commands made
	rm -rf .venv .venv-engine .venv-ipykernel-* .venv-peers* build dist js/node_modules qwen_nb/static .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
