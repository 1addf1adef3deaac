# The commands a newcomer needs; `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

VERSION_FLAGS = -X main.version=$(shell git describe --tags --always --dirty 2>/dev/null || echo dev) -X main.commit=$(shell git rev-parse --short HEAD 2>/dev/null || echo unknown) -X main.date=$(shell git log -1 --format=%cI 2>/dev/null || echo unknown)

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: build/azurite/.installed build/handler build/localcloud build/airlock build/airlock-verify ## make the handler with its portal, the command line, the verifier, the local cloud and the storage emulator it needs

.PHONY: demo
demo: build ## play seven stories on a local cloud of its own, with a timeline, and one with the command line
	build/localcloud demo

.PHONY: run
run: build ## keep a local cloud up on port 7071 until Ctrl+C
	build/localcloud up --walkthrough

# Packages whose tests play people and operators. What they test are other programs, the handler above all, which has
# the race detector in it here. They wait more than they work, so the other packages are tested beside them.
LONGEST = $(addprefix ./localcloud/,story cli chaos)
STORIES = $(LONGEST) $(filter-out $(LONGEST),$(shell grep -rl --include='*_test.go' '/story/storytest"' ./localcloud | xargs -n1 dirname | sort -u)) ./localcloud
# Packages without goroutines and locks, as a test makes sure: the race detector finds nothing in them.
SEQUENTIAL = $(addprefix ./handler/,airlock azuretre inspect inspect/sandbox wording)
UNITS = $(filter-out $(patsubst .%,\%%,$(STORIES) $(SEQUENTIAL)),$(shell go list ./handler/... ./client/... ./localcloud/...))

.PHONY: test
test: build build/race/handler ## run all tests with the race detector, the stories on a local cloud included
	@$(MAKE) --no-print-directory -k -j2 test-stories test-sequential test-units

.PHONY: test-stories
test-stories:
	@# The longest begin first, so that the others run beside them.
	AIRLOCK_TEST_HANDLER=$(CURDIR)/build/race/handler go test -shuffle=on -timeout 20m $(STORIES)

.PHONY: test-sequential
test-sequential:
	go test -shuffle=on -timeout 20m $(SEQUENTIAL)

.PHONY: test-units
test-units:
	go test -race -shuffle=on -timeout 20m $(UNITS)
	@echo "fuzzing every parser of outside input for a moment"
	@$(MAKE) --no-print-directory fuzz FUZZTIME=3000x # a number: at the end of a time a run may fail with "context deadline exceeded"

.PHONY: build/race/handler
build/race/handler: tools-go | portal
	go build -race -o $@ ./handler

# Packages whose tests need the storage emulator.
WITH_EMULATOR = %/tablestore %/blobstore %/storetest

# Tests that run other programs many times: the commands of the documents, children that die.
SLOW = ByHand$$|TestBombsFitIntoAChild|TestAParentOutlivesItsChild

.PHONY: check
check: tools-go ## the quick checks (half a minute, no storage emulator): format, vet, rules and edges
	@test -z "$$(gofmt -l handler client localcloud infra portal)" || { echo "not formatted:"; gofmt -l handler client localcloud infra portal; exit 1; }
	go vet ./...
	go test -parallel 8 -skip '$(SLOW)' $(filter-out $(WITH_EMULATOR),$(shell go list ./handler/... ./client/...))

.PHONY: lint
lint: build/tools/golangci-lint portal-check ## format, vet, lint, tidy modules, check the portal's types, vet the programs for Windows
	@test -z "$$(gofmt -l handler client localcloud infra portal)" || { echo "not formatted:"; gofmt -l handler client localcloud infra portal; exit 1; }
	go mod tidy -diff
	build/tools/golangci-lint run
	GOOS=windows go vet ./client/... ./handler/airlock-verify # what is handed out for it has files of its own

.PHONY: fuzz
FUZZTIME ?= 60s
fuzz: ## fuzz every parser of outside input, FUZZTIME (60s) each
	@set -e; mkdir -p build/fuzz; for pkg in $$(grep -rl --include='*_test.go' '^func Fuzz' handler client | xargs -n1 dirname | sort -u); do \
		program=$(CURDIR)/build/fuzz/$$(echo $$pkg | tr / -); go test -c -fuzz=. -o $$program.test ./$$pkg; \
		for target in $$(grep -h '^func Fuzz' $$pkg/*_test.go | sed 's/func \(Fuzz[A-Za-z0-9_]*\).*/\1/'); do \
			echo "  $$pkg $$target"; (cd $$pkg && $$program.test -test.run='^$$' -test.fuzz="^$$target$$" -test.fuzztime=$(FUZZTIME) -test.fuzzcachedir=$$program) >build/fuzz/log 2>&1 || { cat build/fuzz/log; exit 1; }; \
		done; done

.PHONY: chaos
chaos: build ## kill, storm and tamper for some minutes; SEED=n repeats a run
	build/localcloud chaos --bombs all $(if $(SEED),--seed $(SEED))

.PHONY: clients
clients: build ## try links with AzCopy and Azure's SDKs, airlock in tmux, bash and zsh (needs Python 3 with venv, libsecret-1-0, tmux, zsh, bash-completion)
	go test -tags clients -count=1 -timeout 20m ./localcloud/clients
	go test -tags clients -count=1 -timeout 10m -run 'InTmux|InBash|InZsh' ./localcloud/cli

.PHONY: gates
gates: build ## try ClamAV as an external gate, by itself and in a local cloud (needs clamscan: apt-get install clamav)
	@command -v clamscan >/dev/null || { echo "clamscan is missing: apt-get install clamav" >&2; exit 1; }
	go test -tags gates -count=1 -timeout 10m -run ClamAV ./localcloud/gates

.PHONY: gates-python
gates-python: build/gates/.installed ## try the example of an external gate in Python, with Presidio's recognisers (needs Python 3.11 with venv)
	go test -tags gates -count=1 -timeout 10m -run Presidio ./localcloud/gates

build/gates/.installed: client/examples/presidio/requirements.txt
	@echo "installing Presidio into build/gates; this takes half a minute the first time"
	rm -rf $(@D) && python3 -m venv $(@D)/venv
	$(@D)/venv/bin/pip install --quiet -r $<
	@touch $@

.PHONY: bench
bench: build ## benchmarks against the storage emulator, as ratios to the bare storage calls
	go test -run='^$$' -bench=. -benchtime=2s -timeout 60m ./handler/... ./localcloud/...

.PHONY: corpus-report
corpus-report: build/corpus/made/.done ## measure the rules of the content gate on public data and documents (needs Python 3.11 with venv; about four minutes)
	go test -tags corpus -count=1 -v -timeout 15m -run "Report$$" ./handler/inspect | grep -v '^=\|^-'

CORPUS = handler/inspect/testdata/corpus

# What the measures are made of: public packages, each by its version and hash.
build/corpus/.unpacked: handler/inspect/testdata/corpus.txt $(CORPUS)/tools.txt $(CORPUS)/samples/go.sum | tools-go
	@echo "fetching public packages into build/corpus; this takes two minutes the first time"
	rm -rf build/corpus && mkdir -p build/corpus/packages
	python3 -m venv build/corpus/venv
	build/corpus/venv/bin/pip install --quiet --no-compile --disable-pip-version-check --require-hashes --only-binary :all: -r $(CORPUS)/tools.txt
	build/corpus/venv/bin/pip download --quiet --disable-pip-version-check --no-deps --require-hashes --no-binary :all: --only-binary lifelines -d build/corpus/packages -r $<
	cd build/corpus && for f in packages/*; do d=$$(basename $$f); d=$${d%%-*}; mkdir -p $$d; case $$f in *.tar.gz) tar -xzf $$f -C $$d;; *) python3 -m zipfile -e $$f $$d;; esac; done
	cd build/corpus/pydataset/*/pydataset && tar -xzf resources.tar.gz
	cd $(CORPUS)/samples && for m in $$(go mod edit -json | sed -n 's/.*"Path": "\(github[^"]*\)".*/\1/p'); do \
		ln -s "$$(go mod download -json $$m | sed -n 's/.*"Dir": "\(.*\)",*/\1/p')" $(CURDIR)/build/corpus/$$(echo $$m | sed 's|/v[0-9]*$$||; s|.*/||'); done
	cd build/corpus && ln -s venv/lib/python3*/site-packages python && ln -s python/matplotlib matplotlib
	{ go list -deps -f '{{with .Module}}{{if not .Main}}{{.Dir}}{{end}}{{end}}' ./... | sort -u; echo $(CURDIR)/build/corpus/python/; } >build/corpus/source.txt
	@touch $@

.PHONY: corpus-frozen
corpus-frozen: build/corpus/made/.done ## make the sample anew that each change is measured on
	cd build/corpus && PYTHONPYCACHEPREFIX=cache venv/bin/python $(CURDIR)/$(CORPUS)/frozen.py

# Documents, columns and secrets that are made of them, with what is true of each.
build/corpus/made/.done: build/corpus/.unpacked $(wildcard $(CORPUS)/*.py)
	rm -rf $(@D)
	@echo "making documents, secrets, columns and outputs; this takes a minute or two"
	cd build/corpus && printf '%s\n' documents clean hidden people tokens | PYTHONPYCACHEPREFIX=cache xargs -P 2 -I {} venv/bin/python $(CURDIR)/$(CORPUS)/{}.py
	@touch $@

.PHONY: generate
generate: ## write the generated documents anew (docs/states.md, access.md, openapi.json, CLI.md, ...)
	go test ./client/airlock -run Document -update
	go test ./handler/airlock ./handler/httpapi ./handler/notify ./handler/inspect -run 'Document|OpenAPI|Schema' -update

# go build decides by itself what is stale, so these always ask it.
.PHONY: build/handler build/localcloud build/airlock build/airlock-verify
build/handler: tools-go | portal
	CGO_ENABLED=0 go build -trimpath -ldflags '$(VERSION_FLAGS)' -o $@ ./handler
build/localcloud: tools-go
	go build -trimpath -o $@ ./localcloud

build/airlock: tools-go
	CGO_ENABLED=0 go build -trimpath -ldflags '$(VERSION_FLAGS)' -o $@ ./client/airlock

# What is handed out: one static file for each system and architecture, with the
# independent verifier, manual pages, checksums and a bill of materials.
CLI_PLATFORMS = linux-amd64 linux-arm64 darwin-amd64 darwin-arm64 windows-amd64 windows-arm64

.PHONY: cli
cli: build/airlock build/tools/cyclonedx-gomod ## build the command line for all systems into build/cli, with checksums and SBOM
	rm -rf build/cli && mkdir -p build/cli
	@set -e; for platform in $(CLI_PLATFORMS); do \
		os=$${platform%-*} arch=$${platform#*-} suffix=; [ $$os = windows ] && suffix=.exe; \
		for program in client/airlock handler/airlock-verify; do \
			echo "  build/cli/$$(basename $$program)-$$platform$$suffix"; \
			CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch go build -trimpath -ldflags '-s -w $(VERSION_FLAGS)' -o build/cli/$$(basename $$program)-$$platform$$suffix ./$$program; \
		done; done
	build/airlock man build/cli/man
	build/tools/cyclonedx-gomod bin -json -std -noserial -notimestamp -output build/cli/airlock.cdx.json build/cli/airlock-linux-amd64
	cd build/cli && sha256sum airlock* > SHA256SUMS

build/airlock-verify: tools-go
	go build -trimpath -o $@ ./handler/airlock-verify

# node_modules stays out of the source tree, and is made again only when the lock file changes.
build/azurite/.installed: localcloud/azurite/package.json localcloud/azurite/package-lock.json | tools-node
	@echo "installing the storage emulator (Azurite) into build/azurite; this takes a minute the first time"
	@mkdir -p $(@D)
	cp $^ $(@D)
	cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# The portal's bundle is embedded into the handler. Go alone makes it, of packages that npm fetches.
.PHONY: portal
portal: handler/portal/dist/index.html.gz ## bundle the web portal into handler/portal/dist

PORTAL_SOURCES = $(shell find portal/src portal/build -type f)
handler/portal/dist/index.html.gz: $(PORTAL_SOURCES) build/portal/.installed go.mod | tools-go
	go run ./portal/build

build/portal/.installed: portal/package.json portal/package-lock.json | tools-node
	@mkdir -p $(@D)
	cp $^ $(@D)
	cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: portal-check
portal-check: build/portal/.installed ## check the portal's types
	@rm -rf build/portal/check && mkdir -p build/portal/check && cp -r portal/src portal/tsconfig.json build/portal/check
	go run ./portal/build -types build/portal/check/src/openapi.ts
	build/portal/node_modules/.bin/tsc -p build/portal/check

.PHONY: portal-unit
portal-unit: build/portal/.installed ## test the portal's rules without a browser (a second)
	@rm -rf build/portal/unit && mkdir -p build/portal/unit
	go run ./portal/build -tests build/portal/unit
	node --test build/portal/unit/*.test.mjs

.PHONY: portal-test
portal-test: build portal-unit ## use the portal as people do, in Debian's Chromium (about three minutes)
	@test -x "$${CHROMIUM:-/usr/bin/chromium}" || { echo "chromium is missing: apt-get install chromium, or say CHROMIUM=/path/to/it" >&2; exit 1; }
	node --test --test-concurrency=1 portal/test/portal.test.mjs

.PHONY: portal-picture
portal-picture: build build/portal/.installed ## take the README's picture of the review page anew
	node --test --test-name-pattern "as the README shows it" portal/test/portal.test.mjs
	cp build/portal/shots/readme.png docs/images/review.png

.PHONY: portal-bench
portal-bench: build ## how long the portal is held up by long lists, and how soon it shows itself; reported, never pass or fail
	node portal/test/measure.mjs

build/tools/golangci-lint: | tools-go
	@echo "building the linter; this takes two minutes the first time"
	GOBIN=$(CURDIR)/build/tools go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: module-path
module-path: tools-go ## rename the module in every file: MODULE=github.com/OWNER/airlock
	@test -n "$(MODULE)" || { echo "say MODULE=github.com/OWNER/airlock" >&2; exit 1; }
	@old=$$(go list -m) && git grep -lF "$$old" -- '*.go' '*.md' go.mod Makefile infra .golangci.yml | xargs sed -i "s|$$old|$(MODULE)|g"
	go vet ./...

build/tools/cyclonedx-gomod: | tools-go
	GOBIN=$(CURDIR)/build/tools go install github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0

.PHONY: tools-go tools-node
tools-go:
	@command -v go >/dev/null || { echo "go is missing: install Go 1.26 from https://go.dev/dl/ and put it on the PATH" >&2; exit 1; }
tools-node:
	@command -v node >/dev/null && command -v npm >/dev/null || { echo "node or npm is missing: install Node.js 20 or 22 (Debian: https://nodejs.org/en/download)" >&2; exit 1; }
	@node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' || { echo "node $$(node --version) is too old: Node.js 20 or 22 is needed" >&2; exit 1; }

-include infra/infra.mk
