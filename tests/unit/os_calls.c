/* SPDX-License-Identifier: MIT */
/* The helpers over the table of system calls, and making processes. */
#include <limits.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "fault.h"
#include "make.h"
#include "os.h"

/* ---- sizes and whole transfers ---- */

TEST(a_size_is_checked_against_the_limit_and_what_a_file_can_have)
{
	struct rlimit limit = { 1 << 20, 1 << 20 };

	CHECK_EQ(os_check_size(INT64_MAX), 0);
	CHECK_EQ(os_check_size((uint64_t)INT64_MAX + 1), -EFBIG);
	fault_arm("getrlimit", 1, FAULT_FROM, EPERM);
	CHECK_EQ(os_check_size(1), -EPERM);
	CHECK_EQ(os_truncate(-1, 1), -EPERM);
	CHECK_EQ(os_allocate_storage(-1, 0, 1), -EPERM);
	fault_disarm();
	REQUIRE_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = 1 << 20;
	REQUIRE_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
	CHECK_EQ(os_check_size(1 << 20), 0);
	CHECK_EQ(os_check_size((1 << 20) + 1), -EFBIG);
}

static ssize_t transferred; /* by each call, at most */
static unsigned calls;

static ssize_t pread_some(int fd, void *buffer, size_t size, uint64_t offset)
{
	(void)fd, (void)offset;
	calls++;
	if (transferred > 0)
		memset(buffer, 7, (size_t)transferred < size ? (size_t)transferred : size);
	return transferred < (ssize_t)size ? transferred : (ssize_t)size;
}

static ssize_t pwrite_some(int fd, const void *buffer, size_t size, uint64_t offset)
{
	(void)fd, (void)buffer, (void)offset;
	calls++;
	return transferred < (ssize_t)size ? transferred : (ssize_t)size;
}

TEST(a_transfer_is_whole_or_an_error)
{
	static const struct { ssize_t each; int result; unsigned calls; } cases[] = {
		{ 4, 0, 1 }, { 3, 0, 2 }, { 1, 0, 4 }, { 0, -EIO, 1 }, { -ENOSPC, -ENOSPC, 1 }, { -EINTR, -EINTR, 0 },
	};
	char bytes[4] = { 0 };

	os.pread = pread_some;
	os.pwrite = pwrite_some;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%d each", (int)cases[i].each);
		transferred = cases[i].each;
		calls = 0;
		CHECK_EQ(os_pread_all(-1, bytes, sizeof(bytes), 0), cases[i].result);
		if (cases[i].calls)
			CHECK_EQ(calls, cases[i].calls);
		calls = 0;
		CHECK_EQ(os_pwrite_all(-1, bytes, sizeof(bytes), 0), cases[i].result);
		if (cases[i].calls)
			CHECK_EQ(calls, cases[i].calls);
		else
			CHECK(calls > 10); /* not the first interruption is an error */
	}
}

/* ---- processes ---- */

CHILD(show)
{
	char here[PATH_MAX];

	REQUIRE(getcwd(here, sizeof(here)) != NULL);
	printf("%d %d %d %s\n", getsid(0) == getpid(), getpgid(0) == getpid(), fcntl(100, F_GETFD) >= 0, here);
}

static pid_t spawn_child(struct os_spawn *request)
{
	const char *self = check_program();
	char *arguments[] = { (char *)(uintptr_t)self, (char[]){ "--child" }, (char[]){ "show" }, NULL }, *environment[] = { NULL };

	request->path = self;
	request->arguments = arguments;
	request->environment = environment;
	return os.spawn(request);
}

TEST(a_process_begins_as_it_is_asked_to)
{
	char directory[PATH_MAX];
	const struct { const char *name; bool session, group, close_others; const char *directory; } cases[] = {
		{ "plain", false, false, false, NULL },        { "session", true, false, false, NULL },
		{ "group", false, true, false, NULL },         { "closed", false, false, true, NULL },
		{ "elsewhere", false, false, false, directory },
	};

	REQUIRE(realpath(check_directory(), directory) != NULL);
	REQUIRE_EQ(dup2(1, 100), 100); /* which exec leaves open */
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct os_spawn request = { .standard = { -1, -1, -1 }, .session = cases[i].session,
					    .group = cases[i].group, .close_others = cases[i].close_others,
					    .directory = cases[i].directory };
		char want[PATH_MAX + 32], got[PATH_MAX + 32] = "", here[PATH_MAX];
		int ends[2];
		pid_t child;

		check_row("%s", cases[i].name);
		REQUIRE(getcwd(here, sizeof(here)) != NULL);
		REQUIRE_EQ(pipe(ends), 0);
		request.standard[1] = fcntl(ends[1], F_DUPFD_CLOEXEC, 10);
		child = spawn_child(&request);
		REQUIRE(child > 0);
		close(ends[1]);
		close(request.standard[1]);
		CHECK_EQ(child_result(child), 0);
		REQUIRE(read(ends[0], got, sizeof(got) - 1) > 0);
		close(ends[0]);
		snprintf(want, sizeof(want), "%d %d %d %s\n", cases[i].session, cases[i].session || cases[i].group,
			 !cases[i].close_others, cases[i].directory ? cases[i].directory : here);
		CHECK(strncmp(got, want, strlen(want)) == 0);
	}
}

TEST(a_process_that_cannot_begin_is_an_error)
{
	struct os_spawn nowhere = { .path = "/nonexistent/program", .arguments = (char *[]){ NULL },
				    .environment = (char *[]){ NULL }, .standard = { -1, -1, -1 } };
	struct os_spawn beyond = { .standard = { -1, INT_MAX, -1 }, .directory = "/", .close_others = true };
	struct os_spawn no_place = { .standard = { -1, -1, -1 }, .directory = "/nonexistent" };

	CHECK_EQ(os.spawn(&nowhere), -ENOENT);
	CHECK_EQ(spawn_child(&beyond), -EBADF);
	CHECK_EQ(spawn_child(&no_place), -ENOENT);
}
