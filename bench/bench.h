/* SPDX-License-Identifier: MIT */
/*
 * Measuring one call against another. Both are run in turn in one process (A B B A A B ...), in batches,
 * for many rounds; a row shows the median time of each and the median of the rounds' ratios.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

#include <filemap.h>

struct bench_row {
	const char *name;
	const char *raw_name;     /* what it is measured against */
	void (*prepare)(void);    /* before each measurement, not measured; may be NULL */
	void (*ours)(void);
	void (*raw)(void);
	double target_ratio;      /* at most this times raw; 0: none */
	double target_us;         /* at most so long; 0: none */
	unsigned batch;           /* calls per measurement */
	unsigned rounds;          /* 0: as the command line says */
	double scale;             /* calls that one call of the functions makes; 0: 1 */
};

/* A heading line of the table. */
void bench_heading(const char *text);
void bench_run(const struct bench_row *row);
/* Where files are made; with the path of the one-GiB file, made and cached at the first call. */
const char *bench_directory(void);
const char *bench_large_file(void);

/* End the program if a call failed: a time of failures is no result. MUST for libc's, OK for ours. */
#define MUST(condition) ((condition) ? (void)0 : bench_die(__FILE__, __LINE__, #condition, NULL))
#define OK(call)                                                                                   \
	do {                                                                                        \
		fm_status status_ = (call);                                                         \
		if (status_ != FM_OK)                                                               \
			bench_die(__FILE__, __LINE__, #call, fm_status_text(status_));              \
	} while (0)
_Noreturn void bench_die(const char *file, int line, const char *what, const char *why);

/* struct procmap_query of Linux 6.11, which older headers lack. */
struct bench_map_query {
	uint64_t size, flags, address, start, end, vma_flags, page_size, offset, inode;
	uint32_t device_major, device_minor, name_size, build_id_size;
	uint64_t name, build_id;
};
#define BENCH_MAP_QUERY _IOWR('f', 17, struct bench_map_query)

/* The parts. Each makes what it needs and removes it. */
void bench_calls(void);
void bench_query(void);
void bench_touch(void);
void bench_copies(void);
void bench_faults(void);
void bench_reaper(void);
void bench_flush(void);
void bench_port(void);
void bench_virtual(void);
void bench_counts(void); /* last: it replaces the system-call table */

fm_section *bench_section(const char *name, const char *path, uint64_t size);

#endif
