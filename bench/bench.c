/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define LARGE (1u << 30)
#define ROUNDS_MAX 1001

static const char *directory = BENCH_DIRECTORY;
static char large_file[4096];
static unsigned rounds = 61, missed;

void bench_die(const char *file, int line, const char *what, const char *why)
{
	fprintf(stderr, "bench: %s:%d: %s failed: %s\n", file, line, what, why ? why : strerror(errno));
	exit(2);
}

static double now_ns(void)
{
	struct timespec now;

	MUST(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double measure_ns(const struct bench_row *row, void (*call)(void))
{
	double start;

	if (row->prepare)
		row->prepare();
	start = now_ns();
	for (unsigned i = 0; i < row->batch; i++)
		call();
	return (now_ns() - start) / row->batch;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, unsigned count)
{
	qsort(values, count, sizeof(*values), compare);
	return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

void bench_heading(const char *text)
{
	printf("\n%-42s %12s %12s %7s %8s\n", text, "filemap", "raw", "ratio", "target");
}

static void print_time(double ns)
{
	if (ns < 1e3)
		printf(" %9.1f ns", ns);
	else if (ns < 1e6)
		printf(" %9.2f us", ns / 1e3);
	else
		printf(" %9.2f ms", ns / 1e6);
}

static void verdict(int met)
{
	printf(" %s\n", met ? "met" : "missed");
	missed += !met;
}

static void print_row(const struct bench_row *row, double ours, double raw, double ratio)
{
	printf("%-42s", row->name);
	print_time(ours);
	print_time(raw);
	printf(" %7.2f", ratio);
	if (row->target_ratio > 0) {
		printf(" %8.2f", row->target_ratio);
		verdict(ratio <= row->target_ratio);
	} else if (row->target_us > 0) {
		printf(row->target_us < 1e3 ? " %5.2f us" : " %5.2f ms", row->target_us < 1e3 ? row->target_us : row->target_us / 1e3);
		verdict(ours <= row->target_us * 1e3);
	} else {
		printf(" %8s\n", "-");
	}
	printf("    raw: %s\n", row->raw_name);
	fflush(stdout);
}

void bench_run(const struct bench_row *row)
{
	static double ours[ROUNDS_MAX], raw[ROUNDS_MAX], ratio[ROUNDS_MAX];
	unsigned count = row->rounds && row->rounds < rounds ? row->rounds : rounds;
	double scale = row->scale > 0 ? row->scale : 1;

	(void)measure_ns(row, row->ours); /* warm-up */
	(void)measure_ns(row, row->raw);
	for (unsigned i = 0; i < count; i++) {
		if (i % 2 == 0)
			ours[i] = measure_ns(row, row->ours) / scale;
		raw[i] = measure_ns(row, row->raw) / scale;
		if (i % 2)
			ours[i] = measure_ns(row, row->ours) / scale;
		ratio[i] = ours[i] / raw[i];
	}
	print_row(row, median(ours, count), median(raw, count), median(ratio, count));
}

fm_section *bench_section(const char *name, const char *path, uint64_t size)
{
	fm_section_options options = { .name = name, .path = path, .size = size };
	fm_section *section = NULL;

	OK(fm_section_create(&options, &section));
	return section;
}

const char *bench_directory(void)
{
	return directory;
}

/* Written, not made as a hole: pages of a hole are not those of a file. */
static void make_large_file(int fd)
{
	static char block[1 << 20];

	fprintf(stderr, "bench: making %s (1 GiB) ...\n", large_file);
	for (unsigned i = 0; i < LARGE / sizeof(block); i++) {
		memset(block, (int)i, sizeof(block));
		MUST(write(fd, block, sizeof(block)) == (ssize_t)sizeof(block));
	}
	MUST(fsync(fd) == 0);
}

const char *bench_large_file(void)
{
	static char block[1 << 20];
	int fd;

	if (large_file[0])
		return large_file;
	MUST(snprintf(large_file, sizeof(large_file), "%s/1GiB", directory) < (int)sizeof(large_file));
	fd = open(large_file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	MUST(fd >= 0);
	if (lseek(fd, 0, SEEK_END) != LARGE) {
		MUST(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
		make_large_file(fd);
	}
	for (off_t at = 0; at < LARGE; at += (off_t)sizeof(block))
		MUST(pread(fd, block, sizeof(block), at) == (ssize_t)sizeof(block));
	MUST(close(fd) == 0);
	return large_file;
}

static _Noreturn void usage(FILE *to, int code)
{
	fprintf(to, "usage: bench [--strict] [--rounds N] [--directory DIR]\n"
		    "Measures Filemap against raw system calls, both in turn in one run.\n"
		    "  --strict         exit 1 if a target is missed\n"
		    "  --rounds N       rounds per row, at most %d (default %u)\n"
		    "  --directory DIR  where the 1 GiB file is made and kept (default %s)\n",
		ROUNDS_MAX, rounds, BENCH_DIRECTORY);
	exit(code);
}

static int options(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "strict", no_argument, NULL, 's' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "directory", required_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int strict = 0;

	for (int option; (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;) {
		if (option == 's')
			strict = 1;
		else if (option == 'r')
			rounds = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'd')
			directory = optarg;
		else
			usage(option == 'h' ? stdout : stderr, option == 'h' ? 0 : 2);
	}
	if (optind < argc || rounds == 0 || rounds > ROUNDS_MAX)
		usage(stderr, 2);
	return strict;
}

int main(int argc, char **argv)
{
	int strict = options(argc, argv);
	struct utsname system;

	MUST(uname(&system) == 0);
	printf("Filemap %s, %s %s %s, %ld processors, %u rounds\n", fm_version(), system.sysname,
	       system.release, system.machine, sysconf(_SC_NPROCESSORS_ONLN), rounds);
	bench_calls();
	bench_port();
	bench_virtual();
	bench_query();
	bench_touch();
	bench_copies();
	bench_flush();
	bench_faults();
	bench_reaper();
	bench_counts();
	printf("\n%u target%s missed\n", missed, missed == 1 ? "" : "s");
	return strict && missed > 0;
}
