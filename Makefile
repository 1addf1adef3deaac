# The commands a newcomer needs; `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: build/azurite/.installed build/handler build/localcloud ## make the handler, the local cloud and the storage emulator it needs

.PHONY: run
run: build ## keep a local cloud up on port 7071 until Ctrl+C
	build/localcloud up

# go build decides by itself what is stale, so these two always ask it.
.PHONY: build/handler build/localcloud
build/handler: tools-go
	go build -trimpath -o $@ ./handler
build/localcloud: tools-go
	go build -trimpath -o $@ ./localcloud

# node_modules stays out of the source tree, and is made again only when the lock file changes.
build/azurite/.installed: localcloud/azurite/package.json localcloud/azurite/package-lock.json | tools-node
	@echo "installing the storage emulator (Azurite) into build/azurite; this takes a minute the first time"
	@mkdir -p $(@D)
	cp $^ $(@D)
	cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: tools-go tools-node
tools-go:
	@command -v go >/dev/null || { echo "go is missing: install Go 1.26 from https://go.dev/dl/ and put it on the PATH" >&2; exit 1; }
tools-node:
	@command -v node >/dev/null && command -v npm >/dev/null || { echo "node or npm is missing: install Node.js 20 or 22 (Debian: https://nodejs.org/en/download)" >&2; exit 1; }
	@node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' || { echo "node $$(node --version) is too old: Node.js 20 or 22 is needed" >&2; exit 1; }
