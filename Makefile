# SPDX-License-Identifier: MIT
# Aliases for people; CMake does the work (CMakePresets.json). Everything is made under build/.
BUILD := build/release
JOBS ?= $(shell nproc)
export JOBS
MAKEFLAGS += --no-print-directory
# make demo FILE=/some/large/file; else one is made, once
FILE ?=
PREFIX ?= /usr/local

.PHONY: all demo check check-all check-gcc check-clang check-asan check-tsan check-threads check-valgrind check-wine
.PHONY: bench bench-wine check-programs bench-programs storm faults fuzz lint coverage install clean

all: build-release

build-%:
	cmake --preset $*
	cmake --build --preset $* --parallel $(JOBS)

demo:
	cmake --preset release
	cmake --build --preset release --parallel $(JOBS) --target filemap_command
	$(BUILD)/tools/filemap demo $(if $(FILE),--file "$(FILE)",--file build/demo-1GiB --make 1G)

check: build-release
	tests/run $(BUILD)

# Everything that a change must pass: both compilers without a warning, the sanitizers, the analysers.
check-all: check-gcc check-clang check-asan check-tsan lint

check-gcc check-clang check-asan check-tsan: check-%: build-%
	tests/run build/$*

# Those with threads under ThreadSanitizer: the short form of check-tsan.
check-threads:
	cmake --preset tsan
	cmake --build --preset tsan --parallel $(JOBS) --target threads_tests
	tests/run build/tsan -L threads

# Every test program under valgrind, about 12 minutes. tests/valgrind/left_out.txt names what it cannot run, and why.
check-valgrind: build-valgrind
	tests/run build/valgrind -R '^(unit|proc|model|win32|faults|fuzz)_'

# The Win32 conformance tests, built with mingw, under Wine.
check-wine:
	tests/wine/run.sh $(BUILD)

# LMDB and SQLite, their Windows sources unmodified; fetched from Debian's archive.
check-programs: build-release
	tests/programs/check.sh $(BUILD)

# The same beside their Unix sources.
bench-programs: build-release
	tests/programs/bench.sh $(BUILD)

bench: build-release
	$(BUILD)/bench/bench $(BENCH_OPTIONS)

# Nothing slower than Wine's same call, both in turn.
bench-wine: build-release
	bench/win32/wine $(BUILD) $(BENCH_OPTIONS)

# The tests that kill processes at random, for long: KILLS in all, so many of a hundred by each program. Their
# paces are 300 to 500 a second, so that a million takes about 45 minutes on two idle cores.
KILLS ?= 1000000
STORMS := names:30 sections:20 records:20 sync:30
storm: build-release
	for storm in $(STORMS); do STORM_KILLS=$$(($(KILLS) * $${storm#*:} / 100)) \
		CHECK_SECONDS=86400 $(BUILD)/tests/proc_$${storm%:*}_storm || exit 1; done

# libFuzzer, $(FUZZ_SECONDS) for each target or for those in FUZZ_TARGETS. Their corpora are also tests of check.
FUZZ_SECONDS ?= 60
fuzz:
	cmake --preset fuzz
	cmake --build --preset fuzz --parallel $(JOBS) --target fuzz_targets
	FUZZ_SECONDS=$(FUZZ_SECONDS) fuzz/run build/fuzz $(FUZZ_TARGETS)

# Each way in which a mapped page can fail against each way to meet it: one table. Best as root.
faults: build-release
	$(BUILD)/tests/faults_matrix

lint: build-release
	.ci/lint $(BUILD)

# Branches of the library that the suite takes, file by file; says so, too, where a test failed.
coverage: build-coverage
	find build/coverage -name '*.gcda' -delete
	tests/run build/coverage; code=$$?; .ci/coverage build/coverage && exit $$code

install: build-release
	cmake --install $(BUILD) --prefix $(PREFIX)

clean:
	rm -rf build
