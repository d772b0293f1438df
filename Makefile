# Practio from a checkout. `make` alone lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.PHONY: help setup demo up down status logs test unit test-all containers-test upgrade-test check fmt lint types bench plans soak faults fuzz migration schemas docs languages lock images

BIN := .venv/bin
READY := .venv/.ready
PARALLEL := --numprocesses auto --dist loadscope --no-loadscope-reorder
PYPROJECTS := contracts/pyproject.toml $(wildcard services/*/pyproject.toml) deploy/operator/pyproject.toml

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Create .venv: pinned libraries and the distributions of this checkout

$(READY): requirements.lock $(PYPROJECTS) deploy/setup.sh
	@deploy/setup.sh
	touch $@

demo: setup ## Start everything and show the main job, step by step
	@$(BIN)/practio demo

up: setup ## Start the stack without the demo (PRACTIO_BACKING=external|docker|native overrides the choice)
	@$(BIN)/practio up

down: setup ## Stop the stack, delete its data, leave no process
	@$(BIN)/practio down

status: setup ## Show which parts run, and where
	@$(BIN)/practio status

logs: setup ## Show the last log lines of every part of the stack
	@$(BIN)/practio logs

test: setup ## Test every promise once, in parallel; ARGS="tests/unit -k fill" runs only those tests
	@$(BIN)/pytest $(or $(ARGS),$(PARALLEL) -m "not thorough")

unit: setup ## Test without servers, in parallel: rules, letters, pages, messages; ARGS="-k fill" runs only those tests
	@$(BIN)/pytest $(PARALLEL) -m "not thorough" tests/unit tests/contracts $(ARGS)

test-all: setup ## Run all tests in parallel, with the thorough ones
	@$(BIN)/pytest $(PARALLEL) $(ARGS)

check: lint types test ## Everything that must hold: format, lint, layers, types, tests

fmt: setup ## Format the code and fix what ruff can fix
	@$(BIN)/ruff check --quiet --fix-only .
	$(BIN)/ruff format .

lint: setup ## Check format, rules of style and layers
	@$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: setup ## Check types, strictly
	@$(BIN)/mypy

containers-test: setup ## On Docker: kill brokers of a cluster, promote a standby, upgrade, restore, run parts alone; 15 minutes
	@$(BIN)/pytest tests/containers $(ARGS)

upgrade-test: setup ## Run each service of the previous release (or of PREVIOUS=v1.3.0) with the current ones
	@PREVIOUS="$(PREVIOUS)" $(BIN)/pytest tests/upgrade $(ARGS)

bench: setup ## Measure throughput, compared with a bare loop on the same servers
	@$(BIN)/python -m tests.bench $(ARGS)

plans: setup ## Show how PostgreSQL executes every query and loop on big tables: ARGS="--scale 0.02"
	@$(BIN)/python -m tests.plans $(ARGS)

soak: setup ## Test interleavings of the membership workflow for a given time: ARGS="--minutes 60"
	@$(BIN)/python -m tests.machine $(ARGS)

faults: setup ## Break services, servers and connections under load, at random: ARGS="--minutes 60 --seed 7"
	@$(BIN)/python -m tests.campaign faults $(ARGS)

fuzz: setup ## Publish fuzzed messages at full speed, and check that everything still answers: ARGS="--messages 1000000 --seed 7"
	@$(BIN)/python -m tests.campaign fuzz $(ARGS)

migration: setup ## Write a migration: make migration SERVICE=rooms MESSAGE="add a column"
	@: "$${SERVICE:?set SERVICE=rooms, membership or notifications}" "$${MESSAGE:?set MESSAGE=what it does}"
	$(BIN)/python -m practio_$(SERVICE) migration "$(MESSAGE)"

schemas: setup ## Generate the JSON Schemas and asyncapi.yaml from the models
	@$(BIN)/python -m practio_contracts.schemas

docs: setup ## Render every message, with its fields and an example, as one page: contracts/site/index.html
	@$(BIN)/python -m deploy.reference

languages: setup ## Update the catalogues of translations from the templates, and print what is left to translate
	@$(BIN)/python -m deploy.languages

lock: ## Compile requirements.lock and the images' parts of it again (UPGRADE=--upgrade takes newer versions)
	@deploy/lock.sh $(UPGRADE)

images: ## Build the images, labelled with this commit (PRACTIO_VERSION=1.4.0 tags and labels them)
	@PRACTIO_REVISION="$$(git rev-parse HEAD)" docker compose --file deploy/compose.yaml build
