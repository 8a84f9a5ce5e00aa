/* SPDX-License-Identifier: MIT */
/* Faults as errors: guarded copies with faults handled, guard blocks, and the way from a fault to an error. */
#include "bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filemap/fault.h>

#define ROOM ((size_t)1 << 20)
enum { VIEWS = 10000 };

static char *view, *buffer;
static size_t copy_size;
static void *(*volatile plain_copy)(void *to, const void *from, size_t size) = memcpy;

static void read_ours(void)
{
	OK(fm_read(buffer, view, copy_size, NULL));
}

static void read_raw(void)
{
	plain_copy(buffer, view, copy_size);
}

static void write_ours(void)
{
	OK(fm_write(view, buffer, copy_size, NULL));
}

static void write_raw(void)
{
	plain_copy(view, buffer, copy_size);
}

static void copy_rows(void)
{
	static const struct {
		const char *name;
		size_t size;
		unsigned batch;
		void (*ours)(void), (*raw)(void);
		double target;
	} cases[] = {
		{ "fm_read, faults handled, 64 bytes", 64, 5000, read_ours, read_raw, 0 },
		{ "fm_read, faults handled, 4 KiB", 4096, 5000, read_ours, read_raw, 1.05 },
		{ "fm_read, faults handled, 1 MiB", ROOM, 20, read_ours, read_raw, 1.05 },
		{ "fm_write, faults handled, 64 bytes", 64, 5000, write_ours, write_raw, 0 },
		{ "fm_write, faults handled, 4 KiB", 4096, 5000, write_ours, write_raw, 1.05 },
		{ "fm_write, faults handled, 1 MiB", ROOM, 20, write_ours, write_raw, 1.05 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bench_row row = { .name = cases[i].name, .raw_name = "memcpy", .ours = cases[i].ours,
					 .raw = cases[i].raw, .batch = cases[i].batch,
					 .target_ratio = cases[i].target };

		copy_size = cases[i].size;
		bench_run(&row);
	}
}

/* ---- guard blocks ---- */

static volatile char sink;

static void block_ours(void)
{
	FM_GUARD_BEGIN(guard) {
		sink = *(volatile char *)view;
	} FM_GUARD_CAUGHT {
		bench_die(__FILE__, __LINE__, "guard block", fm_status_text(guard.status));
	} FM_GUARD_END
}

static void block_raw(void)
{
	sink = *(volatile char *)view;
}

/* ---- a fault ---- */

static char *gone;
static sigjmp_buf back;

static void fault_ours(void)
{
	FM_GUARD_BEGIN(guard) {
		sink = *(volatile char *)gone;
		bench_die(__FILE__, __LINE__, "fault", "there was none");
	} FM_GUARD_CAUGHT {
		MUST(guard.status == FM_E_IN_PAGE_ERROR);
	} FM_GUARD_END
}

static void fault_read(void)
{
	MUST(fm_read(buffer, gone, 1, NULL) == FM_E_IN_PAGE_ERROR);
}

static void jump(int number)
{
	(void)number;
	siglongjmp(back, 1);
}

/* A handler that knows nothing and jumps. */
static void fault_raw(void)
{
	struct sigaction action = { .sa_handler = jump, .sa_flags = SA_NODEFER | SA_ONSTACK }, former;

	MUST(sigaction(SIGBUS, &action, &former) == 0);
	if (sigsetjmp(back, 0) == 0)
		sink = *(volatile char *)gone;
	MUST(sigaction(SIGBUS, &former, NULL) == 0);
}

static void fault_rows(void)
{
	static const struct bench_row rows[] = {
		{ .name = "fault to error, block, 10,000 views", .raw_name = "sigaction, siglongjmp, sigaction",
		  .ours = fault_ours, .raw = fault_raw, .target_us = 10, .batch = 200 },
		{ .name = "fault to error, fm_read, 10,000 views", .raw_name = "sigaction, siglongjmp, sigaction",
		  .ours = fault_read, .raw = fault_raw, .target_us = 10, .batch = 200 },
	};
	static void *views[VIEWS];
	fm_section *memory = bench_section(NULL, NULL, 4096), *section;
	char path[4096];
	void *base;

	MUST(snprintf(path, sizeof(path), "%s/gone-%d", bench_directory(), (int)getpid()) < (int)sizeof(path));
	close(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
	section = bench_section(NULL, path, 4096);
	OK(fm_view_map(section, FM_WRITE, 0, 0, &base));
	gone = base;
	for (int i = 0; i < VIEWS; i++)
		OK(fm_view_map(memory, FM_READ, 0, 0, &views[i]));
	MUST(truncate(path, 0) == 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		bench_run(&rows[i]);
	for (int i = 0; i < VIEWS; i++)
		OK(fm_view_unmap(views[i]));
	OK(fm_view_unmap(gone));
	fm_section_close(section);
	fm_section_close(memory);
	MUST(unlink(path) == 0);
}

void bench_faults(void)
{
	static const struct bench_row block = {
		.name = "guard block around one read", .raw_name = "the read alone", .ours = block_ours,
		.raw = block_raw, .target_us = 0.01, .batch = 20000,
	};
	fm_section *section = bench_section(NULL, NULL, ROOM);
	void *base;

	bench_heading("faults as errors");
	OK(fm_view_map(section, FM_WRITE, 0, 0, &base));
	view = base;
	memset(view, 1, ROOM);
	buffer = calloc(1, ROOM);
	MUST(buffer != NULL);
	OK(fm_fault_enable(0));
	copy_rows();
	bench_run(&block);
	fault_rows();
	fm_fault_disable(0);
	free(buffer);
	OK(fm_view_unmap(view));
	fm_section_close(section);
}
