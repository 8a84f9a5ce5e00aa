/* SPDX-License-Identifier: MIT */
/* Waiting: for one, any, all; what ends it; abandoned mutexes; processes; signal and wait. */
#include "support.h"

#define LONG_ENOUGH 20000
#define POLL(handle) WaitForSingleObject(handle, 0)
/* The wait fails with exactly this last error. */
#define CHECK_WAIT_FAILS(expression, error)                                                        \
	do {                                                                                        \
		SetLastError(UNTOUCHED);                                                            \
		CHECK_EQ(expression, WAIT_FAILED);                                                  \
		CHECK_EQ(GetLastError(), error);                                                    \
	} while (0)

static HANDLE manual(BOOL set)
{
	return CreateEventA(NULL, TRUE, set, NULL);
}

static HANDLE automatic(BOOL set)
{
	return CreateEventA(NULL, FALSE, set, NULL);
}

static DWORD any(DWORD count, const HANDLE *handles)
{
	return WaitForMultipleObjects(count, handles, FALSE, 0);
}

static DWORD all(DWORD count, const HANDLE *handles)
{
	return WaitForMultipleObjects(count, handles, TRUE, 0);
}

static void close_all(const HANDLE *handles, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		CHECK(CloseHandle(handles[i]));
}

/* ---- what is no object to wait for ---- */

TEST(handles_that_are_none)
{
	HANDLE closed = manual(TRUE), good = manual(TRUE), pair[2] = { good, NULL };

	CHECK(CloseHandle(closed));
	const struct { const char *name; HANDLE handle; } cases[] = {
		{ "NULL", NULL }, { "closed", closed }, { "garbage", GARBAGE_HANDLE },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_WAIT_FAILS(POLL(cases[i].handle), ERROR_INVALID_HANDLE);
		pair[1] = cases[i].handle;
		CHECK_WAIT_FAILS(any(2, pair), ERROR_INVALID_HANDLE);
		CHECK_WAIT_FAILS(all(2, pair), ERROR_INVALID_HANDLE);
	}
	CHECK(CloseHandle(good));
}

TEST(the_own_process_and_thread_never_end)
{
	CHECK_EQ(POLL(GetCurrentProcess()), WAIT_TIMEOUT);
	CHECK_EQ(POLL((HANDLE)(LONG_PTR)-2), WAIT_TIMEOUT);
	CHECK_EQ(WaitForSingleObject(GetCurrentProcess(), 10), WAIT_TIMEOUT);
}

TEST(counts_of_objects)
{
	HANDLE handles[MAXIMUM_WAIT_OBJECTS + 1];

	for (unsigned i = 0; i < ARRAY_SIZE(handles); i++)
		handles[i] = manual(i == MAXIMUM_WAIT_OBJECTS - 1);
	CHECK_EQ(any(MAXIMUM_WAIT_OBJECTS, handles), WAIT_OBJECT_0 + MAXIMUM_WAIT_OBJECTS - 1);
	CHECK_WAIT_FAILS(any(0, handles), ERROR_INVALID_PARAMETER);
	CHECK_WAIT_FAILS(any(MAXIMUM_WAIT_OBJECTS + 1, handles), ERROR_INVALID_PARAMETER);
	close_all(handles, ARRAY_SIZE(handles));
}

/* ---- any ---- */

TEST(any_takes_the_first_that_is_signaled_and_no_other)
{
	HANDLE handles[4] = { automatic(FALSE), automatic(TRUE), automatic(TRUE), CreateSemaphoreA(NULL, 1, 1, NULL) };

	CHECK_EQ(any(4, handles), WAIT_OBJECT_0 + 1);
	CHECK_EQ(any(4, handles), WAIT_OBJECT_0 + 2);
	CHECK_EQ(any(4, handles), WAIT_OBJECT_0 + 3);
	CHECK_EQ(any(4, handles), WAIT_TIMEOUT);
	CHECK_EQ(WaitForMultipleObjects(4, handles, FALSE, 20), WAIT_TIMEOUT);
	CHECK_WORKS(SetEvent(handles[0]));
	CHECK_EQ(any(4, handles), WAIT_OBJECT_0);
	close_all(handles, 4);
}

TEST(any_may_name_one_object_twice)
{
	HANDLE handles[2];

	handles[0] = handles[1] = automatic(TRUE);
	CHECK_EQ(any(2, handles), WAIT_OBJECT_0);
	CHECK_EQ(any(2, handles), WAIT_TIMEOUT);
	CHECK(CloseHandle(handles[0]));
}

/* ---- all ---- */

TEST(all_takes_all_or_none)
{
	HANDLE handles[3] = { automatic(TRUE), CreateSemaphoreA(NULL, 1, 1, NULL), CreateMutexA(NULL, FALSE, NULL) };
	HANDLE four[4] = { handles[0], handles[1], handles[2], manual(FALSE) };

	CHECK_EQ(all(4, four), WAIT_TIMEOUT);
	CHECK_EQ(WaitForMultipleObjects(4, four, TRUE, 20), WAIT_TIMEOUT);
	CHECK_FAILS(ReleaseMutex(handles[2]), ERROR_NOT_OWNER);
	CHECK_EQ(all(3, handles), WAIT_OBJECT_0);
	CHECK_WORKS(ReleaseMutex(handles[2]));
	CHECK_EQ(POLL(handles[0]), WAIT_TIMEOUT);
	CHECK_EQ(POLL(handles[1]), WAIT_TIMEOUT);
	CHECK_WORKS(SetEvent(four[3]) && SetEvent(handles[0]) && ReleaseSemaphore(handles[1], 1, NULL));
	CHECK_EQ(all(4, four), WAIT_OBJECT_0);
	CHECK_WORKS(ReleaseMutex(handles[2]));
	close_all(four, 4);
}

TEST(all_may_not_name_one_object_twice)
{
	HANDLE handles[3] = { manual(TRUE), manual(TRUE), NULL };

	handles[2] = handles[0];
	CHECK_WAIT_FAILS(all(3, handles), ERROR_INVALID_PARAMETER);
	REQUIRE_WORKS(DuplicateHandle(GetCurrentProcess(), handles[0], GetCurrentProcess(), &handles[2], 0, FALSE,
				      DUPLICATE_SAME_ACCESS));
	CHECK_WAIT_FAILS(all(3, handles), ERROR_INVALID_PARAMETER);
	close_all(handles, 3);
}

/* ---- other processes ---- */

/* Takes the mutex and lives until told. */
CHILD(owner)
{
	HANDLE mutex = OpenMutexA(SYNCHRONIZE, FALSE, check_argument(0));

	REQUIRE(mutex != NULL);
	REQUIRE_EQ(WaitForSingleObject(mutex, LONG_ENOUGH), WAIT_OBJECT_0);
	parent_tell('o');
	(void)parent_hear();
	if (check_argument(1))
		CHECK_WORKS(ReleaseMutex(mutex));
}

TEST(mutex_of_another_process)
{
	const char *name = check_name("other");
	HANDLE mutex = CreateMutexA(NULL, FALSE, name);
	struct child *child = child_start("owner", name, "release");

	REQUIRE_EQ(child_hear(child), 'o');
	CHECK_EQ(POLL(mutex), WAIT_TIMEOUT);
	CHECK_FAILS(ReleaseMutex(mutex), ERROR_NOT_OWNER);
	child_tell(child, 'x');
	CHECK_EQ(WaitForSingleObject(mutex, LONG_ENOUGH), WAIT_OBJECT_0);
	CHECK_EQ(child_end(child), 0);
	CHECK_WORKS(ReleaseMutex(mutex));
	CHECK(CloseHandle(mutex));
}

TEST(mutex_is_abandoned_once)
{
	static const bool kills[] = { false, true };

	for (size_t i = 0; i < ARRAY_SIZE(kills); i++) {
		const char *name = check_name("abandoned");
		HANDLE mutex = CreateMutexA(NULL, FALSE, name);
		struct child *child = child_start("owner", name, NULL);

		check_row(kills[i] ? "killed" : "ended");
		REQUIRE_EQ(child_hear(child), 'o');
		if (kills[i]) {
			child_kill(child);
		} else {
			child_tell(child, 'x');
			CHECK_EQ(child_end(child), 0);
		}
		CHECK_EQ(WaitForSingleObject(mutex, LONG_ENOUGH), WAIT_ABANDONED);
		CHECK_EQ(POLL(mutex), WAIT_OBJECT_0);
		CHECK_WORKS(ReleaseMutex(mutex));
		CHECK_WORKS(ReleaseMutex(mutex));
		CHECK_FAILS(ReleaseMutex(mutex), ERROR_NOT_OWNER);
		CHECK_EQ(POLL(mutex), WAIT_OBJECT_0);
		CHECK_WORKS(ReleaseMutex(mutex));
		CHECK(CloseHandle(mutex));
	}
}

TEST(abandoned_among_others)
{
	const char *name = check_name("among");
	HANDLE handles[2] = { automatic(FALSE), CreateMutexA(NULL, FALSE, name) };
	struct child *child = child_start("owner", name, NULL);

	REQUIRE_EQ(child_hear(child), 'o');
	CHECK_EQ(any(2, handles), WAIT_TIMEOUT);
	child_kill(child);
	CHECK_EQ(WaitForMultipleObjects(2, handles, TRUE, 10), WAIT_TIMEOUT);
	CHECK_EQ(WaitForMultipleObjects(2, handles, FALSE, LONG_ENOUGH), WAIT_ABANDONED_0 + 1);
	CHECK_WORKS(ReleaseMutex(handles[1]));
	CHECK_EQ(any(2, handles), WAIT_OBJECT_0 + 1);
	close_all(handles, 2);
}

TEST(abandoned_among_all)
{
	const char *name = check_name("among-all");
	HANDLE handles[2] = { automatic(TRUE), CreateMutexA(NULL, FALSE, name) };
	struct child *child = child_start("owner", name, NULL);

	REQUIRE_EQ(child_hear(child), 'o');
	child_kill(child);
	CHECK_EQ(WaitForMultipleObjects(2, handles, TRUE, LONG_ENOUGH), WAIT_ABANDONED_0);
	CHECK_WORKS(ReleaseMutex(handles[1]));
	CHECK_EQ(POLL(handles[0]), WAIT_TIMEOUT);
	close_all(handles, 2);
}

/* Waits as often as is asked, and says so each time. */
CHILD(waiter)
{
	HANDLE object = OpenEventA(SYNCHRONIZE, FALSE, check_argument(0));

	if (!object)
		object = OpenSemaphoreA(SYNCHRONIZE, FALSE, check_argument(0));
	REQUIRE(object != NULL);
	parent_tell('r');
	for (int i = atoi(check_argument(1)); i > 0; i--) {
		CHECK_EQ(WaitForSingleObject(object, LONG_ENOUGH), WAIT_OBJECT_0);
		parent_tell('w');
	}
}

TEST(one_setting_releases_one_process)
{
	const char *name = check_name("one");
	HANDLE event = CreateEventA(NULL, FALSE, FALSE, name);
	struct child *children[2] = { child_start("waiter", name, "3"), child_start("waiter", name, "3") };

	for (int i = 0; i < 2; i++)
		REQUIRE_EQ(child_hear(children[i]), 'r');
	for (int i = 0; i < 6; i++) {
		CHECK_WORKS(SetEvent(event));
		while (POLL(event) == WAIT_OBJECT_0) /* nobody waits yet: it is ours; give it back */
			CHECK_WORKS(SetEvent(event));
	}
	CHECK(CloseHandle(event));
	child_kill(children[0]);
	child_kill(children[1]);
}

TEST(semaphore_feeds_processes)
{
	const char *name = check_name("feed");
	HANDLE semaphore = CreateSemaphoreA(NULL, 0, 100, name);
	struct child *children[2] = { child_start("waiter", name, "20"), child_start("waiter", name, "20") };

	for (int i = 0; i < 2; i++)
		REQUIRE_EQ(child_hear(children[i]), 'r');
	for (int i = 0; i < 10; i++)
		CHECK_WORKS(ReleaseSemaphore(semaphore, 4, NULL));
	for (int i = 0; i < 2; i++) {
		for (int k = 0; k < 20; k++)
			REQUIRE_EQ(child_hear(children[i]), 'w');
		CHECK_EQ(child_end(children[i]), 0);
	}
	CHECK_EQ(POLL(semaphore), WAIT_TIMEOUT);
	CHECK(CloseHandle(semaphore));
}

TEST(manual_event_releases_all_processes)
{
	const char *name = check_name("all");
	HANDLE event = CreateEventA(NULL, TRUE, FALSE, name);
	struct child *children[3];

	for (int i = 0; i < 3; i++)
		children[i] = child_start("waiter", name, "1");
	for (int i = 0; i < 3; i++)
		REQUIRE_EQ(child_hear(children[i]), 'r');
	CHECK_WORKS(SetEvent(event));
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(child_hear(children[i]), 'w');
		CHECK_EQ(child_end(children[i]), 0);
	}
	CHECK(CloseHandle(event));
}

/* Numbers of inherited handles: an event to set, a mutex to own. */
CHILD(heir)
{
	HANDLE event = handle_of(check_argument(0)), mutex = handle_of(check_argument(1));

	CHECK_EQ(WaitForSingleObject(mutex, LONG_ENOUGH), WAIT_OBJECT_0);
	CHECK_WORKS(SetEvent(event));
	(void)parent_hear();
}

TEST(inherited_handles_are_the_same_objects)
{
	SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };
	HANDLE event = CreateEventA(&inherit, FALSE, FALSE, NULL), mutex = CreateMutexA(&inherit, FALSE, NULL);
	char first[32], second[32];
	struct child *child;

	strcpy(first, handle_text(event));
	strcpy(second, handle_text(mutex));
	child = child_start("heir", first, second);
	CHECK_EQ(WaitForSingleObject(event, LONG_ENOUGH), WAIT_OBJECT_0);
	CHECK_EQ(POLL(mutex), WAIT_TIMEOUT);
	child_kill(child);
	CHECK_EQ(WaitForSingleObject(mutex, LONG_ENOUGH), WAIT_ABANDONED);
	CHECK_WORKS(ReleaseMutex(mutex));
	CHECK(CloseHandle(event) && CloseHandle(mutex));
}

TEST(end_of_a_process)
{
	const char *name = check_name("process");
	HANDLE mutex = CreateMutexA(NULL, FALSE, name), handles[2];
	struct child *child = child_start("owner", name, NULL);
	HANDLE process = OpenProcess(SYNCHRONIZE, FALSE, child_id(child));

	REQUIRE(process != NULL);
	REQUIRE_EQ(child_hear(child), 'o');
	CHECK_EQ(POLL(process), WAIT_TIMEOUT);
	handles[0] = automatic(FALSE);
	handles[1] = process;
	CHECK_EQ(WaitForMultipleObjects(2, handles, FALSE, 20), WAIT_TIMEOUT);
	child_tell(child, 'x');
	CHECK_EQ(WaitForMultipleObjects(2, handles, FALSE, LONG_ENOUGH), WAIT_OBJECT_0 + 1);
	CHECK_EQ(WaitForSingleObject(process, LONG_ENOUGH), WAIT_OBJECT_0);
	CHECK_EQ(child_end(child), 0);
	CHECK(CloseHandle(process) && CloseHandle(handles[0]) && CloseHandle(mutex));
}

/* ---- signal and wait ---- */

TEST(signal_and_wait)
{
	HANDLE event = automatic(FALSE), mutex = CreateMutexA(NULL, TRUE, NULL);
	HANDLE semaphore = CreateSemaphoreA(NULL, 0, 1, NULL), set = manual(TRUE);

	CHECK_EQ(SignalObjectAndWait(mutex, set, LONG_ENOUGH, FALSE), WAIT_OBJECT_0);
	CHECK_WAIT_FAILS(SignalObjectAndWait(mutex, set, 0, FALSE), ERROR_NOT_OWNER);
	CHECK_EQ(SignalObjectAndWait(event, event, LONG_ENOUGH, FALSE), WAIT_OBJECT_0);
	CHECK_EQ(POLL(event), WAIT_TIMEOUT);
	CHECK_EQ(SignalObjectAndWait(event, semaphore, 10, FALSE), WAIT_TIMEOUT);
	CHECK_EQ(POLL(event), WAIT_OBJECT_0);
	CHECK_EQ(SignalObjectAndWait(semaphore, semaphore, LONG_ENOUGH, FALSE), WAIT_OBJECT_0);
	CHECK_EQ(SignalObjectAndWait(semaphore, set, LONG_ENOUGH, FALSE), WAIT_OBJECT_0);
	CHECK_WAIT_FAILS(SignalObjectAndWait(semaphore, set, 0, FALSE), ERROR_TOO_MANY_POSTS);
	CHECK_WAIT_FAILS(SignalObjectAndWait(NULL, set, 0, FALSE), ERROR_INVALID_HANDLE);
	CHECK_WAIT_FAILS(SignalObjectAndWait(set, NULL, 0, FALSE), ERROR_INVALID_HANDLE);
	CHECK(CloseHandle(event) && CloseHandle(mutex) && CloseHandle(semaphore) && CloseHandle(set));
}

/* Two processes hand a turn to and fro. */
CHILD(player)
{
	HANDLE mine = OpenEventA(EVENT_ALL_ACCESS, FALSE, check_argument(0));
	HANDLE other = OpenEventA(EVENT_ALL_ACCESS, FALSE, check_argument(1));

	REQUIRE(mine && other);
	REQUIRE_EQ(WaitForSingleObject(mine, LONG_ENOUGH), WAIT_OBJECT_0);
	for (int i = 0; i < 200; i++)
		REQUIRE_EQ(SignalObjectAndWait(other, mine, LONG_ENOUGH, FALSE), WAIT_OBJECT_0);
	CHECK_WORKS(SetEvent(other));
}

TEST(turns_go_to_and_fro)
{
	const char *name = check_name("turn"), *back = check_name("back");
	HANDLE there = CreateEventA(NULL, FALSE, FALSE, name), here = CreateEventA(NULL, FALSE, FALSE, back);
	struct child *child = child_start("player", name, back);

	for (int i = 0; i < 201; i++)
		REQUIRE_EQ(SignalObjectAndWait(there, here, LONG_ENOUGH, FALSE), WAIT_OBJECT_0);
	CHECK_EQ(child_end(child), 0);
	CHECK(CloseHandle(there) && CloseHandle(here));
}
