/* SPDX-License-Identifier: MIT */
/* Every fault of the calls on processes, threads, waits, memory, text and the environment. */
#include <signal.h>
#include <sys/wait.h>

#include <windows.h>

#include <sddl.h>

#include "fault_rows.h"
/* after Windows' headers */
#include "make.h"

/* ---- processes ---- */

static PROCESS_INFORMATION process;

static BOOL create(BOOL inherit, const char *directory)
{
	SECURITY_ATTRIBUTES inherited = { .nLength = sizeof(inherited), .bInheritHandle = TRUE };
	STARTUPINFOA startup = { .cb = sizeof(startup) };
	char line[] = "/bin/sh -c \"exit 3\"";

	return CreateProcessA(NULL, line, &inherited, &inherited, inherit, 0, NULL, directory, &startup, &process);
}

static BOOL create_process(void)
{
	return create(TRUE, check_directory());
}

static BOOL create_alone(void)
{
	return create(FALSE, NULL);
}

/* Nobody is left: neither a zombie nor one who runs. */
static void process_ends(BOOL worked)
{
	DWORD code = 0;

	if (worked) {
		CHECK_EQ(WaitForSingleObject(process.hProcess, INFINITE), WAIT_OBJECT_0);
		CHECK(GetExitCodeProcess(process.hProcess, &code));
		CHECK_EQ(code, 3);
		CHECK(CloseHandle(process.hThread) && CloseHandle(process.hProcess));
	}
	CHECK_EQ(waitpid(-1, NULL, WNOHANG), -1);
	CHECK_EQ(errno, ECHILD);
}

static void start_waiting(void)
{
	STARTUPINFOA startup = { .cb = sizeof(startup) };
	char line[] = "/bin/sh -c \"kill -STOP $$; exit 3\"";

	REQUIRE(CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process));
}

static void stop_it(BOOL worked)
{
	(void)worked;
	(void)TerminateProcess(process.hProcess, 3); /* unless the call did */
	process_ends(TRUE);
}

static BOOL exit_code(void)
{
	DWORD code;

	return GetExitCodeProcess(process.hProcess, &code);
}

static BOOL terminate(void)
{
	return TerminateProcess(process.hProcess, 3);
}

static HANDLE other;

static BOOL open_process(void)
{
	return (other = OpenProcess(PROCESS_ALL_ACCESS, TRUE, process.dwProcessId)) != NULL;
}

static void other_closes(BOOL worked)
{
	if (worked)
		CHECK(CloseHandle(other));
	stop_it(worked);
}

static BOOL process_times(void)
{
	FILETIME made, ended, kernel, user;

	return GetProcessTimes(process.hProcess, &made, &ended, &kernel, &user);
}

TEST(processes)
{
	static const struct fault_row rows[] = {
		{ "CreateProcess", NULL, create_process, process_ends, NULL, false },
		{ "CreateProcess, nothing inherited", NULL, create_alone, process_ends, NULL, false },
		{ "GetExitCodeProcess", start_waiting, exit_code, stop_it, NULL, false },
		{ "TerminateProcess", start_waiting, terminate, stop_it, NULL, false },
		{ "OpenProcess", start_waiting, open_process, other_closes, NULL, false },
		{ "GetProcessTimes", start_waiting, process_times, stop_it, NULL, false },
	};

	fault_rows_run(rows, ARRAY_SIZE(rows));
}

/* ---- threads ---- */

static HANDLE thread;

static DWORD WINAPI nothing(LPVOID argument)
{
	(void)argument;
	return 7;
}

static BOOL create_thread(void)
{
	SECURITY_ATTRIBUTES inherited = { .nLength = sizeof(inherited), .bInheritHandle = TRUE };

	return (thread = CreateThread(&inherited, 0, nothing, NULL, CREATE_SUSPENDED, NULL)) != NULL;
}

static void thread_ends(BOOL worked)
{
	DWORD code = 0;

	CHECK_EQ(thread != NULL, worked);
	if (worked) {
		CHECK_EQ(ResumeThread(thread), 1);
		CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
		CHECK(GetExitCodeThread(thread, &code));
		CHECK_EQ(code, 7);
		CHECK(CloseHandle(thread));
	}
}

static DWORD slot;

static BOOL allocate_slot(void)
{
	return (slot = TlsAlloc()) != TLS_OUT_OF_INDEXES;
}

static void free_slot(BOOL worked)
{
	if (worked)
		CHECK(TlsFree(slot));
}

TEST(threads)
{
	static const struct fault_error chance[] = { { "futex", 0, NOT_TRIED, 0 }, { NULL, 0, 0, 0 } };
	static const struct fault_row rows[] = {
		{ "CreateThread", NULL, create_thread, thread_ends, chance, true },
		{ "TlsAlloc", NULL, allocate_slot, free_slot, NULL, false },
	};

	fault_rows_run(rows, ARRAY_SIZE(rows));
}

/* ---- waiting ---- */

static HANDLE objects[2];

static void make_objects(void)
{
	objects[0] = CreateEventA(NULL, FALSE, FALSE, NULL);
	objects[1] = CreateSemaphoreA(NULL, 0, 1, NULL);
	REQUIRE(objects[0] && objects[1]);
}

static void objects_go(BOOL worked)
{
	(void)worked;
	CHECK(CloseHandle(objects[0]) && CloseHandle(objects[1]));
}

/* The time is up, whatever sleeping comes to. */
static BOOL wait_one(void)
{
	return WaitForSingleObject(objects[0], 1) == WAIT_TIMEOUT;
}

static BOOL wait_any(void)
{
	return WaitForMultipleObjects(2, objects, FALSE, 1) == WAIT_TIMEOUT;
}

static BOOL wait_all(void)
{
	return WaitForMultipleObjects(2, objects, TRUE, 1) == WAIT_TIMEOUT;
}

static BOOL wait_process(void)
{
	return WaitForSingleObject(process.hProcess, 1) == WAIT_TIMEOUT;
}

static BOOL wait_first_thread(void)
{
	return WaitForSingleObject(process.hThread, 0) == WAIT_TIMEOUT;
}

static BOOL signal_and_wait(void)
{
	return SignalObjectAndWait(objects[1], objects[0], 1, FALSE) == WAIT_TIMEOUT;
}

TEST(waits)
{
	static const struct fault_row rows[] = {
		{ "WaitForSingleObject", make_objects, wait_one, objects_go, NULL, false },
		{ "WaitForSingleObject, a process", start_waiting, wait_process, stop_it, NULL, false },
		{ "WaitForSingleObject, its first thread", start_waiting, wait_first_thread, stop_it, NULL, false },
		{ "SignalObjectAndWait", make_objects, signal_and_wait, objects_go, NULL, false },
	};

	fault_rows_run(rows, ARRAY_SIZE(rows));
}

TEST(waits_for_several)
{
	static const struct fault_row rows[] = {
		{ "any", make_objects, wait_any, objects_go, NULL, false },
		{ "all", make_objects, wait_all, objects_go, NULL, false },
	};

	if (!check_kernel(5, 16))
		check_skip("without futex_waitv, before Linux 5.16, such a wait is short sleeps, as many as it takes");
	fault_rows_run(rows, ARRAY_SIZE(rows));
}

/* ---- objects ---- */

static HANDLE object;

static BOOL make_mutex(void)
{
	return (object = CreateMutexA(NULL, TRUE, NULL)) != NULL;
}

static void mutex_goes(BOOL worked)
{
	CHECK_EQ(object != NULL, worked);
	if (worked)
		CHECK(ReleaseMutex(object) && CloseHandle(object));
}

static BOOL make_event(void)
{
	SECURITY_ATTRIBUTES inherited = { .nLength = sizeof(inherited), .bInheritHandle = TRUE };

	return (object = CreateEventA(&inherited, TRUE, TRUE, NULL)) != NULL;
}

static void object_goes(BOOL worked)
{
	CHECK_EQ(object != NULL, worked);
	if (worked)
		CHECK(CloseHandle(object));
}

static void hold_named(void)
{
	REQUIRE((other = CreateSemaphoreA(NULL, 1, 1, "held")) != NULL);
}

static BOOL open_named(void)
{
	return (object = OpenSemaphoreA(SEMAPHORE_ALL_ACCESS, TRUE, "held")) != NULL;
}

static void named_goes(BOOL worked)
{
	object_goes(worked);
	CHECK(CloseHandle(other));
}

TEST(objects_to_wait_for)
{
	static const struct fault_error memory[] = {
		{ "fallocate", ENOSPC, ERROR_COMMITMENT_LIMIT, 0 },
		{ "ofd_getlk", EINVAL, ERROR_NOT_SUPPORTED, 0 },
		{ NULL, 0, 0, 0 },
	};
	static const struct fault_row rows[] = {
		{ "CreateMutex", NULL, make_mutex, mutex_goes, memory, false },
		{ "CreateEvent", NULL, make_event, object_goes, memory, false },
		{ "OpenSemaphore", hold_named, open_named, named_goes, memory, false },
	};

	fault_rows_run(rows, ARRAY_SIZE(rows));
}

/* ---- memory, text, the environment ---- */

static HANDLE heap;
static void *block;

static BOOL create_heap(void)
{
	return (heap = HeapCreate(0, 0, 0)) != NULL;
}

static void heap_goes(BOOL worked)
{
	if (worked)
		CHECK(HeapDestroy(heap));
}

static void prepare_heap(void)
{
	REQUIRE(create_heap());
}

static BOOL allocate(void)
{
	return (block = HeapAlloc(heap, 0, 100)) != NULL;
}

static void block_goes(BOOL worked)
{
	CHECK_EQ(block != NULL, worked);
	CHECK(HeapValidate(heap, 0, NULL));
	if (!worked) /* afterwards it works */
		CHECK(allocate());
	CHECK(HeapFree(heap, 0, block));
	heap_goes(TRUE);
}

static BOOL local_allocate(void)
{
	return (block = LocalAlloc(LMEM_FIXED, 100)) != NULL;
}

static void local_goes(BOOL worked)
{
	if (worked)
		CHECK(LocalFree(block) == NULL);
}

static BOOL parse_descriptor(void)
{
	return ConvertStringSecurityDescriptorToSecurityDescriptorA("D:(A;;GA;;;WD)", SDDL_REVISION_1, &block, NULL);
}

static BOOL allocate_sid(void)
{
	SID_IDENTIFIER_AUTHORITY world = { { 0, 0, 0, 0, 0, 1 } };

	return AllocateAndInitializeSid(&world, 1, 0, 0, 0, 0, 0, 0, 0, 0, &block);
}

static void sid_goes(BOOL worked)
{
	if (worked)
		CHECK(FreeSid(block) == NULL);
}

static void name_variable(void)
{
	REQUIRE(SetEnvironmentVariableA("FAULTS", "before"));
}

static BOOL set_variable(void)
{
	return SetEnvironmentVariableA("FAULTS", "behind");
}

static void variable_is(BOOL worked)
{
	const char *text = getenv("FAULTS");

	REQUIRE(text != NULL);
	CHECK(strcmp(text, worked ? "behind" : "before") == 0);
}

static BOOL get_variable(void)
{
	char text[100];

	return GetEnvironmentVariableA("FAULTS", text, sizeof(text)) != 0;
}

static BOOL all_variables(void)
{
	return (block = GetEnvironmentStrings()) != NULL;
}

static void variables_go(BOOL worked)
{
	if (worked)
		CHECK(FreeEnvironmentStringsA(block));
}

static BOOL memory_status(void)
{
	MEMORYSTATUSEX status = { .dwLength = sizeof(status) };

	return GlobalMemoryStatusEx(&status);
}

static BOOL file_name_of_program(void)
{
	char path[600];

	return GetModuleFileNameA(NULL, path, sizeof(path)) != 0;
}

static BOOL nap(void)
{
	Sleep(1);
	return TRUE;
}

TEST(memory_text_and_environment)
{
	static const struct fault_row rows[] = {
		{ "HeapCreate", NULL, create_heap, heap_goes, NULL, false },
		{ "HeapAlloc", prepare_heap, allocate, block_goes, NULL, false },
		{ "LocalAlloc", NULL, local_allocate, local_goes, NULL, false },
		{ "ConvertStringSecurityDescriptorToSecurityDescriptor", NULL, parse_descriptor, local_goes, NULL, false },
		{ "AllocateAndInitializeSid", NULL, allocate_sid, sid_goes, NULL, false },
		{ "SetEnvironmentVariable", name_variable, set_variable, variable_is, NULL, false },
		{ "GetEnvironmentVariable", name_variable, get_variable, NULL, NULL, false },
		{ "GetEnvironmentStrings", NULL, all_variables, variables_go, NULL, false },
		{ "GlobalMemoryStatusEx", NULL, memory_status, NULL, NULL, false },
		{ "GetModuleFileName", NULL, file_name_of_program, NULL, NULL, false },
		{ "Sleep", NULL, nap, NULL, NULL, false },
	};

	fault_rows_run(rows, ARRAY_SIZE(rows));
}

/* ---- duplicates, tokens, slots ---- */

static BOOL duplicate(HANDLE source)
{
	return DuplicateHandle(GetCurrentProcess(), source, GetCurrentProcess(), &other, 0, TRUE, DUPLICATE_SAME_ACCESS);
}

static BOOL duplicate_object(void)
{
	return duplicate(objects[0]);
}

static void duplicate_goes(BOOL worked)
{
	if (worked)
		CHECK(CloseHandle(other));
	objects_go(worked);
}

static BOOL duplicate_process(void)
{
	return duplicate(process.hProcess);
}

static BOOL duplicate_first_thread(void)
{
	return duplicate(process.hThread);
}

static BOOL open_token(void)
{
	return OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &other);
}

static void token_goes(BOOL worked)
{
	if (worked)
		CHECK(CloseHandle(other));
}

static void use_high_slots(void)
{
	static DWORD low[64];

	for (unsigned i = 0; i < ARRAY_SIZE(low); i++) /* those that every thread has */
		low[i] = TlsAlloc();
	slot = TlsAlloc();
	for (unsigned i = 0; i < ARRAY_SIZE(low); i++)
		REQUIRE(TlsFree(low[i]));
	REQUIRE(slot >= 64);
}

static DWORD WINAPI set_slot(LPVOID argument)
{
	fault_arm_allocation(1, FAULT_ONCE);
	*(DWORD *)argument = TlsSetValue(slot, argument) ? GOES_ON : GetLastError();
	CHECK(fault_disarm());
	CHECK(TlsGetValue(slot) == NULL);
	CHECK(TlsSetValue(slot, argument)); /* afterwards it works */
	CHECK(TlsGetValue(slot) == argument);
	return 0;
}

TEST(duplicates_and_tokens)
{
	static const struct fault_row rows[] = {
		{ "DuplicateHandle, an event", make_objects, duplicate_object, duplicate_goes, NULL, false },
		{ "DuplicateHandle, a process", start_waiting, duplicate_process, other_closes, NULL, false },
		{ "DuplicateHandle, its first thread", start_waiting, duplicate_first_thread, other_closes, NULL, false },
		{ "OpenProcessToken", NULL, open_token, token_goes, NULL, false },
	};

	fault_rows_run(rows, ARRAY_SIZE(rows));
}

/* Memory for high slots comes with the first value of each thread. */
TEST(a_value_that_finds_no_memory)
{
	DWORD error = GOES_ON;
	HANDLE setter;

	use_high_slots();
	fault_arm_allocation(1000, FAULT_ONCE); /* the hook is there before there are two threads */
	CHECK(!fault_disarm());
	setter = CreateThread(NULL, 0, set_slot, &error, 0, NULL);
	REQUIRE(setter != NULL);
	CHECK_EQ(WaitForSingleObject(setter, INFINITE), WAIT_OBJECT_0);
	CHECK_EQ(error, ERROR_NOT_ENOUGH_MEMORY);
	CHECK(CloseHandle(setter));
	CHECK(TlsFree(slot));
}
