/* SPDX-License-Identifier: MIT */
/* The table of results, and where errno becomes one. */
#include <errno.h>

#include <filemap.h>

#include "check.h"
#include "status.h"

#include <string.h>

static const struct {
	fm_status status;
	uint32_t nt, win32;
	const char *name, *text;
} rows[] = {
#define ROW(status, nt, win32, text) { status, nt, win32, #status, text },
	FM_STATUS_MAP(ROW)
#undef ROW
};

TEST(every_row_is_found_by_its_value)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK_EQ((uint32_t)rows[i].status, rows[i].nt);
		CHECK_EQ(fm_status_win32(rows[i].status), rows[i].win32);
		REQUIRE(fm_status_name(rows[i].status) != NULL);
		CHECK_EQ(strcmp(fm_status_name(rows[i].status), rows[i].name), 0);
		CHECK_EQ(strcmp(fm_status_text(rows[i].status), rows[i].text), 0);
	}
}

TEST(values_and_names_are_unique)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t j = 0; j < i; j++) {
			CHECK(rows[i].nt != rows[j].nt);
			CHECK(strcmp(rows[i].name, rows[j].name) != 0);
		}
}

TEST(successes_are_named_so_and_failures_have_a_win32_error)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK_EQ(rows[i].status < 0, strncmp(rows[i].name, "FM_E_", 5) == 0);
		if (rows[i].status < 0)
			CHECK(rows[i].win32 != 0);
	}
}

TEST(unknown_values_have_answers_too)
{
	CHECK(fm_status_name(12345) == NULL);
	CHECK_EQ(fm_status_win32(12345), 317);
	CHECK(fm_status_text(12345)[0] != 0);
}

TEST(version_is_that_of_the_header)
{
	char version[32];

	snprintf(version, sizeof(version), "%d.%d.%d", FM_VERSION_MAJOR, FM_VERSION_MINOR, FM_VERSION_PATCH);
	CHECK_EQ(strcmp(fm_version(), version), 0);
}

/* What an errno means whatever the operation, and where the operation decides. */
TEST(errno_becomes_a_status_by_operation)
{
	static const enum operation all[] = { OP_OPEN_FILE, OP_OPEN_NAME, OP_STORAGE_FILE, OP_STORAGE_MEMORY,
					      OP_DESCRIPTOR, OP_MAP, OP_FLUSH, OP_COPY, OP_SOCKET };
	static const struct {
		int error;
		fm_status general;
		struct {
			enum operation operation;
			fm_status status;
		} but[4];
		size_t count;
	} cases[] = {
		{ EACCES, FM_E_ACCESS_DENIED, { { 0 } }, 0 },
		{ EPERM, FM_E_ACCESS_DENIED, { { 0 } }, 0 },
		{ EROFS, FM_E_MEDIA_WRITE_PROTECTED, { { 0 } }, 0 },
		{ ENOENT, FM_E_UNSUCCESSFUL, { { OP_OPEN_FILE, FM_E_NAME_NOT_FOUND },
					       { OP_OPEN_NAME, FM_E_NAME_NOT_FOUND } }, 2 },
		{ ENOTDIR, FM_E_PATH_NOT_FOUND, { { 0 } }, 0 },
		{ ELOOP, FM_E_PATH_NOT_FOUND, { { 0 } }, 0 },
		{ ENAMETOOLONG, FM_E_NAME_INVALID, { { 0 } }, 0 },
		{ EISDIR, FM_E_FILE_IS_A_DIRECTORY, { { 0 } }, 0 },
		{ ENXIO, FM_E_INVALID_FILE_FOR_SECTION, { { 0 } }, 0 },
		{ ENODEV, FM_E_INVALID_FILE_FOR_SECTION, { { 0 } }, 0 },
		{ ESPIPE, FM_E_INVALID_FILE_FOR_SECTION, { { 0 } }, 0 },
		{ ENOTTY, FM_E_INVALID_FILE_FOR_SECTION, { { 0 } }, 0 },
		{ EEXIST, FM_E_NAME_COLLISION, { { OP_MAP, FM_E_CONFLICTING_ADDRESSES } }, 1 },
		{ ENOSPC, FM_E_DISK_FULL, { { OP_STORAGE_MEMORY, FM_E_COMMITMENT_LIMIT },
					    { OP_OPEN_NAME, FM_E_COMMITMENT_LIMIT } }, 2 },
		{ EDQUOT, FM_E_DISK_FULL, { { OP_STORAGE_MEMORY, FM_E_COMMITMENT_LIMIT },
					    { OP_OPEN_NAME, FM_E_COMMITMENT_LIMIT } }, 2 },
		{ EFBIG, FM_E_FILE_TOO_LARGE, { { 0 } }, 0 },
		{ EOVERFLOW, FM_E_SECTION_TOO_BIG, { { 0 } }, 0 },
		{ ENOMEM, FM_E_NO_MEMORY, { { OP_STORAGE_MEMORY, FM_E_COMMITMENT_LIMIT } }, 1 },
		{ EMFILE, FM_E_TOO_MANY_OPENED_FILES, { { 0 } }, 0 },
		{ ENFILE, FM_E_TOO_MANY_OPENED_FILES, { { 0 } }, 0 },
		{ ENOLCK, FM_E_INSUFFICIENT_RESOURCES, { { 0 } }, 0 },
		{ EBADF, FM_E_INVALID_HANDLE, { { 0 } }, 0 },
		{ EFAULT, FM_E_ACCESS_VIOLATION, { { OP_COPY, FM_E_IN_PAGE_ERROR } }, 1 },
		{ EIO, FM_E_IO_DEVICE_ERROR, { { 0 } }, 0 },
		{ EAGAIN, FM_E_TIMEOUT, { { 0 } }, 0 },
		{ EINTR, FM_E_TIMEOUT, { { 0 } }, 0 },
		{ ETXTBSY, FM_E_SHARING_VIOLATION, { { 0 } }, 0 },
		{ EINVAL, FM_E_INVALID_PARAMETER, { { OP_STORAGE_FILE, FM_E_SECTION_TOO_BIG },
						    { OP_STORAGE_MEMORY, FM_E_COMMITMENT_LIMIT },
						    { OP_MAP, FM_E_CONFLICTING_ADDRESSES } }, 3 },
		{ EOPNOTSUPP, FM_E_NOT_SUPPORTED, { { 0 } }, 0 },
		{ ENOSYS, FM_E_NOT_SUPPORTED, { { 0 } }, 0 },
		{ ESRCH, FM_E_UNSUCCESSFUL, { { 0 } }, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (size_t j = 0; j < ARRAY_SIZE(all); j++) {
			fm_status expected = cases[i].general, got = status_of(all[j], -cases[i].error);

			for (size_t k = 0; k < cases[i].count; k++)
				if (cases[i].but[k].operation == all[j])
					expected = cases[i].but[k].status;
			if (got != expected)
				check_failed(__FILE__, __LINE__, "%s in operation %u: %s, expected %s",
					     strerror(cases[i].error), all[j], fm_status_name(got),
					     fm_status_name(expected));
		}
}

TEST(no_errno_is_a_success)
{
	for (int error = 1; error < 4096; error++)
		for (enum operation operation = OP_OPEN_FILE; operation <= OP_SOCKET; operation++) {
			fm_status status = status_of(operation, -error);

			CHECK(status < 0);
			CHECK(fm_status_name(status) != NULL);
		}
}
