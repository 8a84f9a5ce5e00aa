/* SPDX-License-Identifier: MIT */
/*
 * The demo: a coordinator and two workers, A and B, which are this program executed anew and know nothing
 * but two names. The coordinator sends a line, the worker answers one: "ok [NUMBER ...]" or "no CAUSE".
 */
#ifndef DEMO_H
#define DEMO_H

#include <stdio.h>
#include <sys/types.h>

#include "measure.h"

/* ---- the file: word i is mix64(i), so that any part of it can be checked by itself (demo_file.c) ---- */

/** demo_file_is_ours - its size is whole words and samples all over it have the demo's words. */
bool demo_file_is_ours(const char *path);
/** demo_file_make - complete under its name or not there. Returns an exit code. */
extern char *demo_file_unfinished; /* to be removed if interrupted, or NULL */
int demo_file_make(const char *path, uint64_t size);
/** demo_file_sum - what sum_by_read() must give for a whole file of ours. */
uint64_t demo_file_sum(uint64_t size);
/** demo_file_check - are @length bytes at @data those of our file at @offset, a multiple of 8? */
bool demo_file_check(const void *data, uint64_t offset, size_t length);
/** demo_file_fill - make them so. */
void demo_file_fill(void *data, uint64_t offset, size_t length);

/* ---- records: written by one process at scattered places, looked for by another (demo_records.c) ---- */

#define RECORDS 1000u
#define RECORD_SIZE 64u
/* The board, a piece of named memory: a page of counters, records behind it. */
#define BOARD_SIZE (4u << 20)
#define BOARD_RECORDS 4096u

/** records_write, records_check - RECORDS of them for @seed in @size bytes. The check counts the right ones. */
void records_write(char *view, uint64_t size, uint64_t seed);
unsigned records_check(const char *view, uint64_t size, uint64_t seed);
/** records_remove - give a file of ours its own words back where records are. */
void records_remove(char *view, uint64_t size, uint64_t seed);
/** record_place - the offset of the k-th, a multiple of 8. */
uint64_t record_place(uint64_t size, uint64_t seed, unsigned k);

/* ---- workers ---- */

struct demo_worker {
	const char *label;
	pid_t pid;
	FILE *to, *from;
};

/** worker_main - the other end: obey lines of stdin until it ends. Returns the exit code. */
int worker_main(const char *label, const char *file_name, const char *board_name);
/** worker_start - false after a message. */
bool worker_start(struct demo_worker *worker, const char *label, const char *file_name, const char *board_name);
/** worker_send - a command; worker_answer - its answer: true for "ok", with what follows in a static buffer
 *  of the worker's turn. worker_ask - both. */
void worker_send(struct demo_worker *worker, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool worker_answer(struct demo_worker *worker, const char **ret_text);
bool worker_ask(struct demo_worker *worker, const char **ret_text, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/** worker_complaint - the last "no", once; NULL. */
const char *worker_complaint(void);
/** worker_end - SIGKILL if it lives, and wait; its wait status. Safe in a handler of signals.
 *  worker_kill - was it that which ended it? */
int worker_end(struct demo_worker *worker);
bool worker_kill(struct demo_worker *worker);

/* ---- the coordinator ---- */

struct demo {
	const char *path;
	bool ours;                 /* the file is the demo's own: it may be written */
	uint64_t size, window, make;
	int fd;
	char file_name[64], board_name[64], last_name[64];
	fm_section *file, *board;
	char *board_view;
	uint64_t sum;              /* of the file, by read(2) */
	struct demo_worker a, b;
	unsigned passed, failed;
};

/** demo_heading - of the checks that follow. demo_check - print and count a check. */
void demo_heading(const char *text);
void demo_check(struct demo *demo, bool holds, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The parts, in their order. False: there is no use in going on. */
bool demo_measure(struct demo *demo);   /* demo_measure.c: read the file in all ways, two processes at once */
bool demo_coherence(struct demo *demo); /* demo_checks.c */
bool demo_lifetime(struct demo *demo);
void demo_clean(struct demo *demo);

#endif
