/* SPDX-License-Identifier: MIT */
/* What the tests of the faults of files share: one, two or three files, and what share modes do not mind. */
#ifndef FAULT_FILES_H
#define FAULT_FILES_H

#include <sys/stat.h>

#include "fault_rows.h"
/* after Windows' headers */
#include "make.h"

#define ALL_SHARED (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

static HANDLE file __attribute__((unused)) = INVALID_HANDLE_VALUE;
static char name[512], second[512], third[512]; /* in the test's directory: "one", "two", "three" */

static inline BOOL is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

static inline off_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : -1;
}

static inline void names(void)
{
	snprintf(name, sizeof(name), "%s/one", check_directory());
	snprintf(second, sizeof(second), "%s/two", check_directory());
	snprintf(third, sizeof(third), "%s/three", check_directory());
	REQUIRE(!is_there(name) && !is_there(second) && !is_there(third));
}

static inline void two_names(void)
{
	names();
	(void)make_file("one", 100);
}

static inline void three_names(void)
{
	two_names();
	(void)make_file("two", 300);
}

static inline void names_go(BOOL worked)
{
	(void)worked;
	(void)unlink(name);
	(void)unlink(second);
	(void)unlink(third);
}

static inline HANDLE open_as(const char *path, DWORD disposition, DWORD flags)
{
	return CreateFileA(path, GENERIC_READ | GENERIC_WRITE, ALL_SHARED, NULL, disposition, flags, NULL);
}

/* The marks of share modes are kept where they can be. */
#define MARKS { "ofd_setlk", ENOLCK, GOES_ON, 0 }, { "ofd_setlk", EINVAL, GOES_ON, 0 }, { "ofd_setlk", EINTR, GOES_ON, 0 }
static const struct fault_error marked[] __attribute__((unused)) = { MARKS, { NULL, 0, 0, 0 } };
/* ... and what may not be read is opened without. */
#define UNREADABLE { "openat", EACCES, GOES_ON, ERROR_ACCESS_DENIED }
static const struct fault_error claimed[] __attribute__((unused)) = { MARKS, UNREADABLE, { NULL, 0, 0, 0 } };

#endif
