/* SPDX-License-Identifier: MIT */
/*
 * A call of the port under every fault: each of its system calls failed with each errno that it documents, once
 * and from then on, and each of its allocations. A table of rows says what is called; what must come of it is
 * said by one table for all, and by the rows where they differ.
 */
#ifndef FAULT_ROWS_H
#define FAULT_ROWS_H

#include <errno.h>
#include <linux/futex.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include "grace.h"
#include "lock.h"
#include "os.h"
/* after the library's own headers */
#include "check.h"
#include "fault.h"

#define UNTOUCHED 0xdeadbeefu
#define GOES_ON 0u /* the call succeeds all the same */
#define NOT_TRIED UINT32_MAX /* that the system call is made at all is chance */

struct fault_error {
	const char *call; /* the system call, "call#2": its second; NULL ends a list */
	int error;        /* errno; 0: any */
	DWORD want;       /* the last error, or GOES_ON */
	DWORD lasting;    /* the same of one that lasts; 0: as @want */
};

struct fault_row {
	const char *name;
	void (*prepare)(void);            /* NULL: nothing */
	BOOL (*call)(void);               /* the public call: false and a last error, or true */
	void (*finish)(BOOL worked);      /* checks that all is done or nothing, and undoes; NULL: nothing */
	const struct fault_error *others; /* where it differs from fault_errors; the first that matches counts */
	bool maps;                        /* the C library maps, too: its stacks of threads stay */
};

/* What system calls document, with what it is to a file's user. EINTR alone is no failure, but one that never ends. */
static const struct fault_error fault_errors[] = {
	{ "openat", EACCES, ERROR_ACCESS_DENIED, 0 }, { "openat", EMFILE, ERROR_TOO_MANY_OPEN_FILES, 0 },
	{ "openat", ENFILE, ERROR_TOO_MANY_OPEN_FILES, 0 }, { "openat", ENOMEM, ERROR_NOT_ENOUGH_MEMORY, 0 },
	{ "openat", EIO, ERROR_IO_DEVICE, 0 }, { "openat", EINTR, ERROR_SEM_TIMEOUT, 0 },
	{ "fstat", ENOMEM, ERROR_NOT_ENOUGH_MEMORY, 0 }, { "fstat", EIO, ERROR_IO_DEVICE, 0 },
	{ "fstatat", EACCES, ERROR_ACCESS_DENIED, 0 }, { "fstatat", ENOMEM, ERROR_NOT_ENOUGH_MEMORY, 0 },
	{ "fstatat", EIO, ERROR_IO_DEVICE, 0 }, { "statx", EACCES, ERROR_ACCESS_DENIED, 0 },
	{ "statx", ENOMEM, ERROR_NOT_ENOUGH_MEMORY, 0 }, { "statx", EIO, ERROR_IO_DEVICE, 0 },
	{ "utimensat", EACCES, ERROR_ACCESS_DENIED, 0 }, { "utimensat", EROFS, ERROR_WRITE_PROTECT, 0 },
	{ "utimensat", EPERM, ERROR_ACCESS_DENIED, 0 }, { "chdir", EACCES, ERROR_ACCESS_DENIED, 0 },
	{ "chdir", ENOMEM, ERROR_NOT_ENOUGH_MEMORY, 0 }, { "chdir", EIO, ERROR_IO_DEVICE, 0 },
	{ "getcwd", ENOENT, ERROR_FILE_NOT_FOUND, 0 }, { "getcwd", EACCES, ERROR_ACCESS_DENIED, 0 },
	{ "getcwd", ENOMEM, ERROR_NOT_ENOUGH_MEMORY, 0 }, { "fstatfs", EIO, ERROR_IO_DEVICE, 0 },
	{ "fstatfs", ENOMEM, ERROR_NOT_ENOUGH_MEMORY, 0 }, { "fstatfs", EINTR, ERROR_SEM_TIMEOUT, 0 },
	{ "readlinkat", EACCES, ERROR_ACCESS_DENIED, 0 }, { "readlinkat", EIO, ERROR_IO_DEVICE, 0 },
	{ "readlinkat", ENOMEM, ERROR_NOT_ENOUGH_MEMORY, 0 }, { "unlinkat", EACCES, ERROR_ACCESS_DENIED, 0 },
	{ "unlinkat", EROFS, ERROR_WRITE_PROTECT, 0 }, { "unlinkat", EIO, ERROR_IO_DEVICE, 0 },
	{ "unlinkat", ENOMEM, ERROR_NOT_ENOUGH_MEMORY, 0 }, { "renameat2", EACCES, ERROR_ACCESS_DENIED, 0 },
	{ "renameat2", ENOSPC, ERROR_DISK_FULL, 0 }, { "renameat2", EROFS, ERROR_WRITE_PROTECT, 0 },
	{ "renameat2", ENOMEM, ERROR_NOT_ENOUGH_MEMORY, 0 }, { "mkdirat", EACCES, ERROR_ACCESS_DENIED, 0 },
	{ "mkdirat", ENOSPC, ERROR_DISK_FULL, 0 }, { "mkdirat", EROFS, ERROR_WRITE_PROTECT, 0 },
	{ "mkdirat", ENOMEM, ERROR_NOT_ENOUGH_MEMORY, 0 }, { "fchmod", EPERM, ERROR_ACCESS_DENIED, 0 },
	{ "fchmod", EIO, ERROR_IO_DEVICE, 0 }, { "fchmod", EROFS, ERROR_WRITE_PROTECT, 0 },
	{ "fchmodat", EPERM, ERROR_ACCESS_DENIED, 0 }, { "fchmodat", EIO, ERROR_IO_DEVICE, 0 },
	{ "fchmodat", EROFS, ERROR_WRITE_PROTECT, 0 }, { "ftruncate", EIO, ERROR_IO_DEVICE, 0 },
	{ "ftruncate", EINTR, ERROR_SEM_TIMEOUT, 0 }, { "ftruncate", EPERM, ERROR_ACCESS_DENIED, 0 },
	{ "fallocate", ENOSPC, ERROR_DISK_FULL, 0 }, { "fallocate", EIO, ERROR_IO_DEVICE, 0 },
	{ "fallocate", EINTR, ERROR_SEM_TIMEOUT, 0 }, { "fallocate", EFBIG, ERROR_FILE_TOO_LARGE, 0 },
	{ "pread", EIO, ERROR_IO_DEVICE, 0 }, { "pread", EINTR, ERROR_SEM_TIMEOUT, 0 },
	{ "read", EIO, ERROR_IO_DEVICE, 0 }, { "read", EINTR, ERROR_SEM_TIMEOUT, 0 },
	{ "pwrite", EIO, ERROR_IO_DEVICE, 0 }, { "pwrite", ENOSPC, ERROR_DISK_FULL, 0 },
	{ "pwrite", EDQUOT, ERROR_DISK_FULL, 0 }, { "pwrite", EINTR, ERROR_SEM_TIMEOUT, 0 },
	{ "write", EIO, ERROR_IO_DEVICE, 0 }, { "write", ENOSPC, ERROR_DISK_FULL, 0 },
	{ "write", EDQUOT, ERROR_DISK_FULL, 0 }, { "write", EINTR, ERROR_SEM_TIMEOUT, 0 },
	{ "getdents64", EIO, ERROR_IO_DEVICE, 0 }, { "getdents64", ENOMEM, ERROR_NOT_ENOUGH_MEMORY, 0 },
	{ "ofd_setlk", ENOLCK, ERROR_NO_SYSTEM_RESOURCES, 0 }, { "ofd_setlk", EINTR, ERROR_SEM_TIMEOUT, 0 },
	{ "ofd_setlk", EINVAL, ERROR_NOT_SUPPORTED, 0 }, { "ofd_setlkw", ENOLCK, GOES_ON, 0 },
	{ "ofd_setlkw", EINTR, GOES_ON, 0 }, { "ofd_getlk", EINVAL, GOES_ON, 0 },
	{ "dupfd", EMFILE, ERROR_TOO_MANY_OPEN_FILES, 0 }, { "eventfd", EMFILE, ERROR_TOO_MANY_OPEN_FILES, 0 },
	{ "eventfd", ENFILE, ERROR_TOO_MANY_OPEN_FILES, 0 }, { "eventfd", ENOMEM, ERROR_NOT_ENOUGH_MEMORY, 0 },
	{ "memfd_create", EMFILE, ERROR_TOO_MANY_OPEN_FILES, 0 },
	{ "memfd_create", ENOMEM, ERROR_NOT_ENOUGH_MEMORY, 0 }, { "mmap", ENOMEM, ERROR_NOT_ENOUGH_MEMORY, 0 },
	{ "mmap", ENFILE, ERROR_TOO_MANY_OPEN_FILES, 0 }, { "madvise", ENOMEM, ERROR_NOT_ENOUGH_MEMORY, 0 },
	{ "fsync", EIO, ERROR_IO_DEVICE, 0 }, { "fsync", ENOSPC, ERROR_DISK_FULL, 0 },
	{ "fsync", EINTR, ERROR_SEM_TIMEOUT, 0 }, { "poll", ENOMEM, ERROR_NOT_ENOUGH_MEMORY, 0 },
	{ "poll", EINTR, ERROR_SEM_TIMEOUT, 0 }, { "spawn", EAGAIN, ERROR_NOT_ENOUGH_MEMORY, 0 },
	{ "spawn", ENOMEM, ERROR_NOT_ENOUGH_MEMORY, 0 }, { "spawn", ENOEXEC, ERROR_BAD_EXE_FORMAT, 0 },
	{ "spawn", EACCES, ERROR_ACCESS_DENIED, 0 }, { "waitid", EINTR, ERROR_SEM_TIMEOUT, 0 },
	{ "pidfd_open", EMFILE, ERROR_TOO_MANY_OPEN_FILES, 0 }, { "pidfd_open", ENOMEM, ERROR_NOT_ENOUGH_MEMORY, 0 },
	{ "pidfd_send_signal", EPERM, ERROR_ACCESS_DENIED, 0 }, { "getrlimit", EPERM, ERROR_ACCESS_DENIED, 0 },
	{ "futex", ETIMEDOUT, GOES_ON, 0 }, { "futex", EINTR, GOES_ON, 0 }, { "nanosleep", EINTR, GOES_ON, 0 }, { "futex_waitv", ETIMEDOUT, GOES_ON, 0 },
	{ "futex_waitv", EINTR, GOES_ON, 0 },
	{ "fgetxattr", EIO, ERROR_IO_DEVICE, 0 }, { "fgetxattr", EOPNOTSUPP, ERROR_NOT_SUPPORTED, 0 },
	{ "fsetxattr", ENOSPC, ERROR_DISK_FULL, 0 }, { "fsetxattr", EOPNOTSUPP, ERROR_NOT_SUPPORTED, 0 },
	{ "socket", EMFILE, ERROR_TOO_MANY_OPEN_FILES, 0 },
	{ NULL, 0, 0, 0 },
};

/* These fail for wrong arguments only, or the rows say what their failure comes to. */
static const char fault_never[] = " lseek getfl getfd setfd get_seals add_seals getrusage sched_yield kill kcmp_file get_robust_list ";

static bool fault_is_named(const char *list, const char *call)
{
	const char *at = strstr(list, call);

	return at && at[-1] == ' ' && at[strlen(call)] == ' ';
}

static const struct fault_error *fault_find(const struct fault_error *list, const char *call, int error)
{
	for (; list && list->call; list++)
		if (strcmp(list->call, call) == 0 && (!list->error || !error || list->error == error))
			return list;
	return NULL;
}

/* @want: the last error, or GOES_ON. @armed: a fault is. */
static void fault_try(const struct fault_row *row, const struct fault_world *before, DWORD want, bool armed)
{
	struct fault_world now;
	BOOL worked;
	DWORD error;
	bool fired;

	SetLastError(UNTOUCHED);
	worked = row->call();
	error = worked ? GOES_ON : GetLastError();
	fired = fault_disarm();
	CHECK_EQ(fired, armed);
	CHECK_EQ(error, want);
	if (row->finish)
		row->finish(worked);
	grace_settle(); /* what was retired */
	now = fault_world();
	if (row->maps)
		now.mappings = before->mappings;
	CHECK_EQ(now.descriptors, before->descriptors);
	CHECK_EQ(now.mappings, before->mappings);
	CHECK_EQ(now.names, before->names);
}

static const struct fault_error *fault_other(const struct fault_error *list, const char *call, unsigned occurrence,
					     int error)
{
	const struct fault_error *other;
	char which[32];

	snprintf(which, sizeof(which), "%s#%u", call, occurrence);
	other = fault_find(list, which, error);
	return other ? other : fault_find(list, call, error);
}

static DWORD fault_want(const struct fault_error *row, int kind, int error)
{
	if (row->want == NOT_TRIED)
		return NOT_TRIED;
	if (kind == FAULT_FROM)
		return row->lasting ? row->lasting : row->want;
	return error == EINTR ? GOES_ON : row->want;
}

/* The @nth call of a row, with every errno of its own. */
static void fault_call_of(const struct fault_row *row, const struct fault_world *before, unsigned nth, const char *call,
			  unsigned occurrence)
{
	static const char *const kinds[] = { "once", "from then on" };

	for (const struct fault_error *error = fault_errors; (error = fault_find(error, call, 0)); error++)
		for (int kind = FAULT_ONCE; kind <= FAULT_FROM; kind++) {
			const struct fault_error *other = fault_other(row->others, call, occurrence, error->error);
			DWORD want = fault_want(other ? other : error, kind, error->error);

			check_row("%s: call %u, %s %u, errno %d, %s", row->name, nth, call, occurrence, error->error, kinds[kind]);
			if (want == NOT_TRIED)
				continue;
			if (row->prepare)
				row->prepare();
			fault_arm(call, occurrence, kind, error->error);
			fault_try(row, before, want, true);
		}
}

static void fault_allocations_of(const struct fault_row *row, const struct fault_world *before, unsigned count)
{
	const struct fault_error *other = fault_find(row->others, "malloc", 0);

	for (int kind = FAULT_ONCE; kind <= FAULT_FROM; kind++)
		for (unsigned nth = 1; nth <= count; nth++) {
			check_row("%s: allocation %u, kind %d", row->name, nth, kind);
			if (row->prepare)
				row->prepare();
			fault_arm_allocation(nth, kind);
			fault_try(row, before, other ? other->want : ERROR_NOT_ENOUGH_MEMORY, true);
		}
}

static int (*fault_futex_wait)(uint32_t *word, int operation, uint32_t value, const struct timespec *timeout);
static int (*fault_futex_real)(uint32_t *word, int operation, uint32_t value, const struct timespec *timeout);

static int fault_futex(uint32_t *word, int operation, uint32_t value, const struct timespec *timeout)
{
	bool waits = (operation & FUTEX_CMD_MASK) == FUTEX_WAIT || (operation & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET;

	return (waits ? fault_futex_wait : fault_futex_real)(word, operation, value, timeout);
}

/* Waking does not fail. */
static void fault_waits_only(void)
{
	if (fault_futex_real)
		return;
	fault_futex_real = os.futex;
	fault_count_reset(); /* the faults stand in the table now */
	fault_futex_wait = os.futex;
	os.futex = fault_futex;
}

/* Every fault of one row. The first run makes what stays: caches, tables. */
static void fault_row_run(const struct fault_row *row)
{
	struct fault_world before = fault_world();
	const char *calls[200];
	unsigned occurrences[200], count = 0, allocations = 0;

	fault_waits_only();
	REQUIRE_EQ(setenv("FILEMAP_ROOT", check_directory(), 1), 0); /* names are counted */
	REQUIRE_EQ(lock_ready(), FM_OK); /* for grace_settle() */
	for (int warm = 0; warm < 2; warm++) {
		check_row("%s: without a fault", row->name);
		before = fault_world();
		if (row->prepare)
			row->prepare();
		fault_arm_allocation(UINT_MAX, FAULT_FROM); /* none: it counts */
		SetLastError(UNTOUCHED);
		if (!row->call())
			check_fatal(__FILE__, __LINE__, "failed: %u", (unsigned)GetLastError());
		allocations = fault_allocations();
		for (count = 0; (calls[count] = fault_call(count + 1, &occurrences[count])) != NULL; count++) {
			check_row("%s: call %u, %s", row->name, count + 1, calls[count]);
			REQUIRE(count + 1 < ARRAY_SIZE(calls));
			REQUIRE(!warm || fault_find(fault_errors, calls[count], 0) || fault_is_named(fault_never, calls[count]));
		}
		if (row->finish)
			row->finish(TRUE);
		grace_settle();
	}
	before = fault_world();
	for (unsigned i = 0; i < count; i++)
		fault_call_of(row, &before, i + 1, calls[i], occurrences[i]);
	fault_allocations_of(row, &before, allocations);
	check_row("%s: after all faults", row->name);
	if (row->prepare)
		row->prepare();
	fault_count_reset();
	fault_try(row, &before, GOES_ON, false);
}

static inline void fault_rows_run(const struct fault_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fault_row_run(&rows[i]);
}

#endif
