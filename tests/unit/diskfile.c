/* SPDX-License-Identifier: MIT */
/* Contracts of file handles: opening, rights, adopting, closing. */
#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "diskfile.h"
#include "fault.h"
#include "make.h"
#include "section.h"

enum { READ = DISKFILE_READ, WRITE = DISKFILE_WRITE, SHARE_ALL = 7 };

static fm_status open_with(const char *path, uint32_t access, uint32_t disposition, uint32_t flags, int *ret_number)
{
	struct diskfile_request request = { .path = path, .access = access, .share = SHARE_ALL,
					    .disposition = disposition, .flags = flags };

	return diskfile_open(&request, ret_number);
}

static int open_file(const char *path, uint32_t access, uint32_t flags)
{
	int number = -1;

	REQUIRE_EQ(open_with(path, access, DISKFILE_OPEN_EXISTING, flags, &number), FM_OK);
	return number;
}

static void close_file(int number)
{
	CHECK_EQ(handle_close(number), FM_OK);
}

static const char *path_of(const char *name)
{
	static char ring[4][512];
	static unsigned next;
	char *path = ring[next++ % 4];

	snprintf(path, sizeof(ring[0]), "%s/%s", check_directory(), name);
	return path;
}

static long long size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (long long)st.st_size : -1;
}

TEST(dispositions) /* of a file that exists with 100 bytes, and of one that does not */
{
	static const struct {
		uint32_t disposition;
		fm_status present, absent;
		long long size;
	} cases[] = {
		{ DISKFILE_CREATE_NEW, FM_E_NAME_COLLISION, FM_OK, 100 },
		{ DISKFILE_CREATE_ALWAYS, FM_NAME_EXISTS, FM_OK, 0 },
		{ DISKFILE_OPEN_EXISTING, FM_OK, FM_E_NAME_NOT_FOUND, 100 },
		{ DISKFILE_OPEN_ALWAYS, FM_NAME_EXISTS, FM_OK, 100 },
		{ DISKFILE_TRUNCATE_EXISTING, FM_OK, FM_E_NAME_NOT_FOUND, 0 },
		{ 0, FM_E_INVALID_PARAMETER, FM_E_INVALID_PARAMETER, 100 },
		{ 6, FM_E_INVALID_PARAMETER, FM_E_INVALID_PARAMETER, 100 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *path = make_file("present", 100), *absent = path_of("absent");
		int number = -1;

		check_row("disposition %u", cases[i].disposition);
		CHECK_EQ(open_with(path, WRITE, cases[i].disposition, 0, &number), cases[i].present);
		if (cases[i].present >= 0)
			close_file(number);
		CHECK_EQ(size_of(path), cases[i].size);
		CHECK_EQ(open_with(absent, WRITE, cases[i].disposition, 0, &number), cases[i].absent);
		if (cases[i].absent >= 0)
			close_file(number);
		CHECK_EQ(size_of(absent), cases[i].absent >= 0 ? 0 : -1);
		unlink(absent);
	}
}

TEST(truncating_needs_the_right_to_write)
{
	const char *path = make_file("cut", 100);
	int number;

	CHECK_EQ(open_with(path, READ, DISKFILE_TRUNCATE_EXISTING, 0, &number), FM_E_INVALID_PARAMETER);
	CHECK_EQ(size_of(path), 100);
}

TEST(emptying_counts_as_writing_while_it_lasts)
{
	struct diskfile_request request = { .path = make_file("empty", 100), .access = READ,
					    .share = DISKFILE_SHARE_READ, .disposition = DISKFILE_OPEN_EXISTING };
	int holder, number;

	REQUIRE_EQ(diskfile_open(&request, &holder), FM_OK);
	CHECK_EQ(open_with(request.path, READ, DISKFILE_CREATE_ALWAYS, 0, &number), FM_E_SHARING_VIOLATION);
	CHECK_EQ(size_of(request.path), 100);
	close_file(holder);
	REQUIRE_EQ(open_with(request.path, READ, DISKFILE_CREATE_ALWAYS, 0, &number), FM_NAME_EXISTS);
	REQUIRE_EQ(diskfile_open(&request, &holder), FM_OK); /* does not share writing */
	close_file(holder);
	close_file(number);
}

TEST(a_read_only_file) /* to root as well: no permission to write for anybody is the attribute */
{
	const char *path = make_file("read-only", 100);
	int number;

	chmod(path, 0444);
	CHECK_EQ(open_with(path, WRITE, DISKFILE_OPEN_EXISTING, 0, &number), FM_E_ACCESS_DENIED);
	CHECK_EQ(open_with(path, READ | WRITE, DISKFILE_CREATE_ALWAYS, 0, &number), FM_E_ACCESS_DENIED);
	CHECK_EQ(open_with(path, READ, DISKFILE_OPEN_EXISTING, DISKFILE_DELETE_ON_CLOSE, &number), FM_E_CANNOT_DELETE);
	CHECK_EQ(diskfile_delete(path), FM_E_CANNOT_DELETE);
	close_file(open_file(path, READ, 0));
	CHECK_EQ(size_of(path), 100);
	unlink(path);
	REQUIRE_EQ(open_with(path, WRITE, DISKFILE_CREATE_NEW, DISKFILE_READONLY, &number), FM_OK);
	CHECK_EQ(diskfile_write(number, "x", 1, NULL, &(size_t){ 0 }), FM_OK);
	close_file(number);
	CHECK_EQ(open_with(path, WRITE, DISKFILE_OPEN_EXISTING, 0, &number), FM_E_ACCESS_DENIED);
}

TEST(directories_need_backup_semantics)
{
	const char *path = check_directory();
	uint64_t size = 1;
	int number;

	CHECK_EQ(open_with(path, READ, DISKFILE_OPEN_EXISTING, 0, &number), FM_E_FILE_IS_A_DIRECTORY);
	CHECK_EQ(open_with(path, WRITE, DISKFILE_OPEN_EXISTING, 0, &number), FM_E_FILE_IS_A_DIRECTORY);
	CHECK_EQ(open_with(path, WRITE, DISKFILE_CREATE_NEW, 0, &number), FM_E_NAME_COLLISION);
	CHECK_EQ(open_with(path, WRITE, DISKFILE_CREATE_ALWAYS, 0, &number), FM_E_FILE_IS_A_DIRECTORY);
	CHECK_EQ(diskfile_delete(path), FM_E_FILE_IS_A_DIRECTORY);
	number = open_file(path, READ | WRITE, DISKFILE_BACKUP_SEMANTICS);
	CHECK_EQ(diskfile_size(number, &size), FM_OK);
	CHECK_EQ(diskfile_read(number, &size, 1, NULL, &(size_t){ 0 }), FM_E_INVALID_DEVICE_REQUEST);
	close_file(number);
}

TEST(rights_are_what_was_asked_for)
{
	static const struct {
		uint32_t asked, granted;
	} cases[] = {
		{ 0x80000000, 0x120089 }, { 0x40000000, 0x120116 }, { 0x20000000, 0x1200a0 },
		{ 0x10000000, 0x1f01ff }, { 0xc0000000, 0x12019f }, { 0, 0 },
		{ DISKFILE_READ, DISKFILE_READ },
	};
	const char *path = make_file("rights", 100);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int number = open_file(path, cases[i].asked, 0);
		uint32_t granted = 1;

		check_row("asked %#x", cases[i].asked);
		CHECK_EQ(diskfile_rights(number, &granted), FM_OK);
		CHECK_EQ(granted, cases[i].granted);
		close_file(number);
	}
}

TEST(calls_need_their_rights)
{
	static const struct {
		uint32_t access;
		fm_status read, write, set_end, flush;
	} cases[] = {
		{ READ, FM_OK, FM_E_ACCESS_DENIED, FM_E_ACCESS_DENIED, FM_E_ACCESS_DENIED },
		{ WRITE, FM_E_ACCESS_DENIED, FM_OK, FM_OK, FM_OK },
		{ DISKFILE_APPEND, FM_E_ACCESS_DENIED, FM_OK, FM_E_ACCESS_DENIED, FM_OK },
		{ READ | WRITE, FM_OK, FM_OK, FM_OK, FM_OK },
		{ DISKFILE_EXECUTE, FM_E_ACCESS_DENIED, FM_E_ACCESS_DENIED, FM_E_ACCESS_DENIED, FM_E_ACCESS_DENIED },
		{ 0, FM_E_ACCESS_DENIED, FM_E_ACCESS_DENIED, FM_E_ACCESS_DENIED, FM_E_ACCESS_DENIED },
	};
	const char *path = make_file("calls", 100);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int number = open_file(path, cases[i].access, 0);
		size_t done;
		char byte;

		check_row("access %#x", cases[i].access);
		CHECK_EQ(diskfile_read(number, &byte, 1, NULL, &done), cases[i].read);
		CHECK_EQ(diskfile_write(number, "x", 1, NULL, &done), cases[i].write);
		CHECK_EQ(diskfile_set_end(number), cases[i].set_end);
		CHECK_EQ(diskfile_flush(number), cases[i].flush);
		close_file(number);
	}
}

TEST(delete_on_close) /* with the last duplicate, by the name that the file has then */
{
	const char *path = make_file("temporary", 100), *renamed = path_of("renamed");
	int number = open_file(path, READ, DISKFILE_DELETE_ON_CLOSE), copy = -1;
	struct handle *handle;

	REQUIRE_EQ(handle_enter(number, &file_kind, &handle), FM_OK);
	REQUIRE_EQ(handle_duplicate(handle, NULL, false, &copy), FM_OK);
	handle_leave(handle);
	close_file(number);
	CHECK_EQ(size_of(path), 100);
	REQUIRE_EQ(rename(path, renamed), 0);
	(void)make_file("temporary", 7);
	close_file(copy);
	CHECK_EQ(size_of(renamed), -1);
	CHECK_EQ(size_of(path), 7);
}

TEST(a_forked_child_removes_nothing)
{
	const char *path = make_file("forked", 100);
	int number = open_file(path, READ, DISKFILE_DELETE_ON_CLOSE);
	pid_t child = fork();

	REQUIRE(child >= 0);
	if (child == 0)
		_exit(handle_close(number) != FM_OK);
	CHECK_EQ(child_result(child), 0);
	CHECK_EQ(size_of(path), 100);
	close_file(number);
	CHECK_EQ(size_of(path), -1);
}

TEST(duplicates_gain_no_rights)
{
	int number = open_file(make_file("less", 100), READ | WRITE, 0), copy;
	uint32_t more = READ | DISKFILE_EXECUTE, less = READ, granted;
	struct handle *handle;

	REQUIRE_EQ(handle_enter(number, &file_kind, &handle), FM_OK);
	CHECK_EQ(handle_duplicate(handle, &more, false, &copy), FM_E_ACCESS_DENIED);
	REQUIRE_EQ(handle_duplicate(handle, &less, false, &copy), FM_OK);
	handle_leave(handle);
	close_file(number);
	CHECK_EQ(diskfile_rights(copy, &granted), FM_OK);
	CHECK_EQ(granted, READ);
	CHECK_EQ(diskfile_write(copy, "x", 1, NULL, &(size_t){ 0 }), FM_E_ACCESS_DENIED);
	close_file(copy);
}

/* ---- descriptors that the library never opened ---- */

TEST(a_descriptor_grants_what_its_mode_can)
{
	static const struct {
		int mode;
		uint32_t granted;
	} cases[] = { { O_RDONLY, 0x120089 }, { O_WRONLY, 0x120116 }, { O_RDWR, 0x12019f }, { O_PATH, 0x100080 } };
	const char *path = make_file("modes", 100);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int fd = open(path, cases[i].mode | O_CLOEXEC);
		uint32_t granted = 0;

		check_row("mode %#x", cases[i].mode);
		CHECK_EQ(diskfile_rights(fd, &granted), FM_OK);
		CHECK_EQ(granted, cases[i].granted);
		close(fd);
		CHECK_EQ(diskfile_rights(fd, &granted), FM_E_INVALID_HANDLE);
	}
}

TEST(a_number_means_what_is_open_under_it_now)
{
	int fd = open(make_file("first", 10), O_RDONLY | O_CLOEXEC), again;
	uint64_t size = 0;
	uint32_t granted = 0;

	CHECK_EQ(diskfile_size(fd, &size), FM_OK);
	CHECK_EQ(size, 10);
	close(fd);
	again = open(make_file("second", 20), O_RDWR | O_CLOEXEC);
	REQUIRE_EQ(again, fd);
	CHECK_EQ(diskfile_size(fd, &size), FM_OK);
	CHECK_EQ(size, 20);
	CHECK_EQ(diskfile_rights(fd, &granted), FM_OK);
	CHECK_EQ(granted, 0x12019f);
	close_file(fd);
	CHECK_EQ(fcntl(fd, F_GETFD), -1);
}

TEST(a_handle_handed_over_goes_with_its_descriptor)
{
	const char *path = make_file("handed", 10);
	int number = open_file(path, READ | DISKFILE_EXECUTE, 0), fd;
	uint32_t granted = 0;

	REQUIRE_EQ(diskfile_hand_over(number), FM_OK);
	CHECK_EQ(diskfile_rights(number, &granted), FM_OK);
	CHECK_EQ(granted, READ | DISKFILE_EXECUTE);
	close(number);
	CHECK_EQ(handle_close(number), FM_E_INVALID_HANDLE);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	REQUIRE_EQ(fd, number);
	CHECK_EQ(diskfile_rights(fd, &granted), FM_OK);
	CHECK_EQ(granted, 0x120116);
	close(fd);
}

TEST(a_section_is_no_file)
{
	fm_section *section = make_memory(PAGE, 0);
	int number = fm_section_number(section);
	uint32_t granted;

	REQUIRE_EQ(handle_publish(&section->handle, number), FM_OK);
	CHECK_EQ(diskfile_rights(number, &granted), FM_E_OBJECT_TYPE_MISMATCH);
	close_file(number);
	CHECK_EQ(diskfile_rights(-1, &granted), FM_E_INVALID_HANDLE);
	CHECK_EQ(diskfile_rights(1 << 24, &granted), FM_E_INVALID_HANDLE);
}

TEST(types)
{
	int ends[2];
	unsigned type = 0;

	REQUIRE_EQ(pipe(ends), 0);
	CHECK_EQ(diskfile_type(ends[0], &type), FM_OK);
	CHECK_EQ(type, DISKFILE_TYPE_PIPE);
	CHECK_EQ(diskfile_type(open("/dev/null", O_RDWR | O_CLOEXEC), &type), FM_OK);
	CHECK_EQ(type, DISKFILE_TYPE_CHAR);
	CHECK_EQ(diskfile_type(open(make_file("type", 1), O_RDWR | O_CLOEXEC), &type), FM_OK);
	CHECK_EQ(type, DISKFILE_TYPE_DISK);
	REQUIRE_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	CHECK_EQ(diskfile_type(ends[0], &type), FM_OK);
	CHECK_EQ(type, DISKFILE_TYPE_PIPE);
	CHECK_EQ(diskfile_type(-1, &type), FM_E_INVALID_HANDLE);
}

/* The same file opened in another way, and another device's, are other handles too. */
TEST(what_the_program_opens_under_a_number_is_another_handle)
{
	static const struct { const char *path; int mode; uint32_t rights; } cases[] = {
		{ "/dev/null", O_RDWR, 0x12019f }, { NULL, O_RDONLY, 0x120089 }, { NULL, O_PATH, 0x100080 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *path = make_file("under", 1);
		int number = open(path, O_RDWR | O_CLOEXEC), other;
		uint32_t rights = 0;

		check_row("%zu", i);
		CHECK_EQ(diskfile_rights(number, &rights), FM_OK);
		CHECK_EQ(rights, 0x12019f);
		other = open(cases[i].path ? cases[i].path : path, cases[i].mode | O_CLOEXEC);
		REQUIRE_EQ(dup2(other, number), number);
		CHECK_EQ(diskfile_rights(number, &rights), FM_OK);
		CHECK_EQ(rights, cases[i].rights);
		close(other);
		close_file(number);
	}
}

TEST(only_files_are_handed_over)
{
	CHECK_EQ(diskfile_hand_over(-1), FM_E_INVALID_HANDLE);
	CHECK_EQ(diskfile_hand_over(9999), FM_E_INVALID_HANDLE);
}

/* ---- faults ---- */

static fm_status open_and_close(const char *path, uint32_t disposition, uint32_t flags)
{
	int number;
	fm_status status = open_with(path, READ | WRITE, disposition, flags, &number);

	if (status >= 0) {
		fault_disarm();
		close_file(number);
	}
	return status;
}

static void fail_each_call(uint32_t disposition, uint32_t flags, const char *present)
{
	struct fault_world before = fault_world();
	bool fired = true;

	for (unsigned n = 1; fired; n++) {
		const char *path = present ? present : path_of("fresh");
		fm_status status;

		check_row("disposition %u, call %u", disposition, n);
		fault_arm("*", n, FAULT_ONCE, EIO);
		status = open_and_close(path, disposition, flags);
		fired = fault_disarm();
		if (status < 0 && !present)
			CHECK_EQ(size_of(path), -1); /* nothing made */
		unlink(path_of("fresh"));
		CHECK_SAME_WORLD(before);
	}
}

TEST(each_failing_call_leaves_nothing)
{
	const char *path = make_file("faults", 100);

	(void)open_and_close(path, DISKFILE_OPEN_EXISTING, 0);
	fail_each_call(DISKFILE_OPEN_EXISTING, 0, path);
	fail_each_call(DISKFILE_CREATE_ALWAYS, 0, path);
	fail_each_call(DISKFILE_CREATE_NEW, 0, NULL);
	fail_each_call(DISKFILE_OPEN_ALWAYS, 0, NULL);
}

TEST(each_failing_allocation_leaves_nothing)
{
	const char *path = make_file("memory", 100);
	struct fault_world before;
	bool fired = true;

	(void)open_and_close(path, DISKFILE_OPEN_EXISTING, 0);
	before = fault_world();
	for (unsigned n = 1; fired; n++) {
		fm_status status;
		int number = -1;

		check_row("allocation %u", n);
		fault_arm_allocation(n, FAULT_ONCE);
		status = open_with(path, READ, DISKFILE_OPEN_EXISTING, DISKFILE_DELETE_ON_CLOSE, &number);
		fired = fault_disarm();
		CHECK_EQ(status, fired ? FM_E_NO_MEMORY : FM_OK);
		if (status < 0)
			CHECK_EQ(size_of(path), 100);
		else
			close_file(number);
		CHECK_SAME_WORLD(before);
	}
}

TEST(errors_of_the_system_become_windows_own)
{
	static const struct {
		int error;
		fm_status status;
	} cases[] = {
		{ EACCES, FM_E_ACCESS_DENIED }, { EPERM, FM_E_ACCESS_DENIED }, { ENOTDIR, FM_E_PATH_NOT_FOUND },
		{ EMFILE, FM_E_TOO_MANY_OPENED_FILES }, { ENOSPC, FM_E_DISK_FULL }, { EDQUOT, FM_E_DISK_FULL },
		{ EROFS, FM_E_MEDIA_WRITE_PROTECTED }, { ETXTBSY, FM_E_SHARING_VIOLATION },
		{ ENAMETOOLONG, FM_E_NAME_INVALID }, { EIO, FM_E_IO_DEVICE_ERROR }, { ENOMEM, FM_E_NO_MEMORY },
	};
	const char *path = make_file("errors", 100);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int number;

		check_row("error %d", cases[i].error);
		fault_arm("openat", 1, FAULT_FROM, cases[i].error);
		CHECK_EQ(open_with(path, READ | WRITE, DISKFILE_OPEN_EXISTING, 0, &number), cases[i].status);
		CHECK(fault_disarm());
	}
}
