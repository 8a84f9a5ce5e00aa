/* SPDX-License-Identifier: MIT */
/* Contracts of file handles: transfers, positions, sizes, deleting. */
#include <errno.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "diskfile.h"
#include "fault.h"
#include "make.h"

enum { READ_WRITE = DISKFILE_READ | DISKFILE_WRITE };

static int open_file(const char *path, uint32_t access, uint32_t flags)
{
	struct diskfile_request request = { .path = path, .access = access, .share = 7, .flags = flags,
					    .disposition = DISKFILE_OPEN_ALWAYS };
	int number = -1;

	REQUIRE(diskfile_open(&request, &number) >= 0);
	return number;
}

static uint64_t position_of(int number)
{
	uint64_t position = UINT64_MAX;

	CHECK_EQ(diskfile_seek(number, 0, DISKFILE_CURRENT, INT64_MAX, &position), FM_OK);
	return position;
}

static void seek_to(int number, uint64_t position)
{
	REQUIRE_EQ(diskfile_seek(number, (int64_t)position, DISKFILE_BEGIN, INT64_MAX, &position), FM_OK);
}

static uint64_t size_of(int number)
{
	uint64_t size = UINT64_MAX;

	CHECK_EQ(diskfile_size(number, &size), FM_OK);
	return size;
}

TEST(transfers_move_the_position)
{
	int number = open_file(make_file("moves", 100), READ_WRITE, 0);
	char buffer[64];
	size_t done = 0;

	CHECK_EQ(diskfile_read(number, buffer, 64, NULL, &done), FM_OK);
	CHECK_EQ(done, 64);
	CHECK_EQ(diskfile_read(number, buffer, 64, NULL, &done), FM_OK);
	CHECK_EQ(done, 36);
	CHECK_EQ(diskfile_read(number, buffer, 64, NULL, &done), FM_OK);
	CHECK_EQ(done, 0);
	CHECK_EQ(diskfile_write(number, "abc", 3, NULL, &done), FM_OK);
	CHECK_EQ(done, 3);
	CHECK_EQ(position_of(number), 103);
	CHECK_EQ(size_of(number), 103);
}

TEST(positioned_transfers_take_the_position_along)
{
	int number = open_file(make_file("positioned", 100), READ_WRITE, 0);
	char buffer[64];
	size_t done = 0;

	CHECK_EQ(diskfile_write(number, "abc", 3, &(uint64_t){ 10 }, &done), FM_OK);
	CHECK_EQ(position_of(number), 13);
	CHECK_EQ(diskfile_read(number, buffer, 3, &(uint64_t){ 10 }, &done), FM_OK);
	CHECK_EQ(memcmp(buffer, "abc", 3), 0);
	CHECK_EQ(diskfile_read(number, buffer, 64, &(uint64_t){ 90 }, &done), FM_OK);
	CHECK_EQ(done, 10);
	CHECK_EQ(position_of(number), 100);
	done = 7;
	CHECK_EQ(diskfile_read(number, buffer, 64, &(uint64_t){ 100 }, &done), FM_E_END_OF_FILE);
	CHECK_EQ(done, 7);
	CHECK_EQ(diskfile_read(number, buffer, 1, &(uint64_t){ INT64_MAX }, &done), FM_E_INVALID_PARAMETER);
	CHECK_EQ(diskfile_write(number, buffer, 2, &(uint64_t){ INT64_MAX - 1 }, &done), FM_E_INVALID_PARAMETER);
}

TEST(appending) /* by the right, or by the position that means the end */
{
	const char *path = make_file("append", 100);
	int number = open_file(path, DISKFILE_APPEND, 0);
	size_t done;

	seek_to(number, 0);
	CHECK_EQ(diskfile_write(number, "abc", 3, NULL, &done), FM_OK);
	CHECK_EQ(diskfile_write(number, "abc", 3, &(uint64_t){ 0 }, &done), FM_OK);
	CHECK_EQ(size_of(number), 106);
	number = open_file(path, DISKFILE_WRITE, 0);
	CHECK_EQ(diskfile_write(number, "abc", 3, &(uint64_t){ DISKFILE_APPEND_AT }, &done), FM_OK);
	CHECK_EQ(size_of(number), 109);
}

TEST(overlapped_handles_say_their_position)
{
	int number = open_file(make_file("overlapped", 100), READ_WRITE, DISKFILE_OVERLAPPED);
	char byte;
	size_t done;

	CHECK_EQ(diskfile_read(number, &byte, 1, NULL, &done), FM_E_INVALID_PARAMETER);
	CHECK_EQ(diskfile_write(number, "x", 1, NULL, &done), FM_E_INVALID_PARAMETER);
	CHECK_EQ(diskfile_read(number, &byte, 1, &(uint64_t){ 50 }, &done), FM_OK);
	CHECK_EQ(position_of(number), 0);
}

TEST(positions)
{
	static const struct {
		int64_t distance;
		unsigned origin;
		uint64_t limit;
		fm_status status;
		uint64_t position;
	} cases[] = {
		{ 10, DISKFILE_BEGIN, INT64_MAX, FM_OK, 10 },
		{ 10, DISKFILE_CURRENT, INT64_MAX, FM_OK, 60 },
		{ -50, DISKFILE_CURRENT, INT64_MAX, FM_OK, 0 },
		{ -10, DISKFILE_END, INT64_MAX, FM_OK, 90 },
		{ 1000, DISKFILE_END, INT64_MAX, FM_OK, 1100 },
		{ -1, DISKFILE_BEGIN, INT64_MAX, FM_E_NEGATIVE_SEEK, 50 },
		{ -51, DISKFILE_CURRENT, INT64_MAX, FM_E_NEGATIVE_SEEK, 50 },
		{ INT64_MAX, DISKFILE_CURRENT, INT64_MAX, FM_E_INVALID_PARAMETER, 50 },
		{ 1, DISKFILE_CURRENT, 50, FM_E_INVALID_PARAMETER, 50 },
		{ 0, DISKFILE_CURRENT, 50, FM_OK, 50 },
		{ 0, 3, INT64_MAX, FM_E_INVALID_PARAMETER, 50 },
	};
	int number = open_file(make_file("positions", 100), READ_WRITE, 0);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t position = 50;

		check_row("distance %lld from %u", (long long)cases[i].distance, cases[i].origin);
		seek_to(number, 50);
		CHECK_EQ(diskfile_seek(number, cases[i].distance, cases[i].origin, cases[i].limit, &position),
			 cases[i].status);
		CHECK_EQ(position, cases[i].position);
		CHECK_EQ(position_of(number), cases[i].position);
	}
}

TEST(pipes_have_no_position_and_no_size)
{
	int ends[2];
	uint64_t result;
	size_t done = 0;
	char buffer[8];

	REQUIRE_EQ(pipe(ends), 0);
	CHECK_EQ(diskfile_write(ends[1], "abc", 3, NULL, &done), FM_OK);
	CHECK_EQ(diskfile_read(ends[0], buffer, 8, NULL, &done), FM_OK);
	CHECK_EQ(done, 3);
	CHECK_EQ(diskfile_seek(ends[0], 0, DISKFILE_CURRENT, INT64_MAX, &result), FM_E_INVALID_DEVICE_REQUEST);
	CHECK_EQ(diskfile_size(ends[0], &result), FM_E_INVALID_DEVICE_REQUEST);
	CHECK_EQ(diskfile_flush(ends[1]), FM_E_INVALID_HANDLE);
}

TEST(the_end_of_a_file)
{
	int number = open_file(make_file("end", 100), READ_WRITE, 0);
	struct stat st;

	seek_to(number, 40);
	CHECK_EQ(diskfile_set_end(number), FM_OK);
	CHECK_EQ(size_of(number), 40);
	seek_to(number, 1 << 20);
	CHECK_EQ(diskfile_set_end(number), FM_OK);
	CHECK_EQ(size_of(number), 1 << 20);
	REQUIRE_EQ(fstat(number, &st), 0);
	CHECK(st.st_blocks * 512 >= 1 << 20); /* with storage */
	CHECK_EQ(position_of(number), 1 << 20);
}

TEST(a_full_disk)
{
	int number = open_file(make_file("full", 100), READ_WRITE, 0);
	size_t done = 7;

	seek_to(number, 1 << 20);
	fault_arm("fallocate", 1, FAULT_FROM, ENOSPC);
	CHECK_EQ(diskfile_set_end(number), FM_E_DISK_FULL);
	CHECK(fault_disarm());
	CHECK_EQ(size_of(number), 100);
	fault_arm("write", 1, FAULT_FROM, ENOSPC);
	CHECK_EQ(diskfile_write(number, "x", 1, NULL, &done), FM_E_DISK_FULL);
	CHECK(fault_disarm());
	CHECK_EQ(done, 7);
}

TEST(the_limit_of_file_sizes_is_an_error_and_no_signal)
{
	int number = open_file(make_file("limit", 100), READ_WRITE, 0);
	struct rlimit limit = { 4096, RLIM_INFINITY };
	size_t done;

	REQUIRE_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
	seek_to(number, 4096);
	CHECK_EQ(diskfile_write(number, "x", 1, NULL, &done), FM_E_FILE_TOO_LARGE);
	CHECK_EQ(diskfile_write(number, "x", 1, &(uint64_t){ 4096 }, &done), FM_E_FILE_TOO_LARGE);
	CHECK_EQ(diskfile_write(number, "x", 1, &(uint64_t){ 4095 }, &done), FM_OK);
	seek_to(number, 5000);
	CHECK_EQ(diskfile_set_end(number), FM_E_FILE_TOO_LARGE);
}

TEST(a_bad_buffer_is_an_access_violation)
{
	int number = open_file(make_file("buffer", 100), READ_WRITE, 0);
	size_t done = 7;

	CHECK_EQ(diskfile_read(number, NULL, 1, NULL, &done), FM_E_ACCESS_VIOLATION);
	CHECK_EQ(diskfile_write(number, NULL, 1, NULL, &done), FM_E_ACCESS_VIOLATION);
	CHECK_EQ(done, 7);
	CHECK_EQ(size_of(number), 100);
}

TEST(deleting)
{
	const char *path = make_file("gone", 100);
	char missing[600];
	struct diskfile_request request = { .path = path, .access = DISKFILE_READ, .share = 3,
					    .disposition = DISKFILE_OPEN_EXISTING };
	int number;

	REQUIRE_EQ(diskfile_open(&request, &number), FM_OK);
	CHECK_EQ(diskfile_delete(path), FM_E_SHARING_VIOLATION);
	CHECK_EQ(access(path, F_OK), 0);
	REQUIRE_EQ(handle_close(number), FM_OK);
	request.share = 7;
	REQUIRE_EQ(diskfile_open(&request, &number), FM_OK);
	CHECK_EQ(diskfile_delete(path), FM_OK);
	CHECK_EQ(access(path, F_OK), -1);
	CHECK_EQ(size_of(number), 100);
	CHECK_EQ(diskfile_delete(path), FM_E_NAME_NOT_FOUND);
	snprintf(missing, sizeof(missing), "%s/missing/x", check_directory());
	CHECK_EQ(diskfile_delete(missing), FM_E_PATH_NOT_FOUND);
	snprintf(missing, sizeof(missing), "%s/dangling", check_directory());
	REQUIRE_EQ(symlink("nowhere", missing), 0);
	CHECK_EQ(diskfile_delete(missing), FM_OK);
}

TEST(each_failing_call_of_delete_leaves_the_file)
{
	bool fired = true;

	for (unsigned n = 1; fired; n++) {
		const char *path = make_file("kept", 100);
		fm_status status;

		check_row("call %u", n);
		fault_arm("*", n, FAULT_ONCE, EIO);
		status = diskfile_delete(path);
		fired = fault_disarm();
		if (status < 0)
			CHECK_EQ(access(path, F_OK), 0);
		else
			CHECK_EQ(access(path, F_OK), -1);
	}
}

TEST(offsets_that_no_file_has_are_refused)
{
	static const uint64_t offsets[] = { (uint64_t)INT64_MAX + 1, INT64_MAX, UINT64_MAX - 1 };
	int number = open(make_file("offsets", 100), O_RDWR | O_CLOEXEC);
	char bytes[2];
	size_t done = 7;

	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		check_row("%#llx", (unsigned long long)offsets[i]);
		CHECK_EQ(diskfile_read(number, bytes, 2, &offsets[i], &done), FM_E_INVALID_PARAMETER);
		CHECK_EQ(diskfile_write(number, bytes, 2, &offsets[i], &done), FM_E_INVALID_PARAMETER);
		CHECK_EQ(done, 7);
	}
}

TEST(what_keeps_nothing_back_has_nothing_to_flush)
{
	static const struct { int error; fm_status status; } cases[] = {
		{ EINVAL, FM_E_INVALID_HANDLE }, { EROFS, FM_E_INVALID_HANDLE }, { EIO, FM_E_IO_DEVICE_ERROR },
		{ ENOSPC, FM_E_DISK_FULL },
	};
	int number = open(make_file("flushed", 100), O_RDWR | O_CLOEXEC);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("error %d", cases[i].error);
		fault_arm("fsync", 1, FAULT_FROM, cases[i].error);
		CHECK_EQ(diskfile_flush(number), cases[i].status);
		CHECK(fault_disarm());
	}
}
