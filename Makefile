# Everything that is done to this project, one target each; `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

BIN        := bin/dangol
DATA       ?= dangol-data
DEMO_FLAGS ?=
LARGE      ?= dangol-large
LINT_FLAGS ?=
VERSION    ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMIT     ?= $(shell git rev-parse --short HEAD 2>/dev/null || echo unknown)
# One set of flags for building, testing and linting, so that all share one build cache.
export GOFLAGS := $(filter-out -trimpath,$(GOFLAGS)) -trimpath

GOBUILD    := go build -tags ui -ldflags "-s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)"

LINT_VERSION := v2.15.0
LINT         := .tools/golangci-lint-$(LINT_VERSION)

# Rules run with the engines (test-engines), not twice. Packages in which goroutines meet run under the race detector; the mathematics does without, it would take minutes.
RACE_PACKAGES  = $(shell go list ./internal/... | grep -vE '/internal/(query|market|simulate|predict|insight|event)(/|$$)|/collect/(orders|table|commerce|webhook)$$|/app/lab$$')
PLAIN_PACKAGES = $(shell go list ./internal/... ./models/... ./cmd/... ./web ./web/snippet | grep -E '/models/|/cmd/|/web$$|/web/snippet$$|/internal/(query|market|simulate|predict|insight|event)(/|$$)|/collect/(orders|table|commerce|webhook)$$|/app/lab$$' | grep -vE '/internal/query/(rule|chtest)(/|$$)')

# Property tests draw the same cases at each run, so that what CI says of a commit can be said again; RAPID_SEED=0 draws new ones.
export RAPID_SEED ?= 20261122

.PHONY: demo dev build test test-go test-engines acts crash clients e2e lint gen gen-check bench bench-live bench-large bench-models docs help

demo: build ## simulate a shop, import, analyse, print a summary, serve the console (DEMO_FLAGS=--no-serve stops before)
	$(BIN) demo --data $(DATA) $(DEMO_FLAGS)

dev: web/node_modules/.package-lock.json ## the API on :8080 and the console with live reload on :5173
	go run ./cmd/dangol serve --data $(DATA) & trap "kill $$!" EXIT; npm --prefix web run dev

build: web/dist/index.html ## bin/dangol, the console inside
	$(GOBUILD) -o $(BIN) ./cmd/dangol

test: ## everything that CI checks; installs what it needs on a fresh machine
	./test/setup.sh
	$(MAKE) --no-print-directory build
	$(MAKE) --no-print-directory lint
	$(MAKE) --no-print-directory gen-check
	$(MAKE) --no-print-directory test-go
	$(MAKE) --no-print-directory test-engines
	$(MAKE) --no-print-directory acts
	$(MAKE) --no-print-directory crash
	$(MAKE) --no-print-directory clients
	$(MAKE) --no-print-directory docs
	$(MAKE) --no-print-directory e2e

test-go: ## Go tests, with -race where goroutines meet
	go test -timeout 30m $(PLAIN_PACKAGES)
	go test -race -timeout 40m $(RACE_PACKAGES)

test-engines: ## promises of the record store on SQLite and PostgreSQL, and of rules on DuckDB and ClickHouse; no skipping
	./test/chdb.sh
	DANGOL_REQUIRE_ENGINES=1 go test -count=1 -run 'Conformance|Prepare|Queries' ./internal/store/... ./internal/account ./internal/app
	DANGOL_REQUIRE_ENGINES=1 go test -count=1 ./internal/query/rule/... ./internal/query/chtest

acts: build ## scripts against the real binary
	DANGOL_BINARY=$(CURDIR)/$(BIN) go test -count=1 ./test/acts/...

crash: build ## kill the binary at random moments, fill its disk, flood it (DANGOL_CRASH_ROUNDS=200 is the long form)
	DANGOL_BINARY=$(CURDIR)/$(BIN) go test -count=1 -timeout 60m ./test/crash/...

clients: build ## the official Segment clients, unmodified, against the binary
	DANGOL_BINARY=$(CURDIR)/$(BIN) ./test/clients/run.sh

e2e: build ## the console in Chromium: each screen, three languages, no console error, no axe violation
	npm --prefix web run test
	DANGOL_BINARY=$(CURDIR)/$(BIN) npm --prefix web run e2e

lint: $(LINT) web/node_modules/.package-lock.json ## golangci-lint, oxlint and tsc
	$(LINT) run $(LINT_FLAGS) ./...
	npm --prefix web run lint

gen: web/node_modules/.package-lock.json ## the API's document, its client in the console, the lists of settings and errors
	mkdir -p api
	go run ./cmd/dangol openapi > api/openapi.yaml.new && mv api/openapi.yaml.new api/openapi.yaml
	go run ./cmd/dangol config > api/config.md.new && mv api/config.md.new api/config.md
	go run ./internal/kit/fault/reasons > api/errors.md.new && mv api/errors.md.new api/errors.md
	npm --prefix web run gen

gen-check: gen ## fails when what is committed is not what would be generated
	@changed=$$(git status --porcelain -- api web/src/api/schema.d.ts); \
	if [ -n "$$changed" ]; then git --no-pager diff -- api web/src/api/schema.d.ts; \
	  echo "generated files differ; run make gen and commit:"; echo "$$changed"; exit 1; fi

bench: build ## benchmarks, each as a ratio to its peer in the same run
	DANGOL_BINARY=$(CURDIR)/$(BIN) go test -run '^$$' -bench . -benchtime 1x -timeout 60m ./test/bench/... ./internal/store

bench-live: build ## events: how many, how soon, in how much memory; about fifty minutes
	go run ./test/bench/intake -mode all
	go run ./test/bench/pipeline -binary $(BIN) -rate 40000 -seconds 600 -customers 50000
	go run ./test/bench/pipeline -binary $(BIN) -rate 20000 -seconds 600
	go run ./test/bench/pipeline -binary $(BIN) -batch 100 -rate 150000 -seconds 60
	go run ./test/bench/pipeline -binary $(BIN) -batch 20 -rate 80000 -seconds 60
	go run ./test/bench/pipeline -binary $(BIN) -batch 0 -rate 20000 -seconds 60
	go run ./test/bench/pipeline -binary $(BIN) -batch 0 -rate 10000 -seconds 60
	go test -run '^$$' -bench 'Fifty$$|Preview|OnePerson' -benchtime 1x -timeout 60m ./test/bench/segments

bench-large: build ## a shop of 1M customers and 20M lines: import, analysis, screens, models, events at 2,000/s, decisions at 5,000/s
	go run ./test/bench/scale -binary $(BIN) -data $(LARGE)
	go run ./test/bench/pipeline -binary $(BIN) -data $(LARGE) -rate 2000 -batch 20 -seconds 120 -customers 1000000 -prefix '' -look 2
	go run ./test/bench/decide -binary $(BIN) -data $(LARGE) -customers 1000000 -prefix '' -first 1000000

bench-models: ## models beside their peers in one run, where DANGOL_BENCH_PYTHON has them
	for what in gbdt survival recommend btyd clv uplift forecast; do go run ./test/bench/$$what; done

docs: ## every link and every file that the documentation names exists
	go test -count=1 ./test/docs/...

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-13s %s\n", $$1, $$2}'

web/node_modules/.package-lock.json: web/package-lock.json
	npm --prefix web install --no-save --no-audit --no-fund # not ci: the lock lists no optional binaries of other platforms
	touch $@

web/dist/index.html: web/node_modules/.package-lock.json $(shell find web/src web/public -type f 2>/dev/null) web/index.html web/vite.config.ts
	npm --prefix web run build
	touch $@

$(LINT):
	mkdir -p .tools
	GOBIN=$(CURDIR)/.tools go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	mv .tools/golangci-lint $@
