# Two commands for everybody: `make demo` and `make test`. Each installs what is
# missing (or names it and stops), builds, and does its job.
PRESET ?= release
BUILD = build/$(PRESET)
JOBS ?= $(shell nproc)
# One package a line, with its reason, in packages.txt.
PACKAGES = $(shell sed -n 's/^\([a-z0-9.+-]*\) .*/\1/p' packages.txt)

.PHONY: all demo test asan clang soak bench fuzz coverage install clean packages

all: $(BUILD)/build.ninja
	@echo "Building $(PRESET) ..."
	@cmake --build $(BUILD) -j $(JOBS) -- --quiet

$(BUILD)/build.ninja: packages
	@cmake --preset $(PRESET) > $(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }

packages:
	@mkdir -p build
	@sh tools/packages $(PACKAGES)

demo: all
	@sh tools/demo $(BUILD)/cli/loyalty

# All tests with the compiler of the release, then again under the sanitizers.
test: all
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)
	@$(MAKE) --no-print-directory asan

asan clang:
	@$(MAKE) --no-print-directory PRESET=$@ all
	@ctest --test-dir build/$@ --output-on-failure -j $(JOBS)

# As long as wanted: make soak SECONDS=3600. First every byte of a ledger turned, then a
# whole day of a chain of 20 tills.
SECONDS ?= 600
soak: all
	@EVERY_BYTE=1 $(BUILD)/tests/fault/test_fault_every_value
	@python3 -B tests/day/day.py --loyalty $(BUILD)/cli/loyalty --seed $$(date +%s) --tills 20 --sales 50000 --deaths 0.001
	@timeout $(SECONDS) python3 tests/model/simulate.py --loyalty $(BUILD)/cli/loyalty --forever; \
	 status=$$?; [ $$status = 124 ] || exit $$status

bench: all
	@sh bench/run $(BUILD)

fuzz:
	@$(MAKE) --no-print-directory PRESET=fuzz all
	@sh tools/fuzz build/fuzz $(SECONDS)

coverage:
	@$(MAKE) --no-print-directory PRESET=coverage all
	@ctest --test-dir build/coverage --output-on-failure -j $(JOBS)
	@sh tools/coverage build/coverage

PREFIX ?= /usr/local
install: all
	@cmake --install $(BUILD) --prefix $(PREFIX)

clean:
	@rm -rf build
