/* SPDX-License-Identifier: MIT */
/*
 * A call against each of its failures: every system call and every allocation that it makes fails in turn,
 * once or from then on, with each of some errors. Afterwards it has done all or nothing, and nothing leaks.
 */
#ifndef FAILURES_H
#define FAILURES_H

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "fault.h"
#include "make.h"

struct failing {
	const char *name;
	void (*prepare)(void);          /* what the call works on; may be NULL */
	fm_status (*call)(void);
	void (*check)(bool succeeded);  /* all of it is there, or all is as before; may be NULL */
	void (*clear)(void);            /* what was prepared and made goes */
};

/* What stands after a failure cannot be put back while calls go on failing: then only leaks are looked for. */
static inline void failing_run(const struct failing *scene, bool keeps_failing, bool *ret_fired)
{
	fm_status status = scene->call();

	*ret_fired = fault_disarm();
	if (!*ret_fired)
		CHECK(status >= 0);
	if (scene->check && (status >= 0 || !keeps_failing))
		scene->check(status >= 0);
	scene->clear();
}

static inline void each_failure_of(const struct failing *scene, enum fault_kind kind, int error,
				   struct fault_world before)
{
	bool fired = true;

	for (unsigned nth = 1; fired && !check_failures; nth++) {
		check_row("%s, %s %u %s: %s", scene->name, error ? "system call" : "allocation", nth,
			  kind == FAULT_ONCE ? "once" : "and on", error ? strerror(error) : "none");
		if (scene->prepare)
			scene->prepare();
		if (error)
			fault_arm("*", nth, kind, error);
		else
			fault_arm_allocation(nth, kind);
		failing_run(scene, kind == FAULT_FROM, &fired);
		CHECK_SAME_WORLD(before);
	}
}

/* Names of our own, which no other test makes and removes meanwhile. */
static inline void failing_alone(void)
{
	static char root[512];

	if (root[0])
		return;
	snprintf(root, sizeof(root), "%s/names", check_directory());
	REQUIRE_EQ(mkdir(root, 0700), 0);
	REQUIRE_EQ(setenv("FILEMAP_ROOT", root, 1), 0);
}

static inline void each_failure(const struct failing *scene)
{
	static const int errors[] = { 0, EINTR, EIO, ENOMEM, EMFILE, EACCES, EINVAL, ENOENT };
	struct fault_world before = { 0, 0, 0 };

	failing_alone();
	for (int i = 0; i < 2; i++) { /* what the library opens once in a process is open after the first */
		bool fired;

		check_row("%s, without failure", scene->name);
		if (scene->prepare)
			scene->prepare();
		fault_count_reset();
		failing_run(scene, false, &fired);
		if (i == 0)
			before = fault_world();
		else
			CHECK_SAME_WORLD(before);
	}
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		each_failure_of(scene, FAULT_ONCE, errors[i], before);
		each_failure_of(scene, FAULT_FROM, errors[i], before);
	}
}

static inline void each_failure_of_all(const struct failing *scenes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		each_failure(&scenes[i]);
}

#endif
