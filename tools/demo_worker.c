/* SPDX-License-Identifier: MIT */
/* Process A or B of the demo: it is told names, opens them and does as the coordinator says. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "demo.h"

enum { WINDOWS_KEPT = 4, COPY_PAGES = 16 };

static struct {
	const char *board_name;
	fm_section *file, *board, *last;
	uint32_t access;
	uint64_t size;
	char *whole, *board_view, *copy;
	void *windows[WINDOWS_KEPT];
} me;

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	putchar('\n');
	fflush(stdout);
}

static void say_status(const char *what, fm_status status)
{
	say("no %s: %s", what, fm_status_text(status));
}

/* Read a byte of each page, so that what is drawn is in use. */
static uint64_t touch_views(uint64_t window)
{
	uint64_t sum = 0;

	for (uint64_t at = 0; me.whole && at < me.size; at += 4096)
		sum += (unsigned char)me.whole[at];
	for (unsigned i = 0; i < WINDOWS_KEPT && me.windows[i]; i++)
		for (uint64_t at = 0; at < window; at += 4096)
			sum += ((const unsigned char *)me.windows[i])[at];
	return sum;
}

/* Keep views of the file: A one of all of it, B windows at both ends and between. */
static void keep_views(bool whole, uint64_t window)
{
	fm_status status = FM_OK;

	if (whole) {
		status = fm_view_map(me.file, me.access, 0, 0, (void **)&me.whole);
	} else {
		uint64_t step = me.size / WINDOWS_KEPT;

		if (window > step)
			window = step;
		if (window < COPY_PAGES * 4096)
			window = COPY_PAGES * 4096;
		for (unsigned i = 0; i < WINDOWS_KEPT && status >= 0; i++)
			status = fm_view_map(me.file, i == 0 ? me.access : FM_READ, i * step, (size_t)window,
					     &me.windows[i]);
		if (status >= 0)
			status = fm_view_map(me.file, FM_COPY, 0, (size_t)window, (void **)&me.copy);
	}
	if (status < 0)
		say_status("map the file", status);
	else
		say("ok %" PRIu64, touch_views(window));
}

static void read_in_sequence(const char *way, uint64_t window)
{
	fm_status status;
	uint64_t sum;
	double seconds;

	status = sum_by_views(me.file, me.size, strcmp(way, "whole") == 0 ? 0 : window, &sum, &seconds);
	if (status < 0)
		say_status("map the file", status);
	else
		say("ok %" PRIu64 " %.9f", sum, seconds);
}

static void read_at_random(uint64_t count, uint64_t seed)
{
	uint64_t sum;
	double seconds;
	void *view;
	fm_status status = fm_view_map(me.file, FM_READ, 0, 0, &view);

	if (status < 0) {
		say_status("map the file", status);
		return;
	}
	(void)fm_view_advise(view, (size_t)me.size, FM_ADVICE_RANDOM); /* a hint */
	random_by_view(view, me.size, count, seed, &sum, &seconds);
	(void)fm_view_unmap(view); /* just mapped, so it is there */
	say("ok %" PRIu64 " %.9f", sum, seconds);
}

static void count_up(uint64_t times)
{
	_Atomic uint64_t *counter = (_Atomic uint64_t *)me.board_view;

	for (uint64_t i = 0; i < times; i++)
		atomic_fetch_add(counter, 1);
	say("ok");
}

/* Until killed. */
static _Noreturn void scribble(void)
{
	_Atomic uint64_t *counter = (_Atomic uint64_t *)me.board_view;

	say("ok");
	for (uint64_t seed = 0;; seed++) {
		records_write(me.board_view + BOARD_RECORDS, BOARD_SIZE - BOARD_RECORDS, seed);
		atomic_fetch_add(counter, 1);
	}
}

/* Write over a private window: only this process may see it. */
static void write_copy(void)
{
	unsigned char first = (unsigned char)me.copy[0];

	for (size_t at = 0; at < COPY_PAGES * 4096; at += 4096)
		me.copy[at] = (char)~me.copy[at];
	if ((unsigned char)me.copy[0] == (unsigned char)~first && ((unsigned char *)me.windows[0])[0] == first)
		say("ok");
	else
		say("no the shared window beside it changed too");
}

static void try_beyond_rights(void)
{
	fm_section *section;
	fm_status status = fm_section_open(me.board_name, FM_READ, &section);
	void *view, *refused;
	int error;

	if (status < 0) {
		say_status("open for reading", status);
		return;
	}
	status = fm_view_map(section, FM_WRITE, 0, 4096, &refused);
	if (status != FM_E_ACCESS_DENIED) {
		say("no mapping it for writing gave: %s", fm_status_text(status));
	} else if ((status = fm_view_map(section, FM_READ, 0, 4096, &view)) < 0) {
		say_status("map for reading", status);
	} else {
		error = mprotect(view, 4096, PROT_READ | PROT_WRITE) == 0 ? 0 : errno;
		if (error == EACCES)
			say("ok");
		else
			say("no mprotect gave: %s", strerror(error));
		(void)fm_view_unmap(view); /* just mapped, so it is there */
	}
	fm_section_close(section);
}

static void make_last(const char *name)
{
	fm_section_options options = { .name = name, .size = 16u << 20 };
	fm_status status = fm_section_create_new(&options, &me.last);

	if (status < 0)
		say_status("create it", status);
	else
		say("ok");
}

static void obey(const char *verb, const char *text, uint64_t number, uint64_t seed)
{
	bool board = strcmp(text, "board") == 0;
	char *view = board ? me.board_view + BOARD_RECORDS : me.whole;
	uint64_t size = board ? BOARD_SIZE - BOARD_RECORDS : me.size;

	if (strcmp(verb, "keep") == 0)
		keep_views(strcmp(text, "whole") == 0, number);
	else if (strcmp(verb, "sum") == 0)
		read_in_sequence(text, number);
	else if (strcmp(verb, "random") == 0)
		read_at_random(number, seed);
	else if (strcmp(verb, "write") == 0)
		records_write(view, size, seed), say("ok");
	else if (strcmp(verb, "check") == 0)
		say("ok %u", records_check(view, size, seed));
	else if (strcmp(verb, "remove") == 0)
		records_remove(view, size, seed), say("ok");
	else if (strcmp(verb, "count") == 0)
		count_up(number);
	else if (strcmp(verb, "copy") == 0)
		write_copy();
	else if (strcmp(verb, "rights") == 0)
		try_beyond_rights();
	else if (strcmp(verb, "scribble") == 0)
		scribble();
	else if (strcmp(verb, "close") == 0)
		fm_section_close(me.board), me.board = NULL, say("ok");
	else if (strcmp(verb, "last") == 0)
		make_last(text);
	else
		say("no such command");
}

static fm_status open_names(const char *file_name, const char *board_name)
{
	fm_section_info info;
	fm_status status = fm_section_open(board_name, FM_READ | FM_WRITE, &me.board);

	if (status >= 0)
		status = fm_view_map(me.board, FM_WRITE, 0, 0, (void **)&me.board_view);
	me.board_name = board_name;
	if (status >= 0)
		status = fm_section_open(file_name, FM_READ | FM_WRITE, &me.file);
	if (status == FM_E_ACCESS_DENIED)
		status = fm_section_open(file_name, FM_READ, &me.file);
	if (status >= 0)
		status = fm_section_query(me.file, &info);
	if (status < 0)
		return status;
	me.size = info.size;
	me.access = info.protection & info.access & FM_WRITE ? FM_WRITE : FM_READ; /* a given file is only read */
	return FM_OK;
}

int worker_main(const char *label, const char *file_name, const char *board_name)
{
	char line[256], verb[16], text[100];
	fm_status status = open_names(file_name, board_name);

	(void)label; /* it is for who reads the list of processes */
	measure_catch_cut();
	if (status < 0) {
		say_status("open the names", status);
		return EXIT_FAILED;
	}
	say("ok");
	while (fgets(line, sizeof(line), stdin)) {
		uint64_t number = 0, seed = 0;

		text[0] = '\0';
		if (sscanf(line, "%15s %99s %" SCNu64 " %" SCNu64, verb, text, &number, &seed) >= 1)
			obey(verb, text, number, seed);
	}
	return EXIT_DONE;
}
