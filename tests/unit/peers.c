/* SPDX-License-Identifier: MIT */
/* Other processes as objects: opened, asked for their end, and what is taken from them, each step failed in turn. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "child.h"
#include "diskfile.h"
#include "duplicate.h"
#include "fault.h"
#include "lock.h"
#include "make.h"
#include "os.h"
#include "section.h"

static int release[2]; /* children end when it closes */

/* A child that keeps every descriptor of now and does nothing. */
static pid_t idle_child(void)
{
	pid_t child;
	char byte;

	REQUIRE_EQ(pipe2(release, O_CLOEXEC), 0);
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0) {
		close(release[1]);
		(void)!read(release[0], &byte, 1);
		_exit(7);
	}
	close(release[0]);
	return child;
}

static void end_child(pid_t child)
{
	close(release[1]);
	CHECK_EQ(child_result(child), 7);
}

/* A process that has ended and that nobody has waited for. */
static pid_t zombie(int number)
{
	pid_t child = fork();
	siginfo_t info;

	REQUIRE(child >= 0);
	if (child == 0) {
		struct rlimit none = { 0, 0 };

		(void)setrlimit(RLIMIT_CORE, &none);
		(void)signal(number, SIG_DFL); /* a sanitizer would report */
		(void)kill(getpid(), number);
		_exit(0);
	}
	REQUIRE_EQ(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
	return child;
}

static struct peer *enter_peer(int number)
{
	struct handle *handle = NULL;

	REQUIRE_EQ(handle_enter(number, &process_kind, &handle), FM_OK);
	return (struct peer *)handle;
}

static struct peer *open_peer(pid_t pid, uint32_t access, int *ret_number)
{
	REQUIRE_EQ(peer_open(pid, access, false, ret_number), FM_OK);
	return enter_peer(*ret_number);
}

static void close_peer(struct peer *peer, int number)
{
	handle_leave(&peer->handle);
	CHECK_EQ(handle_close(number), FM_OK);
}

/* ---- opening ---- */

TEST(a_number_of_no_process_is_an_invalid_parameter)
{
	pid_t ended = zombie(SIGKILL); /* of which nobody here knows */
	const pid_t pids[] = { 0, -1, INT32_MIN, INT32_MAX, ended };
	int number = -7;

	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		check_row("%d", (int)pids[i]);
		CHECK_EQ(peer_open(pids[i], PEER_ALL, false, &number), FM_E_INVALID_PARAMETER);
	}
	CHECK_EQ(number, -7);
}

TEST(a_process_that_cannot_be_opened_leaves_nothing)
{
	static const struct {
		const char *call; /* NULL: an allocation */
		int error;
		fm_status status;
	} cases[] = {
		{ NULL, 0, FM_E_NO_MEMORY },
		{ "pidfd_open", EMFILE, FM_E_TOO_MANY_OPENED_FILES },
		{ "pidfd_open", ENOMEM, FM_E_NO_MEMORY },
		{ "pidfd_open", ESRCH, FM_E_INVALID_PARAMETER },
		{ "pidfd_open", EINVAL, FM_E_INVALID_PARAMETER },
		{ "pidfd_send_signal", EPERM, FM_E_ACCESS_DENIED },
		{ "poll", EINTR, FM_E_INVALID_PARAMETER }, /* for ever */
		{ "setfd", EBADF, FM_E_INVALID_HANDLE },
	};
	pid_t child = idle_child();
	struct fault_world before;
	int number;

	REQUIRE_EQ(peer_open(child, PEER_ALL, true, &number), FM_OK);
	REQUIRE_EQ(handle_close(number), FM_OK);
	before = fault_world();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s %d", cases[i].call ? cases[i].call : "memory", cases[i].error);
		if (cases[i].call)
			fault_arm(cases[i].call, 1, FAULT_FROM, cases[i].error);
		else
			fault_arm_allocation(1, FAULT_ONCE);
		CHECK_EQ(peer_open(child, PEER_ALL, true, &number), cases[i].status);
		CHECK(fault_disarm());
		CHECK_SAME_WORLD(before);
	}
	end_child(child);
}

TEST(no_number_without_memory_for_the_table)
{
	pid_t child = idle_child();
	struct fault_world before = fault_world();
	int number;

	fault_arm_allocation(2, FAULT_ONCE);
	CHECK_EQ(peer_open(child, PEER_ALL, false, &number), FM_E_NO_MEMORY);
	CHECK(fault_disarm());
	before.mappings = fault_world().mappings; /* the page of the locks is made once */
	CHECK_SAME_WORLD(before);
	end_child(child);
}

/* ---- numbers that nobody entered ---- */

static ssize_t (*real_readlinkat)(int, const char *, char *, size_t);
static const char *said_link;

static ssize_t say_link(int dir, const char *path, char *buffer, size_t size)
{
	(void)dir;
	(void)path;
	memcpy(buffer, said_link, strlen(said_link) < size ? strlen(said_link) : size);
	return (ssize_t)strlen(said_link);
}

TEST(a_descriptor_of_a_process_is_one_under_each_name_that_kernels_give_it)
{
	static const struct {
		const char *link;
		fm_status status;
	} cases[] = {
		{ "anon_inode:[pidfd]", FM_OK },
		{ "pidfd:[4711]", FM_OK }, /* Linux 6.9 */
		{ "anon_inode:[eventfd]", FM_E_OBJECT_TYPE_MISMATCH },
	};

	real_readlinkat = os.readlinkat;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int pidfd = os.pidfd_open(getpid());
		struct handle *handle = NULL;

		check_row("%s", cases[i].link);
		said_link = cases[i].link;
		os.readlinkat = say_link;
		CHECK_EQ(process_kind.adopt(pidfd, &handle), cases[i].status);
		os.readlinkat = real_readlinkat;
		if (handle) {
			CHECK_EQ(((struct peer *)handle)->pid, getpid());
			process_kind.forget(handle);
		}
		CHECK_EQ(close(pidfd), 0);
	}
}

static ssize_t (*real_pread)(int, void *, size_t, uint64_t);

static ssize_t say_nothing(int fd, void *buffer, size_t size, uint64_t offset)
{
	(void)fd;
	(void)offset;
	memset(buffer, 'x', size);
	return (ssize_t)size;
}

TEST(a_process_of_which_proc_says_nothing_has_no_number_and_is_no_other)
{
	int pidfd = os.pidfd_open(getpid());
	struct handle *handle = NULL, *known = NULL;

	REQUIRE_EQ(process_kind.adopt(pidfd, &known), FM_OK);
	CHECK(process_kind.same(known, known));
	real_pread = os.pread;
	os.pread = say_nothing;
	REQUIRE_EQ(process_kind.adopt(pidfd, &handle), FM_OK);
	os.pread = real_pread;
	CHECK_EQ(((struct peer *)handle)->pid, -1);
	CHECK(!process_kind.same(handle, handle));
	CHECK(!process_kind.same(known, handle));
	process_kind.forget(handle);
	process_kind.forget(known);
}

TEST(a_descriptor_that_cannot_be_looked_at_stays_the_callers)
{
	static const struct {
		const char *call;
		int error;
		fm_status status;
	} cases[] = {
		{ NULL, 0, FM_E_NO_MEMORY },
		{ "readlinkat", EBADF, FM_E_INVALID_HANDLE },
		{ "openat", EMFILE, FM_E_TOO_MANY_OPENED_FILES },
		{ "pread", ENOMEM, FM_E_NO_MEMORY },
	};
	int pidfd = os.pidfd_open(getpid());
	struct handle *handle;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fault_world before = fault_world();

		check_row("%s", cases[i].call ? cases[i].call : "memory");
		if (cases[i].call)
			fault_arm(cases[i].call, 1, FAULT_FROM, cases[i].error);
		else
			fault_arm_allocation(1, FAULT_ONCE);
		CHECK_EQ(process_kind.adopt(pidfd, &handle), cases[i].status);
		CHECK(fault_disarm());
		CHECK_SAME_WORLD(before);
		CHECK(fcntl(pidfd, F_GETFD) >= 0);
	}
}

/* ---- handles on processes, handed on ---- */

TEST(a_duplicate_of_a_process_has_the_rights_that_were_asked_for)
{
	const uint32_t wanted = 0x400;
	pid_t child = idle_child();
	int number, copied = -1;
	struct peer *peer = open_peer(child, PEER_DUPLICATE_HANDLE, &number);
	const uint32_t *const asked[] = { NULL, &wanted };
	struct handle *copy;

	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		check_row("%zu", i);
		REQUIRE_EQ(process_kind.duplicate(&peer->handle, asked[i], &copy, &copied), FM_OK);
		CHECK_EQ(((struct peer *)copy)->access, asked[i] ? wanted : PEER_DUPLICATE_HANDLE);
		CHECK(process_kind.same(copy, &peer->handle));
		handle_discard(copy);
	}
	fault_arm("dupfd", 1, FAULT_ONCE, EMFILE);
	CHECK_EQ(process_kind.duplicate(&peer->handle, NULL, &copy, &copied), FM_E_TOO_MANY_OPENED_FILES);
	CHECK(fault_disarm());
	fault_arm_allocation(1, FAULT_ONCE);
	CHECK_EQ(process_kind.duplicate(&peer->handle, NULL, &copy, &copied), FM_E_NO_MEMORY);
	CHECK(fault_disarm());
	close_peer(peer, number);
	end_child(child);
}

TEST(a_process_travels_in_a_parcel)
{
	const uint32_t wanted = 0x1000;
	pid_t child = idle_child();
	int number;
	struct peer *peer = open_peer(child, PEER_ALL, &number);
	struct parcel parcel = { .count = 0 };
	struct handle *got = NULL;
	struct fault_world before = fault_world();

	CHECK_EQ(process_kind.unpack(&parcel, 600, &got), FM_E_INVALID_HANDLE); /* nothing came */
	fault_arm("dupfd", 1, FAULT_ONCE, EMFILE);
	CHECK_EQ(process_kind.pack(&peer->handle, NULL, &parcel), FM_E_TOO_MANY_OPENED_FILES);
	CHECK(fault_disarm());
	REQUIRE_EQ(process_kind.pack(&peer->handle, NULL, &parcel), FM_OK);
	CHECK_EQ(parcel.words[0], PEER_ALL);
	CHECK_EQ(process_kind.unpack(&parcel, number, &got), FM_E_INVALID_HANDLE); /* taken */
	REQUIRE_EQ(process_kind.pack(&peer->handle, &wanted, &parcel), FM_OK);
	REQUIRE_EQ(process_kind.unpack(&parcel, 600, &got), FM_OK);
	CHECK_EQ(((struct peer *)got)->access, wanted);
	CHECK_EQ(((struct peer *)got)->pid, child);
	handle_discard(got);
	CHECK_SAME_WORLD(before);
	close_peer(peer, number);
	end_child(child);
}

/* ---- taking ---- */

enum { MEMORY, RESERVED, NAMED, NAMED_RESERVED, NAMED_FILE, FILE_SECTION, RECORD, DOCUMENT, PROCESS, THINGS };

static fm_section *taken_from;

/* What a child inherits under the number that is returned. */
static int make_thing(int thing)
{
	static const unsigned flags[THINGS] = { [RESERVED] = FM_SECTION_RESERVE, [NAMED_RESERVED] = FM_SECTION_RESERVE };
	bool file = thing == NAMED_FILE || thing == FILE_SECTION || thing == RECORD;
	bool named = thing == NAMED || thing == NAMED_RESERVED || thing == NAMED_FILE;
	fm_section_options options = { .size = PAGE, .flags = flags[thing], .path = file ? make_file("taken", PAGE) : NULL,
				       .name = named ? check_name("peers") : NULL };

	if (thing == DOCUMENT)
		return open(make_file("document", PAGE), O_RDWR | O_CLOEXEC);
	if (thing == PROCESS)
		return os.pidfd_open(getpid());
	taken_from = make_section(&options);
	if (thing == RECORD)
		REQUIRE_EQ(fm_section_set_inheritable(taken_from, true), FM_OK);
	return fm_section_number(taken_from);
}

/* FILE_SECTION's number is a plain descriptor of the file, as a document's is. */
static fm_status take_and_discard(struct peer *peer, int number)
{
	struct handle *handle;
	int taken;
	fm_status status = peer_take(peer, number, &handle, &taken);

	if (status == FM_OK)
		handle_discard(handle);
	return status;
}

static const int take_errors[] = { EMFILE, ENOMEM, EIO, EPERM, ENOSYS, EACCES, ESRCH, EINTR };

/* @run fails at each call and each allocation in turn; afterwards it works. */
static void fail_each(struct peer *peer, int number)
{
	struct fault_world before;
	bool fired = true;

	REQUIRE_EQ(take_and_discard(peer, number), FM_OK);
	before = fault_world();
	for (size_t e = 0; e < ARRAY_SIZE(take_errors); e++) {
		fired = true;
		for (unsigned nth = 1; fired; nth++) {
			fault_arm("*", nth, e % 2 ? FAULT_FROM : FAULT_ONCE, take_errors[e]);
			(void)take_and_discard(peer, number); /* what it cannot do without fails */
			fired = fault_disarm();
			CHECK_SAME_WORLD(before);
			REQUIRE(nth < 100);
		}
	}
	fired = true;
	for (unsigned nth = 1; fired; nth++) {
		fm_status status;

		fault_arm_allocation(nth, FAULT_ONCE);
		status = take_and_discard(peer, number);
		fired = fault_disarm();
		CHECK_EQ(status, fired ? FM_E_NO_MEMORY : FM_OK);
		CHECK_SAME_WORLD(before);
		REQUIRE(nth < 100);
	}
	CHECK_EQ(take_and_discard(peer, number), FM_OK);
}

TEST(each_failed_call_of_taking_leaves_nothing)
{
	REQUIRE_EQ(setenv("FILEMAP_ROOT", check_directory(), 1), 0);
	warm_up();
	for (int thing = 0; thing < THINGS; thing++) {
		int there = make_thing(thing), number;
		pid_t child = idle_child();
		struct peer *peer = open_peer(child, PEER_ALL, &number);

		check_row("thing %d", thing);
		fail_each(peer, there);
		close_peer(peer, number);
		if (thing < DOCUMENT)
			fm_section_close(taken_from);
		else
			close(there);
		end_child(child);
	}
}

TEST(taking_asks_for_the_right_a_number_and_a_running_process)
{
	int there = make_thing(MEMORY), number, poor_number;
	pid_t child = idle_child();
	struct peer *peer, *poor;

	peer = open_peer(child, PEER_DUPLICATE_HANDLE, &number);
	poor = open_peer(child, PEER_ALL & ~(uint32_t)PEER_DUPLICATE_HANDLE, &poor_number);
	CHECK_EQ(take_and_discard(peer, there), FM_OK);
	CHECK_EQ(take_and_discard(poor, there), FM_E_ACCESS_DENIED);
	CHECK_EQ(take_and_discard(peer, -1), FM_E_INVALID_HANDLE);
	CHECK_EQ(take_and_discard(peer, 900), FM_E_INVALID_HANDLE); /* not open there */
	end_child(child);
	CHECK_EQ(take_and_discard(peer, there), FM_E_PROCESS_IS_TERMINATING);
	close_peer(peer, number);
	close_peer(poor, poor_number);
}

/* ---- where the kernel does not hand descriptors over (Yama) ---- */

static int refuse_getfd(int pidfd, int number)
{
	(void)pidfd;
	(void)number;
	return -EPERM;
}

TEST(what_may_not_be_handed_over_is_opened_anew)
{
	static const struct {
		const char *call;
		unsigned nth;
		int error;
		fm_status status;
	} cases[] = {
		{ "openat", 1, ENOENT, FM_E_INVALID_HANDLE }, /* fdinfo: not open there */
		{ "openat", 1, EACCES, FM_E_ACCESS_DENIED },
		{ "pread", 1, ENOMEM, FM_E_NO_MEMORY },
		{ "openat", 2, EACCES, FM_E_ACCESS_DENIED },
		{ "poll", 2, EINTR, FM_E_PROCESS_IS_TERMINATING }, /* its number may be another's by now */
	};
	int there = make_thing(MEMORY), number;
	pid_t child = idle_child();
	struct peer *peer = open_peer(child, PEER_ALL, &number);
	struct fault_world before;

	os.pidfd_getfd = refuse_getfd;
	REQUIRE_EQ(take_and_discard(peer, there), FM_OK);
	before = fault_world();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s %u %d", cases[i].call, cases[i].nth, cases[i].error);
		fault_arm(cases[i].call, cases[i].nth, FAULT_FROM, cases[i].error);
		CHECK_EQ(take_and_discard(peer, there), cases[i].status);
		CHECK(fault_disarm());
		CHECK_SAME_WORLD(before);
	}
	real_pread = os.pread;
	os.pread = say_nothing; /* no flags */
	CHECK_EQ(take_and_discard(peer, there), FM_E_IO_DEVICE_ERROR);
	os.pread = real_pread;
	CHECK_SAME_WORLD(before);
	close_peer(peer, number);
	end_child(child);
}

TEST(a_name_opened_anew_is_held)
{
	int there = make_thing(NAMED), number, taken = -1;
	char name[64];
	pid_t child = idle_child();
	struct peer *peer = open_peer(child, PEER_ALL, &number);
	struct handle *handle = NULL;
	fm_section *again = NULL;

	(void)snprintf(name, sizeof(name), "%s", ((struct fm_section *)taken_from)->section->name);
	os.pidfd_getfd = refuse_getfd;
	fault_arm("ofd_setlk", 1, FAULT_ONCE, ENOLCK);
	CHECK_EQ(peer_take(peer, there, &handle, &taken), FM_E_INSUFFICIENT_RESOURCES);
	CHECK(fault_disarm());
	REQUIRE_EQ(peer_take(peer, there, &handle, &taken), FM_OK);
	fm_section_close(taken_from);
	end_child(child);
	CHECK_EQ(fm_section_open(name, FM_READ, &again), FM_OK);
	fm_section_close(again);
	handle_discard(handle);
	CHECK_EQ(fm_section_open(name, FM_READ, &again), FM_E_NAME_NOT_FOUND);
	close_peer(peer, number);
}

/* ---- duplicates between processes ---- */

TEST(each_failed_call_of_a_duplicate_leaves_nothing)
{
	const uint32_t access = FM_READ | FM_QUERY;
	int there = make_thing(MEMORY), number;
	pid_t child = idle_child();
	struct peer *peer = open_peer(child, PEER_ALL, &number);
	const struct duplicate_request requests[] = {
		{ .from = peer, .number = there, .inheritable = true },
		{ .from = peer, .number = there, .access = &access, .inheritable = true },
		{ .number = there, .access = &access, .inheritable = true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		struct fault_world before = { 0 };
		bool fired = true;

		check_row("%zu", i);
		for (unsigned nth = 0; fired; nth++) {
			int got = -1;

			if (nth == 1)
				before = fault_world(); /* the first made what is made once */
			fault_arm("*", nth, FAULT_ONCE, EMFILE);
			if (duplicate_between(&requests[i], &got) == FM_OK)
				CHECK_EQ(handle_close(got), FM_OK);
			fired = fault_disarm() || nth == 0;
			if (nth > 0)
				CHECK_SAME_WORLD(before);
		}
	}
	close_peer(peer, number);
	end_child(child);
}

TEST(a_duplicate_without_a_place_in_the_table_is_closed)
{
	int there = make_thing(MEMORY), number;
	pid_t child = idle_child();
	struct peer *peer = open_peer(child, PEER_ALL, &number);
	const struct duplicate_request request = { .from = peer, .number = there };
	struct fault_world before;
	bool fired = true;
	int got;

	REQUIRE_EQ(duplicate_between(&request, &got), FM_OK);
	REQUIRE_EQ(handle_close(got), FM_OK);
	for (int fd = 0; fd < 1024; fd++) /* the next number is the first of another chunk */
		if (fcntl(fd, F_GETFD) < 0)
			REQUIRE_EQ(dup2(0, fd), fd);
	before = fault_world();
	for (unsigned nth = 1; fired; nth++) {
		fault_arm_allocation(nth, FAULT_ONCE);
		if (duplicate_between(&request, &got) == FM_OK)
			CHECK_EQ(handle_close(got), FM_OK);
		fired = fault_disarm();
		CHECK_SAME_WORLD(before);
	}
	close_peer(peer, number);
	end_child(child);
}

/* ---- children: their ends ---- */

static uint32_t exit_code_of(pid_t child)
{
	int pidfd = os.pidfd_open(child);
	uint32_t code = 0;

	CHECK_EQ(child_exit_code(pidfd, child, &code), FM_OK);
	CHECK_EQ(close(pidfd), 0);
	return code;
}

TEST(a_signal_that_ended_a_child_has_the_exit_code_that_windows_gives)
{
	static const struct {
		int signal;
		uint32_t code;
	} cases[] = {
		{ SIGSEGV, 0xc0000005 }, { SIGBUS, 0xc0000006 }, { SIGILL, 0xc000001d }, { SIGFPE, 0xc0000094 },
		{ SIGINT, 0xc000013a }, { SIGABRT, 3 }, { SIGKILL, 128 + SIGKILL }, { SIGTERM, 128 + SIGTERM },
	};

	REQUIRE_EQ(lock_ready(), FM_OK);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		pid_t child = zombie(cases[i].signal);

		check_row("signal %d", cases[i].signal);
		CHECK_EQ(exit_code_of(child), cases[i].code);
		CHECK_EQ(child_result(child), -cases[i].signal);
	}
}

TEST(a_child_that_was_ended_has_the_first_code_that_was_said)
{
	pid_t child = zombie(SIGKILL), other = zombie(SIGKILL);

	REQUIRE_EQ(lock_ready(), FM_OK);
	REQUIRE_EQ(child_add(child), FM_OK);
	child_ending(other, 50); /* not known here */
	CHECK_EQ(exit_code_of(other), 128 + SIGKILL);
	CHECK_EQ(exit_code_of(child), 128 + SIGKILL); /* by somebody else */
	child_ending(child, 41);
	child_ending(child, 42);
	CHECK_EQ(exit_code_of(child), 41);
	CHECK_EQ(child_result(other), -SIGKILL);
	child_close(child);
	CHECK_EQ(waitpid(child, NULL, WNOHANG), -1); /* reaped with the last handle */
	CHECK_EQ(errno, ECHILD);
}

TEST(a_child_is_forgotten_after_its_end_and_its_last_handle)
{
	pid_t child = idle_child(), second;

	REQUIRE_EQ(lock_ready(), FM_OK);
	CHECK(!child_open(child));
	REQUIRE_EQ(child_add(child), FM_OK);
	second = zombie(SIGKILL);
	REQUIRE_EQ(child_add(second), FM_OK);
	CHECK(!child_open(child + 1000000));
	CHECK(child_open(second));
	child_close(second);
	child_close(child + 1000000);
	child_close(child);
	child_close(child); /* one too many */
	CHECK(child_open(child)); /* it runs */
	child_close(child);
	CHECK_EQ(exit_code_of(child), CHILD_RUNS);
	child_close(second);
	CHECK(!child_open(second));
	end_child(child);
	CHECK(!child_open(child)); /* somebody else has waited for it */
}

TEST(a_child_that_cannot_be_watched_is_not_known)
{
	pid_t child = idle_child();
	struct fault_world before;

	REQUIRE_EQ(lock_ready(), FM_OK);
	before = fault_world();
	fault_arm_allocation(1, FAULT_ONCE);
	CHECK_EQ(child_add(child), FM_E_NO_MEMORY);
	CHECK(fault_disarm());
	fault_arm("pidfd_open", 1, FAULT_ONCE, EMFILE);
	CHECK_EQ(child_add(child), FM_E_TOO_MANY_OPENED_FILES);
	CHECK(fault_disarm());
	CHECK(!child_open(child));
	CHECK_SAME_WORLD(before);
	end_child(child);
}

TEST(an_interrupted_question_is_asked_again)
{
	pid_t child = zombie(SIGTERM);
	int pidfd = os.pidfd_open(child);
	struct handle *adopted = NULL;
	uint32_t code = 0;

	REQUIRE_EQ(lock_ready(), FM_OK);
	REQUIRE_EQ(child_add(child), FM_OK);
	fault_arm("poll", 1, FAULT_ONCE, EINTR);
	CHECK_EQ(child_exit_code(pidfd, child, &code), FM_OK);
	CHECK(fault_disarm());
	fault_arm("waitid", 1, FAULT_ONCE, EINTR);
	CHECK_EQ(child_exit_code(pidfd, child, &code), FM_OK);
	CHECK(fault_disarm());
	CHECK_EQ(code, 128 + SIGTERM);
	REQUIRE_EQ(process_kind.adopt(pidfd, &adopted), FM_OK); /* one handle on it more, and again one less */
	process_kind.forget(adopted);
	fault_arm("waitid", 1, FAULT_ONCE, EINTR);
	child_close(child);
	CHECK(fault_disarm());
	CHECK(!child_open(child));
}

static int tell_of_nobody(int type, int id, siginfo_t *ret_info, int options)
{
	(void)type;
	(void)id;
	(void)ret_info;
	(void)options;
	return 0;
}

TEST(an_exit_code_that_nobody_tells_is_not_there)
{
	pid_t child = zombie(SIGKILL);
	int pidfd = os.pidfd_open(child);
	uint32_t code = 5;

	fault_arm("poll", 1, FAULT_ONCE, ENOMEM);
	CHECK_EQ(child_exit_code(pidfd, child, &code), FM_E_NO_MEMORY);
	CHECK(fault_disarm());
	fault_arm("waitid", 1, FAULT_ONCE, ECHILD); /* it is another's child */
	CHECK_EQ(child_exit_code(pidfd, child, &code), FM_E_NOT_SUPPORTED);
	CHECK(fault_disarm());
	CHECK_EQ(code, 5);
	os.waitid = tell_of_nobody;
	CHECK_EQ(child_exit_code(pidfd, child, &code), FM_OK);
	CHECK_EQ(code, CHILD_RUNS);
	CHECK_EQ(child_result(child), -SIGKILL);
}
