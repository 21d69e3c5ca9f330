# Every verb sets up what it needs in .venv first (tools/set_up.sh); a second run is quick.
#   make demo    the whole path on one machine: import, two phones, offline work, merge, offboarding (ARGS=--json)
#   make test    all tests (ARGS="-k name" for some)
#   make sample  the sample app on this desk, against a sandbox (ARGS="--language en")
#   make failover  kills, hangs and cuts off machines of a cluster in 50 rounds (ARGS="--rounds 10 --seed 7")
#   make lint    lint rules, formatting, types
#   make map     fetches the console's map again, where the installation could not
#   make serve   a server on this machine (ARGS="--port 8443")
#   make clean   removes .venv and what tools left behind; never a deployment's data
# PYTHON=/path/to/python3 chooses the Python that .venv is made from.

.PHONY: help demo sample test services failover lint check format types map serve clean
.NOTPARALLEL:
unexport PYTHONPATH PYTHONHOME
export PYTHON
BIN := .venv/bin
ARGS ?=

help:
	@sed -n 's/^#   //p' Makefile

demo:
	@sh tools/set_up.sh server
	$(BIN)/saojie demo $(ARGS)

sample:
	@sh tools/set_up.sh dev
	@sh tools/font.sh
	@sh tools/sample.sh $(ARGS)

test:
	@sh tools/set_up.sh dev
	$(BIN)/python -m pytest --numprocesses auto $(ARGS)

# What some tests run beside the project. Without it they are skipped.
services:
	@sh tools/set_up.sh dev
	@sh tools/services.sh

failover: services
	$(BIN)/python -m tests.end_to_end.failover $(ARGS)

lint: check format types

check:
	@sh tools/set_up.sh dev
	$(BIN)/ruff check .

format:
	@sh tools/set_up.sh dev
	$(BIN)/ruff format --check .

types:
	@sh tools/set_up.sh dev
	$(BIN)/mypy

map:
	@sh tools/set_up.sh server
	$(BIN)/python hatch_build.py

serve:
	@sh tools/set_up.sh server
	$(BIN)/saojie serve $(ARGS)

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find client_sdk server sync tests -name __pycache__ -prune -exec rm -rf {} +
