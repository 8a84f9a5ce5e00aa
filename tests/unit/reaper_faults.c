/* SPDX-License-Identifier: MIT */
/* A reaper with each of its system calls and allocations failing: an error or less done, nothing leaked, nobody harmed. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "fault.h"
#include "make.h"
#include "os.h"

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

/* ---- what the kernel tells, and what happens between its word and the look ---- */

static fm_reaper *open_reaper(void)
{
	fm_reaper *reaper = NULL;

	REQUIRE_EQ(fm_reaper_open(FM_LOCAL, &reaper), FM_OK);
	return reaper;
}

static unsigned run(fm_reaper *reaper, int *ret_wait)
{
	unsigned removed = 0;

	CHECK_EQ(fm_reaper_run(reaper, &removed, NULL, ret_wait), FM_OK);
	return removed;
}

/* Until nothing is left to be looked at again; what was removed. */
static unsigned run_to_rest(fm_reaper *reaper)
{
	struct pollfd events = { .fd = fm_reaper_fd(reaper), .events = POLLIN };
	unsigned removed = 0;
	int wait = 0;

	for (removed = run(reaper, &wait); removed == 0 && wait >= 0; removed = run(reaper, &wait))
		(void)poll(&events, 1, wait);
	return removed;
}

static ssize_t (*real_read)(int, void *, size_t);
static struct inotify_event said;

static ssize_t read_said(int fd, void *buffer, size_t size)
{
	(void)fd, (void)size;
	os.read = real_read;
	memcpy(buffer, &said, sizeof(said));
	return sizeof(said);
}

TEST(lost_events_make_it_look_at_everything)
{
	static const int faults[] = { 0, EMFILE };

	own_namespace();
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		fm_reaper *reaper = open_reaper();
		pid_t victim = make_victim("overflow", -1);
		unsigned removed = 0;
		int wait;

		check_row("%d", faults[i]);
		CHECK_EQ(child_result(victim), -SIGKILL);
		said = (struct inotify_event){ .wd = -1, .mask = IN_Q_OVERFLOW };
		real_read = os.read;
		os.read = read_said;
		if (faults[i])
			fault_arm("openat", 1, FAULT_ONCE, faults[i]);
		CHECK_EQ(fm_reaper_run(reaper, &removed, NULL, &wait), faults[i] ? FM_E_TOO_MANY_OPENED_FILES : FM_OK);
		(void)fault_disarm();
		os.read = real_read;
		CHECK_EQ(removed, faults[i] ? 0 : 1);
		fm_reaper_close(reaper);
		bury_what_is_left(faults[i] ? 1 : 0);
	}
}

TEST(a_directory_that_moves_is_told)
{
	char path[512], other[520];
	fm_reaper *reaper;
	int wait;

	own_namespace();
	reaper = open_reaper();
	REQUIRE_EQ(fm_namespace_directory(FM_LOCAL, path, sizeof(path)), FM_OK);
	(void)snprintf(other, sizeof(other), "%s.other", path);
	REQUIRE_EQ(rename(path, other), 0);
	CHECK_EQ(fm_reaper_run(reaper, NULL, NULL, &wait), FM_E_PATH_NOT_FOUND);
	CHECK_EQ(fm_reaper_run(reaper, NULL, NULL, NULL), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_reaper_run(NULL, NULL, NULL, &wait), FM_E_INVALID_PARAMETER);
	fm_reaper_close(reaper);
}

TEST(an_entry_that_cannot_be_watched_makes_it_sweep)
{
	static const struct {
		int error;
		bool sweeps;
	} cases[] = { { EMFILE, true }, { ENFILE, true }, { ENOMEM, true }, { EACCES, false } };

	own_namespace();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fm_reaper *reaper = open_reaper();
		fm_section *live = make_section(&(fm_section_options){ .name = "live", .size = PAGE });
		int wait = -2;

		check_row("%d", cases[i].error);
		fault_arm("openat", 1, FAULT_FROM, cases[i].error);
		(void)run(reaper, &wait); /* told of the new entry */
		CHECK(fault_disarm());
		CHECK_EQ(wait >= 0 && wait <= 1001, cases[i].sweeps);
		fm_section_close(live);
		fm_reaper_close(reaper);
	}
}

TEST(an_entry_that_is_none_is_not_watched)
{
	fm_section *open_to_all;
	fm_reaper *reaper;
	int wait = -2;

	own_namespace();
	open_to_all = make_section(&(fm_section_options){ .name = "open", .size = PAGE });
	REQUIRE_EQ(fchmod(fm_section_number(open_to_all), 0666), 0);
	reaper = open_reaper();
	(void)run(reaper, &wait);
	CHECK_EQ(wait, -1);
	REQUIRE_EQ(fchmod(fm_section_number(open_to_all), 0600), 0);
	fm_reaper_close(reaper);
	fm_section_close(open_to_all);
}

static int (*real_getlk)(int, struct flock *);

/* Nobody holds it, and in the next moment somebody does. */
static int say_nobody(int fd, struct flock *lock)
{
	(void)fd;
	os.ofd_getlk = real_getlk;
	lock->l_type = F_UNLCK;
	return 0;
}

TEST(who_comes_between_the_look_and_the_burial_lives)
{
	int go[2], wait;
	fm_reaper *reaper;
	fm_section *again;
	pid_t victim;

	own_namespace();
	REQUIRE_EQ(pipe2(go, O_CLOEXEC), 0);
	victim = make_victim("between", go[0]);
	reaper = open_reaper(); /* due to be looked at again */
	real_getlk = os.ofd_getlk;
	os.ofd_getlk = say_nobody;
	while (os.ofd_getlk != real_getlk) {
		struct pollfd events = { .fd = fm_reaper_fd(reaper), .events = POLLIN };

		CHECK_EQ(run(reaper, &wait), 0);
		(void)poll(&events, 1, wait);
	}
	REQUIRE_EQ(fm_section_open("between", FM_READ, &again), FM_OK);
	fm_section_close(again);
	REQUIRE_EQ(write(go[1], "x", 1), 1);
	CHECK_EQ(child_result(victim), -SIGKILL);
	CHECK_EQ(run_to_rest(reaper), 1);
	fm_reaper_close(reaper);
}

TEST(a_second_name_of_a_watched_file_goes_with_it)
{
	char path[512], first[600], second[600];
	fm_reaper *reaper;
	int go[2], wait;
	pid_t victim;

	own_namespace();
	REQUIRE_EQ(pipe2(go, O_CLOEXEC), 0);
	victim = make_victim("first", go[0]);
	reaper = open_reaper();
	REQUIRE_EQ(fm_namespace_directory(FM_LOCAL, path, sizeof(path)), FM_OK);
	(void)snprintf(first, sizeof(first), "%s/first", path);
	(void)snprintf(second, sizeof(second), "%s/second", path);
	REQUIRE_EQ(link(first, second), 0);
	(void)run(reaper, &wait); /* one inode, one watch: known as the second now */
	REQUIRE_EQ(write(go[1], "x", 1), 1);
	CHECK_EQ(child_result(victim), -SIGKILL);
	CHECK_EQ(run_to_rest(reaper), 1);
	CHECK_EQ(access(second, F_OK), -1);
	fm_reaper_close(reaper);
	bury_what_is_left(1);
}

/* The kernel numbers watches on and on; those of a host's own here. */
TEST(watches_whose_numbers_share_a_place_are_told_apart)
{
	int go[2], other[2];
	fm_reaper *reaper;
	pid_t early, late;

	own_namespace();
	REQUIRE_EQ(pipe2(go, O_CLOEXEC), 0);
	REQUIRE_EQ(pipe2(other, O_CLOEXEC), 0);
	early = make_victim("early", go[0]);
	reaper = open_reaper();
	for (int i = 0; i < 4095; i++) {
		char path[600];

		(void)snprintf(path, sizeof(path), "%s/%d", check_directory(), i);
		REQUIRE_EQ(mkdir(path, 0700), 0);
		if (inotify_add_watch(fm_reaper_fd(reaper), path, IN_DELETE_SELF) < 0)
			check_skip("fs.inotify.max_user_watches is too small");
	}
	late = make_victim("late", other[0]);
	(void)run_to_rest(reaper);
	REQUIRE_EQ(write(go[1], "x", 1), 1);
	CHECK_EQ(child_result(early), -SIGKILL);
	CHECK_EQ(run_to_rest(reaper), 1);
	REQUIRE_EQ(write(other[1], "x", 1), 1);
	CHECK_EQ(child_result(late), -SIGKILL);
	CHECK_EQ(run_to_rest(reaper), 1);
	fm_reaper_close(reaper);
	bury_what_is_left(0);
}
