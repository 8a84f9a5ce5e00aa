/* SPDX-License-Identifier: MIT */
/* Pending locks and what this system has: a thread while there are any, other processes, signals, faults. */
#include <dirent.h>
#include <pthread.h>
#include <signal.h>

#include <windows.h>

#include "fault_files.h"
#include "os.h"

static OVERLAPPED at;

static HANDLE open_waiting(void)
{
	HANDLE waiter = open_as(name, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);

	REQUIRE(waiter != INVALID_HANDLE_VALUE);
	at = (OVERLAPPED){ .hEvent = CreateEventA(NULL, TRUE, FALSE, NULL) };
	return waiter;
}

static BOOL ask(HANDLE waiter)
{
	return LockFileEx(waiter, LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, &at) || GetLastError() == ERROR_IO_PENDING;
}

/* A process that holds the first byte until it is killed. */
static pid_t hold(void)
{
	int told[2];
	pid_t child;
	char byte;

	REQUIRE_EQ(pipe(told), 0);
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0) {
		HANDLE mine = open_as(name, OPEN_EXISTING, 0);

		if (LockFile(mine, 0, 0, 1, 0) && write(told[1], "x", 1) == 1)
			(void)pause();
		_exit(1);
	}
	close(told[1]);
	REQUIRE_EQ(read(told[0], &byte, 1), 1);
	close(told[0]);
	return child;
}

static void end(pid_t child)
{
	REQUIRE_EQ(kill(child, SIGKILL), 0);
	CHECK_EQ(child_result(child), -SIGKILL);
}

TEST(the_lock_of_a_killed_process_is_granted)
{
	DWORD count;
	HANDLE waiter;
	pid_t child;

	two_names();
	child = hold();
	waiter = open_waiting();
	REQUIRE(ask(waiter) && !HasOverlappedIoCompleted(&at));
	end(child);
	CHECK(GetOverlappedResult(waiter, &at, &count, TRUE));
	CHECK(CloseHandle(waiter));
}

/* Closing ends what is pending, and the file is closed when that is told. */
TEST(a_closed_handle_has_nothing_pending)
{
	HANDLE waiter;
	pid_t child;
	DWORD count;
	int before;

	two_names();
	child = hold();
	REQUIRE(CloseHandle(open_waiting())); /* the event stays */
	before = fault_world().descriptors;
	waiter = open_as(name, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
	REQUIRE(ask(waiter));
	CHECK(CloseHandle(waiter));
	CHECK(!CloseHandle(waiter)); /* though its descriptor may be open still */
	CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
	CHECK(!GetOverlappedResult(waiter, &at, &count, TRUE));
	CHECK_EQ(GetLastError(), ERROR_OPERATION_ABORTED);
	CHECK_EQ(fault_world().descriptors, before);
	end(child);
	CHECK(CloseHandle(at.hEvent));
}

static volatile sig_atomic_t where;

static void note(int number)
{
	(void)number;
	where = (sig_atomic_t)os_tid();
}

/* The thread that waits takes no signals of the program. */
TEST(a_signal_finds_the_programs_own_thread)
{
	sigset_t set;
	HANDLE waiter;
	pid_t child;
	int number;

	two_names();
	child = hold();
	waiter = open_waiting();
	REQUIRE(ask(waiter));
	REQUIRE_EQ(sigemptyset(&set) | sigaddset(&set, SIGUSR1), 0);
	REQUIRE(signal(SIGUSR1, note) != SIG_ERR);
	REQUIRE_EQ(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
	REQUIRE_EQ(kill(getpid(), SIGUSR1), 0);
	REQUIRE_EQ(sigwait(&set, &number), 0); /* nobody else has taken it */
	CHECK_EQ(where, 0);
	CHECK(CancelIo(waiter));
	end(child);
}

/* ---- faults ---- */

static HANDLE mine;

static unsigned threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *entry;
	unsigned count = 0;

	REQUIRE(tasks != NULL);
	while ((entry = readdir(tasks)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(tasks);
	return count;
}

static void locked_file(void)
{
	two_names();
	mine = open_as(name, OPEN_EXISTING, 0);
	file = open_waiting();
	REQUIRE(LockFile(mine, 0, 0, 1, 0));
}

static BOOL wait_pending(void)
{
	return ask(file);
}

/* The thread has ended, and with it what it used: the kernel's word. */
static void be_alone(void)
{
	while (threads() > 1)
		;
}

/* What is pending ends; what failed is not pending, and nothing is locked. */
static void all_ends(BOOL worked)
{
	DWORD count;

	CHECK_EQ(HasOverlappedIoCompleted(&at), !worked);
	if (worked) {
		CHECK(UnlockFile(mine, 0, 0, 1, 0));
		CHECK(GetOverlappedResult(file, &at, &count, TRUE));
		CHECK(UnlockFile(file, 0, 0, 1, 0));
	} else {
		CHECK(UnlockFile(mine, 0, 0, 1, 0));
	}
	be_alone();
	CHECK(LockFile(mine, 0, 0, 1, 0));
	CHECK(CloseHandle(mine) && CloseHandle(file) && CloseHandle(at.hEvent));
	names_go(worked);
}

TEST(each_failure_leaves_nothing_pending)
{
	/* The thread has begun or not; what is not granted is tried again by it. */
	static const struct fault_error thread[] = {
		{ "futex", 0, NOT_TRIED, 0 }, { "ofd_setlk", 0, NOT_TRIED, 0 }, { "ofd_getlk", 0, NOT_TRIED, 0 },
		{ "openat", EACCES, GOES_ON, 0 }, { NULL, 0, 0, 0 },
	};
	static const struct fault_row rows[] = { { "LockFileEx, pending", locked_file, wait_pending, all_ends, thread, true } };

#ifdef __SANITIZE_THREAD__
	check_skip("the sanitizer has threads of its own");
#endif
	fault_rows_run(rows, ARRAY_SIZE(rows));
}
