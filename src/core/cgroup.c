/* SPDX-License-Identifier: MIT */
/*
 * What the control groups of this process let it have. Memory beyond that is no fault of one page: the kernel
 * kills somebody. Version 2, and version 1 for machines that still use it; where both are, one has the limits.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backing.h"
#include "os.h"

struct version {
	const char *mount;  /* where systems have it */
	const char *member; /* how the line of /proc/self/cgroup begins, after its number */
	const char *memory, *swap;
	bool together;      /* @swap limits memory and swap */
};

static const struct version versions[] = {
	{ "/sys/fs/cgroup", "::", "memory.max", "memory.swap.max", false },
	{ "/sys/fs/cgroup/memory", ":memory:", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes", true },
};

/* The file's text, cut to @size; empty if it cannot be read. */
static void read_text(const char *path, char *buffer, size_t size)
{
	OS_CLEANUP_FD int fd = os_open(AT_FDCWD, path, O_RDONLY, 0);
	ssize_t got = fd < 0 ? 0 : os.pread(fd, buffer, size - 1, 0);

	buffer[got < 0 ? 0 : got] = 0;
}

/* A limit, or UINT64_MAX: none ("max", no such file, or version 1's very large number). */
static uint64_t read_limit(const char *directory, const char *file)
{
	char path[PATH_MAX + 64], text[32];
	char *end;
	uint64_t limit;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, file); /* cut: there is no such file */
	read_text(path, text, sizeof(text));
	limit = strtoull(text, &end, 10);
	return end == text || limit >= INT64_MAX - OS_PAGE ? UINT64_MAX : limit;
}

static uint64_t sum_or_none(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* Of one group, which @total_swap helps as far as it may. A group without a limit of memory has none of swap and memory. */
static uint64_t limit_of_group(const struct version *version, const char *directory, uint64_t total_swap)
{
	uint64_t memory = read_limit(directory, version->memory), swap;

	if (memory == UINT64_MAX || (total_swap == 0 && !version->together))
		return memory;
	swap = read_limit(directory, version->swap);
	if (version->together && swap != UINT64_MAX)
		return swap;
	return sum_or_none(memory, swap < total_swap ? swap : total_swap);
}

/* The group's path in @text, the contents of /proc/self/cgroup, and its length; NULL: it is in none. */
static const char *path_in(const char *text, const struct version *version, int *ret_length)
{
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *member = line + strcspn(line, ":\n");

		if (strncmp(member, version->member, strlen(version->member)) != 0)
			continue;
		member += strlen(version->member);
		*ret_length = (int)strcspn(member, "\n");
		return member;
	}
	return NULL;
}

/*
 * The group and those it lies in, up to the mount. A container sees its own group as the mount, and may be told
 * a path that is not there: its files are missing then, and the mount's are the ones.
 */
static uint64_t limit_of(const struct version *version, const char *text, uint64_t total_swap)
{
	char directory[PATH_MAX + 32];
	const size_t mount = strlen(version->mount);
	uint64_t limit = UINT64_MAX, here;
	int length;
	const char *path = path_in(text, version, &length);

	if (!path)
		return UINT64_MAX;
	(void)snprintf(directory, sizeof(directory), "%s%.*s", version->mount, length, path); /* fits */
	for (;;) {
		here = limit_of_group(version, directory, total_swap);
		limit = here < limit ? here : limit;
		if (strlen(directory) <= mount)
			return limit;
		*strrchr(directory, '/') = 0;
	}
}

uint64_t cgroup_limit(uint64_t total_swap)
{
	char text[PATH_MAX];
	uint64_t limit = UINT64_MAX;

	read_text("/proc/self/cgroup", text, sizeof(text));
	for (unsigned i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		uint64_t here = limit_of(&versions[i], text, total_swap);

		limit = here < limit ? here : limit;
	}
	return limit;
}
