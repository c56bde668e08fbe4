# Two programs: bin/bellhop (the bell and the command line; no cgo on Linux and Windows) and bin/bellhop-window
# (the windows; Fyne, cgo). `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Builds, tests and linters share one build cache, which works only while the flags are the same everywhere.
flags := -trimpath -buildvcs=false
ifeq ($(shell uname -s),Darwin)
# The macOS tray is Objective-C.
bell_cgo := 1
else
bell_cgo := 0
# With Go's own resolver and user look-up, a package is compiled once for both programs, with and without cgo.
# macOS keeps the system's resolver, which knows about VPNs.
flags += -tags=netgo,osusergo
endif
export GOFLAGS := $(strip $(GOFLAGS) $(flags))
# A Go older than go.mod asks for fetches the right one; some distributions switch that off.
export GOTOOLCHAIN ?= auto

GO      := .ci/go
TOOL    := $(GO) tool -modfile=.ci/tools.mod
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)

# Where `make install` puts things: for everybody as root, else for you.
ifeq ($(shell id -u),0)
PREFIX ?= /usr/local
else
PREFIX ?= $(HOME)/.local
endif
SHARE := $(DESTDIR)$(PREFIX)/share

everything := $(addsuffix /...,$(addprefix ./,$(wildcard app assets cmd store sync ui)))
# What builds without cgo: all but the window program.
pure       := $(addsuffix /...,$(addprefix ./,$(wildcard app assets cmd/bellhop store sync ui)))
# What has no Fyne and no tray below it: the macOS tray is Objective-C and needs a Mac.
plain      := $(addsuffix /...,$(addprefix ./,$(wildcard app/control app/demo app/dispatch assets store sync)))

# One after the other: the linter, the tests and the builds each use every core by themselves.
.NOTPARALLEL:
.PHONY: help run test unit cards packages check e2e chaos bench build bell window install uninstall package deps lint fmt vet race vuln words clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: ## build and start; without an account it plays the demo (installs missing system packages first)
	@.ci/packages build run
	@$(MAKE) build
	exec bin/bellhop --demo-if-empty

test: packages build cards unit e2e ## run every test and the desktop suite (installs missing system packages first)

unit:
	CGO_ENABLED=$(bell_cgo) $(GO) test $(pure)

cards: ## fetch Microsoft's renderer of Teams cards from npm, for the tests to show them with
	@.ci/cards/install

check: lint vet race vuln words ## run what CI runs beside the tests: linters, vet for three systems, race detector, vulnerabilities

e2e: build ## run the real programs on a real desktop (Xvfb, panel, notification daemon)
ifeq ($(shell uname -s),Linux)
	BELLHOP_BIN='$(CURDIR)/bin' CGO_ENABLED=0 $(GO) test -count=1 -tags netgo,osusergo,e2e ./app/program/e2e
else
	@echo 'the desktop suite runs on Linux alone'
endif

# Half an hour. The power cuts need root and Linux; without, they are left out, and that is said.
chaos: bell ## kill bells a thousand times, cut their power, fill their disk, break their network; ends with a table
	@rm -f bin/chaos.txt
	BELLHOP_BIN='$(CURDIR)/bin' BELLHOP_CHAOS_TABLE='$(CURDIR)/bin/chaos.txt' CGO_ENABLED=$(bell_cgo) \
	  $(GO) test -count=1 -timeout 90m -tags netgo,osusergo,chaos ./app/program/chaos
	@cat bin/chaos.txt

bench: build ## measure and print the figures beside their limits
	@.ci/bench

build: bell window ## build both programs into bin/

bell:
	CGO_ENABLED=$(bell_cgo) $(GO) build -ldflags '$(LDFLAGS)' -o bin/bellhop ./cmd/bellhop

window:
	CGO_ENABLED=1 $(GO) build -ldflags '$(LDFLAGS)' -o bin/bellhop-window ./cmd/bellhop-window

install: ## (Linux) install programs, menu entry, icon, man pages and completion under PREFIX (/usr/local or ~/.local)
	@[ -x bin/bellhop ] && [ -x bin/bellhop-window ] || $(MAKE) build
	install -Dm755 -t '$(DESTDIR)$(PREFIX)/bin' bin/bellhop bin/bellhop-window
	install -d '$(SHARE)/applications' '$(SHARE)/bellhop'
	sed 's|^Exec=bellhop|Exec=$(PREFIX)/bin/bellhop|' assets/packaging/bellhop.desktop >'$(SHARE)/applications/bellhop.desktop'
	sed 's|^Exec=bellhop|Exec=$(PREFIX)/bin/bellhop|' assets/packaging/bellhop-autostart.desktop >'$(SHARE)/bellhop/bellhop-autostart.desktop'
	install -Dm644 -t '$(SHARE)/icons/hicolor/scalable/apps' assets/packaging/bellhop.svg
	install -Dm644 -t '$(SHARE)/metainfo' assets/packaging/bellhop.metainfo.xml
	install -d '$(DESTDIR)$(PREFIX)/lib/systemd/user'
	sed 's|@bindir@|$(PREFIX)/bin|' assets/packaging/bellhop.service >'$(DESTDIR)$(PREFIX)/lib/systemd/user/bellhop.service'
	install -d '$(SHARE)/man/man1' '$(SHARE)/bash-completion/completions' '$(SHARE)/zsh/site-functions' '$(SHARE)/fish/vendor_completions.d'
	bin/bellhop man '$(SHARE)/man/man1'
	bin/bellhop completion bash >'$(SHARE)/bash-completion/completions/bellhop'
	bin/bellhop completion zsh >'$(SHARE)/zsh/site-functions/_bellhop'
	bin/bellhop completion fish >'$(SHARE)/fish/vendor_completions.d/bellhop.fish'
	@echo 'Installed under $(PREFIX). To start Bellhop with your session:'
	@echo '  mkdir -p ~/.config/autostart && cp $(PREFIX)/share/bellhop/bellhop-autostart.desktop ~/.config/autostart/'

uninstall: ## remove what install has put there; your data stay
	rm -f '$(DESTDIR)$(PREFIX)/bin/bellhop' '$(DESTDIR)$(PREFIX)/bin/bellhop-window' '$(SHARE)/applications/bellhop.desktop' \
	  '$(SHARE)/icons/hicolor/scalable/apps/bellhop.svg' '$(SHARE)/metainfo/bellhop.metainfo.xml' \
	  '$(DESTDIR)$(PREFIX)/lib/systemd/user/bellhop.service' '$(SHARE)/man/man1/bellhop'*.1 \
	  '$(SHARE)/bash-completion/completions/bellhop' '$(SHARE)/zsh/site-functions/_bellhop' \
	  '$(SHARE)/fish/vendor_completions.d/bellhop.fish'
	rm -rf '$(SHARE)/bellhop'

package: build ## put all of that into dist/bellhop-VERSION-OS-ARCH.tar.gz
	rm -rf dist/root
	@$(MAKE) install DESTDIR=$(CURDIR)/dist/root PREFIX=/usr/local
	tar -C dist/root -czf dist/bellhop-$(VERSION)-$$($(GO) env GOOS)-$$($(GO) env GOARCH).tar.gz .
	rm -rf dist/root
	ls -l dist

deps: packages ## install every system package that building, running and testing need

packages:
	@.ci/packages build run test

lint: ## run golangci-lint as pinned in .ci/tools.mod
	$(TOOL) golangci-lint run $(everything)

fmt: ## format the code
	$(TOOL) golangci-lint fmt

vet: ## vet for Linux, Windows and macOS, each as far as it can be done from here
	GOOS=windows CGO_ENABLED=0 $(GO) vet $(pure)
	GOOS=darwin CGO_ENABLED=0 $(GO) vet ./app $(plain)

# -short leaves out what is about size and not about order; `make test` runs it.
race: ## run the tests under the race detector
	CGO_ENABLED=1 $(GO) test -race -short $(pure)

vuln: ## look for known vulnerabilities in what is called
	@.ci/vulncheck $(everything)

words: ## look for words and paths that must not be in the repository
	@.ci/words

clean: ## remove what was built here; the build cache stays
	rm -rf bin dist
