/* SPDX-License-Identifier: MIT */
/* Private memory, and VirtualQuery among many views. */
#include <windows.h>

#include "bench.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define UNIT 65536u
#define VIEWS 10000u

static char *memory, *raw_memory;
static char *views[VIEWS];
static unsigned count, next;
static int maps_fd = -1;

static void allocate_ours(void)
{
	void *base = VirtualAlloc(NULL, UNIT, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

	MUST(base != NULL);
	MUST(VirtualFree(base, 0, MEM_RELEASE));
}

static void allocate_raw(void)
{
	void *base = mmap(NULL, UNIT, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(base != MAP_FAILED);
	MUST(munmap(base, UNIT) == 0);
}

static void commit_ours(void)
{
	MUST(VirtualAlloc(memory + UNIT, UNIT, MEM_COMMIT, PAGE_READWRITE) != NULL);
	MUST(VirtualFree(memory + UNIT, UNIT, MEM_DECOMMIT));
}

static void commit_raw(void)
{
	MUST(mprotect(raw_memory + UNIT, UNIT, PROT_READ | PROT_WRITE) == 0);
	MUST(mmap(raw_memory + UNIT, UNIT, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) ==
	     raw_memory + UNIT);
}

static void protect_ours(void)
{
	DWORD old;

	MUST(VirtualProtect(memory, 4096, PAGE_READONLY, &old));
	MUST(VirtualProtect(memory, 4096, PAGE_READWRITE, &old));
}

static void protect_raw(void)
{
	MUST(mprotect(raw_memory, 4096, PROT_READ) == 0);
	MUST(mprotect(raw_memory, 4096, PROT_READ | PROT_WRITE) == 0);
}

static void query_private(void)
{
	MEMORY_BASIC_INFORMATION info;

	MUST(VirtualQuery(memory + 4096, &info, sizeof(info)) == sizeof(info));
}

/* A stride coprime to the count: each view in turn, no neighbour of the last. */
static char *some_view(void)
{
	next = (next + 3571) % count;
	return views[next] + 4096;
}

static void query_view(void)
{
	MEMORY_BASIC_INFORMATION info;

	MUST(VirtualQuery(some_view(), &info, sizeof(info)) == sizeof(info));
}

static void ask(const char *address)
{
	struct bench_map_query query = { .size = sizeof(query), .address = (uintptr_t)address };

	MUST(ioctl(maps_fd, BENCH_MAP_QUERY, &query) >= 0);
}

static void query_raw_private(void)
{
	ask(memory + 4096);
}

static void query_raw_view(void)
{
	ask(some_view());
}

static bool kernel_answers(void)
{
	struct bench_map_query query = { .size = sizeof(query), .address = (uintptr_t)memory };

	return ioctl(maps_fd, BENCH_MAP_QUERY, &query) >= 0;
}

static void bench_private(void)
{
	static const struct bench_row rows[] = {
		{ .name = "VirtualAlloc + VirtualFree, 64 KiB", .raw_name = "mmap + munmap",
		  .ours = allocate_ours, .raw = allocate_raw, .target_ratio = 1.3, .batch = 500 },
		{ .name = "commit + decommit, 64 KiB", .raw_name = "mprotect + mmap(MAP_FIXED)",
		  .ours = commit_ours, .raw = commit_raw, .target_ratio = 1.25, .batch = 500 },
		{ .name = "VirtualProtect of a private page, and back", .raw_name = "mprotect, twice",
		  .ours = protect_ours, .raw = protect_raw, .target_ratio = 1.25, .batch = 500 },
	};
	static const struct bench_row query = {
		.name = "VirtualQuery of private memory", .raw_name = "ioctl(PROCMAP_QUERY)",
		.ours = query_private, .raw = query_raw_private, .target_ratio = 0.4, .batch = 5000,
	};

	memory = VirtualAlloc(NULL, 16 * UNIT, MEM_RESERVE, PAGE_READWRITE);
	raw_memory = mmap(NULL, 16 * UNIT, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	MUST(memory != NULL && raw_memory != MAP_FAILED);
	MUST(VirtualAlloc(memory, UNIT, MEM_COMMIT, PAGE_READWRITE) != NULL);
	MUST(mprotect(raw_memory, UNIT, PROT_READ | PROT_WRITE) == 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		bench_run(&rows[i]);
	if (kernel_answers())
		bench_run(&query);
}

static void bench_views(void)
{
	static const struct bench_row row = {
		.name = "VirtualQuery, 10,000 views live", .raw_name = "ioctl(PROCMAP_QUERY)",
		.ours = query_view, .raw = query_raw_view, .target_ratio = 0.4, .batch = 20000,
	};
	HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 16 * UNIT, NULL);

	MUST(section != NULL);
	for (count = 0; count < VIEWS; count++) {
		views[count] = MapViewOfFile(section, FILE_MAP_READ, 0, UNIT * (count % 8), UNIT);
		MUST(views[count] != NULL);
	}
	if (kernel_answers())
		bench_run(&row);
	for (unsigned i = 0; i < count; i++)
		MUST(UnmapViewOfFile(views[i]));
	MUST(CloseHandle(section));
}

void bench_virtual(void)
{
	bench_heading("virtual memory");
	maps_fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	MUST(maps_fd >= 0);
	bench_private();
	bench_views();
	MUST(VirtualFree(memory, 0, MEM_RELEASE));
	MUST(munmap(raw_memory, 16 * UNIT) == 0 && close(maps_fd) == 0);
}
