/* SPDX-License-Identifier: MIT */
/* The Win32 face against the system calls under it. */
#include <windows.h>

#include "bench.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define VIEW 65536u

static HANDLE section;
static char *view, *raw_view;
static int raw_fd = -1, maps_fd = -1;

static void map_ours(void)
{
	void *base = MapViewOfFile(section, FILE_MAP_WRITE, 0, 4 * VIEW, VIEW);

	MUST(base != NULL);
	MUST(UnmapViewOfFile(base));
}

static void map_raw(void)
{
	void *base = mmap(NULL, VIEW, PROT_READ | PROT_WRITE, MAP_SHARED, raw_fd, 4 * VIEW);

	MUST(base != MAP_FAILED);
	MUST(munmap(base, VIEW) == 0);
}

static void protect_ours(void)
{
	DWORD old;

	MUST(VirtualProtect(view, 4096, PAGE_READONLY, &old));
	MUST(VirtualProtect(view, 4096, PAGE_READWRITE, &old));
}

static void protect_raw(void)
{
	MUST(mprotect(raw_view, 4096, PROT_READ) == 0);
	MUST(mprotect(raw_view, 4096, PROT_READ | PROT_WRITE) == 0);
}

static void query_ours(void)
{
	MEMORY_BASIC_INFORMATION info;

	MUST(VirtualQuery(view + 4096, &info, sizeof(info)) == sizeof(info));
}

static void query_raw(void)
{
	struct bench_map_query query = { .size = sizeof(query), .address = (uintptr_t)view };

	MUST(ioctl(maps_fd, BENCH_MAP_QUERY, &query) >= 0);
}

static void rows(void)
{
	static const struct bench_row map = {
		.name = "MapViewOfFile + UnmapViewOfFile, 64 KiB", .raw_name = "mmap + munmap of a memfd",
		.ours = map_ours, .raw = map_raw, .target_ratio = 1.3, .batch = 500,
	};
	static const struct bench_row protect = {
		.name = "VirtualProtect of a page, there and back", .raw_name = "mprotect, twice",
		.ours = protect_ours, .raw = protect_raw, .target_ratio = 1.25, .batch = 500,
	};
	static const struct bench_row query = {
		.name = "VirtualQuery", .raw_name = "ioctl(PROCMAP_QUERY)",
		.ours = query_ours, .raw = query_raw, .target_ratio = 0.4, .batch = 5000,
	};

	bench_run(&map);
	bench_run(&protect);
	if (ioctl(maps_fd, BENCH_MAP_QUERY, &(struct bench_map_query){ .size = sizeof(struct bench_map_query),
								       .address = (uintptr_t)view }) >= 0)
		bench_run(&query);
}

void bench_port(void)
{
	bench_heading("Win32 face");
	section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 16 * VIEW, NULL);
	MUST(section != NULL);
	view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, VIEW);
	raw_fd = memfd_create("bench", MFD_CLOEXEC);
	maps_fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	MUST(view != NULL && raw_fd >= 0 && maps_fd >= 0 && ftruncate(raw_fd, 16 * VIEW) == 0);
	raw_view = mmap(NULL, VIEW, PROT_READ | PROT_WRITE, MAP_SHARED, raw_fd, 0);
	MUST(raw_view != MAP_FAILED);
	rows();
	MUST(munmap(raw_view, VIEW) == 0 && close(raw_fd) == 0 && close(maps_fd) == 0);
	MUST(UnmapViewOfFile(view) && CloseHandle(section));
}
