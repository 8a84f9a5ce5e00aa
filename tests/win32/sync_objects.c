/* SPDX-License-Identifier: MIT */
/* Mutexes, events, semaphores: making, opening, names, rights, states. */
#include "support.h"

#define POLL(handle) WaitForSingleObject(handle, 0)

static HANDLE mutex(const char *name)
{
	return CreateMutexA(NULL, FALSE, name);
}

static HANDLE event(const char *name)
{
	return CreateEventA(NULL, TRUE, FALSE, name);
}

static HANDLE semaphore(const char *name)
{
	return CreateSemaphoreA(NULL, 1, 2, name);
}

static HANDLE section(const char *name)
{
	return CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, PAGE, name);
}

static HANDLE open_mutex(const char *name)
{
	return OpenMutexA(SYNCHRONIZE, FALSE, name);
}

static HANDLE open_event(const char *name)
{
	return OpenEventA(SYNCHRONIZE, FALSE, name);
}

static HANDLE open_semaphore(const char *name)
{
	return OpenSemaphoreA(SYNCHRONIZE, FALSE, name);
}

static HANDLE open_section(const char *name)
{
	return OpenFileMappingA(FILE_MAP_READ, FALSE, name);
}

static const struct {
	const char *name;
	HANDLE (*create)(const char *name);
	HANDLE (*open)(const char *name);
} types[] = {
	{ "mutex", mutex, open_mutex },
	{ "event", event, open_event },
	{ "semaphore", semaphore, open_semaphore },
	{ "section", section, open_section },
};

#define SYNC_TYPES 3

TEST(creator_gets_0_and_the_second_183)
{
	for (size_t i = 0; i < SYNC_TYPES; i++) {
		const char *name = check_name("who");
		HANDLE first, second;

		check_row("%s", types[i].name);
		SetLastError(UNTOUCHED);
		first = types[i].create(name);
		REQUIRE(first != NULL);
		CHECK_EQ(GetLastError(), ERROR_SUCCESS);
		SetLastError(UNTOUCHED);
		second = types[i].create(name);
		REQUIRE(second != NULL);
		CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
		CHECK(first != second);
		CHECK(CloseHandle(first) && CloseHandle(second));
		CHECK_FAILS(types[i].open(name), ERROR_FILE_NOT_FOUND);
	}
}

TEST(unnamed_objects_are_new_each)
{
	for (size_t i = 0; i < SYNC_TYPES; i++) {
		HANDLE first = types[i].create(NULL), second;

		check_row("%s", types[i].name);
		SetLastError(UNTOUCHED);
		second = types[i].create("");
		REQUIRE(first && second);
		CHECK_EQ(GetLastError(), ERROR_SUCCESS);
		CHECK(CloseHandle(first) && CloseHandle(second));
	}
}

TEST(a_name_has_one_type)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		const char *name = check_name("type");
		HANDLE first = types[i].create(name);

		REQUIRE(first != NULL);
		for (size_t k = 0; k < ARRAY_SIZE(types); k++) {
			if (k == i)
				continue;
			check_row("%s as %s", types[i].name, types[k].name);
			CHECK_FAILS(types[k].create(name), ERROR_INVALID_HANDLE);
			CHECK_FAILS(types[k].open(name), ERROR_INVALID_HANDLE);
		}
		CHECK(CloseHandle(first));
	}
}

TEST(opening_needs_a_name_that_exists)
{
	for (size_t i = 0; i < SYNC_TYPES; i++) {
		check_row("%s missing", types[i].name);
		CHECK_FAILS(types[i].open(check_name("none")), ERROR_FILE_NOT_FOUND);
		check_row("%s NULL", types[i].name);
		CHECK_FAILS(types[i].open(NULL), ERROR_INVALID_PARAMETER);
	}
}

TEST(local_prefix_is_the_plain_name)
{
	const char *name = check_name("prefix");
	char full[160] = "Local\\";
	HANDLE first = mutex(name), second;

	second = open_mutex(strcat(full, name));
	CHECK(first && second);
	CHECK(CALL(same_object)(first, second));
	CHECK(CloseHandle(first) && CloseHandle(second));
}

TEST(wide_and_narrow_names_are_one)
{
	const char *name = check_name("wide");
	HANDLE objects[3], again[3];

	objects[0] = CreateMutexW(NULL, FALSE, wide(name));
	REQUIRE(objects[0] != NULL);
	again[0] = open_mutex(name);
	CHECK(again[0] && CloseHandle(again[0]) && CloseHandle(objects[0]));
	objects[1] = CreateEventW(NULL, FALSE, TRUE, wide(name));
	REQUIRE(objects[1] != NULL);
	CHECK_EQ(POLL(objects[1]), WAIT_OBJECT_0);
	again[1] = OpenEventW(SYNCHRONIZE, FALSE, wide(name));
	CHECK(again[1] && CloseHandle(again[1]) && CloseHandle(objects[1]));
	objects[2] = CreateSemaphoreW(NULL, 1, 1, wide(name));
	REQUIRE(objects[2] != NULL);
	again[2] = OpenSemaphoreW(SYNCHRONIZE, FALSE, wide(name));
	CHECK(again[2] && CloseHandle(again[2]) && CloseHandle(objects[2]));
	again[0] = CreateMutexExW(NULL, wide(name), CREATE_MUTEX_INITIAL_OWNER, MUTEX_ALL_ACCESS);
	REQUIRE(again[0] != NULL);
	CHECK_WORKS(ReleaseMutex(again[0]));
	CHECK(CloseHandle(again[0]));
}

/* ---- rights ---- */

TEST(waiting_and_changing_need_their_rights)
{
	HANDLE object;

	check_row("event without SYNCHRONIZE");
	object = CreateEventExA(NULL, NULL, 0, EVENT_MODIFY_STATE);
	REQUIRE(object != NULL);
	SetLastError(UNTOUCHED);
	CHECK_EQ(POLL(object), WAIT_FAILED);
	CHECK_EQ(GetLastError(), ERROR_ACCESS_DENIED);
	CHECK_WORKS(SetEvent(object));
	CHECK(CloseHandle(object));
	check_row("event without MODIFY_STATE");
	object = CreateEventExA(NULL, NULL, CREATE_EVENT_INITIAL_SET, SYNCHRONIZE);
	REQUIRE(object != NULL);
	CHECK_FAILS(SetEvent(object), ERROR_ACCESS_DENIED);
	CHECK_FAILS(ResetEvent(object), ERROR_ACCESS_DENIED);
	CHECK_FAILS(PulseEvent(object), ERROR_ACCESS_DENIED);
	CHECK_EQ(POLL(object), WAIT_OBJECT_0);
	CHECK(CloseHandle(object));
	check_row("semaphore without MODIFY_STATE");
	object = CreateSemaphoreExA(NULL, 0, 1, NULL, 0, SYNCHRONIZE);
	REQUIRE(object != NULL);
	CHECK_FAILS(ReleaseSemaphore(object, 1, NULL), ERROR_ACCESS_DENIED);
	CHECK(CloseHandle(object));
	check_row("mutex without MODIFY_STATE");
	object = CreateMutexExA(NULL, NULL, CREATE_MUTEX_INITIAL_OWNER, SYNCHRONIZE);
	REQUIRE(object != NULL);
	CHECK_WORKS(ReleaseMutex(object));
	CHECK(CloseHandle(object));
}

TEST(duplicate_has_the_access_asked_for)
{
	HANDLE first = CreateEventA(NULL, TRUE, TRUE, NULL), copy = NULL;

	REQUIRE_WORKS(DuplicateHandle(GetCurrentProcess(), first, GetCurrentProcess(), &copy, SYNCHRONIZE, FALSE, 0));
	CHECK_EQ(POLL(copy), WAIT_OBJECT_0);
	CHECK_FAILS(ResetEvent(copy), ERROR_ACCESS_DENIED);
	CHECK(CALL(same_object)(first, copy));
	CHECK(CloseHandle(first));
	CHECK_EQ(POLL(copy), WAIT_OBJECT_0);
	CHECK(CloseHandle(copy));
}

TEST(different_objects_do_not_compare)
{
	HANDLE a = event(NULL), b = event(NULL), c = mutex(NULL);

	CHECK_FAILS(CALL(same_object)(a, b), ERROR_NOT_SAME_OBJECT);
	CHECK_FAILS(CALL(same_object)(a, c), ERROR_NOT_SAME_OBJECT);
	CHECK(CloseHandle(a) && CloseHandle(b) && CloseHandle(c));
}

TEST(calls_want_their_own_type)
{
	HANDLE m = mutex(NULL), e = event(NULL), s = semaphore(NULL);
	LONG before;

	CHECK_FAILS(SetEvent(m), ERROR_INVALID_HANDLE);
	CHECK_FAILS(ResetEvent(s), ERROR_INVALID_HANDLE);
	CHECK_FAILS(ReleaseMutex(e), ERROR_INVALID_HANDLE);
	CHECK_FAILS(ReleaseSemaphore(m, 1, &before), ERROR_INVALID_HANDLE);
	CHECK_FAILS(ReleaseMutex(NULL), ERROR_INVALID_HANDLE);
	CHECK(CloseHandle(m) && CloseHandle(e) && CloseHandle(s));
	CHECK_FAILS(SetEvent(e), ERROR_INVALID_HANDLE);
}

/* ---- states ---- */

TEST(bad_parameters)
{
	static const struct { LONG count, limit; } cases[] = { { -1, 1 }, { 0, 0 }, { 2, 1 }, { 0, -1 } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("semaphore %d of %d", (int)cases[i].count, (int)cases[i].limit);
		CHECK_FAILS(CreateSemaphoreA(NULL, cases[i].count, cases[i].limit, NULL), ERROR_INVALID_PARAMETER);
	}
	check_row("flags");
	CHECK_FAILS(CreateEventExA(NULL, NULL, 4, EVENT_ALL_ACCESS), ERROR_INVALID_PARAMETER);
	CHECK_FAILS(CreateMutexExA(NULL, NULL, 2, MUTEX_ALL_ACCESS), ERROR_INVALID_PARAMETER);
}

TEST(manual_event_stays_set)
{
	HANDLE e = CreateEventA(NULL, TRUE, FALSE, NULL);

	CHECK_EQ(POLL(e), WAIT_TIMEOUT);
	CHECK_WORKS(SetEvent(e));
	CHECK_EQ(POLL(e), WAIT_OBJECT_0);
	CHECK_EQ(POLL(e), WAIT_OBJECT_0);
	CHECK_WORKS(ResetEvent(e));
	CHECK_WORKS(ResetEvent(e));
	CHECK_EQ(POLL(e), WAIT_TIMEOUT);
	CHECK_WORKS(SetEvent(e));
	CHECK_WORKS(PulseEvent(e));
	CHECK_EQ(POLL(e), WAIT_TIMEOUT);
	CHECK(CloseHandle(e));
}

TEST(auto_event_lets_one_through)
{
	HANDLE e = CreateEventA(NULL, FALSE, TRUE, NULL);

	CHECK_EQ(POLL(e), WAIT_OBJECT_0);
	CHECK_EQ(POLL(e), WAIT_TIMEOUT);
	CHECK_WORKS(SetEvent(e));
	CHECK_WORKS(SetEvent(e));
	CHECK_EQ(POLL(e), WAIT_OBJECT_0);
	CHECK_EQ(POLL(e), WAIT_TIMEOUT);
	CHECK_WORKS(SetEvent(e));
	CHECK_WORKS(PulseEvent(e));
	CHECK_EQ(POLL(e), WAIT_TIMEOUT);
	CHECK_WORKS(SetEvent(e));
	CHECK_WORKS(ResetEvent(e));
	CHECK_EQ(POLL(e), WAIT_TIMEOUT);
	CHECK(CloseHandle(e));
}

TEST(semaphore_counts_to_its_limit)
{
	HANDLE s = CreateSemaphoreA(NULL, 1, 3, NULL);
	LONG before = -1;

	CHECK_WORKS(ReleaseSemaphore(s, 1, &before));
	CHECK_EQ(before, 1);
	CHECK_FAILS(ReleaseSemaphore(s, 2, &before), ERROR_TOO_MANY_POSTS);
	CHECK_EQ(before, 1);
	CHECK_FAILS(ReleaseSemaphore(s, 0, NULL), ERROR_INVALID_PARAMETER);
	CHECK_FAILS(ReleaseSemaphore(s, -1, NULL), ERROR_INVALID_PARAMETER);
	CHECK_WORKS(ReleaseSemaphore(s, 1, NULL));
	for (int i = 0; i < 3; i++)
		CHECK_EQ(POLL(s), WAIT_OBJECT_0);
	CHECK_EQ(POLL(s), WAIT_TIMEOUT);
	CHECK_WORKS(ReleaseSemaphore(s, 3, &before));
	CHECK_EQ(before, 0);
	CHECK(CloseHandle(s));
}

TEST(largest_semaphore)
{
	HANDLE s = CreateSemaphoreA(NULL, 0x7ffffffe, 0x7fffffff, NULL);
	LONG before = 0;

	CHECK_WORKS(ReleaseSemaphore(s, 1, &before));
	CHECK_EQ(before, 0x7ffffffe);
	CHECK_FAILS(ReleaseSemaphore(s, 0x7fffffff, NULL), ERROR_TOO_MANY_POSTS);
	CHECK(CloseHandle(s));
}

TEST(mutex_counts_its_owners_takings)
{
	HANDLE m = CreateMutexA(NULL, TRUE, NULL);

	CHECK_EQ(POLL(m), WAIT_OBJECT_0);
	CHECK_EQ(WaitForSingleObject(m, INFINITE), WAIT_OBJECT_0);
	for (int i = 0; i < 3; i++)
		CHECK_WORKS(ReleaseMutex(m));
	CHECK_FAILS(ReleaseMutex(m), ERROR_NOT_OWNER);
	CHECK_EQ(POLL(m), WAIT_OBJECT_0);
	CHECK_WORKS(ReleaseMutex(m));
	CHECK(CloseHandle(m));
}

TEST(mutex_may_be_released_through_another_handle)
{
	const char *name = check_name("two-handles");
	HANDLE first = CreateMutexA(NULL, TRUE, name), second = open_mutex(name), third = NULL;

	REQUIRE_WORKS(DuplicateHandle(GetCurrentProcess(), second, GetCurrentProcess(), &third, 0, FALSE,
				      DUPLICATE_SAME_ACCESS));
	CHECK_EQ(POLL(second), WAIT_OBJECT_0);
	CHECK(CloseHandle(first));
	CHECK_WORKS(ReleaseMutex(third));
	CHECK_WORKS(ReleaseMutex(second));
	CHECK_FAILS(ReleaseMutex(second), ERROR_NOT_OWNER);
	CHECK(CloseHandle(second) && CloseHandle(third));
}

TEST(initial_owner_is_ignored_for_an_existing_mutex)
{
	const char *name = check_name("owner");
	HANDLE first = CreateMutexA(NULL, FALSE, name), second = CreateMutexA(NULL, TRUE, name);

	CHECK_FAILS(ReleaseMutex(second), ERROR_NOT_OWNER);
	CHECK(CloseHandle(first) && CloseHandle(second));
}

TEST(mutex_closed_while_owned_leaves_its_name)
{
	const char *name = check_name("closed");
	HANDLE first = CreateMutexA(NULL, TRUE, name), second;

	CHECK(CloseHandle(first));
	SetLastError(UNTOUCHED);
	second = CreateMutexA(NULL, TRUE, name);
	CHECK_EQ(GetLastError(), ERROR_SUCCESS);
	CHECK_WORKS(ReleaseMutex(second));
	CHECK(CloseHandle(second));
}

TEST(reused_handle_is_the_new_mutex)
{
	HANDLE first = CreateMutexA(NULL, FALSE, NULL), second;

	CHECK_EQ(POLL(first), WAIT_OBJECT_0);
	CHECK(CloseHandle(first));
	second = CreateMutexA(NULL, TRUE, NULL); /* as a rule under the same number */
	CHECK_WORKS(ReleaseMutex(second));
	CHECK_FAILS(ReleaseMutex(second), ERROR_NOT_OWNER);
	CHECK(CloseHandle(second));
	CHECK_FAILS(ReleaseMutex(second), ERROR_INVALID_HANDLE);
}
