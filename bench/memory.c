/* SPDX-License-Identifier: MIT */
/* Touching, copying and flushing mapped memory. */
#include "bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LARGE ((size_t)1 << 30)
#define FLUSHED ((size_t)64 << 20)

static fm_section *section;
static int fd = -1;
static volatile char sink;

static void touch(const volatile char *base)
{
	for (size_t at = 0; at < LARGE; at += 4096)
		sink = base[at];
}

static void touch_ours(void)
{
	void *base;

	OK(fm_view_map(section, FM_READ, 0, LARGE, &base));
	touch(base);
	OK(fm_view_unmap(base));
}

static void touch_raw(void)
{
	void *base = mmap(NULL, LARGE, PROT_READ, MAP_SHARED, fd, 0);

	MUST(base != MAP_FAILED);
	touch(base);
	MUST(munmap(base, LARGE) == 0);
}

void bench_touch(void)
{
	static const struct bench_row row = {
		.name = "touch each page of a cached 1 GiB file", .raw_name = "mmap(NULL), touch, munmap",
		.ours = touch_ours, .raw = touch_raw, .target_ratio = 1.1, .batch = 1, .rounds = 15,
	};
	const char *path = bench_large_file();

	bench_heading("memory");
	section = bench_section(NULL, path, 0);
	fd = open(path, O_RDWR | O_CLOEXEC);
	MUST(fd >= 0);
	bench_run(&row);
	fm_section_close(section);
	MUST(close(fd) == 0);
}

/* ---- copies ---- */

static char *view, *buffer;
static size_t copy_size;
static void *(*volatile plain_copy)(void *to, const void *from, size_t size) = memcpy;

static void copy_ours(void)
{
	OK(fm_read(buffer, view, copy_size, NULL));
}

static void copy_raw(void)
{
	plain_copy(buffer, view, copy_size);
}

void bench_copies(void)
{
	static const struct {
		const char *name;
		size_t size;
		unsigned batch;
	} cases[] = {
		{ "fm_read, 64 bytes", 64, 5000 },
		{ "fm_read, 4 KiB", 4096, 5000 },
		{ "fm_read, 1 MiB", 1 << 20, 20 },
	};
	void *base;

	section = bench_section(NULL, NULL, 1 << 20);
	OK(fm_view_map(section, FM_WRITE, 0, 0, &base));
	view = base;
	memset(view, 1, 1 << 20);
	buffer = malloc(1 << 20);
	MUST(buffer != NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bench_row row = { .name = cases[i].name, .raw_name = "memcpy",
					 .ours = copy_ours, .raw = copy_raw, .batch = cases[i].batch };

		copy_size = cases[i].size;
		bench_run(&row);
	}
	free(buffer);
	OK(fm_view_unmap(view));
	fm_section_close(section);
}

/* ---- flush: one dirty page in a 64 MiB view ---- */

static unsigned level;
static bool dirty;

static void dirty_page(void)
{
	if (dirty)
		*(volatile char *)(view + FLUSHED / 2) += 1;
}

static void flush_ours(void)
{
	dirty_page();
	OK(fm_view_flush(view, 0, level));
}

static void raw_start(void)
{
	dirty_page();
	MUST(sync_file_range(fd, 0, FLUSHED, SYNC_FILE_RANGE_WRITE) == 0);
}

static void raw_write(void)
{
	dirty_page();
	MUST(sync_file_range(fd, 0, FLUSHED, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
						     SYNC_FILE_RANGE_WAIT_AFTER) == 0);
}

static void raw_msync(void)
{
	dirty_page();
	MUST(msync(view, FLUSHED, MS_SYNC) == 0);
}

static void raw_data(void)
{
	dirty_page();
	MUST(fdatasync(fd) == 0);
}

static void raw_all(void)
{
	dirty_page();
	MUST(fsync(fd) == 0);
}

static void flush_rows(void)
{
	static const struct {
		const char *name, *raw_name;
		void (*raw)(void);
		unsigned level;
		bool dirty;
	} cases[] = {
		{ "FM_FLUSH_START, one dirty page", "sync_file_range(WRITE)", raw_start, FM_FLUSH_START, true },
		{ "FM_FLUSH_WRITE, one dirty page", "sync_file_range(WAIT, WRITE, WAIT)", raw_write,
		  FM_FLUSH_WRITE, true },
		{ "FM_FLUSH_DATA, one dirty page", "fdatasync", raw_data, FM_FLUSH_DATA, true },
		{ "FM_FLUSH_DATA, one dirty page", "msync(MS_SYNC)", raw_msync, FM_FLUSH_DATA, true },
		{ "FM_FLUSH_ALL, one dirty page", "fsync", raw_all, FM_FLUSH_ALL, true },
		{ "FM_FLUSH_WRITE, nothing dirty", "sync_file_range(WAIT, WRITE, WAIT)", raw_write,
		  FM_FLUSH_WRITE, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bench_row row = { .name = cases[i].name, .raw_name = cases[i].raw_name,
					 .ours = flush_ours, .raw = cases[i].raw, .batch = 10, .rounds = 31 };

		level = cases[i].level;
		dirty = cases[i].dirty;
		bench_run(&row);
	}
}

void bench_flush(void)
{
	char path[4096];
	void *base;

	MUST(snprintf(path, sizeof(path), "%s/flush-%d", bench_directory(), (int)getpid()) < (int)sizeof(path));
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	MUST(fd >= 0);
	section = bench_section(NULL, path, FLUSHED);
	OK(fm_view_map(section, FM_WRITE, 0, 0, &base));
	view = base;
	memset(view, 1, FLUSHED);
	MUST(fsync(fd) == 0);
	flush_rows();
	OK(fm_view_unmap(view));
	fm_section_close(section);
	MUST(close(fd) == 0 && unlink(path) == 0);
}
