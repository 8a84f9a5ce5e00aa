/* SPDX-License-Identifier: MIT */
/* Threads, their handles, what they keep for themselves; modules and the debugger. */
#include <errno.h>
#include <process.h>

#include "support.h"

static DWORD WINAPI give(LPVOID argument)
{
	return (DWORD)(uintptr_t)argument;
}

static DWORD WINAPI leave(LPVOID argument)
{
	ExitThread((DWORD)(uintptr_t)argument);
}

static DWORD WINAPI tell_id(LPVOID argument)
{
	*(DWORD *)argument = GetCurrentThreadId();
	return 0;
}

static DWORD WINAPI wait_for(LPVOID argument)
{
	return WaitForSingleObject(argument, INFINITE);
}

static DWORD exit_code(HANDLE thread)
{
	DWORD code = UNTOUCHED;

	CHECK(GetExitCodeThread(thread, &code));
	return code;
}

static HANDLE start(LPTHREAD_START_ROUTINE routine, void *argument)
{
	HANDLE thread = CreateThread(NULL, 0, routine, argument, 0, NULL);

	REQUIRE(thread != NULL);
	return thread;
}

static void join(HANDLE thread)
{
	CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
}

TEST(result_is_the_exit_code)
{
	static const struct { const char *name; LPTHREAD_START_ROUTINE routine; } cases[] = {
		{ "return", give }, { "ExitThread", leave },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		HANDLE thread = start(cases[i].routine, (void *)(uintptr_t)0xfedcba98);

		join(thread);
		CHECK_EQ(exit_code(thread), 0xfedcba98);
		CHECK(CloseHandle(thread));
	}
}

TEST(running_thread_is_active)
{
	HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
	HANDLE thread = start(wait_for, event);

	CHECK_EQ(exit_code(thread), STILL_ACTIVE);
	CHECK_EQ(WaitForSingleObject(thread, 0), WAIT_TIMEOUT);
	CHECK_EQ(WaitForSingleObject(thread, 10), WAIT_TIMEOUT);
	CHECK(SetEvent(event));
	join(thread);
	CHECK_EQ(WaitForSingleObject(thread, 0), WAIT_OBJECT_0);
	CHECK_EQ(exit_code(thread), WAIT_OBJECT_0);
	CHECK(CloseHandle(thread));
	CHECK(CloseHandle(event));
}

TEST(several_wait_for_one_thread)
{
	HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
	HANDLE thread = start(wait_for, event), waiters[8];

	for (size_t i = 0; i < ARRAY_SIZE(waiters); i++)
		waiters[i] = start(wait_for, thread);
	CHECK_EQ(WaitForMultipleObjects(ARRAY_SIZE(waiters), waiters, FALSE, 20), WAIT_TIMEOUT);
	CHECK(SetEvent(event));
	CHECK_EQ(WaitForMultipleObjects(ARRAY_SIZE(waiters), waiters, TRUE, INFINITE), WAIT_OBJECT_0);
	for (size_t i = 0; i < ARRAY_SIZE(waiters); i++) {
		CHECK_EQ(exit_code(waiters[i]), WAIT_OBJECT_0);
		CHECK(CloseHandle(waiters[i]));
	}
	CHECK(CloseHandle(thread));
	CHECK(CloseHandle(event));
}

TEST(handle_may_be_closed_while_the_thread_runs)
{
	HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
	HANDLE thread = start(wait_for, event), copy;

	CHECK(DuplicateHandle(GetCurrentProcess(), thread, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
	CHECK(CloseHandle(thread));
	CHECK_EQ(exit_code(copy), STILL_ACTIVE);
	CHECK(SetEvent(event));
	join(copy);
	CHECK(CloseHandle(copy));
	CHECK(CloseHandle(start(wait_for, event)));
}

TEST(ids_are_those_the_thread_sees)
{
	DWORD told = 0, seen = 0;
	HANDLE thread = CreateThread(NULL, 0, tell_id, &seen, 0, &told);

	REQUIRE(thread != NULL);
	join(thread);
	CHECK(seen != 0 && seen != GetCurrentThreadId());
	CHECK_EQ(told, seen);
	CHECK_EQ(GetThreadId(thread), seen);
	CHECK_EQ(GetThreadId(GetCurrentThread()), GetCurrentThreadId());
	CHECK(CloseHandle(thread));
}

TEST(suspended_thread_waits_to_be_resumed)
{
	DWORD told = 0, seen = 0;
	HANDLE thread = CreateThread(NULL, 0, tell_id, &seen, CREATE_SUSPENDED, &told);

	REQUIRE(thread != NULL);
	CHECK_EQ(WaitForSingleObject(thread, 20), WAIT_TIMEOUT);
	CHECK_EQ(seen, 0);
	CHECK_EQ(GetThreadId(thread), told);
	CHECK_EQ(ResumeThread(thread), 1);
	join(thread);
	CHECK_EQ(seen, told);
	CHECK_EQ(ResumeThread(thread), 0);
	CHECK(CloseHandle(thread));
}

static DWORD WINAPI deep(LPVOID argument)
{
	volatile char room[12 << 20];

	(void)argument;
	for (size_t i = 0; i < sizeof(room); i += 4096)
		room[i] = 1;
	return room[4096] == 1;
}

TEST(stack_is_as_large_as_asked_for)
{
	HANDLE thread = CreateThread(NULL, 16 << 20, deep, NULL, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);

	REQUIRE(thread != NULL);
	join(thread);
	CHECK_EQ(exit_code(thread), 1);
	CHECK(CloseHandle(thread));
}

static DWORD WINAPI take(LPVOID mutex)
{
	return WaitForSingleObject(mutex, INFINITE);
}

/* Its mutexes are abandoned when a thread is seen to have ended, not a moment later. */
TEST(mutexes_of_an_ended_thread_are_abandoned)
{
	for (unsigned i = 0; i < 200; i++) {
		HANDLE mutex = CreateMutexA(NULL, FALSE, NULL), thread = start(take, mutex);

		join(thread);
		CHECK_EQ(WaitForSingleObject(mutex, 0), WAIT_ABANDONED);
		CHECK(ReleaseMutex(mutex));
		CHECK(CloseHandle(mutex));
		CHECK(CloseHandle(thread));
	}
}

TEST(wrong_handles_are_refused)
{
	HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
	DWORD code;

	check_row("another kind");
	CHECK_FAILS(GetExitCodeThread(event, &code), ERROR_INVALID_HANDLE);
	CHECK_FAILS(ResumeThread(event) + 1, ERROR_INVALID_HANDLE);
	CHECK_FAILS(GetThreadId(event), ERROR_INVALID_HANDLE);
	check_row("none");
	CHECK_FAILS(GetExitCodeThread(GARBAGE_HANDLE, &code), ERROR_INVALID_HANDLE);
	CHECK(CloseHandle(event));
}

TEST(rights_are_minded)
{
	HANDLE thread = CreateThread(NULL, 0, give, NULL, CREATE_SUSPENDED, NULL), copy;
	DWORD code;

	CHECK(DuplicateHandle(GetCurrentProcess(), thread, GetCurrentProcess(), &copy, SYNCHRONIZE, FALSE, 0));
	CHECK_FAILS(ResumeThread(copy) + 1, ERROR_ACCESS_DENIED);
	CHECK_FAILS(GetExitCodeThread(copy, &code), ERROR_ACCESS_DENIED);
	CHECK_EQ(ResumeThread(thread), 1);
	join(copy);
	CHECK(CloseHandle(copy));
	CHECK(CloseHandle(thread));
}

/* ---- the C library's ---- */

static unsigned __stdcall end_so(void *argument)
{
	_endthreadex((unsigned)(uintptr_t)argument);
	return 1;
}

TEST(c_threads_have_handles)
{
	unsigned id = 0;
	HANDLE thread = (HANDLE)_beginthreadex(NULL, 0, end_so, (void *)77, 0, &id);

	REQUIRE(thread != NULL);
	CHECK_EQ(GetThreadId(thread), id);
	join(thread);
	CHECK_EQ(exit_code(thread), 77);
	CHECK(CloseHandle(thread));
}

/* ---- thread-local storage ---- */

static DWORD slot;

static DWORD WINAPI look(LPVOID argument)
{
	(void)argument;
	return TlsGetValue(slot) == NULL && TlsSetValue(slot, &slot) && TlsGetValue(slot) == &slot;
}

TEST(values_are_each_threads_own)
{
	int mine;
	HANDLE thread;

	slot = TlsAlloc();
	REQUIRE(slot != TLS_OUT_OF_INDEXES);
	CHECK(TlsGetValue(slot) == NULL);
	CHECK_WORKS(TlsSetValue(slot, &mine));
	thread = start(look, NULL);
	join(thread);
	CHECK_EQ(exit_code(thread), TRUE);
	CHECK(TlsGetValue(slot) == &mine);
	CHECK(TlsFree(slot));
	CHECK(CloseHandle(thread));
}

TEST(reading_a_value_clears_the_last_error)
{
	slot = TlsAlloc();
	SetLastError(UNTOUCHED);
	CHECK(TlsGetValue(slot) == NULL);
	CHECK_EQ(GetLastError(), ERROR_SUCCESS);
	CHECK(TlsFree(slot));
}

TEST(new_index_has_no_old_values)
{
	for (unsigned i = 0; i < 100; i++) {
		slot = TlsAlloc();
		CHECK(TlsGetValue(slot) == NULL);
		CHECK(TlsSetValue(slot, &slot));
		CHECK(TlsFree(slot));
	}
}

TEST(more_than_a_thousand_indexes)
{
	static DWORD indexes[1088];
	size_t count = 0, wrong = 0;

	while (count < ARRAY_SIZE(indexes) && (indexes[count] = TlsAlloc()) != TLS_OUT_OF_INDEXES) {
		CHECK(TlsSetValue(indexes[count], &indexes[count]));
		count++;
	}
	CHECK(count > 1000);
	if (count < ARRAY_SIZE(indexes)) /* Windows' own libraries have some */
		CHECK_EQ(GetLastError(), ERROR_NO_MORE_ITEMS);
	for (size_t i = 0; i < count; i++)
		wrong += TlsGetValue(indexes[i]) != &indexes[i];
	CHECK_EQ(wrong, 0);
	for (size_t i = 0; i < count; i++)
		CHECK(TlsFree(indexes[i]));
}

TEST(no_such_index)
{
	static const DWORD cases[] = { 1088, 100000, TLS_OUT_OF_INDEXES };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%u", (unsigned)cases[i]);
		CHECK_FAILS(TlsGetValue(cases[i]), ERROR_INVALID_PARAMETER);
		CHECK_FAILS(TlsSetValue(cases[i], NULL), ERROR_INVALID_PARAMETER);
		CHECK_FAILS(TlsFree(cases[i]), ERROR_INVALID_PARAMETER);
	}
}

TEST(index_is_freed_once)
{
	slot = TlsAlloc();
	CHECK_WORKS(TlsFree(slot));
	CHECK_FAILS(TlsFree(slot), ERROR_INVALID_PARAMETER);
}

/* ---- modules ---- */

TEST(system_modules_can_be_loaded)
{
	HMODULE module = LoadLibraryA("kernel32.dll");

	CHECK(module == GetModuleHandleA("kernel32"));
	CHECK(LoadLibraryW(wide("kernel32.dll")) == module);
	CHECK(LoadLibraryExA("kernel32.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32) == module);
	CHECK_WORKS(FreeLibrary(module));
	CHECK_WORKS(FreeLibrary(module));
	CHECK_WORKS(FreeLibrary(module));
	CHECK_FAILS(LoadLibraryA("no-such-module.dll"), ERROR_MOD_NOT_FOUND);
	CHECK_FAILS(LoadLibraryW(wide("no-such-module.dll")), ERROR_MOD_NOT_FOUND);
}

TEST(program_knows_its_file)
{
	static char path[4096], shorter[4096];
	static WCHAR wide_path[4096];
	DWORD length = GetModuleFileNameA(NULL, path, sizeof(path));

	REQUIRE(length > 0);
	CHECK_EQ(strlen(path), length);
	CHECK(strstr(path, "threads") != NULL);
	CHECK_EQ(GetModuleFileNameW(NULL, wide_path, ARRAY_SIZE(wide_path)), length);
	CHECK_EQ(wide_path[length], 0);
	CHECK_EQ(GetModuleFileNameA(NULL, shorter, length + 1), length);
	SetLastError(UNTOUCHED);
	CHECK_EQ(GetModuleFileNameA(NULL, shorter, length), length);
	CHECK_EQ(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
	CHECK_EQ(strlen(shorter), length - 1);
}

TEST(nobody_hears_debug_text)
{
	OutputDebugStringA("nothing");
	OutputDebugStringW(wide("nothing"));
	OutputDebugStringA(NULL);
}
