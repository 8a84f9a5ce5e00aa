/* SPDX-License-Identifier: MIT */
/* Handles given to and taken from other processes, whose other side may die at any moment. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filemap/win32/windows.h>

#include "check.h"
#include "fault.h"

#define SIZE 0x20000u

/* Two pipes to a child that runs @run and then ends. */
struct other {
	pid_t pid;
	int to, from;
};

static struct other start(void (*run)(int from, int to))
{
	int down[2], up[2];
	struct other other;

	REQUIRE(pipe2(down, O_CLOEXEC) == 0 && pipe2(up, O_CLOEXEC) == 0);
	other.pid = fork();
	REQUIRE(other.pid >= 0);
	if (other.pid == 0) {
		close(down[1]);
		close(up[0]);
		run(down[0], up[1]);
		_exit(check_failures ? 1 : 0);
	}
	close(down[0]);
	close(up[1]);
	other.to = down[1];
	other.from = up[0];
	return other;
}

static void tell(int fd, HANDLE handle)
{
	REQUIRE_EQ(write(fd, &handle, sizeof(handle)), sizeof(handle));
}

static HANDLE hear(int fd)
{
	HANDLE handle = NULL;

	REQUIRE_EQ(read(fd, &handle, sizeof(handle)), sizeof(handle));
	return handle;
}

/* Its exit code, or minus the signal. */
static int end(struct other *other)
{
	int status = 0;

	close(other->to);
	close(other->from);
	REQUIRE_EQ(waitpid(other->pid, &status, 0), other->pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static HANDLE process_of(pid_t pid)
{
	HANDLE process = OpenProcess(PROCESS_DUP_HANDLE, FALSE, (DWORD)pid);

	REQUIRE(process != NULL);
	return process;
}

static HANDLE give(HANDLE handle, HANDLE process, DWORD access)
{
	HANDLE theirs = NULL;

	if (!DuplicateHandle(GetCurrentProcess(), handle, process, &theirs, access, FALSE, 0))
		check_fatal(__FILE__, __LINE__, "not given: error %u", GetLastError());
	return theirs;
}

static const char *path_of(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", check_directory(), name);
	return path;
}

static HANDLE new_file(const char *name, DWORD access)
{
	HANDLE file = CreateFileA(path_of(name), access, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_ALWAYS, 0, NULL);

	REQUIRE(file != INVALID_HANDLE_VALUE);
	return file;
}

enum kind { MEMORY, RESERVED, NAMED, FILE_SECTION, KINDS };

static HANDLE new_section(enum kind kind)
{
	HANDLE file = kind == FILE_SECTION ? new_file("section", GENERIC_READ | GENERIC_WRITE) : INVALID_HANDLE_VALUE;
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READWRITE | (kind == RESERVED ? SEC_RESERVE : 0), 0, SIZE,
					    kind == NAMED ? check_name("given") : NULL);

	REQUIRE(section != NULL);
	if (kind == FILE_SECTION)
		CHECK(CloseHandle(file));
	return section;
}

static volatile char *view_of(HANDLE section, DWORD access)
{
	volatile char *view = MapViewOfFile(section, access, 0, 0, 0);

	if (!view)
		check_fatal(__FILE__, __LINE__, "no view: error %u", GetLastError());
	return view;
}

static bool commit(volatile char *view)
{
	return VirtualAlloc((void *)(uintptr_t)view, 4096, MEM_COMMIT, PAGE_READWRITE) != NULL;
}

/* ---- giving ---- */

/* Says that it is ready, hears numbers until NULL, and finds 77 in each. */
static void receive_sections(int from, int to)
{
	HANDLE section;

	CHECK(GetCurrentProcessId() != 0); /* from now on it can be given handles */
	tell(to, NULL);
	while ((section = hear(from)) != NULL) {
		CHECK_EQ(view_of(section, FILE_MAP_WRITE)[0], 77);
		CHECK(CloseHandle(section));
	}
}

static pid_t receiver;
static enum kind given_kind;

/* Gives a section to the receiver, says its number there, and is killed in the same breath. */
static void give_and_die(int from, int to)
{
	HANDLE section = new_section(given_kind);
	volatile char *view = view_of(section, FILE_MAP_WRITE);

	(void)from;
	CHECK(given_kind != RESERVED || commit(view));
	view[0] = 77;
	tell(to, give(section, process_of(receiver), FILE_MAP_WRITE));
	raise(SIGKILL);
}

TEST(given_section_outlives_its_giver)
{
	REQUIRE_EQ(setenv("FILEMAP_ROOT", check_directory(), 1), 0);
	for (int kind = 0; kind < KINDS; kind++) {
		struct other taker = start(receive_sections), giver;
		HANDLE number;

		check_row("kind %d", kind);
		(void)hear(taker.from);
		receiver = taker.pid;
		given_kind = (enum kind)kind;
		giver = start(give_and_die);
		number = hear(giver.from);
		CHECK_EQ(end(&giver), -SIGKILL);
		tell(taker.to, number);
		tell(taker.to, NULL);
		CHECK_EQ(end(&taker), 0);
	}
}

TEST(numbers_from_many_givers_are_distinct)
{
	struct other taker = start(receive_sections);
	HANDLE numbers[8];

	(void)hear(taker.from);
	receiver = taker.pid;
	given_kind = MEMORY;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		struct other giver = start(give_and_die);

		numbers[i] = hear(giver.from);
		CHECK_EQ(end(&giver), -SIGKILL);
		for (size_t k = 0; k < i; k++)
			CHECK(numbers[k] != numbers[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		tell(taker.to, numbers[i]);
	tell(taker.to, NULL);
	CHECK_EQ(end(&taker), 0);
}

static pthread_barrier_t at_once;

static void *map_at_once(void *section)
{
	(void)pthread_barrier_wait(&at_once);
	CHECK_EQ(view_of(section, FILE_MAP_READ)[0], 77);
	return NULL;
}

/* Hears numbers until NULL; four threads use each at the same time. */
static void receive_in_threads(int from, int to)
{
	pthread_t threads[4];
	HANDLE section;

	CHECK(GetCurrentProcessId() != 0);
	REQUIRE_EQ(pthread_barrier_init(&at_once, NULL, 4), 0);
	tell(to, NULL);
	while ((section = hear(from)) != NULL) {
		for (size_t i = 0; i < 4; i++)
			REQUIRE_EQ(pthread_create(&threads[i], NULL, map_at_once, section), 0);
		for (size_t i = 0; i < 4; i++)
			REQUIRE_EQ(pthread_join(threads[i], NULL), 0);
		CHECK(CloseHandle(section));
	}
}

TEST(threads_that_meet_a_number_at_once_all_find_it)
{
	struct other taker = start(receive_in_threads);
	HANDLE section = new_section(MEMORY), process;

	view_of(section, FILE_MAP_WRITE)[0] = 77;
	(void)hear(taker.from);
	process = process_of(taker.pid);
	for (int i = 0; i < 50; i++)
		tell(taker.to, give(section, process, FILE_MAP_READ));
	tell(taker.to, NULL);
	CHECK_EQ(end(&taker), 0);
}

static void receive_a_file(int from, int to)
{
	char text[8] = "";
	DWORD got = 0;
	HANDLE file;

	CHECK(GetCurrentProcessId() != 0);
	tell(to, NULL);
	file = hear(from);
	CHECK(ReadFile(file, text, 3, &got, NULL));
	CHECK_EQ(got, 3);
	CHECK(strcmp(text, "def") == 0); /* the position is shared */
	SetLastError(0);
	CHECK(!WriteFile(file, "x", 1, &got, NULL));
	CHECK_EQ(GetLastError(), ERROR_ACCESS_DENIED);
}

TEST(given_file_shares_position_and_keeps_its_rights)
{
	struct other taker = start(receive_a_file);
	HANDLE file = new_file("given", GENERIC_READ | GENERIC_WRITE);
	DWORD done;

	CHECK(WriteFile(file, "abcdef", 6, &done, NULL));
	CHECK_EQ(SetFilePointer(file, 3, NULL, FILE_BEGIN), 3);
	(void)hear(taker.from);
	tell(taker.to, give(file, process_of(taker.pid), GENERIC_READ));
	CHECK(CloseHandle(file));
	CHECK_EQ(end(&taker), 0);
}

static void wait_for_the_end(int from, int to)
{
	char byte;

	(void)to;
	CHECK_EQ(read(from, &byte, 1), 0);
}

static DWORD error_of_giving(HANDLE process)
{
	HANDLE section = new_section(MEMORY), theirs = NULL;
	BOOL given;

	SetLastError(0);
	given = DuplicateHandle(GetCurrentProcess(), section, process, &theirs, 0, FALSE, DUPLICATE_SAME_ACCESS);
	CHECK_EQ(given, theirs != NULL);
	CHECK(CloseHandle(section));
	return given ? 0 : GetLastError();
}

TEST(who_never_used_handles_is_given_none)
{
	struct other idle = start(wait_for_the_end);

	CHECK_EQ(error_of_giving(process_of(idle.pid)), ERROR_ACCESS_DENIED);
	CHECK_EQ(end(&idle), 0);
}

TEST(the_dead_are_given_none)
{
	struct other idle = start(wait_for_the_end);
	HANDLE process = process_of(idle.pid);

	CHECK_EQ(end(&idle), 0);
	CHECK_EQ(error_of_giving(process), ERROR_ACCESS_DENIED);
	SetLastError(0);
	CHECK(OpenProcess(PROCESS_DUP_HANDLE, FALSE, (DWORD)idle.pid) == NULL);
	CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

TEST(process_handle_must_grant_duplication)
{
	struct other taker = start(receive_sections);
	HANDLE process;

	(void)hear(taker.from);
	process = OpenProcess(PROCESS_QUERY_INFORMATION, FALSE, (DWORD)taker.pid);
	REQUIRE(process != NULL);
	CHECK_EQ(error_of_giving(process), ERROR_ACCESS_DENIED);
	tell(taker.to, NULL);
	CHECK_EQ(end(&taker), 0);
}

TEST(forked_child_is_given_its_own)
{
	HANDLE section = new_section(MEMORY), ours = NULL;
	struct other child;

	view_of(section, FILE_MAP_WRITE)[0] = 77; /* the parent receives, before the child exists */
	child = start(receive_sections);
	(void)hear(child.from);
	tell(child.to, give(section, process_of(child.pid), FILE_MAP_WRITE));
	tell(child.to, NULL);
	CHECK_EQ(end(&child), 0);
	CHECK(DuplicateHandle(GetCurrentProcess(), section, GetCurrentProcess(), &ours, 0, FALSE, DUPLICATE_SAME_ACCESS));
	CHECK_EQ(view_of(ours, FILE_MAP_READ)[0], 77);
}

/* ---- taking ---- */

static void offer_a_section(int from, int to)
{
	HANDLE section = new_section(given_kind);
	volatile char *view = view_of(section, FILE_MAP_WRITE);

	CHECK(given_kind != RESERVED || commit(view));
	view[0] = 77;
	tell(to, section);
	(void)hear(from);
}

static HANDLE take(HANDLE process, HANDLE theirs, DWORD access, DWORD options)
{
	HANDLE ours = NULL;

	if (!DuplicateHandle(process, theirs, GetCurrentProcess(), &ours, access, FALSE, options))
		check_fatal(__FILE__, __LINE__, "not taken: error %u", GetLastError());
	return ours;
}

static void take_each_kind(bool may_trace)
{
	REQUIRE_EQ(setenv("FILEMAP_ROOT", check_directory(), 1), 0);
	for (int kind = 0; kind < KINDS; kind++) {
		struct other owner;
		HANDLE process, theirs, whole, reading;

		check_row("kind %d", kind);
		given_kind = (enum kind)kind;
		owner = start(offer_a_section);
		theirs = hear(owner.from);
		process = process_of(owner.pid);
		if (!may_trace)
			fault_arm("pidfd_getfd", 1, FAULT_FROM, EPERM);
		whole = take(process, theirs, 0, DUPLICATE_SAME_ACCESS);
		reading = take(process, theirs, FILE_MAP_READ, 0);
		CHECK_EQ(fault_disarm(), !may_trace);
		kill(owner.pid, SIGKILL);
		CHECK_EQ(end(&owner), -SIGKILL);
		CHECK(CompareObjectHandles(whole, reading));
		CHECK_EQ(view_of(reading, FILE_MAP_READ)[0], 77);
		SetLastError(0);
		CHECK(MapViewOfFile(reading, FILE_MAP_WRITE, 0, 0, 0) == NULL);
		CHECK_EQ(GetLastError(), ERROR_ACCESS_DENIED);
		view_of(whole, FILE_MAP_WRITE)[0] = 78;
		CHECK_EQ(view_of(reading, FILE_MAP_READ)[0], 78);
		CHECK(CloseHandle(whole) && CloseHandle(reading) && CloseHandle(process));
	}
}

TEST(taken_section_is_the_same_and_stays)
{
	take_each_kind(true);
}

TEST(section_is_taken_where_tracing_is_restricted) /* Yama: processes of one user may not trace each other */
{
	take_each_kind(false);
}

/* The name's lock does not come with a description opened anew: the taker must take its own. */
TEST(taken_name_stays_though_its_owner_dies)
{
	struct other owner;
	HANDLE process, theirs, ours;

	REQUIRE_EQ(setenv("FILEMAP_ROOT", check_directory(), 1), 0);
	given_kind = NAMED;
	owner = start(offer_a_section);
	theirs = hear(owner.from);
	process = process_of(owner.pid);
	fault_arm("pidfd_getfd", 1, FAULT_FROM, EPERM);
	ours = take(process, theirs, 0, DUPLICATE_SAME_ACCESS);
	fault_disarm();
	kill(owner.pid, SIGKILL);
	CHECK_EQ(end(&owner), -SIGKILL);
	CHECK_EQ(fault_world().names, 1);
	CHECK(CloseHandle(ours));
	CHECK_EQ(fault_world().names, 0);
}

TEST(taken_handle_can_be_inherited_and_given_on)
{
	struct other owner, taker;
	HANDLE process, theirs, file;
	DWORD flags = 0;

	given_kind = FILE_SECTION;
	owner = start(offer_a_section);
	theirs = hear(owner.from);
	process = process_of(owner.pid);
	REQUIRE(DuplicateHandle(process, theirs, GetCurrentProcess(), &file, 0, TRUE, DUPLICATE_SAME_ACCESS));
	CHECK(GetHandleInformation(file, &flags));
	CHECK_EQ(flags, HANDLE_FLAG_INHERIT);
	taker = start(receive_sections);
	(void)hear(taker.from);
	REQUIRE(DuplicateHandle(process, theirs, process_of(taker.pid), &theirs, 0, FALSE, DUPLICATE_SAME_ACCESS));
	tell(owner.to, NULL);
	CHECK_EQ(end(&owner), 0);
	tell(taker.to, theirs);
	tell(taker.to, NULL);
	CHECK_EQ(end(&taker), 0);
}

TEST(wrong_numbers_are_not_taken)
{
	struct other idle = start(wait_for_the_end);
	HANDLE process = process_of(idle.pid), ours = NULL;
	static const struct { uintptr_t number; DWORD options, error; } cases[] = {
		{ 0, 0, ERROR_INVALID_HANDLE }, { 0x7ff0, 0, ERROR_INVALID_HANDLE }, { 3, 0, ERROR_INVALID_HANDLE },
		{ 8, DUPLICATE_CLOSE_SOURCE, ERROR_NOT_SUPPORTED }, { 8, 0x100, ERROR_INVALID_PARAMETER },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%#zx options %#x", (size_t)cases[i].number, cases[i].options);
		SetLastError(0);
		CHECK(!DuplicateHandle(process, (HANDLE)cases[i].number, GetCurrentProcess(), &ours, 0, FALSE,
				       cases[i].options));
		CHECK_EQ(GetLastError(), cases[i].error);
		CHECK(ours == NULL);
	}
	CHECK_EQ(end(&idle), 0);
}

/* ---- rights and failures ---- */

TEST(empty_access_list_keeps_duplicates_from_gaining_rights)
{
	ACL empty = { .AclRevision = ACL_REVISION, .AclSize = sizeof(empty) };
	SECURITY_DESCRIPTOR descriptor = { .Revision = SECURITY_DESCRIPTOR_REVISION, .Control = SE_DACL_PRESENT,
					   .Dacl = &empty };
	SECURITY_ATTRIBUTES attributes = { sizeof(attributes), &descriptor, FALSE };
	HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, &attributes, PAGE_READWRITE, 0, SIZE, NULL), weak, strong;

	REQUIRE(section != NULL);
	REQUIRE(DuplicateHandle(GetCurrentProcess(), section, GetCurrentProcess(), &weak, FILE_MAP_READ, FALSE, 0));
	SetLastError(0);
	CHECK(!DuplicateHandle(GetCurrentProcess(), weak, GetCurrentProcess(), &strong, FILE_MAP_WRITE, FALSE, 0));
	CHECK_EQ(GetLastError(), ERROR_ACCESS_DENIED);
}

static void receive_and_close(int from, int to)
{
	HANDLE section;

	CHECK(GetCurrentProcessId() != 0);
	tell(to, NULL);
	while ((section = hear(from)) != NULL) {
		CHECK(CloseHandle(section));
		tell(to, NULL);
	}
}

/* Each call of giving fails in turn: an error, and nothing is left open here. */
TEST(failure_to_give_leaves_nothing)
{
	struct other taker;
	HANDLE process, section, theirs;
	struct fault_world before;
	bool fired = true;

	REQUIRE_EQ(setenv("FILEMAP_ROOT", check_directory(), 1), 0);
	taker = start(receive_and_close);
	section = new_section(MEMORY);
	(void)hear(taker.from);
	process = process_of(taker.pid);
	before = fault_world();
	for (unsigned nth = 1; fired; nth++) {
		BOOL given;

		REQUIRE(nth < 100);
		check_row("call %u", nth);
		theirs = NULL;
		fault_arm("*", nth, FAULT_ONCE, ENOMEM);
		given = DuplicateHandle(GetCurrentProcess(), section, process, &theirs, FILE_MAP_READ, FALSE, 0);
		fired = fault_disarm();
		CHECK_EQ(given, theirs != NULL);
		CHECK_SAME_WORLD(before);
		if (given) {
			tell(taker.to, theirs);
			(void)hear(taker.from);
		}
	}
	tell(taker.to, NULL);
	CHECK_EQ(end(&taker), 0);
}

static void receive_failing(int from, int to)
{
	HANDLE section = NULL, last;
	struct fault_world before;

	CHECK(GetCurrentProcessId() != 0);
	tell(to, NULL);
	last = hear(from);
	CHECK(CloseHandle(last)); /* warm: what the library opens once is open */
	before = fault_world();
	tell(to, NULL); /* only now may the next one lie in the mailbox */
	for (unsigned nth = 1; (section = hear(from)) != NULL; nth++) {
		bool closed;

		check_row("call %u", nth);
		fault_arm("*", nth, FAULT_ONCE, ENOMEM);
		closed = CloseHandle(section);
		if (!fault_disarm())
			CHECK(closed);
		else if (!closed)
			(void)CloseHandle(section); /* it may have come all the same */
		CHECK_SAME_WORLD(before);
		tell(to, NULL);
	}
}

TEST(failure_to_receive_leaves_nothing)
{
	struct other taker;
	HANDLE process, section = new_section(MEMORY);

	REQUIRE_EQ(setenv("FILEMAP_ROOT", check_directory(), 1), 0);
	taker = start(receive_failing);

	(void)hear(taker.from);
	process = process_of(taker.pid);
	tell(taker.to, give(section, process, FILE_MAP_READ));
	(void)hear(taker.from);
	for (unsigned i = 0; i < 24; i++) {
		tell(taker.to, give(section, process, FILE_MAP_READ));
		(void)hear(taker.from);
	}
	tell(taker.to, NULL);
	CHECK_EQ(end(&taker), 0);
}
