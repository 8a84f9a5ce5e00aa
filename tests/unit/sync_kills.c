/* SPDX-License-Identifier: MIT */
/*
 * Mutexes, events and semaphores: their calls killed before and after each system call (kill_rows.h). A name
 * lives as long as somebody holds it, a mutex that was owned is abandoned, and nobody sleeps on for a signal
 * whose giver died between giving it and waking.
 */
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "object.h"
/* after the library's own headers */
#include "kill_rows.h"

static HANDLE held, other; /* the parent's; the child has them by fork */

/* ---- alone ---- */

static void mutex_alone(void)
{
	HANDLE mutex = CreateMutexA(NULL, TRUE, "killed"), again = OpenMutexA(MUTEX_ALL_ACCESS, FALSE, "killed"), copy;

	REQUIRE(mutex && again);
	REQUIRE(DuplicateHandle(GetCurrentProcess(), again, GetCurrentProcess(), &copy, 0, TRUE, DUPLICATE_SAME_ACCESS));
	REQUIRE_EQ(WaitForSingleObject(again, 0), WAIT_OBJECT_0);
	REQUIRE(ReleaseMutex(copy) && ReleaseMutex(mutex));
	REQUIRE(CloseHandle(mutex) && CloseHandle(again) && CloseHandle(copy));
}

static void event_alone(void)
{
	HANDLE event = CreateEventA(NULL, TRUE, FALSE, "killed"), again = OpenEventA(EVENT_ALL_ACCESS, FALSE, "killed");

	REQUIRE(event && again);
	REQUIRE(SetEvent(event));
	REQUIRE_EQ(WaitForSingleObject(again, 0), WAIT_OBJECT_0);
	REQUIRE(ResetEvent(again) && PulseEvent(event));
	REQUIRE(CloseHandle(event) && CloseHandle(again));
}

static void semaphore_alone(void)
{
	HANDLE semaphore = CreateSemaphoreA(NULL, 1, 2, "killed"),
	       again = OpenSemaphoreA(SEMAPHORE_ALL_ACCESS, FALSE, "killed");

	REQUIRE(semaphore && again);
	REQUIRE_EQ(WaitForSingleObject(again, 0), WAIT_OBJECT_0);
	REQUIRE(ReleaseSemaphore(semaphore, 2, NULL));
	REQUIRE(CloseHandle(semaphore) && CloseHandle(again));
}

static void unnamed_alone(void)
{
	HANDLE mutex = CreateMutexA(NULL, TRUE, NULL), event = CreateEventA(NULL, FALSE, TRUE, NULL);

	REQUIRE(mutex && event);
	REQUIRE(CloseHandle(mutex) && CloseHandle(event));
}

static void no_such_name(void)
{
	HANDLE mutex;

	CHECK(!OpenMutexA(SYNCHRONIZE, FALSE, "killed"));
	CHECK_EQ(GetLastError(), ERROR_FILE_NOT_FOUND);
	mutex = CreateMutexA(NULL, FALSE, "killed");
	CHECK_EQ(GetLastError(), ERROR_SUCCESS);
	CHECK_EQ(WaitForSingleObject(mutex, 0), WAIT_OBJECT_0);
	CHECK(ReleaseMutex(mutex) && CloseHandle(mutex));
}

TEST(who_is_killed_leaves_no_name)
{
	static const struct kill_row rows[] = {
		{ "mutex", NULL, NULL, mutex_alone, no_such_name },
		{ "event", NULL, NULL, event_alone, no_such_name },
		{ "semaphore", NULL, NULL, semaphore_alone, no_such_name },
		{ "unnamed", NULL, NULL, unnamed_alone, NULL },
	};

	kill_rows_run(rows, ARRAY_SIZE(rows));
}

/* ---- with a peer that holds the name ---- */

enum { FREE, OWNED, WITHIN_A_CALL }; /* what the victim knows of its mutex */
static _Atomic int *knows;

static void a_mutex(void)
{
	if (!knows) {
		knows = mmap(NULL, sizeof(*knows), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		REQUIRE(knows != MAP_FAILED);
	}
	*knows = FREE;
	held = CreateMutexA(NULL, FALSE, "killed");
	REQUIRE(held);
}

static void take_and_release(void)
{
	HANDLE mutex = OpenMutexA(MUTEX_ALL_ACCESS, FALSE, "killed");

	REQUIRE(mutex);
	*knows = WITHIN_A_CALL;
	REQUIRE_EQ(WaitForSingleObject(mutex, 0), WAIT_OBJECT_0);
	*knows = OWNED;
	REQUIRE(CloseHandle(mutex)); /* it stays owned */
	mutex = OpenMutexA(MUTEX_ALL_ACCESS, FALSE, "killed");
	*knows = WITHIN_A_CALL;
	REQUIRE(ReleaseMutex(mutex));
	*knows = FREE;
	REQUIRE(CloseHandle(mutex));
}

/* Abandoned if it was owned, and told once. */
static void taken_by_us(void)
{
	DWORD result = WaitForSingleObject(held, INFINITE);

	if (*knows == WITHIN_A_CALL)
		CHECK(result == WAIT_OBJECT_0 || result == WAIT_ABANDONED);
	else
		CHECK_EQ(result, *knows == OWNED ? WAIT_ABANDONED : WAIT_OBJECT_0);
	CHECK(ReleaseMutex(held));
	CHECK_EQ(WaitForSingleObject(held, 0), WAIT_OBJECT_0);
	CHECK(ReleaseMutex(held) && CloseHandle(held));
	no_such_name();
}

static void a_mutex_and_a_semaphore(void)
{
	a_mutex();
	other = CreateSemaphoreA(NULL, 1, 1, "other");
	REQUIRE(other);
}

static void take_both(void)
{
	HANDLE both[] = { held, other };

	*knows = WITHIN_A_CALL;
	REQUIRE_EQ(WaitForMultipleObjects(2, both, TRUE, INFINITE), WAIT_OBJECT_0);
	REQUIRE(ReleaseSemaphore(other, 1, NULL) && ReleaseMutex(held));
	REQUIRE_EQ(WaitForMultipleObjects(2, both, FALSE, INFINITE), WAIT_OBJECT_0);
	REQUIRE_EQ(SignalObjectAndWait(held, other, INFINITE, FALSE), WAIT_OBJECT_0);
	REQUIRE(ReleaseSemaphore(other, 1, NULL));
	*knows = FREE;
}

/* A token may be gone with its taker; there are never two. */
static void at_most_one_token(void)
{
	LONG before = -1;

	if (WaitForSingleObject(other, 0) == WAIT_TIMEOUT)
		CHECK_EQ(*knows, WITHIN_A_CALL);
	CHECK(ReleaseSemaphore(other, 1, &before));
	CHECK_EQ(before, 0);
	CHECK(!ReleaseSemaphore(other, 1, NULL));
	CHECK(CloseHandle(other));
	taken_by_us();
}

static void an_event(void)
{
	held = CreateEventA(NULL, TRUE, FALSE, "killed");
	REQUIRE(held);
}

static void set_and_reset(void)
{
	HANDLE event = OpenEventA(EVENT_ALL_ACCESS, FALSE, "killed");

	REQUIRE(event && SetEvent(event) && ResetEvent(event) && PulseEvent(event) && CloseHandle(event));
}

static void an_event_that_works(void)
{
	CHECK(SetEvent(held));
	CHECK_EQ(WaitForSingleObject(held, 0), WAIT_OBJECT_0);
	CHECK(ResetEvent(held));
	CHECK_EQ(WaitForSingleObject(held, 0), WAIT_TIMEOUT);
	CHECK(CloseHandle(held));
	no_such_name();
}

TEST(what_others_hold_outlives_the_killed)
{
	static const struct kill_row rows[] = {
		{ "mutex", a_mutex, NULL, take_and_release, taken_by_us },
		{ "mutex and semaphore", a_mutex_and_a_semaphore, NULL, take_both, at_most_one_token },
		{ "event", an_event, NULL, set_and_reset, an_event_that_works },
	};

	kill_rows_run(rows, ARRAY_SIZE(rows));
}

/* ---- with a peer that sleeps ---- */

static pid_t sleeper;       /* a process, or a thread of this one */
static pthread_t thread;
static bool is_thread;
static int woken[2];        /* the sleeper writes what its wait gave; read by the parent */
static uint32_t low_before; /* of the object's state, while it sleeps */

static uint32_t low(void)
{
	struct handle *entered;
	uint32_t state;

	REQUIRE_EQ(enter(held, NULL, &entered), FM_OK);
	state = (uint32_t)atomic_load(&object_of(entered)->page->state);
	object_leave((struct object_handle *)entered);
	return state;
}

/* Until it sleeps in a futex, by the kernel's word; some kernels tell of wchan nothing. */
static void sleeps(pid_t tid)
{
	char path[64], text[256] = "";
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/syscall", (int)tid); /* a thread's, too; "running", if it does not sleep */
	while (strtol(text, NULL, 10) != SYS_futex) {
		memset(text, 0, sizeof(text));
		fd = open(path, O_RDONLY | O_CLOEXEC);
		REQUIRE(fd >= 0 && read(fd, text, sizeof(text) - 1) >= 0);
		close(fd);
	}
}

static void *sleep_and_tell(void *tell)
{
	pid_t tid = os_tid();
	DWORD result;

	if (tell)
		REQUIRE_EQ(write(woken[1], &tid, sizeof(tid)), sizeof(tid));
	result = WaitForSingleObject(held, INFINITE);
	REQUIRE_EQ(write(woken[1], &result, sizeof(result)), sizeof(result));
	return NULL;
}

static void start_sleeper(void)
{
	REQUIRE_EQ(pipe2(woken, O_CLOEXEC), 0);
	sleeper = fork();
	if (sleeper == 0) {
		(void)sleep_and_tell(NULL);
		_exit(0);
	}
	sleeps(sleeper);
	is_thread = false;
	low_before = low();
}

/* One of the only process that has the object so far. */
static void start_thread(void)
{
	REQUIRE_EQ(pipe2(woken, O_CLOEXEC), 0);
	REQUIRE_EQ(pthread_create(&thread, NULL, sleep_and_tell, woken), 0);
	REQUIRE_EQ(read(woken[0], &sleeper, sizeof(sleeper)), sizeof(sleeper));
	sleeps(sleeper);
	is_thread = true;
	low_before = low();
}

/* Released by the killed, if it came so far that this can be seen; else by us. */
static void it_wakes(BOOL(WINAPI *signal)(HANDLE))
{
	struct pollfd ready = { .fd = woken[0], .events = POLLIN };
	DWORD result = WAIT_FAILED;

	if (low() == low_before && poll(&ready, 1, 0) == 0)
		CHECK(signal(held));
	REQUIRE_EQ(read(woken[0], &result, sizeof(result)), sizeof(result));
	CHECK_EQ(result, WAIT_OBJECT_0);
	close(woken[0]);
	close(woken[1]);
	if (is_thread)
		REQUIRE_EQ(pthread_join(thread, NULL), 0);
	else
		CHECK_EQ(child_result(sleeper), 0);
	CHECK(CloseHandle(held));
	no_such_name();
}

static void a_manual_event_with_sleeper(void)
{
	an_event();
	start_sleeper();
}

static void an_event_with_sleeper(void)
{
	held = CreateEventA(NULL, FALSE, FALSE, "killed");
	REQUIRE(held);
	start_sleeper();
}

static void an_event_with_thread(void)
{
	held = CreateEventA(NULL, FALSE, FALSE, NULL);
	REQUIRE(held);
	start_thread();
}

static void a_semaphore_with_sleeper(void)
{
	held = CreateSemaphoreA(NULL, 0, 2, "killed");
	REQUIRE(held);
	start_sleeper();
}

static void set_it(void)
{
	REQUIRE(SetEvent(held));
}

static void pulse_it(void)
{
	REQUIRE(PulseEvent(held));
}

static BOOL WINAPI release_one(HANDLE semaphore)
{
	return ReleaseSemaphore(semaphore, 1, NULL);
}

static void release_it(void)
{
	REQUIRE(release_one(held));
}

static void signal_and_wait(void)
{
	HANDLE mine = CreateEventA(NULL, TRUE, TRUE, NULL);

	REQUIRE_EQ(SignalObjectAndWait(held, mine, INFINITE, FALSE), WAIT_OBJECT_0);
}

static void woken_by_event(void)
{
	it_wakes(SetEvent);
}

static void woken_by_release(void)
{
	it_wakes(release_one);
}

TEST(nobody_sleeps_on_for_a_signal_that_was_given)
{
	static const struct kill_row rows[] = {
		{ "SetEvent", a_manual_event_with_sleeper, NULL, set_it, woken_by_event },
		{ "SetEvent, one is released", an_event_with_sleeper, NULL, set_it, woken_by_event },
		{ "SetEvent, by the first other process", an_event_with_thread, NULL, set_it, woken_by_event },
		{ "PulseEvent", a_manual_event_with_sleeper, NULL, pulse_it, woken_by_event },
		{ "PulseEvent, one is released", an_event_with_sleeper, NULL, pulse_it, woken_by_event },
		{ "ReleaseSemaphore", a_semaphore_with_sleeper, NULL, release_it, woken_by_release },
		{ "SignalObjectAndWait", an_event_with_sleeper, NULL, signal_and_wait, woken_by_event },
	};

	kill_rows_run(rows, ARRAY_SIZE(rows));
}

/* The victim owns the mutex before the sleeper comes, so it starts that one itself. */
static void pipe_for_sleeper(void)
{
	a_mutex();
	REQUIRE_EQ(pipe2(woken, O_CLOEXEC), 0);
}

static void own_it(void)
{
	pid_t child;

	REQUIRE_EQ(WaitForSingleObject(held, INFINITE), WAIT_OBJECT_0);
	*knows = OWNED;
	child = fork();
	if (child == 0) {
		(void)sleep_and_tell(NULL);
		_exit(0);
	}
	sleeps(child);
}

static void release_mutex(void)
{
	*knows = WITHIN_A_CALL;
	REQUIRE(ReleaseMutex(held));
	*knows = FREE;
}

/* The sleeper had it, and has ended with it. */
static void handed_on(void)
{
	DWORD result = WAIT_FAILED;

	REQUIRE_EQ(read(woken[0], &result, sizeof(result)), sizeof(result));
	if (*knows == FREE)
		CHECK_EQ(result, WAIT_OBJECT_0);
	else
		CHECK(result == WAIT_OBJECT_0 || result == WAIT_ABANDONED);
	close(woken[1]);
	CHECK_EQ(read(woken[0], &result, sizeof(result)), 0); /* the end of all that had the other end */
	close(woken[0]);
	CHECK_EQ(WaitForSingleObject(held, INFINITE), WAIT_ABANDONED);
	CHECK(ReleaseMutex(held) && CloseHandle(held));
	no_such_name();
}

TEST(a_mutex_goes_on_to_who_sleeps_for_it)
{
	static const struct kill_row rows[] = {
		{ "ReleaseMutex", pipe_for_sleeper, own_it, release_mutex, handed_on },
	};

	kill_rows_run(rows, ARRAY_SIZE(rows));
}
