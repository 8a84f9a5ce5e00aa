/* SPDX-License-Identifier: MIT */
/*
 * Sections, views, memory, handles and processes of the Win32 face, killed before and after each of their system
 * calls (kill_rows.h). The names in these tables and tests/abi/leave_nothing.txt are all functions there are.
 */
#include <windows.h>

#include <winternl.h>

/* after Windows' headers */
#include "kill_rows.h"

#define SIZE 0x20000u

static HANDLE held;
static char *view;
static const char *path;

/* ---- what the killed do ---- */

static void map_in_old_ways(HANDLE section)
{
	char *first = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0), *second, *third;

	REQUIRE(first);
	second = MapViewOfFileEx(section, FILE_MAP_READ, 0, 0x10000, 0, NULL);
	third = MapViewOfFileExNuma(section, FILE_MAP_COPY, 0, 0, 0x10000, NULL, NUMA_NO_PREFERRED_NODE);
	REQUIRE(second && third);
	first[1] = third[1] = 'c';
	REQUIRE(FlushViewOfFile(first, 0));
	REQUIRE(UnmapViewOfFile(first) && UnmapViewOfFileEx(second, 0) && UnmapViewOfFile2(GetCurrentProcess(), third, 0));
}

static void map_in_new_ways(HANDLE section)
{
	char *first = MapViewOfFile2(section, GetCurrentProcess(), 0, NULL, 0, 0, PAGE_READWRITE),
	     *second = MapViewOfFile3(section, GetCurrentProcess(), NULL, 0, 0, 0, PAGE_READONLY, NULL, 0),
	     *third = MapViewOfFileFromApp(section, FILE_MAP_READ, 0, 0),
	     *fourth = MapViewOfFileNuma2(section, GetCurrentProcess(), 0, NULL, 0, 0, PAGE_READONLY, 0),
	     *fifth = MapViewOfFile3FromApp(section, GetCurrentProcess(), NULL, 0, 0, 0, PAGE_READONLY, NULL, 0);

	REQUIRE(first && second && third && fourth && fifth);
	REQUIRE(UnmapViewOfFile(first) && UnmapViewOfFile(second) && UnmapViewOfFile(third) && UnmapViewOfFile(fourth) &&
		UnmapViewOfFile(fifth));
}

static void make_and_open(void)
{
	HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, SIZE, "killed"),
	       opened = OpenFileMappingA(FILE_MAP_ALL_ACCESS, FALSE, "killed");

	REQUIRE(section && opened);
	map_in_old_ways(opened);
	REQUIRE(CloseHandle(section) && CloseHandle(opened));
}

static void make_in_new_ways(void)
{
	HANDLE section = CreateFileMapping2(INVALID_HANDLE_VALUE, NULL, SECTION_ALL_ACCESS, PAGE_READWRITE, SEC_COMMIT, SIZE,
					    L"killed", NULL, 0),
	       again = CreateFileMappingFromApp(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, SIZE, L"killed"),
	       numa = CreateFileMappingNumaA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, SIZE, "killed", 0),
	       opened = OpenFileMappingFromApp(FILE_MAP_ALL_ACCESS, FALSE, L"killed");

	REQUIRE(section && again && numa && opened);
	map_in_new_ways(opened);
	REQUIRE(CloseHandle(section) && CloseHandle(again) && CloseHandle(numa) && CloseHandle(opened));
}

static void make_of_a_file(void)
{
	HANDLE file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL), section;

	section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, SIZE, "killed");
	REQUIRE(section);
	map_in_old_ways(section);
	REQUIRE(CloseHandle(file) && CloseHandle(section));
}

static void reserve_and_commit(void)
{
	HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | SEC_RESERVE, 0, SIZE, "killed");
	char *mapped = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);

	REQUIRE(mapped && VirtualAlloc(mapped, PAGE, MEM_COMMIT, PAGE_READWRITE));
	REQUIRE(CloseHandle(section) && UnmapViewOfFile(mapped));
}

static void natively(void)
{
	UNICODE_STRING name;
	OBJECT_ATTRIBUTES attributes;
	LARGE_INTEGER size = { .QuadPart = SIZE }, larger = { .QuadPart = 2 * SIZE };
	HANDLE section = NULL, opened = NULL;
	void *first = NULL, *second = NULL, *flushed;
	SIZE_T length = 0, whole = 0, all = 0;
	IO_STATUS_BLOCK io;

	RtlInitUnicodeString(&name, L"\\BaseNamedObjects\\killed");
	InitializeObjectAttributes(&attributes, &name, 0, NULL, NULL);
	REQUIRE_EQ(NtCreateSection(&section, SECTION_ALL_ACCESS, &attributes, &size, PAGE_READWRITE, SEC_COMMIT, NULL), 0);
	REQUIRE_EQ(NtOpenSection(&opened, SECTION_ALL_ACCESS, &attributes), 0);
	REQUIRE_EQ(NtMapViewOfSection(opened, GetCurrentProcess(), &first, 0, 0, NULL, &length, ViewUnmap, 0,
				      PAGE_READWRITE), 0);
	REQUIRE_EQ(NtMapViewOfSectionEx(opened, GetCurrentProcess(), &second, NULL, &whole, 0, PAGE_READONLY, NULL, 0), 0);
	flushed = first;
	REQUIRE_EQ(NtFlushVirtualMemory(GetCurrentProcess(), &flushed, &all, &io), 0);
	(void)NtExtendSection(section, &larger); /* memory may not be able to */
	REQUIRE_EQ(NtUnmapViewOfSection(GetCurrentProcess(), first), 0);
	REQUIRE_EQ(NtUnmapViewOfSectionEx(GetCurrentProcess(), second, 0), 0);
	REQUIRE(NtClose(section) == 0 && NtClose(opened) == 0);
}

/* ---- what is found ---- */

static void no_such_name(void)
{
	HANDLE section;

	CHECK(!OpenFileMappingA(FILE_MAP_READ, FALSE, "killed"));
	CHECK_EQ(GetLastError(), ERROR_FILE_NOT_FOUND);
	section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, PAGE, "killed");
	CHECK_EQ(GetLastError(), ERROR_SUCCESS);
	CHECK(CloseHandle(section));
}

static void a_file(void)
{
	path = make_file("a", SIZE);
}

/* Nobody has it open, and it can be cut. */
static void the_file_is_free(void)
{
	HANDLE file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);

	CHECK(file != INVALID_HANDLE_VALUE);
	CHECK_EQ(GetFileSize(file, NULL), SIZE);
	CHECK(SetEndOfFile(file) && CloseHandle(file));
	no_such_name();
}

TEST(who_is_killed_leaves_no_name)
{
	static const struct kill_row rows[] = {
		{ "CreateFileMapping, OpenFileMapping, views", NULL, NULL, make_and_open, no_such_name },
		{ "CreateFileMapping2 and the others", NULL, NULL, make_in_new_ways, no_such_name },
		{ "of a file", a_file, NULL, make_of_a_file, the_file_is_free },
		{ "SEC_RESERVE", NULL, NULL, reserve_and_commit, no_such_name },
		{ "native", NULL, NULL, natively, no_such_name },
	};

	kill_rows_run(rows, ARRAY_SIZE(rows));
}

/* ---- beside a holder ---- */

static void hold(void)
{
	held = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, SIZE, "killed");
	view = MapViewOfFile(held, FILE_MAP_WRITE, 0, 0, 0);
	REQUIRE(held && view);
	view[0] = 'h';
}

static void the_held_lives(void)
{
	HANDLE opened = OpenFileMappingA(FILE_MAP_READ, FALSE, "killed");
	char *mapped = MapViewOfFile(opened, FILE_MAP_READ, 0, 0, 0);

	CHECK(mapped && mapped[0] == 'h');
	CHECK(UnmapViewOfFile(mapped) && CloseHandle(opened));
	CHECK(UnmapViewOfFile(view) && CloseHandle(held));
	no_such_name();
}

static void duplicate(void)
{
	HANDLE copy, weak;

	REQUIRE(DuplicateHandle(GetCurrentProcess(), held, GetCurrentProcess(), &copy, 0, TRUE, DUPLICATE_SAME_ACCESS));
	REQUIRE(DuplicateHandle(GetCurrentProcess(), held, GetCurrentProcess(), &weak, FILE_MAP_READ, FALSE, 0));
	REQUIRE(SetHandleInformation(copy, HANDLE_FLAG_INHERIT, 0));
	REQUIRE(CloseHandle(copy) && CloseHandle(weak) && CloseHandle(held));
}

TEST(what_others_hold_outlives_the_killed)
{
	static const struct kill_row rows[] = {
		{ "open beside", hold, NULL, make_and_open, the_held_lives },
		{ "new ways", hold, NULL, make_in_new_ways, the_held_lives },
		{ "native", hold, NULL, natively, the_held_lives },
		{ "DuplicateHandle, SetHandleInformation", hold, NULL, duplicate, the_held_lives },
	};

	kill_rows_run(rows, ARRAY_SIZE(rows));
}

/* ---- between processes ---- */

static pid_t peer;
static HANDLE peers_section; /* the same number in the peer, which made it */
static int to_peer[2], from_peer[2];

/* A process that has a section, listens for handles, and takes them in before it ends. */
static void start_peer(void)
{
	char byte;

	hold();
	REQUIRE(pipe2(to_peer, O_CLOEXEC) == 0 && pipe2(from_peer, O_CLOEXEC) == 0);
	peer = fork();
	if (peer == 0) {
		close(to_peer[1]);
		peers_section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, SIZE, NULL);
		REQUIRE(peers_section);
		REQUIRE_EQ(write(from_peer[1], &peers_section, sizeof(HANDLE)), sizeof(HANDLE));
		REQUIRE_EQ(read(to_peer[0], &byte, 1), 0); /* the end of all that had the other end */
		CHECK(!CloseHandle((HANDLE)(UINT_PTR)0xbad8)); /* an unknown number: what has come is taken in */
		_exit(check_failures ? 1 : 0);
	}
	REQUIRE_EQ(read(from_peer[0], &peers_section, sizeof(HANDLE)), sizeof(HANDLE));
}

static void give_to_peer(void)
{
	HANDLE process = OpenProcess(PROCESS_DUP_HANDLE, FALSE, (DWORD)peer), theirs;

	REQUIRE(process);
	REQUIRE(DuplicateHandle(GetCurrentProcess(), held, process, &theirs, 0, FALSE, DUPLICATE_SAME_ACCESS));
	REQUIRE(CloseHandle(process));
}

static void take_from_peer(void)
{
	HANDLE process = OpenProcess(PROCESS_DUP_HANDLE, FALSE, (DWORD)peer), ours;

	REQUIRE(process);
	REQUIRE(DuplicateHandle(process, peers_section, GetCurrentProcess(), &ours, 0, FALSE, DUPLICATE_SAME_ACCESS));
	REQUIRE(CloseHandle(ours) && CloseHandle(process));
}

/* It has lost nothing, and what it was given ends with it. */
static void the_peer_is_well(void)
{
	close(to_peer[0]);
	close(to_peer[1]);
	close(from_peer[0]);
	close(from_peer[1]);
	CHECK_EQ(child_result(peer), 0);
	the_held_lives();
}

static void terminate_peer(void)
{
	HANDLE process = OpenProcess(PROCESS_TERMINATE | SYNCHRONIZE, FALSE, (DWORD)peer);

	REQUIRE(process && TerminateProcess(process, 3));
	REQUIRE_EQ(WaitForSingleObject(process, INFINITE), WAIT_OBJECT_0);
	REQUIRE(CloseHandle(process));
}

static void the_peer_ran_or_was_ended(void)
{
	int result;

	close(to_peer[0]);
	close(to_peer[1]);
	close(from_peer[0]);
	close(from_peer[1]);
	result = child_result(peer);
	CHECK(result == 0 || result == -SIGKILL);
	the_held_lives();
}

TEST(a_peer_gets_a_handle_or_none)
{
	static const struct kill_row rows[] = {
		{ "give", start_peer, NULL, give_to_peer, the_peer_is_well },
		{ "take", start_peer, NULL, take_from_peer, the_peer_is_well },
		{ "TerminateProcess", start_peer, NULL, terminate_peer, the_peer_ran_or_was_ended },
	};

	kill_rows_run(rows, ARRAY_SIZE(rows));
}

/* ---- another program ---- */

static int heard[2];

CHILD(started)
{
	HANDLE inherited = (HANDLE)(UINT_PTR)strtoull(check_argument(0), NULL, 16);
	char *mapped = MapViewOfFile(inherited, FILE_MAP_READ, 0, 0, 0);

	_exit(mapped && mapped[0] == 'h' && write(STDOUT_FILENO, "s", 1) == 1 ? 0 : 1);
}

static void hold_and_listen(void)
{
	hold();
	REQUIRE(SetHandleInformation(held, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT));
	REQUIRE_EQ(pipe2(heard, O_CLOEXEC), 0);
}

static void start_program(void)
{
	STARTUPINFOA startup = { .cb = sizeof(startup), .dwFlags = STARTF_USESTDHANDLES };
	char program[4096], line[200];
	PROCESS_INFORMATION process;

	REQUIRE(GetModuleFileNameA(NULL, program, sizeof(program)));
	startup.hStdOutput = startup.hStdError = (HANDLE)(INT_PTR)((heard[1] + 1) * 4);
	snprintf(line, sizeof(line), "program --child started %p", held);
	REQUIRE(CreateProcessA(program, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process));
	REQUIRE_EQ(WaitForSingleObject(process.hProcess, INFINITE), WAIT_OBJECT_0);
	REQUIRE(CloseHandle(process.hThread) && CloseHandle(process.hProcess));
}

/* It was started, and then it had the handle, or not. */
static void started_or_not(void)
{
	char said[2];
	ssize_t length;

	close(heard[1]);
	length = read(heard[0], said, sizeof(said));
	CHECK(length == 0 || (length == 1 && said[0] == 's'));
	if (length == 1)
		CHECK_EQ(read(heard[0], said, sizeof(said)), 0); /* it has ended */
	close(heard[0]);
	the_held_lives();
}

TEST(a_program_is_started_or_not)
{
	static const struct kill_row rows[] = {
		{ "CreateProcess", hold_and_listen, NULL, start_program, started_or_not },
	};

	kill_rows_run(rows, ARRAY_SIZE(rows));
}

/* ---- memory, which the kernel takes back ---- */

static void use_memory(void)
{
	char *memory = VirtualAlloc(NULL, SIZE, MEM_RESERVE, PAGE_READWRITE);
	DWORD old;

	REQUIRE(memory && VirtualAlloc(memory, PAGE, MEM_COMMIT, PAGE_READWRITE));
	memory[0] = 'm';
	REQUIRE(VirtualProtect(memory, PAGE, PAGE_READONLY, &old) && VirtualFree(memory, PAGE, MEM_DECOMMIT));
	REQUIRE(VirtualFree(memory, 0, MEM_RELEASE));
}

static void use_a_placeholder(void)
{
	char *place = VirtualAlloc2(NULL, NULL, SIZE, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS, NULL, 0), *mapped;

	REQUIRE(place);
	mapped = MapViewOfFile3(held, NULL, place, 0, SIZE, MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, 0);
	REQUIRE(mapped == place && UnmapViewOfFileEx(mapped, MEM_PRESERVE_PLACEHOLDER));
	REQUIRE(VirtualFree(place, 0, MEM_RELEASE));
}

TEST(memory_of_the_killed_is_nobodys)
{
	static const struct kill_row rows[] = {
		{ "VirtualAlloc, VirtualProtect, VirtualFree", NULL, NULL, use_memory, NULL },
		{ "VirtualAlloc2, MapViewOfFile3", hold, NULL, use_a_placeholder, the_held_lives },
	};

	kill_rows_run(rows, ARRAY_SIZE(rows));
}
