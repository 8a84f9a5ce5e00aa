/* SPDX-License-Identifier: MIT */
/* Synchronisation objects when system calls and allocations fail, and when their memory says anything. */
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "object.h"
/* after the library's own headers */
#include "check.h"
#include "fault.h"

static HANDLE make(unsigned kind, const char *name)
{
	switch (kind) {
	case 0:
		return CreateMutexA(NULL, TRUE, name);
	case 1:
		return CreateEventA(NULL, FALSE, TRUE, name);
	default:
		return CreateSemaphoreA(NULL, 1, 1, name);
	}
}

static HANDLE open_again(unsigned kind, const char *name)
{
	switch (kind) {
	case 0:
		return OpenMutexA(SYNCHRONIZE, FALSE, name);
	case 1:
		return OpenEventA(SYNCHRONIZE, FALSE, name);
	default:
		return OpenSemaphoreA(SYNCHRONIZE, FALSE, name);
	}
}

/* Everything that makes a call, once. False: something failed, and is undone. */
static bool use_all(unsigned kind, const char *name)
{
	HANDLE first = make(kind, name), second = first && name ? open_again(kind, name) : NULL, copy = NULL;
	bool worked = first && (second || !name);

	if (worked && !DuplicateHandle(GetCurrentProcess(), first, GetCurrentProcess(), &copy, 0, TRUE,
				       DUPLICATE_SAME_ACCESS))
		worked = false;
	if (worked)
		worked = WaitForSingleObject(copy, 0) == WAIT_OBJECT_0;
	if (first && kind == 0)
		while (ReleaseMutex(first))
			;
	if (first)
		CHECK(CloseHandle(first));
	if (second)
		CHECK(CloseHandle(second));
	if (copy)
		CHECK(CloseHandle(copy));
	return worked;
}

static void fail_each(unsigned kind, const char *name, bool allocations)
{
	struct fault_world before;

	REQUIRE(use_all(kind, name)); /* directories, pages and caches that stay */
	grace_settle();
	before = fault_world();
	for (unsigned nth = 1;; nth++) {
		bool worked;

		REQUIRE(nth < 1000);
		if (allocations)
			fault_arm_allocation(nth, FAULT_ONCE);
		else
			fault_arm("*", nth, FAULT_ONCE, EIO);
		worked = use_all(kind, name);
		if (!fault_disarm()) {
			CHECK(worked);
			return;
		}
		if (name)
			(void)fm_namespace_sweep(FM_LOCAL, NULL, NULL); /* what could not be buried */
		grace_settle(); /* what was retired */
		CHECK_SAME_WORLD(before);
	}
}

TEST(failures_leave_nothing)
{
	static const char *const kinds[] = { "mutex", "event", "semaphore" };

	setenv("FILEMAP_ROOT", check_directory(), 1);
	for (unsigned kind = 0; kind < ARRAY_SIZE(kinds); kind++)
		for (unsigned form = 0; form < 4; form++) {
			check_row("%s %s %s", kinds[kind], form & 1 ? "named" : "unnamed", form & 2 ? "allocation" : "call");
			fail_each(kind, form & 1 ? "faults" : NULL, form & 2);
		}
}

static int no_list(struct robust_list_head **ret_head, size_t *ret_size)
{
	(void)ret_head, (void)ret_size;
	return -ENOSYS;
}

TEST(without_a_robust_list_there_are_no_mutexes)
{
	os.get_robust_list = no_list;
	CHECK(!CreateMutexA(NULL, FALSE, NULL));
	CHECK_EQ(GetLastError(), ERROR_NOT_SUPPORTED);
	CHECK(CreateEventA(NULL, FALSE, FALSE, NULL) != NULL);
}

/* ---- hostile memory ---- */

static struct object_page *page_of(HANDLE handle)
{
	struct handle *entered;
	struct object_page *page;

	REQUIRE_EQ(enter(handle, NULL, &entered), FM_OK);
	page = object_of(entered)->page;
	object_leave((struct object_handle *)entered);
	return page;
}

/* The object's file, opened by who may. */
static int file_of(const char *name)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/filemap-%u/%s", check_directory(), (unsigned)geteuid(), name);
	fd = open(path, O_RDWR);
	REQUIRE(fd >= 0);
	return fd;
}

/* Another process damages the page before this one opens it. */
TEST(a_damaged_page_is_refused)
{
	static const struct { const char *name; off_t at; uint32_t value; } cases[] = {
		{ "magic", offsetof(struct object_page, magic), 0 },
		{ "kind 0", offsetof(struct object_page, kind), 0 },
		{ "kind 1", offsetof(struct object_page, kind), NAME_SECTION },
		{ "kind 77", offsetof(struct object_page, kind), 77 },
		{ "limit 0", offsetof(struct object_page, limit), 0 },
		{ "limit", offsetof(struct object_page, limit), UINT32_MAX },
	};
	setenv("FILEMAP_ROOT", check_directory(), 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		pid_t holder;
		int ready[2], fd;

		check_row("%s", cases[i].name);
		REQUIRE_EQ(pipe(ready), 0);
		holder = fork();
		if (holder == 0) {
			if (!CreateSemaphoreA(NULL, 1, 1, "hostile"))
				_exit(1);
			fd = file_of("hostile");
			if (pwrite(fd, &cases[i].value, 4, (off_t)NAME_DATA_START + cases[i].at) != 4 || write(ready[1], "r", 1) != 1)
				_exit(1);
			pause();
		}
		REQUIRE_EQ(read(ready[0], &(char){ 0 }, 1), 1);
		CHECK(!OpenSemaphoreA(SYNCHRONIZE, FALSE, "hostile"));
		CHECK_EQ(GetLastError(), ERROR_FILE_CORRUPT);
		kill(holder, SIGKILL);
		REQUIRE_EQ(waitpid(holder, NULL, 0), holder);
		close(ready[0]), close(ready[1]);
	}
}

TEST(a_truncated_file_is_refused)
{
	HANDLE event;
	int fd;

	setenv("FILEMAP_ROOT", check_directory(), 1);
	event = CreateEventA(NULL, TRUE, TRUE, "short");
	REQUIRE(event != NULL);
	fd = file_of("short");
	REQUIRE_EQ(ftruncate(fd, NAME_DATA_START), 0);
	CHECK(!OpenEventA(SYNCHRONIZE, FALSE, "short"));
	CHECK_EQ(GetLastError(), ERROR_FILE_CORRUPT);
}

/* Whatever stands in the page: the calls return, and nothing but the page changes. */
TEST(any_bytes_in_the_page_do_no_harm)
{
	HANDLE handles[4] = { CreateMutexA(NULL, FALSE, NULL), CreateEventA(NULL, FALSE, FALSE, NULL),
			      CreateEventA(NULL, TRUE, FALSE, NULL), CreateSemaphoreA(NULL, 0, 10, NULL) };

	srand(1);
	for (int i = 0; i < 2000; i++)
		for (unsigned k = 0; k < 4; k++) {
			unsigned char *bytes = (unsigned char *)page_of(handles[k]);

			for (unsigned n = 0; n < 64; n++)
				bytes[n < 32 ? (unsigned)rand() % OS_PAGE : 64u + (unsigned)rand() % 16] = (unsigned char)rand();
			*(uint32_t *)(bytes + offsetof(struct object_page, lock)) = (uint32_t)rand() << (rand() % 8);
			(void)WaitForSingleObject(handles[k], 0);
			(void)WaitForSingleObject(handles[k], (DWORD)(i % 500 == 0));
			(void)WaitForMultipleObjects(4, handles, i % 2, 0);
			(void)SetEvent(handles[k]);
			(void)PulseEvent(handles[k]);
			(void)ResetEvent(handles[k]);
			(void)ReleaseSemaphore(handles[k], 1, NULL);
			while (ReleaseMutex(handles[k]))
				;
		}
	for (unsigned k = 0; k < 4; k++)
		CHECK(CloseHandle(handles[k]));
	CHECK(CreateMutexA(NULL, TRUE, NULL) != NULL);
}
