/* SPDX-License-Identifier: MIT */
/* Sections where something is otherwise: descriptors that a program closed, records that lie, old file systems. */
#include <errno.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "backing.h"
#include "diskfile.h"
#include "fault.h"
#include "filemark.h"
#include "make.h"
#include "os.h"
#include "view.h"

#define RW (FM_READ | FM_WRITE)

static fm_status create_of(int fd, uint64_t size, uint32_t access, fm_section **ret_section)
{
	struct section_request request = { .file = fd, .size = size, .protection = RW, .access = access };

	return section_create(&request, ret_section);
}

static int open_file(const char *name, size_t size)
{
	int fd = open(make_file(name, size), O_RDWR | O_CLOEXEC);

	REQUIRE(fd >= 0);
	return fd;
}

static long long size_of(int fd)
{
	struct stat st;

	REQUIRE_EQ(fstat(fd, &st), 0);
	return (long long)st.st_size;
}

/* ---- memory ---- */

static ssize_t (*real_pread)(int fd, void *buffer, size_t size, uint64_t offset);
static const char *overcommit; /* "": cannot be read */

static ssize_t pread_overcommit(int fd, void *buffer, size_t size, uint64_t offset)
{
	if (size != 1)
		return real_pread(fd, buffer, size, offset);
	if (!*overcommit)
		return -EIO;
	memcpy(buffer, overcommit, 1);
	return 1;
}

TEST(where_the_system_promises_only_what_it_has_memory_is_storage)
{
	static const struct { const char *mode; unsigned allocations; } cases[] = { { "", 0 }, { "2", 1 }, { "2", 1 } };

	real_pread = os.pread;
	os.pread = pread_overcommit;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].mode);
		overcommit = cases[i].mode;
		fault_count_reset();
		fm_section_close(make_memory(PAGE, 0));
		CHECK_EQ(fault_count("fallocate"), cases[i].allocations);
	}
}

TEST(without_a_view_of_the_system_memory_is_no_storage)
{
	fm_section_options options = { .size = PAGE };
	fm_section *section = NULL;

	fm_section_close(make_memory(PAGE, FM_READ));
	fault_arm("fallocate", 1, FAULT_ONCE, ENOSPC); /* it is not asked for */
	REQUIRE_EQ(fm_section_create(&options, &section), FM_OK);
	CHECK(!fault_disarm());
	fm_section_close(section);
}

TEST(what_the_system_has_must_be_known_before_it_is_promised)
{
	fm_section_options options = { .size = PAGE };
	fm_section *section = NULL;

	fault_arm("sysinfo", 1, FAULT_ONCE, EFAULT);
	CHECK_EQ(fm_section_create(&options, &section), FM_E_ACCESS_VIOLATION);
	CHECK(fault_disarm());
	CHECK(section == NULL);
}

TEST(sizes_that_nothing_can_have_are_refused_in_an_extension)
{
	fm_section *memory = make_memory(PAGE, FM_QUERY | FM_EXTEND | FM_WRITE);
	fm_section_options read_only = { .size = PAGE, .access = FM_QUERY | FM_READ | FM_EXTEND };
	fm_section *reader = make_section(&read_only);

	CHECK_EQ(fm_section_extend(memory, INT64_MAX), FM_E_SECTION_TOO_BIG);
	CHECK_EQ(fm_section_extend(memory, (uint64_t)1 << 46), FM_E_COMMITMENT_LIMIT);
	CHECK_EQ(fm_section_extend(reader, 2 * PAGE), FM_E_ACCESS_DENIED);
	fm_section_close(memory);
	fm_section_close(reader);
}

/* ---- what another process grew meanwhile ---- */

static fm_section *other;
static int (*real_fallocate)(int fd, int mode, uint64_t offset, uint64_t length);

/* The storage is refused, but another process has got it and told of it. */
static int fallocate_of_two(int fd, int mode, uint64_t offset, uint64_t length)
{
	CHECK(!(mode & FALLOC_FL_PUNCH_HOLE)); /* where another's bytes are by now */
	CHECK_EQ(real_fallocate(fd, mode, offset, length), 0);
	CHECK_EQ(name_set_size(other->fd, 4 * PAGE), FM_OK);
	return -ENOSPC;
}

TEST(storage_of_a_failed_extension_stays_with_whom_it_is_told)
{
	fm_section_options options = { .name = check_name("odd-grown"), .size = PAGE, .access = FM_QUERY | FM_EXTEND | RW };

	other = make_section(&options);
	real_fallocate = os.fallocate;
	os.fallocate = fallocate_of_two;
	CHECK_EQ(fm_section_extend(other, 4 * PAGE), FM_E_COMMITMENT_LIMIT);
	CHECK_EQ(section_size(other), 4 * PAGE);
}

/* ---- files ---- */

TEST(a_section_of_a_file_that_cannot_be_opened_anew_uses_the_callers)
{
	static const int errors[] = { EACCES, EPERM, ENOENT, ETXTBSY };
	int fd = open_file("own", PAGE);

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		fm_section *section = NULL;
		char *view;

		check_row("error %d", errors[i]);
		fault_arm("openat", 1, FAULT_ONCE, errors[i]);
		CHECK_EQ(create_of(fd, 0, 0, &section), FM_OK);
		CHECK(fault_disarm());
		view = make_view(section, FM_WRITE, 0, 0);
		CHECK_EQ(touch(view, true), 0);
		CHECK_EQ(fm_view_unmap(view), FM_OK);
		fm_section_close(section);
	}
}

/* vfat, and others that keep no storage in advance: bytes behind the end, a block at a time. */
TEST(a_file_grows_where_storage_cannot_be_asked_for)
{
	int fd = open_file("grown", PAGE + 100);
	fm_section *section = NULL;
	char byte;

	fault_arm("fallocate", 1, FAULT_FROM, EOPNOTSUPP);
	CHECK_EQ(create_of(fd, 4 * PAGE + 7, 0, &section), FM_OK);
	CHECK(fault_disarm());
	CHECK_EQ(size_of(fd), 4 * PAGE + 7);
	CHECK_EQ(pread(fd, &byte, 1, PAGE), 1);
	CHECK_EQ(byte, 2); /* what was there stays */
	fm_section_close(section);
}

static int no_fallocate(int fd, int mode, uint64_t offset, uint64_t length)
{
	(void)fd, (void)mode, (void)offset, (void)length;
	return -EOPNOTSUPP;
}

static unsigned writes_left;
static bool another_grows;
static ssize_t (*real_pwrite)(int fd, const void *buffer, size_t size, uint64_t offset);

static ssize_t pwrite_until_full(int fd, const void *buffer, size_t size, uint64_t offset)
{
	if (writes_left-- > 0)
		return real_pwrite(fd, buffer, size, offset);
	writes_left = 0;
	if (another_grows)
		CHECK_EQ(ftruncate(fd, 100 * PAGE), 0);
	return -ENOSPC;
}

TEST(a_file_that_could_not_grow_is_as_long_as_before)
{
	os.fallocate = no_fallocate;
	real_pwrite = os.pwrite;
	os.pwrite = pwrite_until_full;
	for (unsigned writes = 0; writes < 4; writes++) {
		for (int another = 0; another < 2; another++) {
			int fd = open_file("full", PAGE + 100);
			fm_section *section = NULL;

			check_row("%u blocks%s", writes, another ? ", and another process grows it" : "");
			writes_left = writes;
			another_grows = another;
			CHECK_EQ(create_of(fd, 4 * PAGE, 0, &section), FM_E_DISK_FULL);
			CHECK_EQ(size_of(fd), another ? 100 * PAGE : PAGE + 100);
			close(fd);
		}
	}
}

TEST(a_file_without_a_size_is_not_grown)
{
	int fd = open_file("sizeless", PAGE);

	fault_arm("fstat", 1, FAULT_FROM, EIO);
	CHECK_EQ(file_extend(fd, 4 * PAGE), FM_E_IO_DEVICE_ERROR);
	CHECK(fault_disarm());
	CHECK_EQ(size_of(fd), PAGE);
}

/* A child that stopped while it was cutting: the byte of sections, locked to write. */
TEST(a_section_of_a_file_that_is_being_cut_is_refused_in_time)
{
	int fd = open_file("cut", PAGE), ends[2];
	fm_section *section = NULL;
	struct fault_world before;
	pid_t child;
	char byte;

	REQUIRE_EQ(create_of(fd, 0, 0, &section), FM_OK);
	fm_section_close(section);
	before = fault_world();
	REQUIRE_EQ(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		int own = os_reopen(fd, O_RDWR);

		REQUIRE_EQ(filemark_cut(own), FM_OK);
		REQUIRE_EQ(write(ends[1], "x", 1), 1);
		pause();
	}
	REQUIRE_EQ(read(ends[0], &byte, 1), 1);
	CHECK_EQ(create_of(fd, 0, 0, &section), FM_E_FILE_LOCK_CONFLICT);
	kill(child, SIGKILL);
	CHECK_EQ(child_result(child), -SIGKILL);
	close(ends[0]);
	close(ends[1]);
	CHECK_SAME_WORLD(before);
	close(fd);
}

/* ---- descriptors under the numbers of others ---- */

/* Another file takes the number of the description that views are mapped through. */
static void replace_description(fm_section *section)
{
	int number = section->section->map_fd, fd = open_file("stranger", 8 * PAGE);

	REQUIRE_EQ(dup2(fd, number), number);
	close(fd);
}

TEST(a_stranger_under_the_number_of_a_description_is_not_mapped)
{
	fm_section *section = make_file_section(make_file("mine", 2 * PAGE), RW);
	char *view = make_view(section, FM_WRITE, 0, 0);

	view[0] = 42;
	replace_description(section);
	CHECK_EQ(fm_view_flush(view, 0, FM_FLUSH_ALL), FM_OK); /* by its name */
	CHECK_EQ(fm_view_protect(view, PAGE, FM_READ | FM_COPY, NULL), FM_OK);
	CHECK_EQ(view[0], 42);
}

static int (*real_fstat)(int fd, struct stat *st);
static bool lie;

static int fstat_elsewhere(int fd, struct stat *st)
{
	int result = real_fstat(fd, st);

	if (lie)
		st->st_dev++;
	return result;
}

TEST(a_file_of_the_same_number_on_another_device_is_another)
{
	fm_section *section = make_file_section(make_file("device", PAGE), RW);
	char *view = make_view(section, FM_WRITE, 0, 0);

	real_fstat = os.fstat;
	os.fstat = fstat_elsewhere;
	fm_section_close(section);
	lie = true;
	CHECK_EQ(fm_view_flush(view, 0, FM_FLUSH_ALL), FM_E_FILE_INVALID);
	lie = false;
	CHECK_EQ(fm_view_flush(view, 0, FM_FLUSH_ALL), FM_OK);
}

TEST(a_shortage_is_told_as_one_and_not_as_a_lost_file)
{
	static const struct { int error; fm_status status; } cases[] = {
		{ EMFILE, FM_E_TOO_MANY_OPENED_FILES }, { ENFILE, FM_E_TOO_MANY_OPENED_FILES }, { ENOMEM, FM_E_NO_MEMORY },
		{ ENOENT, FM_E_FILE_INVALID }, { EACCES, FM_E_FILE_INVALID },
	};
	fm_section *section = make_file_section(make_file("short", PAGE), RW);
	char *view = make_view(section, FM_WRITE, 0, 0);

	fm_section_close(section);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("error %d", cases[i].error);
		fault_arm("openat", 2, FAULT_FROM, cases[i].error); /* the first one opens the map of the process */
		CHECK_EQ(fm_view_flush(view, 0, FM_FLUSH_ALL), cases[i].status);
		CHECK(fault_disarm());
	}
}

/* ---- recognising ---- */

static int memfd_of(const char *name, size_t size)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	REQUIRE(fd >= 0);
	REQUIRE_EQ(ftruncate(fd, (off_t)size), 0);
	REQUIRE_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	return fd;
}

TEST(a_memfd_whose_name_says_what_cannot_be_is_refused)
{
	static const struct { const char *name; fm_status status; } cases[] = {
		{ "filemap:6:0:2000", FM_OK },                  { "filemap:6:0:0", FM_E_OBJECT_CORRUPT },
		{ "filemap:6:0:1001", FM_E_OBJECT_CORRUPT },    { "filemap:6:0:4000", FM_E_OBJECT_CORRUPT },
		{ "filemap:6:8000:2000", FM_E_OBJECT_CORRUPT }, { "filemap:2:0:2000", FM_E_OBJECT_CORRUPT },
		{ "filemap:800:0:2000", FM_E_OBJECT_CORRUPT },  { "filemap:6:1:2000", FM_E_OBJECT_CORRUPT },
		{ "filemap:6:8:2000", FM_E_OBJECT_CORRUPT },    { "filemap:6:0:12000", FM_E_OBJECT_CORRUPT },
		{ "filemap:6:0", FM_E_OBJECT_TYPE_MISMATCH },   { "other", FM_E_OBJECT_TYPE_MISMATCH },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fm_section *section = NULL;
		int fd = memfd_of(cases[i].name, 2 * PAGE);

		check_row("%s", cases[i].name);
		CHECK_EQ(fm_section_adopt(fd, &section), cases[i].status);
		CHECK(fcntl(fd, F_GETFD) >= 0); /* a refused one stays the caller's */
		if (section)
			fm_section_close(section);
		else
			close(fd);
	}
}

TEST(a_record_of_a_file_that_says_what_cannot_be_is_refused)
{
	int file = open_file("recorded", 2 * PAGE), writer = open(make_file("writer", PAGE), O_WRONLY | O_CLOEXEC), ends[2];

	REQUIRE_EQ(pipe(ends), 0);
	const struct { const char *format; int number; fm_status status; } cases[] = {
		{ "filemap-file:6:0:e:2000:1:%d", file, FM_OK },
		{ "filemap-file:6:0:e:0:1:%d", file, FM_E_OBJECT_CORRUPT },
		{ "filemap-file:6:0:e:8000000000000000:1:%d", file, FM_E_OBJECT_CORRUPT },
		{ "filemap-file:2:0:e:2000:1:%d", file, FM_E_OBJECT_CORRUPT },
		{ "filemap-file:6:1:e:2000:1:%d", file, FM_E_OBJECT_CORRUPT },
		{ "filemap-file:6:0:e:2000:1:%d", writer, FM_E_OBJECT_CORRUPT },
		{ "filemap-file:6:0:e:2000:1:%d", ends[0], FM_E_OBJECT_CORRUPT },
		{ "filemap-file:6:0:e:2000:1:%d", 9999, FM_E_OBJECT_CORRUPT },
		{ "filemap-file:6:0:e:2000:1:%d", INT_MIN, FM_E_OBJECT_CORRUPT },
		{ "filemap-file:6:0:e:2000:1", 0, FM_E_OBJECT_TYPE_MISMATCH },
	};

	for (size_t i = ARRAY_SIZE(cases); i-- > 0;) {
		fm_section *section = NULL;
		char name[128];
		int record;

		check_row("%zu: %s", i, cases[i].format);
		snprintf(name, sizeof(name), cases[i].format, cases[i].number);
		record = memfd_of(name, 0);
		CHECK_EQ(fm_section_adopt(record, &section), cases[i].status);
		CHECK(fcntl(file, F_GETFD) >= 0);
		if (section)
			fm_section_close(section);
		else
			close(record);
	}
}

static fm_section *make_portable(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	struct section_request request = { .file = fd, .protection = RW, .portable = true };
	fm_section *section = NULL;

	REQUIRE_EQ(section_create(&request, &section), FM_OK);
	close(fd);
	return section;
}

/* They are known by their numbers only where exec would leave them open. */
TEST(what_exec_would_close_is_no_handle_of_a_number)
{
	fm_section_options named = { .name = check_name("odd-number"), .size = PAGE };
	fm_section *sections[] = { make_memory(PAGE, 0), make_section(&named), make_portable(make_file("number", PAGE)) };

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		int number = fm_section_number(sections[i]);
		struct handle *handle;

		check_row("%zu", i);
		CHECK_EQ(handle_enter(number, &section_kind, &handle), FM_E_INVALID_HANDLE);
		CHECK_EQ(fm_section_set_inheritable(sections[i], true), FM_OK);
		fault_arm("getfd", 1, FAULT_ONCE, EBADF);
		CHECK_EQ(handle_enter(fm_section_number(sections[i]), &section_kind, &handle), FM_E_INVALID_HANDLE);
		CHECK(fault_disarm());
		CHECK_EQ(touch(make_view(sections[i], FM_WRITE, 0, 0), true), 0); /* it is whole */
		fm_section_close(sections[i]);
	}
}

TEST(a_descriptor_that_cannot_be_looked_at_is_told_as_such)
{
	int fd = memfd_of("filemap:6:0:2000", 2 * PAGE);
	struct section *section = section_new();

	REQUIRE(section != NULL);
	fault_arm("readlinkat", 1, FAULT_ONCE, ENOMEM);
	CHECK_EQ(memory_recognise(fd, section), FM_E_NO_MEMORY);
	fault_arm("readlinkat", 1, FAULT_ONCE, EBADF);
	CHECK_EQ(memory_recognise(fd, section), FM_E_INVALID_HANDLE);
	fault_arm("fstat", 1, FAULT_ONCE, EBADF);
	CHECK_EQ(memory_recognise(fd, section), FM_E_INVALID_HANDLE);
	fault_arm("get_seals", 1, FAULT_ONCE, EINVAL);
	CHECK_EQ(memory_recognise(fd, section), FM_E_OBJECT_CORRUPT);
	fault_disarm();
	section_put(section);
	close(fd);
}

/* ---- the same object? ---- */

TEST(handles_are_of_one_object_or_not)
{
	fm_section_options named = { .name = check_name("odd-same"), .size = PAGE };
	const char *path = make_file("same", PAGE);
	fm_section *memory = make_memory(PAGE, 0), *file = make_file_section(path, RW), *name = make_section(&named), *copy,
		   *again;
	const struct { const char *what; fm_section *a, *b; bool same; } cases[] = {
		{ "memory and a file", memory, file, false },
		{ "memory and a name", memory, name, false },
		{ "two of memory", memory, make_memory(PAGE, 0), false },
		{ "two of one file", file, make_file_section(path, RW), false },
	};

	REQUIRE_EQ(fm_section_duplicate(memory, FM_QUERY | FM_READ, &copy), FM_OK);
	CHECK(section_same(memory, copy));
	REQUIRE_EQ(fm_section_open(named.name, FM_READ, &again), FM_OK);
	CHECK(section_same(name, again));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].what);
		CHECK_EQ(section_same(cases[i].a, cases[i].b), cases[i].same);
	}
	for (unsigned nth = 1; nth < 3; nth++) {
		check_row("look %u fails", nth);
		fault_arm("fstat", nth, FAULT_ONCE, EBADF);
		CHECK(!section_same(name, again)); /* in doubt, no */
		CHECK(fault_disarm());
	}
}

TEST(a_name_that_was_never_mapped_is_closed_alone)
{
	fm_section_options options = { .path = make_file("never", PAGE), .name = check_name("odd-never"),
				       .access = FM_QUERY | RW };
	fm_section *section = make_section(&options), *opened;
	struct fault_world before = fault_world();

	REQUIRE_EQ(fm_section_open(options.name, FM_READ, &opened), FM_OK);
	fm_section_close(opened);
	CHECK_SAME_WORLD(before);
	fm_section_close(section);
}
