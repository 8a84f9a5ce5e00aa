/* SPDX-License-Identifier: MIT */
/* Mapping, creating, opening and querying, each against the system calls a program would make itself. */
#include "bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define VIEW 65536u
#define VIEWS 10000u

static fm_section *section;
static int raw_fd = -1;
static uint64_t create_size, name_size;
static char live_name[64], new_name[64], shm_live[64], shm_new[64];

static void map_ours(void)
{
	void *base;

	OK(fm_view_map(section, FM_WRITE, VIEW, VIEW, &base));
	OK(fm_view_unmap(base));
}

static void map_raw(void)
{
	void *base = mmap(NULL, VIEW, PROT_READ | PROT_WRITE, MAP_SHARED, raw_fd, VIEW);

	MUST(base != MAP_FAILED);
	MUST(munmap(base, VIEW) == 0);
}

static void create_ours(void)
{
	fm_section_options options = { .size = create_size };
	fm_section *made;

	OK(fm_section_create(&options, &made));
	fm_section_close(made);
}

static void create_raw(void)
{
	int fd = memfd_create("bench", MFD_CLOEXEC);

	MUST(fd >= 0 && ftruncate(fd, (off_t)create_size) == 0);
	MUST(close(fd) == 0);
}

static void open_ours(void)
{
	fm_section *opened;

	OK(fm_section_open(live_name, FM_READ | FM_WRITE, &opened));
	fm_section_close(opened);
}

static void open_raw(void)
{
	struct stat st;
	int fd = shm_open(shm_live, O_RDWR, 0);

	MUST(fd >= 0 && fstat(fd, &st) == 0);
	MUST(close(fd) == 0);
}

static void name_ours(void)
{
	fm_section_options options = { .name = new_name, .size = name_size };
	fm_section *made;

	OK(fm_section_create(&options, &made));
	fm_section_close(made);
}

static void name_raw(void)
{
	int fd = shm_open(shm_new, O_RDWR | O_CREAT | O_EXCL, 0600);

	MUST(fd >= 0 && ftruncate(fd, (off_t)name_size) == 0);
	MUST(close(fd) == 0);
	MUST(shm_unlink(shm_new) == 0);
}

/* As name_raw(), with the storage that a section's creation promises. */
static void name_raw_storage(void)
{
	int fd = shm_open(shm_new, O_RDWR | O_CREAT | O_EXCL, 0600);

	MUST(fd >= 0 && fallocate(fd, 0, 0, (off_t)name_size) == 0);
	MUST(close(fd) == 0);
	MUST(shm_unlink(shm_new) == 0);
}

static void bench_map(void)
{
	static const struct bench_row file = {
		.name = "map + unmap, 64 KiB view of a file", .raw_name = "mmap + munmap",
		.ours = map_ours, .raw = map_raw, .target_ratio = 1.2, .batch = 500,
	};
	static const struct bench_row memory = {
		.name = "map + unmap, 64 KiB view of memory", .raw_name = "mmap + munmap of a memfd",
		.ours = map_ours, .raw = map_raw, .target_ratio = 1.2, .batch = 500,
	};
	static const struct bench_row next = {
		.name = "map + unmap, the 64 KiB after a live view", .raw_name = "mmap + munmap after a live mapping",
		.ours = map_ours, .raw = map_raw, .batch = 500,
	};
	const char *path = bench_large_file();
	void *before, *raw_before;

	section = bench_section(NULL, path, 0);
	raw_fd = open(path, O_RDWR | O_CLOEXEC);
	MUST(raw_fd >= 0);
	bench_run(&file);
	fm_section_close(section);
	MUST(close(raw_fd) == 0);

	section = bench_section(NULL, NULL, 16 * VIEW);
	raw_fd = memfd_create("bench", MFD_CLOEXEC);
	MUST(raw_fd >= 0 && ftruncate(raw_fd, 16 * VIEW) == 0);
	bench_run(&memory);
	OK(fm_view_map(section, FM_WRITE, 0, VIEW, &before));
	raw_before = mmap(NULL, VIEW, PROT_READ | PROT_WRITE, MAP_SHARED, raw_fd, 0);
	MUST(raw_before != MAP_FAILED);
	bench_run(&next);
	OK(fm_view_unmap(before));
	MUST(munmap(raw_before, VIEW) == 0);
	fm_section_close(section);
	MUST(close(raw_fd) == 0);
}

static void bench_create(void)
{
	static const struct bench_row page = {
		.name = "create + close, unnamed, one page", .raw_name = "memfd_create + ftruncate + close",
		.ours = create_ours, .raw = create_raw, .target_ratio = 1.5, .batch = 300,
	};
	static const struct bench_row unit = {
		.name = "create + close, unnamed, 64 KiB", .raw_name = "memfd_create + ftruncate + close",
		.ours = create_ours, .raw = create_raw, .target_ratio = 1.5, .batch = 300,
	};

	create_size = 4096;
	bench_run(&page);
	create_size = VIEW;
	bench_run(&unit);
}

static void bench_names(void)
{
	static const struct bench_row live = {
		.name = "open + close of a live name", .raw_name = "shm_open + fstat + close",
		.ours = open_ours, .raw = open_raw, .target_ratio = 3, .batch = 300,
	};
	static const struct bench_row fresh = {
		.name = "create + last close of a name, one page",
		.raw_name = "shm_open(O_CREAT | O_EXCL) + ftruncate + close + shm_unlink",
		.ours = name_ours, .raw = name_raw, .target_ratio = 3.5, .batch = 100,
	};
	static const struct bench_row stored = {
		.name = "create + last close of a name, 64 KiB",
		.raw_name = "the same with fallocate: storage is promised",
		.ours = name_ours, .raw = name_raw_storage, .batch = 100,
	};
	int pid = (int)getpid(), fd;
	fm_section *held;

	(void)snprintf(live_name, sizeof(live_name), "bench-live-%d", pid); /* all four always fit */
	(void)snprintf(new_name, sizeof(new_name), "bench-new-%d", pid);
	(void)snprintf(shm_live, sizeof(shm_live), "/bench-live-%d", pid);
	(void)snprintf(shm_new, sizeof(shm_new), "/bench-new-%d", pid);
	held = bench_section(live_name, NULL, VIEW);
	fd = shm_open(shm_live, O_RDWR | O_CREAT | O_EXCL, 0600);
	MUST(fd >= 0 && ftruncate(fd, VIEW) == 0);
	bench_run(&live);
	name_size = 4096;
	bench_run(&fresh);
	name_size = VIEW;
	bench_run(&stored);
	fm_section_close(held);
	MUST(close(fd) == 0 && shm_unlink(shm_live) == 0);
}

void bench_calls(void)
{
	bench_heading("calls");
	bench_map();
	bench_create();
	bench_names();
}

/* ---- query ---- */

static char *views[VIEWS];
static unsigned view_count, next_view;
static int maps_fd = -1;

/* A stride coprime to the count: each view in turn, no neighbour of the last. */
static char *some_address(void)
{
	next_view = (next_view + 3571) % view_count;
	return views[next_view] + 4096;
}

static void query_ours(void)
{
	fm_view_info info;

	OK(fm_view_query(some_address(), &info));
}

static void query_mincore(void)
{
	unsigned char resident;

	MUST(mincore(some_address(), 4096, &resident) == 0);
}

static void query_procmap(void)
{
	struct bench_map_query query = { .size = sizeof(query), .address = (uintptr_t)some_address() };

	MUST(ioctl(maps_fd, BENCH_MAP_QUERY, &query) >= 0);
}

static void query_with(unsigned count, const char *name, double target_us)
{
	struct bench_row row = {
		.name = name, .raw_name = "mincore of the page",
		.ours = query_ours, .raw = query_mincore, .target_us = target_us, .batch = 20000,
	};

	section = bench_section(NULL, NULL, 16 * VIEW);
	for (view_count = 0; view_count < count; view_count++) {
		void *base;

		OK(fm_view_map(section, FM_READ, VIEW * (view_count % 8), VIEW, &base));
		views[view_count] = base;
	}
	bench_run(&row);
	maps_fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	MUST(maps_fd >= 0);
	row.raw_name = "ioctl(PROCMAP_QUERY)";
	row.raw = query_procmap;
	if (ioctl(maps_fd, BENCH_MAP_QUERY, &(struct bench_map_query){ .size = sizeof(struct bench_map_query),
							   .address = (uintptr_t)views[0] }) >= 0)
		bench_run(&row);
	MUST(close(maps_fd) == 0);
	for (unsigned i = 0; i < count; i++)
		OK(fm_view_unmap(views[i]));
	fm_section_close(section);
}

/* What many views leave behind must not make the next ones dear. */
static void map_after(void)
{
	static const struct bench_row row = {
		.name = "map + unmap, after 10,000 views have gone", .raw_name = "mmap + munmap of a memfd",
		.ours = map_ours, .raw = map_raw, .batch = 500,
	};

	section = bench_section(NULL, NULL, 16 * VIEW);
	raw_fd = memfd_create("bench", MFD_CLOEXEC);
	MUST(raw_fd >= 0 && ftruncate(raw_fd, 16 * VIEW) == 0);
	bench_run(&row);
	fm_section_close(section);
	MUST(close(raw_fd) == 0);
}

void bench_query(void)
{
	bench_heading("query");
	query_with(10, "query, 10 views live", 0.2);
	query_with(VIEWS, "query, 10,000 views live", 0.2);
	map_after();
}
