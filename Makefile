# Makefile -- build, check, demo. `make help` lists the targets.
#
# configure writes config.mk; it is made here when it is missing, so a bare checkout needs only
# `make`. The lists of modules per program below are the privilege map: what a program does not
# list, it does not link, and `make check` proves that on the linked programs.

.DEFAULT_GOAL := all
SHELL := /bin/sh
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc)
endif

CLEANING := $(filter clean distclean help,$(MAKECMDGOALS))
ifeq ($(CLEANING),)
include config.mk
endif

# --- the privilege map -------------------------------------------------------------------------
PROGRAMS := latchkeyd latchkey-web latchkey-mailer latchkey
MODULES_latchkeyd       := base os config supervisor
MODULES_latchkey-web    := base os crypto config http mail db token password ratelimit metrics outbox \
                           view accounts reset session web fcgi
MODULES_latchkey-mailer := base os crypto config mail db token password outbox view smtp \
                           accounts delivery
MODULES_latchkey        := base os crypto config mail db token password ratelimit outbox accounts admin

# What a module needs from outside.
LIBS_base     := -lfmt -lspdlog
LIBS_crypto   := -lcrypto
LIBS_db       := -lmysqlcppconn
LIBS_password := -lcrypt -largon2 -lzxcvbn -lutf8proc
LIBS_view     := -lctemplate
LIBS_mail     := -lidn2
LIBS_smtp     := -lcurl
LIBS_fcgi     := -lfcgi -lcgicc

# What a program needs whatever its modules are. A quarter of what a page costs is malloc and free,
# glibc's; this one takes a third of that. The sanitizers bring their own.
ALLOCATOR_latchkey-web := $(if $(SANITIZE),,-ljemalloc)

MODULES := $(filter-out main,$(sort $(notdir $(patsubst %/,%,$(wildcard src/*/)))))

# --- flags -------------------------------------------------------------------------------------
# SANITIZE=address,undefined or SANITIZE=thread builds beside the ordinary objects.
comma := ,
B := build$(if $(SANITIZE),/sanitize-$(subst $(comma),-,$(SANITIZE)))
# With sanitizers g++ 12 takes what std::regex has set for unset.
WARNINGS := -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough \
            -Wformat=2 -Wundef -Wvla $(if $(CI)$(WERROR),-Werror) \
            $(if $(SANITIZE),-Wno-maybe-uninitialized)
HARDENING := -fstack-protector-strong -fPIE $(if $(SANITIZE),,-D_FORTIFY_SOURCE=2)
DEFINES := -D_GNU_SOURCE -DSPDLOG_COMPILED_LIB -DSPDLOG_FMT_EXTERNAL -DLATCHKEY_VERSION='"$(VERSION)"'
ALL_CPPFLAGS := -Isrc $(DEFINES) $(CPPFLAGS)
ALL_CXXFLAGS := -std=c++20 $(WARNINGS) $(HARDENING) $(if $(CXXFLAGS),$(CXXFLAGS),-O2 -g) -pthread \
                $(if $(SANITIZE),-O1 -g1 -fsanitize=$(SANITIZE) -fno-omit-frame-pointer)
ALL_LDFLAGS := -pie -pthread -Wl,-z,relro,-z,now,--as-needed $(LDFLAGS) \
               $(if $(SANITIZE),-fsanitize=$(SANITIZE))

# --- programs ----------------------------------------------------------------------------------
objects = $(patsubst src/%.cc,$(B)/obj/%.o,$(wildcard $(addprefix src/,$(addsuffix /*.cc,$(1)))))
libraries = $(foreach module,$(1),$(LIBS_$(module)))
program_libraries = $(ALLOCATOR_$(1)) $(call libraries,$(MODULES_$(1)))

# The presets stand where an installation has them: share/latchkey beside bin.
PRESETS := $(patsubst etc/sites/%,$(B)/share/latchkey/sites/%,$(wildcard etc/sites/*.toml))
$(B)/share/latchkey/sites/%.toml: etc/sites/%.toml
	@mkdir -p $(@D); cp $< $@

.PHONY: all
all: $(addprefix $(B)/bin/,$(PROGRAMS)) $(PRESETS)

define program_rule
$(B)/bin/$(1): $(B)/obj/main/$(subst -,_,$(1)).o $(call objects,$(MODULES_$(1))) $(B)/lists/$(1)
	@mkdir -p $$(@D)
	$$(CXX) $$(ALL_CXXFLAGS) $$(ALL_LDFLAGS) -o $$@ $$(filter %.o,$$^) $(call program_libraries,$(1)) $$(LIBS)
endef
$(foreach program,$(PROGRAMS),$(eval $(call program_rule,$(program))))

$(B)/obj/%.o: src/%.cc $(B)/lists/flags
	@mkdir -p $(@D)
	$(CXX) $(ALL_CPPFLAGS) $(ALL_CXXFLAGS) -MMD -MP -c -o $@ $<

# Files that change only when what they list changes: flags rebuild all, a deleted source relinks.
$(B)/lists/flags: FORCE
	@mkdir -p $(@D); printf '%s\n' '$(CXX) $(subst ','\'',$(ALL_CPPFLAGS) $(ALL_CXXFLAGS))' >$@.new; \
	cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(addprefix $(B)/lists/,$(PROGRAMS)): $(B)/lists/%: FORCE
	@mkdir -p $(@D); echo '$(ALL_LDFLAGS) $(call objects,$(MODULES_$*)) $(call program_libraries,$*)' >$@.new; \
	cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(B)/lists/unit: FORCE
	@mkdir -p $(@D); echo '$(ALL_LDFLAGS) $(call objects,$(MODULES)) $(UNIT_OBJECTS) $(call libraries,$(MODULES))' >$@.new; \
	cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(B)/lists/db: FORCE
	@mkdir -p $(@D); echo '$(ALL_LDFLAGS) $(call objects,$(DB_MODULES)) $(DB_OBJECTS)' >$@.new; \
	cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(B)/lists/fuzz-replay: FORCE
	@mkdir -p $(@D); echo '$(ALL_LDFLAGS) $(call objects,$(FUZZ_MODULES)) $(FUZZ_OBJECTS)' >$@.new; \
	cmp -s $@.new $@ && rm $@.new || mv $@.new $@
.PHONY: FORCE
FORCE:

# --- tests -------------------------------------------------------------------------------------
UNIT_OBJECTS := $(patsubst tests/%.cc,$(B)/tests/obj/%.o,$(wildcard tests/unit/*/*_test.cc tests/support/*.cc))

# Not optimised: a test runs once, and is compiled in half the time.
$(B)/tests/obj/%.o: tests/%.cc $(B)/lists/flags
	@mkdir -p $(@D)
	$(CXX) $(ALL_CPPFLAGS) -Itests $(ALL_CXXFLAGS) -U_FORTIFY_SOURCE -O0 -g1 -MMD -MP -c -o $@ $<

$(B)/tests/unit: $(UNIT_OBJECTS) $(call objects,$(MODULES)) $(B)/lists/unit | $(PRESETS)
	$(CXX) $(ALL_CXXFLAGS) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(call libraries,$(MODULES)) \
	  -lgmock -lgtest -lgtest_main $(LIBS)

# Needs a server: LATCHKEY_TEST_MYSQL is the path of the socket of one that it may fill and empty, as
# its root.
DB_MODULES := base os crypto config mail db token outbox accounts ratelimit admin password
DB_OBJECTS := $(patsubst tests/%.cc,$(B)/tests/obj/%.o,$(wildcard tests/db/*.cc))
$(B)/tests/db: $(DB_OBJECTS) $(call objects,$(DB_MODULES)) $(B)/lists/db
	$(CXX) $(ALL_CXXFLAGS) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(call libraries,$(DB_MODULES)) \
	  -lgmock -lgtest -lgtest_main $(LIBS)

# The table of limits under a program's control, for tests that ask for many processes or another language.
LIMITER_MODULES := base os crypto config ratelimit
$(B)/tests/limiter: $(B)/tests/obj/limiter/limiter.o $(call objects,$(LIMITER_MODULES)) $(B)/lists/flags
	$(CXX) $(ALL_CXXFLAGS) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(call libraries,$(LIMITER_MODULES)) $(LIBS)

# The targets of tests/fuzz: replayed by `make check`, explored by `make fuzz` with clang's libFuzzer.
FUZZ_MODULES := base os crypto config http mail token password view
# Of other modules only what is fuzzed, and what that needs.
FUZZ_PIECES := fcgi/connection fcgi/form_parser fcgi/head fcgi/records accounts/sql db/db db/errors
FUZZ_LIBS := $(call libraries,$(FUZZ_MODULES) fcgi db) $(LIBS)
FUZZ_SOURCES := $(filter-out tests/fuzz/explore.cc tests/fuzz/replay.cc,$(wildcard tests/fuzz/*.cc))
FUZZ_OBJECTS := $(patsubst tests/%.cc,$(B)/tests/obj/%.o,$(FUZZ_SOURCES))
$(B)/tests/fuzz-replay: $(FUZZ_OBJECTS) $(B)/tests/obj/fuzz/replay.o $(call objects,$(FUZZ_MODULES)) \
                          $(patsubst %,$(B)/obj/%.o,$(FUZZ_PIECES)) $(B)/lists/fuzz-replay
	$(CXX) $(ALL_CXXFLAGS) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) -lgtest $(FUZZ_LIBS)

FUZZ_FLAGS := -std=c++20 -O1 -g -fno-omit-frame-pointer -pthread -fno-sanitize-recover=all \
              -fsanitize-ignorelist=tests/support/sanitizers/ignore.txt
CLANG := clang++
build/fuzz/obj/%.o: %.cc
	@mkdir -p $(@D)
	$(CLANG) $(ALL_CPPFLAGS) -Itests $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link,address,undefined -MMD -MP -c -o $@ $<
build/fuzz/explore: $(patsubst %.cc,build/fuzz/obj/%.o,$(FUZZ_SOURCES) tests/fuzz/explore.cc \
                      $(patsubst %,src/%.cc,$(FUZZ_PIECES)) $(wildcard $(patsubst %,src/%/*.cc,$(FUZZ_MODULES))))
	$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer,address,undefined -o $@ $(filter %.o,$^) $(FUZZ_LIBS)

# SECONDS_EACH=60 TARGETS="token form": what is found is left in build/fuzz/found.
.PHONY: fuzz
fuzz:
	@command -v $(CLANG) >/dev/null || { echo 'make fuzz needs clang and its libFuzzer:' >&2; \
	  echo '    apt-get install --no-install-recommends clang libclang-rt-14-dev' >&2; exit 1; }
	@$(MAKE) --no-print-directory build/fuzz/explore
	@SECONDS_EACH='$(or $(SECONDS_EACH),60)' tools/fuzz $(TARGETS)

.PHONY: unit check demo print-modules print-layers
unit: $(B)/tests/unit
	$(B)/tests/unit --gtest_brief=1

# tools/check runs the suites that need not be named, adds up what they counted, and ends with "N passed, N failed".
check: packages-check
	@$(MAKE) --no-print-directory all $(B)/tests/unit $(B)/tests/db $(B)/tests/fuzz-replay $(B)/tests/limiter
	@BUILD=$(B) tools/check

# What breaks on purpose, for long and by chance; ends with its own "N passed, N failed".
.PHONY: check-faults soak timing
check-faults: packages-faults
	@$(MAKE) --no-print-directory all $(B)/tests/limiter
	@BUILD=$(B) tools/check faults
# A day in minutes (SOAK_MINUTES), 1,000 reloads and 10,000 killed mailers.
soak: packages-check
	@$(MAKE) --no-print-directory all
	@BUILD=$(B) tools/check soak soak-apache

# Real applications of Debian, with Latchkey in front; ends with its own "N passed, N failed".
.PHONY: check-apps packages-apps
packages-apps: ; @mkdir -p build; tools/packages install build demo check apps
check-apps: packages-apps
	@$(MAKE) --no-print-directory all
	@BUILD=$(B) tools/check apps

# Against a live site: tools/timing says what that asks of it.
timing:
	@tools/timing '$(URL)' '$(ADDRESS)' $(SAMPLES)

# Numbers, each beside a control in the same run; bench/README.md has ours.
$(B)/bench/%.o: bench/%.cc $(B)/lists/flags
	@mkdir -p $(@D)
	$(CXX) $(ALL_CPPFLAGS) -Itests $(ALL_CXXFLAGS) -MMD -MP -c -o $@ $<
$(B)/bench/limiter: $(B)/bench/limiter.o $(call objects,$(LIMITER_MODULES))
	$(CXX) $(ALL_CXXFLAGS) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(call libraries,$(LIMITER_MODULES)) $(LIBS)
CALM_MODULES := base os crypto password
$(B)/bench/calm: $(B)/bench/calm.o $(call objects,$(CALM_MODULES))
	$(CXX) $(ALL_CXXFLAGS) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(call libraries,$(CALM_MODULES)) $(LIBS)
.PHONY: bench-limiter bench-calm
# Pages while all permits to hash are wanted.
bench-calm: packages-bench
	@$(MAKE) --no-print-directory all $(B)/bench/calm
	@exec env BUILD=$(B) ROUNDS='$(or $(ROUNDS),3)' bench/calm
bench-limiter: packages-bench
	@$(MAKE) --no-print-directory $(B)/bench/limiter
	@BUILD=$(B) SECONDS_EACH='$(or $(SECONDS_EACH),0.5)' TABLES='$(or $(TABLES),/dev/shm)' bench/limiter

# The pages behind nginx, beside a bare responder, PHP and Flask.
$(B)/bench/control: $(B)/bench/peers/control.o
	$(CXX) $(ALL_CXXFLAGS) $(ALL_LDFLAGS) -o $@ $< $(LIBS_db) -lfcgi $(LIBS)
.PHONY: bench
bench: packages-bench
	@$(MAKE) --no-print-directory all $(B)/bench/control
	@BUILD=$(B) bench/web

demo: packages-demo
	@$(MAKE) --no-print-directory all
	@exec env BUILD=$(B) tools/demo

# How fast mail leaves, beside Postfix's own tools.
.PHONY: bench-mail
bench-mail: packages-faults
	@$(MAKE) --no-print-directory all
	@exec env BUILD=$(B) tools/bench-mail $(NOTES)

# Pictures of every page in every state, into build/screenshots.
.PHONY: screenshots
screenshots: packages-check
	@$(MAKE) --no-print-directory all
	@exec env BUILD=$(B) tools/screenshots

.PHONY: packages-check packages-faults packages-demo packages-bench
packages-check: ; @mkdir -p build; tools/packages install build demo check
packages-faults: ; @mkdir -p build; tools/packages install build demo check faults
packages-demo: ; @mkdir -p build; tools/packages install build demo
packages-bench: ; @mkdir -p build; tools/packages install build demo bench

# For tools/check-layers: "program: libraries it may need", one a line.
print-modules:
	@$(foreach program,$(PROGRAMS),echo '$(program): $(MODULES_$(program)) = $(call program_libraries,$(program))';)

# --- installing --------------------------------------------------------------------------------
# DESTDIR, PREFIX and SYSCONFDIR as usual; tools/install knows what goes where.
.PHONY: install uninstall
install: all
	@BUILD=$(B) DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' SYSCONFDIR='$(or $(SYSCONFDIR),/etc)' tools/install install
uninstall:
	@BUILD=$(B) DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' SYSCONFDIR='$(or $(SYSCONFDIR),/etc)' tools/install uninstall

# --- bootstrap ---------------------------------------------------------------------------------
# What runs programs of others installs packages; everything else names the line.
INSTALLING := check check-faults check-apps soak demo screenshots bench bench-limiter bench-calm bench-mail
PACKAGE_MODE := $(if $(filter $(INSTALLING),$(MAKECMDGOALS)),install,verify)
config.mk: config.mk.in configure
	@mkdir -p build
	@if [ -x config.status ]; then ./config.status --recheck >build/configure.log && ./config.status >>build/configure.log; \
	else ./configure >build/configure.log; fi || { tail -3 build/configure.log; exit 1; }
	@touch $@
configure: configure.ac tools/packages.build
	@mkdir -p build
	@tools/packages $(PACKAGE_MODE) build
	autoconf

.PHONY: clean distclean help
clean:
	rm -rf build
distclean: clean
	rm -rf config.mk config.log config.status configure autom4te.cache aclocal.m4
help:
	@echo 'make            build the programs into build/bin'
	@echo 'make check      build and run all tests but the next three (installs what is missing, as root or with sudo)'
	@echo 'make check-faults  the long tests that break things, 15 minutes'
	@echo 'make check-apps  WordPress, MediaWiki and others sign in after a reset, minutes (installs them)'
	@echo 'make soak       a day in 30 minutes, 1,000 reloads, mailers killed 10,000 times: more than an hour'
	@echo 'make bench-mail how fast mail leaves, beside Postfix: NOTES=2000'
	@echo 'make timing     URL=https://... ADDRESS=you@... SAMPLES=10000: does a live site tell accounts by its time?'
	@echo 'make demo       run the product: PORT=8080 DEMO_DIR=build/demo LIMITS=on|off SERVER=nginx|apache'
	@echo 'make unit       only the unit tests'
	@echo 'make fuzz       look for inputs that break the parsers: SECONDS_EACH=60 TARGETS="token form"'
	@echo 'make bench      what the pages cost, beside PHP and Flask, minutes: ROUNDS=5 SECONDS_EACH=3 CASES="get post"'
	@echo 'make bench-limiter  what a decision of the limiter costs, beside others: SECONDS_EACH=0.5 TABLES=/dev/shm'
	@echo 'make bench-calm pages and hashes under a flood of sign-ins, beside none: ROUNDS=3'
	@echo 'make screenshots  pictures of every page in every state'
	@echo 'make install, make uninstall   DESTDIR= PREFIX=/usr/local SYSCONFDIR=/etc'
	@echo 'make clean, make distclean'
	@echo 'CI=true or WERROR=1 makes warnings errors; SANITIZE=address,undefined or thread'

-include $(shell find $(B) -name '*.d' 2>/dev/null)
