/* SPDX-License-Identifier: MIT */
#include "fault.h"

#include <dirent.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <filemap.h>

#include "names_internal.h"
#include "os.h"

enum call_number {
#define NUMBER(type, name, params, args, expression) CALL_##name,
	OS_CALLS(NUMBER)
#undef NUMBER
	CALL_COUNT
};

static const char *const call_names[] = {
#define NAME(type, name, params, args, expression) #name,
	OS_CALLS(NAME)
#undef NAME
};

static struct os_calls real;
static _Atomic unsigned counts[CALL_COUNT], total, every, allocations;
static _Atomic short trace[1000]; /* the calls in their order */
static atomic_bool fired;
/* Written while no other thread counts on it, but read by all; the call last. */
static _Atomic int armed_call; /* number, -1: any but those that release, -2: none, -3: allocations, -4: any */
static _Atomic unsigned armed_nth;
static _Atomic(enum fault_kind) armed_kind;
static _Atomic int armed_error;

/* Returns the error to give, or 0. Sets *ret_after: a signal that is due right after the call. */
static int before(int call, int *ret_after)
{
	unsigned n = atomic_fetch_add(&counts[call], 1) + 1, all = atomic_fetch_add(&every, 1) + 1;
	bool harmless = call == CALL_close || call == CALL_munmap; /* releasing does not fail at once */

	if (!harmless) {
		unsigned at = atomic_fetch_add(&total, 1);

		if (at < sizeof(trace) / sizeof(trace[0]))
			trace[at] = (short)call;
	}
	if (armed_call == -2 || armed_call == -3 || (armed_call >= 0 && armed_call != call) ||
	    (armed_call == -1 && harmless))
		return 0;
	if (armed_call == -1 || armed_call == -4)
		n = armed_call == -1 ? total : all;
	if (armed_kind == FAULT_FROM ? n < armed_nth : n != armed_nth)
		return 0;
	fired = true;
	if (armed_kind == FAULT_ONCE || armed_kind == FAULT_FROM)
		return armed_error;
	if (armed_kind == FAULT_KILL_BEFORE || armed_kind == FAULT_STOP_BEFORE)
		kill(getpid(), armed_kind == FAULT_KILL_BEFORE ? SIGKILL : SIGSTOP);
	else
		*ret_after = armed_kind == FAULT_KILL_AFTER ? SIGKILL : SIGSTOP;
	return 0;
}

#define WRAP(type, name, params, args, expression)                                                 \
	static type fault_##name params                                                             \
	{                                                                                           \
		int after = 0;                                                                      \
		int error = before(CALL_##name, &after);                                            \
		type result = error ? (type)-error : real.name args;                                \
		if (after)                                                                          \
			kill(getpid(), after);                                                      \
		return result;                                                                      \
	}
OS_CALLS(WRAP)
#undef WRAP

static void install(void)
{
	if (real.close)
		return;
	armed_call = -2;
	name_look_pause = UINT64_MAX; /* the n-th call is the same one on a slow machine */
	real = os;
#define INSTALL(type, name, params, args, expression) os.name = fault_##name;
	OS_CALLS(INSTALL)
#undef INSTALL
}

static void *(*real_allocate)(size_t size);

static void *failing_allocate(size_t size)
{
	unsigned n = atomic_fetch_add(&allocations, 1) + 1;

	if (armed_call == -3 && (armed_kind == FAULT_FROM ? n >= armed_nth : n == armed_nth)) {
		fired = true;
		return NULL;
	}
	return real_allocate(size);
}

void fault_count_reset(void)
{
	install();
	for (int i = 0; i < CALL_COUNT; i++)
		counts[i] = 0;
	total = 0;
	every = 0;
	allocations = 0;
	fired = false;
}

static int call_number(const char *name)
{
	for (int i = 0; i < CALL_COUNT; i++)
		if (strcmp(call_names[i], name) == 0)
			return i;
	fprintf(stderr, "fault: no call named %s\n", name);
	_exit(1);
}

void fault_arm(const char *name, unsigned nth, enum fault_kind kind, int error)
{
	fault_count_reset();
	armed_nth = nth;
	armed_kind = kind;
	armed_error = error;
	armed_call = strcmp(name, "*") == 0 ? -1 : strcmp(name, "**") == 0 ? -4 : call_number(name);
}

void fault_arm_allocation(unsigned nth, enum fault_kind kind)
{
	fault_count_reset();
	if (!real_allocate) {
		real_allocate = os_allocate_hook;
		os_allocate_hook = failing_allocate;
	}
	armed_nth = nth;
	armed_kind = kind;
	armed_call = -3;
}

bool fault_disarm(void)
{
	armed_call = -2;
	return fired;
}

unsigned fault_count(const char *name)
{
	return strcmp(name, "*") == 0 ? total : counts[call_number(name)];
}

unsigned fault_allocations(void)
{
	return allocations;
}

const char *fault_call(unsigned nth, unsigned *ret_occurrence)
{
	if (nth == 0 || nth > total || nth > sizeof(trace) / sizeof(trace[0]))
		return NULL;
	*ret_occurrence = 0;
	for (unsigned i = 0; i < nth; i++)
		*ret_occurrence += trace[i] == trace[nth - 1];
	return call_names[trace[nth - 1]];
}

static int entries(const char *path)
{
	DIR *dir = opendir(path);
	int n = 0;

	if (!dir)
		return 0;
	for (struct dirent *entry; (entry = readdir(dir));)
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

static int lines(const char *path)
{
	FILE *file = fopen(path, "re");
	int n = 0;

	if (!file)
		return 0;
	for (int c; (c = fgetc(file)) != EOF;)
		n += c == '\n';
	fclose(file);
	return n;
}

#if defined(__has_feature)
#define HAS_FEATURE(x) __has_feature(x)
#else
#define HAS_FEATURE(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || HAS_FEATURE(address_sanitizer) || \
	HAS_FEATURE(thread_sanitizer)
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

/* Whenever they like: a sanitizer's allocator, valgrind (tests/valgrind/run says so). */
static bool others_map(void)
{
	return sanitized || getenv("CHECK_VALGRIND");
}

struct fault_world fault_world(void)
{
	struct fault_world world = { 0, 0, 0 };
	char path[512];

	for (unsigned space = FM_LOCAL; getenv("FILEMAP_ROOT") && space <= FM_GLOBAL; space++)
		if (fm_namespace_directory(space, path, sizeof(path)) == FM_OK)
			world.names += entries(path);
	world.mappings = others_map() ? 0 : lines("/proc/self/maps");
	world.descriptors = entries("/proc/self/fd");
	return world;
}
