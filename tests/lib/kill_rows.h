/* SPDX-License-Identifier: MIT */
/*
 * A call killed before and after each of its system calls: a child runs it and dies there, and what peers find
 * after each of these deaths is the same as if the call had never been made, or as if it had been made whole.
 * A call that releases is not left out. One sweep, and nothing of the dead is left.
 */
#ifndef KILL_ROWS_H
#define KILL_ROWS_H

#include <signal.h>
#include <stdlib.h>

#include "fault.h"
#include "make.h"

struct kill_row {
	const char *name;
	void (*prepare)(void); /* in the parent, before each child: what it works on; may be NULL */
	void (*begin)(void);   /* in the child, unharmed: handles of its own; may be NULL */
	void (*call)(void);    /* in the child, that is killed */
	void (*examine)(void); /* in the parent: what peers find; undoes what was prepared. May be NULL */
};

/* True if it was killed. */
static inline bool kill_at(const struct kill_row *row, unsigned nth, enum fault_kind kind)
{
	pid_t child;
	int result;

	if (row->prepare)
		row->prepare();
	fflush(NULL);
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0) {
		if (row->begin)
			row->begin();
		fault_arm("**", nth, kind, 0);
		row->call();
		(void)fault_disarm();
		_exit(check_failures ? 1 : 0);
	}
	result = child_result(child);
	CHECK(result == 0 || result == -SIGKILL);
	return result == -SIGKILL;
}

static inline struct fault_world kill_examine(const struct kill_row *row)
{
	if (row->examine)
		row->examine();
	for (unsigned space = FM_LOCAL; space <= FM_GLOBAL; space++)
		CHECK_EQ(fm_namespace_sweep(space, NULL, NULL), FM_OK);
	return fault_world();
}

/* How many deaths there were. */
static inline unsigned kill_row_run(const struct kill_row *row)
{
	struct fault_world before = { 0, 0, 0 };
	unsigned deaths = 0;

	for (int warm = 0; warm < 2; warm++) { /* what the library opens once in a process is open after the first */
		check_row("%s: unharmed", row->name);
		CHECK(!kill_at(row, 1000000, FAULT_KILL_BEFORE));
		before = kill_examine(row);
	}
	for (int kind = FAULT_KILL_BEFORE; kind <= FAULT_KILL_AFTER; kind++) {
		bool killed = true;

		for (unsigned nth = 1; killed; nth++) {
			check_row("%s: killed %s call %u", row->name, kind == FAULT_KILL_BEFORE ? "before" : "after", nth);
			killed = kill_at(row, nth, (enum fault_kind)kind);
			(void)kill_examine(row);
			CHECK_SAME_WORLD(before);
			deaths += killed;
			if (check_failures)
				check_fatal(__FILE__, __LINE__, "and no further");
		}
	}
	return deaths;
}

static inline void kill_rows_run(const struct kill_row *rows, size_t count)
{
	unsigned deaths = 0;

	REQUIRE_EQ(setenv("FILEMAP_ROOT", check_directory(), 1), 0);
	warm_up();
	for (size_t i = 0; i < count; i++)
		deaths += kill_row_run(&rows[i]);
	check_row("%zu rows", count);
	printf("%zu rows: killed %u times\n", count, deaths);
}

#endif
