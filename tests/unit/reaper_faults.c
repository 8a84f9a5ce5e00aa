/* SPDX-License-Identifier: MIT */
/* A reaper with each of its system calls and allocations failing: an error or less done, nothing leaked, nobody harmed. */
#include <errno.h>
#include <stdlib.h>

#include "fault.h"
#include "make.h"

static const int errors[] = { EMFILE, EINTR, EIO, ENOSPC };

static void own_namespace(void)
{
	REQUIRE_EQ(setenv("FILEMAP_ROOT", check_directory(), 1), 0);
	warm_up();
}

/* A name whose holder is killed when @go is closed, or at once. */
static pid_t make_victim(const char *name, int go)
{
	int told[2];
	char byte;
	pid_t child;

	REQUIRE_EQ(pipe(told), 0);
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0) {
		(void)make_section(&(fm_section_options){ .name = name, .size = PAGE });
		if (write(told[1], "x", 1) != 1 || (go >= 0 && read(go, &byte, 1) < 0))
			_exit(1);
		kill(getpid(), SIGKILL);
	}
	close(told[1]);
	REQUIRE_EQ(read(told[0], &byte, 1), 1);
	close(told[0]);
	return child;
}

static void bury_what_is_left(unsigned want)
{
	unsigned removed = 0;

	REQUIRE_EQ(fm_namespace_sweep(FM_LOCAL, &removed, NULL), FM_OK);
	CHECK_EQ(removed, want);
}

/* Opened, run and closed under the fault: what was dead is buried now or later, what lives is left. */
static bool open_under_fault(unsigned nth, enum fault_kind kind, int error)
{
	struct fault_world before = fault_world();
	fm_reaper *reaper = NULL;
	unsigned removed = 0;
	int wait = -2;
	bool fired;

	CHECK_EQ(child_result(make_victim("dead", -1)), -SIGKILL);
	fault_arm("*", nth, kind, error);
	if (fm_reaper_open(FM_LOCAL, &reaper) == FM_OK)
		(void)fm_reaper_run(reaper, &removed, NULL, &wait);
	else
		CHECK(reaper == NULL);
	fm_reaper_close(reaper);
	fired = fault_disarm();
	CHECK(removed <= 1);
	(void)fm_namespace_sweep(FM_LOCAL, NULL, NULL);
	CHECK_SAME_WORLD(before);
	return fired;
}

static void each_failure(bool (*run)(unsigned nth, enum fault_kind kind, int error), enum fault_kind kind)
{
	fm_section *live = make_section(&(fm_section_options){ .name = "live", .size = PAGE }), *again;

	for (size_t e = 0; e < ARRAY_SIZE(errors); e++) {
		bool fired = true;

		for (unsigned nth = 1; fired; nth++) {
			check_row("%s, call %u", strerror(errors[e]), nth);
			REQUIRE(nth < 500);
			fired = run(nth, kind, errors[e]);
			REQUIRE_EQ(fm_section_open("live", FM_READ, &again), FM_OK);
			fm_section_close(again);
		}
	}
	fm_section_close(live);
	bury_what_is_left(0);
}

TEST(each_failed_call_of_an_open_leaves_nothing)
{
	own_namespace();
	each_failure(open_under_fault, FAULT_ONCE);
}

TEST(persistent_failures_of_an_open_leave_nothing)
{
	own_namespace();
	each_failure(open_under_fault, FAULT_FROM);
}

/* The death is noticed under the fault. Whatever it was, the next run without one buries what is left. */
static bool run_under_fault(unsigned nth, enum fault_kind kind, int error)
{
	struct fault_world before = fault_world();
	fm_reaper *reaper = NULL;
	int go[2], wait;
	pid_t child;
	bool fired;

	REQUIRE_EQ(pipe(go), 0);
	child = make_victim("dies", go[0]);
	REQUIRE_EQ(fm_reaper_open(FM_LOCAL, &reaper), FM_OK);
	REQUIRE_EQ(write(go[1], "x", 1), 1);
	CHECK_EQ(child_result(child), -SIGKILL);
	close(go[0]);
	close(go[1]);
	fault_arm("*", nth, kind, error);
	(void)fm_reaper_run(reaper, NULL, NULL, &wait);
	fired = fault_disarm();
	fm_reaper_close(reaper);
	(void)fm_namespace_sweep(FM_LOCAL, NULL, NULL);
	CHECK_SAME_WORLD(before);
	return fired;
}

TEST(each_failed_call_of_a_run_leaves_nothing)
{
	own_namespace();
	each_failure(run_under_fault, FAULT_ONCE);
}

TEST(persistent_failures_of_a_run_leave_nothing)
{
	own_namespace();
	each_failure(run_under_fault, FAULT_FROM);
}

TEST(exhausted_memory_is_an_error_or_sweeps)
{
	fm_section *live;
	bool fired = true;

	own_namespace();
	live = make_section(&(fm_section_options){ .name = "live", .size = PAGE });
	for (unsigned nth = 1; fired; nth++) {
		struct fault_world before = fault_world();
		fm_reaper *reaper = NULL;
		fm_status status;
		int wait = -2;

		check_row("%u", nth);
		fault_arm_allocation(nth, FAULT_ONCE);
		status = fm_reaper_open(FM_LOCAL, &reaper);
		if (status == FM_OK)
			CHECK_EQ(fm_reaper_run(reaper, NULL, NULL, &wait), FM_OK);
		fired = fault_disarm();
		CHECK_EQ(status, nth == 1 ? FM_E_NO_MEMORY : FM_OK);
		if (nth == 2)
			CHECK(wait >= 0 && wait <= 1001); /* one entry is not watched: it sweeps */
		fm_reaper_close(reaper);
		CHECK_SAME_WORLD(before);
	}
	fm_section_close(live);
}

TEST(each_failed_call_of_a_seal_leaves_the_section_writable)
{
	fm_section *section = make_memory(PAGE, 0);
	char *view;

	fault_arm("add_seals", 1, FAULT_ONCE, EINVAL);
	CHECK_EQ(fm_section_seal(section), FM_E_NOT_SUPPORTED);
	fault_arm("add_seals", 1, FAULT_ONCE, EPERM);
	CHECK_EQ(fm_section_seal(section), FM_E_ACCESS_DENIED);
	CHECK(fault_disarm());
	view = make_view(section, FM_WRITE, 0, 0);
	*view = 1;
	CHECK_EQ(fm_section_seal(section), FM_OK);
}
