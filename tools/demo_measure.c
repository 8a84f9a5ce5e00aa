/* SPDX-License-Identifier: MIT */
/* The demo reads the file in all ways: each way beside read(2), then both processes at once. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "demo.h"

enum { PASSES_MOST = 5, RANDOM_COUNT = 50000 };
enum way { BY_READ, BY_VIEW, BY_WINDOWS, WAYS };

struct timing {
	double sequence[WAYS][PASSES_MOST], at_random[WAYS][PASSES_MOST];
	unsigned passes;
	bool equal; /* all ways gave the same bytes */
};

static bool parse_reading(const char *text, uint64_t *ret_sum, double *ret_seconds)
{
	return sscanf(text, "%" SCNu64 " %lf", ret_sum, ret_seconds) == 2;
}

static bool read_failed(const struct demo *demo, int error)
{
	errno = -error;
	complain_errno("read", demo->path);
	return false;
}

/* One way once, in sequence: by this process's read(2) or by worker A's views. */
static bool in_sequence(struct demo *demo, enum way way, unsigned pass, struct timing *timing)
{
	double *seconds = &timing->sequence[way][pass];
	const char *text;
	uint64_t sum;

	if (way == BY_READ) {
		int error = sum_by_read(demo->fd, demo->size, &sum, seconds);

		if (error < 0)
			return read_failed(demo, error);
	} else if (!worker_ask(&demo->a, &text, "sum %s %" PRIu64, way == BY_VIEW ? "whole" : "windows", demo->window) ||
		   !parse_reading(text, &sum, seconds)) {
		complain("A: %s", text);
		return false;
	}
	timing->equal = timing->equal && sum == demo->sum;
	return true;
}

static bool at_random(struct demo *demo, unsigned pass, struct timing *timing)
{
	uint64_t sum, view_sum;
	const char *text;
	int error = random_by_read(demo->fd, demo->size, RANDOM_COUNT, pass, &sum, &timing->at_random[BY_READ][pass]);

	if (error < 0)
		return read_failed(demo, error);
	if (!worker_ask(&demo->a, &text, "random - %d %u", RANDOM_COUNT, pass) ||
	    !parse_reading(text, &view_sum, &timing->at_random[BY_VIEW][pass])) {
		complain("A: %s", text);
		return false;
	}
	timing->equal = timing->equal && sum == view_sum;
	return true;
}

static void add_row(struct table *table, struct demo *demo, struct timing *timing, enum way way, const char *label)
{
	double seconds = median_of(timing->sequence[way], timing->passes);
	double base = median_of(timing->sequence[BY_READ], timing->passes);
	char text[32];

	table_cell(table, label);
	table_cell(table, rate_text(demo->size, seconds));
	snprintf(text, sizeof(text), "%.2f x", base / seconds);
	table_cell(table, text);
	if (way == BY_WINDOWS) {
		table_cell(table, "-");
		table_cell(table, "-");
		return;
	}
	seconds = median_of(timing->at_random[way], timing->passes);
	base = median_of(timing->at_random[BY_READ], timing->passes);
	snprintf(text, sizeof(text), "%.2f us", 1e6 * seconds / RANDOM_COUNT);
	table_cell(table, text);
	snprintf(text, sizeof(text), "%.2f x", base / seconds);
	table_cell(table, text);
}

static void print_timing(struct demo *demo, struct timing *timing)
{
	static const char *const headings[] = { "<", ">IN SEQUENCE", ">TO READ(2)", ">4 KiB AT RANDOM", ">TO READ(2)" };
	struct table *table = table_new(headings, ARRAY_SIZE(headings));
	double cached = cached_part(demo->file, demo->fd, demo->size);
	char label[64];

	snprintf(label, sizeof(label), "read(2), %s at a time", size_text(READ_PIECE));
	add_row(table, demo, timing, BY_READ, label);
	add_row(table, demo, timing, BY_VIEW, "one view of the whole file");
	snprintf(label, sizeof(label), "windows of %s", size_text(demo->window));
	add_row(table, demo, timing, BY_WINDOWS, label);
	table_print(table);
	printf("Medians of %u pass%s in turn, mapping and faults included; ", timing->passes,
	       timing->passes == 1 ? "" : "es");
	if (cached < 0)
		printf("how much of the file is cached is not this user's to know.\n");
	else
		printf("%.0f %% of the file is cached.\n", 100 * cached);
}

/* Both at the same time, each in its own way. */
static bool both_at_once(struct demo *demo)
{
	double started = seconds_now(), elapsed, seconds;
	uint64_t sum_a = 0, sum_b = 0;
	const char *text_a, *text_b;
	bool good;

	worker_send(&demo->a, "sum whole 0");
	worker_send(&demo->b, "sum windows %" PRIu64, demo->window);
	good = worker_answer(&demo->a, &text_a) && parse_reading(text_a, &sum_a, &seconds);
	good = worker_answer(&demo->b, &text_b) && parse_reading(text_b, &sum_b, &seconds) && good;
	elapsed = seconds_now() - started;
	demo_check(demo, good && sum_a == demo->sum && sum_b == demo->sum,
		   "at once, A through one view and B through windows read what read(2) reads: %s together",
		   rate_text(2 * demo->size, elapsed));
	return good;
}

static bool both_at_random(struct demo *demo)
{
	const char *text_a, *text_b;
	uint64_t sum_a = 0, sum_b = 0, sum;
	double seconds;
	bool good;

	worker_send(&demo->a, "random - %d 77", RANDOM_COUNT);
	worker_send(&demo->b, "random - %d 77", RANDOM_COUNT);
	good = worker_answer(&demo->a, &text_a) && parse_reading(text_a, &sum_a, &seconds);
	good = worker_answer(&demo->b, &text_b) && parse_reading(text_b, &sum_b, &seconds) && good;
	good = good && random_by_read(demo->fd, demo->size, RANDOM_COUNT, 77, &sum, &seconds) == 0;
	demo_check(demo, good && sum_a == sum && sum_b == sum, "at once, both read %d random pages as read(2) does",
		   RANDOM_COUNT);
	return good;
}

bool demo_measure(struct demo *demo)
{
	struct timing timing = { .equal = true };

	demo_heading("Reading");
	timing.passes = demo->size <= 2ull << 30 ? PASSES_MOST : demo->size <= 8ull << 30 ? 3 : 1;
	for (unsigned pass = 0; pass < timing.passes; pass++) {
		progress_say("measuring, pass %u of %u", pass + 1, timing.passes);
		for (unsigned turn = 0; turn < WAYS; turn++)
			if (!in_sequence(demo, (enum way)((turn + pass) % WAYS), pass, &timing))
				return false;
		if (!at_random(demo, pass, &timing))
			return false;
	}
	progress_end();
	print_timing(demo, &timing);
	demo_check(demo, timing.equal, "every way of reading gave the same bytes, in sequence and at random");
	return both_at_once(demo) && both_at_random(demo);
}
