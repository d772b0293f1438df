# Practio from a checkout. `make` alone lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.PHONY: help setup demo up down status logs test test-all containers-test upgrade-test check fmt lint types bench soak migration schemas docs languages lock images

BIN := .venv/bin
READY := .venv/.ready
PARALLEL := --numprocesses auto --dist loadscope --no-loadscope-reorder
PYPROJECTS := contracts/pyproject.toml $(wildcard services/*/pyproject.toml) deploy/operator/pyproject.toml

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Make .venv: pinned libraries and the distributions of this checkout

$(READY): requirements.lock $(PYPROJECTS) deploy/setup.sh
	@deploy/setup.sh
	touch $@

demo: setup ## Start everything and tell the main job step by step
	@$(BIN)/practio demo

up: setup ## Start the stack without the demo (PRACTIO_BACKING=external|docker|native decides by hand)
	@$(BIN)/practio up

down: setup ## Stop the stack, drop its data, leave no process
	@$(BIN)/practio down

status: setup ## Show what runs, and where
	@$(BIN)/practio status

logs: setup ## Show the last log lines of every part of the stack
	@$(BIN)/practio logs

test: setup ## Show every promise once, in parallel; ARGS="tests/unit -k fill" runs just that
	@$(BIN)/pytest $(or $(ARGS),$(PARALLEL) -m "not thorough")

test-all: setup ## Run all tests, with the thorough ones, in parallel
	@$(BIN)/pytest $(PARALLEL) $(ARGS)

check: lint types test ## Everything that must hold: format, lint, layers, types, tests

fmt: setup ## Format the code and mend what ruff can
	@$(BIN)/ruff check --quiet --fix-only .
	$(BIN)/ruff format .

lint: setup ## Check format, rules of style and layers
	@$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: setup ## Check types, strictly
	@$(BIN)/mypy

containers-test: setup ## Kill brokers of three, upgrade under load, restore, run parts alone: on Docker, 8 minutes
	@$(BIN)/pytest tests/containers $(ARGS)

upgrade-test: setup ## Run each service of the release before (PREVIOUS=v1.3.0 says which) beside the current ones
	@PREVIOUS="$(PREVIOUS)" $(BIN)/pytest tests/upgrade $(ARGS)

bench: setup ## Measure throughput beside a bare loop on the same servers
	@$(BIN)/python -m tests.bench $(ARGS)

soak: setup ## Try interleavings of the membership workflow for as long as given: ARGS="--minutes 60"
	@$(BIN)/python -m tests.machine $(ARGS)

migration: setup ## Write a migration: make migration SERVICE=rooms MESSAGE="add a column"
	@: "$${SERVICE:?say SERVICE=rooms, membership or notifications}" "$${MESSAGE:?say MESSAGE=what it does}"
	$(BIN)/python -m practio_$(SERVICE) migration "$(MESSAGE)"

schemas: setup ## Write the JSON Schemas and asyncapi.yaml anew from the models
	@$(BIN)/python -m practio_contracts.schemas

docs: setup ## Render every message, with its fields and an example, as one page: contracts/site/index.html
	@$(BIN)/python -m deploy.reference

languages: setup ## Take what the templates say into the catalogues of translations, and say what is left to do
	@$(BIN)/python -m deploy.languages

lock: ## Compile requirements.lock and the images' shares of it anew (UPGRADE=--upgrade takes newer versions)
	@deploy/lock.sh $(UPGRADE)

images: ## Build the images, labelled with this commit (PRACTIO_VERSION=1.4.0 tags and labels them)
	@PRACTIO_REVISION="$$(git rev-parse HEAD)" docker compose --file deploy/compose.yaml build
