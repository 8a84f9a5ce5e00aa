/* SPDX-License-Identifier: MIT */
/* Headers and records: written with failures, changed between two looks, and followed to files that are others now. */
#include <errno.h>
#include <sys/mman.h>

#include "backing.h"
#include "fault.h"
#include "name_help.h"

enum { LONG = 1200, PAGE_SIZE = 4096 };

static char long_name[LONG + 1];

static struct name_request long_request(const char *path)
{
	struct name_request request;

	memset(long_name, 'n', LONG);
	request = name_ask(long_name);
	request.facts.backing = FM_BACKING_FILE;
	request.path = path;
	return request;
}

TEST(a_long_header_that_cannot_be_written_makes_no_object)
{
	static const struct {
		unsigned nth;
		fm_status status;
	} cases[] = {
		{ 1, FM_E_IO_DEVICE_ERROR }, { 2, FM_E_IO_DEVICE_ERROR }, { 3, FM_E_IO_DEVICE_ERROR }, { 4, FM_OK },
	};
	struct name_request request = long_request("/tmp/somewhere");
	struct fault_world before;
	struct name_facts facts;
	int fd;

	name_settled_world();
	before = fault_world();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%u", cases[i].nth);
		fault_arm("pwrite", cases[i].nth, FAULT_ONCE, EIO);
		CHECK_EQ(name_acquire(&request, &fd, &facts), cases[i].status);
		CHECK_EQ(fault_disarm(), cases[i].status != FM_OK);
		if (cases[i].status == FM_OK)
			name_give(long_name, fd);
		CHECK_SAME_WORLD(before);
	}
}

TEST(a_path_longer_than_any_is_refused)
{
	static char path[5000];
	struct name_request request;
	struct fault_world before;
	struct name_facts facts;
	int fd;

	name_settled_world();
	memset(path, '/', sizeof(path) - 1);
	request = long_request(path);
	before = fault_world();
	CHECK_EQ(name_acquire(&request, &fd, &facts), FM_E_NAME_INVALID);
	CHECK_SAME_WORLD(before);
}

static int refuse(void *context, int fd)
{
	(void)fd;
	return *(int *)context;
}

TEST(what_cannot_be_prepared_is_not_made)
{
	struct name_request request;
	struct name_facts facts;
	int error = -EIO, fd;

	name_settled_world();
	request = name_ask("x");
	request.prepare = refuse;
	request.context = &error;
	CHECK_EQ(name_acquire(&request, &fd, &facts), FM_E_IO_DEVICE_ERROR);
	CHECK(!name_is_on_disk("x"));
}

TEST(an_object_without_data_is_made)
{
	struct name_request request;
	struct name_facts facts;
	int fd;

	name_settled_world();
	request = name_ask("x");
	request.reserve_storage = true;
	request.facts.kind = NAME_EVENT;
	request.facts.size = 0;
	CHECK_EQ(name_acquire(&request, &fd, &facts), FM_OK);
	name_give("x", fd);
	request.facts.extra_size = 8;
	CHECK_EQ(name_acquire(&request, &fd, &facts), FM_OK);
	name_give("x", fd);
}

TEST(a_directory_removed_under_a_creator_is_a_missing_path)
{
	int fd;

	name_settled_world();
	fault_arm("openat", 2, FAULT_ONCE, ENOENT);
	CHECK_EQ(name_take("x", &fd), FM_E_PATH_NOT_FOUND);
	CHECK(fault_disarm());
}

/* ---- looking at what somebody changes ---- */

static ssize_t (*real_pread)(int, void *, size_t, uint64_t);
static unsigned looks_left;
static uint64_t change_at;
static char change_to;

/* Somebody writes one byte before the n-th look. */
static ssize_t pread_changed(int fd, void *buffer, size_t size, uint64_t offset)
{
	if (looks_left > 0 && --looks_left == 0)
		REQUIRE_EQ(pwrite(fd, &change_to, 1, (off_t)change_at), 1);
	return real_pread(fd, buffer, size, offset);
}

TEST(a_header_changed_between_two_looks_is_corrupt)
{
	static const struct {
		uint64_t offset;
		char byte;
		unsigned look;
	} cases[] = {
		{ 0, 'F', 2 },   /* no header any more */
		{ 104, '\0', 3 },/* a name that ends early */
		{ 104, '\\', 3 },/* no name */
	};

	name_settled_world();
	real_pread = os.pread;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct name_facts facts;
		char *name = NULL;
		int fd;

		check_row("%zu", i);
		REQUIRE_EQ(name_take("x", &fd), FM_OK);
		looks_left = cases[i].look;
		change_at = cases[i].offset;
		change_to = cases[i].byte;
		os.pread = pread_changed;
		CHECK_EQ(name_inspect(fd, &facts, &name), FM_E_OBJECT_TYPE_MISMATCH); /* for who inherited it, nothing known */
		os.pread = real_pread;
		CHECK(name == NULL);
		name_give("x", fd);
	}
}

TEST(each_piece_of_a_long_name_is_compared)
{
	struct name_request request = long_request("/tmp/somewhere");
	struct name_facts facts;
	int fd, second;

	name_settled_world();
	REQUIRE_EQ(name_acquire(&request, &fd, &facts), FM_OK);
	fault_arm("pread", 2, FAULT_ONCE, EIO);
	CHECK_EQ(name_acquire(&request, &second, &facts), FM_E_IO_DEVICE_ERROR);
	CHECK(fault_disarm());
	for (off_t at = 104; at < 104 + LONG; at += LONG / 3) {
		check_row("%d", (int)at);
		REQUIRE_EQ(pwrite(fd, "m", 1, at), 1);
		CHECK_EQ(name_acquire(&request, &second, &facts), FM_E_OBJECT_CORRUPT);
		REQUIRE_EQ(pwrite(fd, "n", 1, at), 1);
	}
	CHECK_EQ(name_acquire(&request, &second, &facts), FM_NAME_EXISTS);
	name_give(long_name, second);
	name_give(long_name, fd);
}

TEST(an_object_that_has_grown_since_it_was_looked_at_is_whole)
{
	static const struct {
		const char *call; /* NULL: none fails */
		int error;
		uint64_t grown;
		fm_status status;
	} cases[] = {
		{ NULL, 0, 0, FM_OK }, { "fstat", EINTR, 0, FM_OK }, { "fstat", EIO, 0, FM_E_OBJECT_CORRUPT },
		{ NULL, 0, PAGE_SIZE, FM_E_OBJECT_CORRUPT }, /* it says more than it has */
	};
	struct name_facts facts;
	struct stat then;
	int fd;

	name_settled_world();
	REQUIRE_EQ(name_take("x", &fd), FM_OK);
	REQUIRE_EQ(fstat(fd, &then), 0);
	then.st_size -= PAGE_SIZE;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t size = PAGE_SIZE + cases[i].grown;

		check_row("%zu", i);
		REQUIRE_EQ(pwrite(fd, &size, sizeof(size), 40), sizeof(size));
		if (cases[i].call)
			fault_arm(cases[i].call, 1, FAULT_ONCE, cases[i].error);
		CHECK_EQ(name_header_read(fd, &then, NULL, &facts), cases[i].status);
		if (cases[i].call)
			CHECK(fault_disarm());
	}
	name_give("x", fd);
}

TEST(a_size_that_cannot_be_stored_is_told)
{
	static const struct {
		const char *call;
		fm_status status;
	} cases[] = {
		{ "pread", FM_E_IO_DEVICE_ERROR }, { "pwrite", FM_E_IO_DEVICE_ERROR }, { "ofd_setlk", FM_E_IO_DEVICE_ERROR },
	};
	int fd;

	name_settled_world();
	REQUIRE_EQ(name_take("x", &fd), FM_OK);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].call);
		fault_arm(cases[i].call, 1, FAULT_ONCE, EIO);
		CHECK_EQ(name_set_size(fd, 2 * PAGE_SIZE), cases[i].status);
		CHECK(fault_disarm());
	}
	CHECK_EQ(name_set_size(fd, 2 * PAGE_SIZE), FM_OK);
	name_give("x", fd);
}

/* ---- sections behind names ---- */

static void store(int fd, unsigned offset, uint64_t value, unsigned size)
{
	REQUIRE_EQ(pwrite(fd, &value, size, offset), size);
}

TEST(a_header_of_no_possible_section_is_corrupt)
{
	static const struct {
		unsigned offset, size;
		uint64_t value;
		fm_status status;
	} cases[] = {
		{ 12, 4, NAME_MUTEX, FM_E_OBJECT_TYPE_MISMATCH },
		{ 28, 4, 0, FM_E_OBJECT_CORRUPT },                  /* backed by nothing */
		{ 32, 4, FM_WRITE, FM_E_OBJECT_CORRUPT },           /* writing comes with reading */
		{ 32, 4, FM_READ | FM_WRITE | FM_COPY, FM_E_OBJECT_CORRUPT },
		{ 36, 4, 0x80000000, FM_E_OBJECT_CORRUPT },         /* an unknown attribute */
		{ 36, 4, SECTION_RESERVE, FM_E_OBJECT_CORRUPT },    /* without a commit map */
		{ 40, 8, 0, FM_E_OBJECT_CORRUPT },
		{ 40, 8, PAGE_SIZE - 1, FM_E_OBJECT_CORRUPT },      /* of memory: whole pages */
	};
	fm_section *section = NULL;
	char header[112];
	int fd;

	name_settled_world();
	REQUIRE_EQ(name_take("x", &fd), FM_OK);
	REQUIRE_EQ(pread(fd, header, sizeof(header), 0), sizeof(header));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fault_world before = fault_world();

		check_row("%zu", i);
		store(fd, cases[i].offset, cases[i].value, cases[i].size);
		CHECK_EQ(fm_section_open("x", FM_READ, &section), cases[i].status);
		CHECK(section == NULL);
		REQUIRE_EQ(pwrite(fd, header, sizeof(header), 0), sizeof(header));
		CHECK_SAME_WORLD(before);
	}
	store(fd, 12, NAME_EVENT, 4); /* other kinds may be backed by nothing, but not by a file */
	store(fd, 28, 0, 4);
	CHECK_EQ(fm_section_open("x", FM_READ, &section), FM_E_OBJECT_TYPE_MISMATCH);
	store(fd, 28, FM_BACKING_FILE, 4);
	CHECK_EQ(fm_section_open("x", FM_READ, &section), FM_E_OBJECT_CORRUPT);
	name_give("x", fd);
}

static char file_path[512];

/* A named section of a file of two pages. */
static fm_section *file_section(const char *name, int *ret_file)
{
	fm_section_options options = { .name = name, .path = file_path };
	fm_section *section = NULL;

	(void)snprintf(file_path, sizeof(file_path), "%s/file", check_directory());
	*ret_file = open(file_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	REQUIRE(*ret_file >= 0);
	REQUIRE_EQ(ftruncate(*ret_file, 2 * PAGE_SIZE), 0);
	REQUIRE_EQ(fm_section_create(&options, &section), FM_OK);
	return section;
}

enum { CUT, ANOTHER, FIFO, GONE, RELATIVE, CHANGES };

static void change_file(int how, int file, int record)
{
	char other[520];

	(void)snprintf(other, sizeof(other), "%s.other", file_path);
	switch (how) {
	case CUT:
		REQUIRE_EQ(ftruncate(file, PAGE_SIZE), 0);
		break;
	case ANOTHER:
		name_write_file(other, "other", 5);
		REQUIRE_EQ(truncate(other, 2 * PAGE_SIZE), 0);
		REQUIRE_EQ(rename(other, file_path), 0);
		break;
	case FIFO:
		REQUIRE_EQ(unlink(file_path), 0);
		REQUIRE_EQ(mkfifo(file_path, 0600), 0);
		break;
	case GONE:
		REQUIRE_EQ(unlink(file_path), 0);
		break;
	default:
		REQUIRE_EQ(pwrite(record, "x", 1, 104 + 1), 1); /* the path's first byte, after a name of one */
	}
}

TEST(a_record_whose_file_is_not_that_file_any_more_is_refused)
{
	static const fm_status want[CHANGES] = { [CUT] = FM_E_FILE_INVALID, [ANOTHER] = FM_E_FILE_INVALID,
						 [FIFO] = FM_E_FILE_INVALID, [GONE] = FM_E_NAME_NOT_FOUND,
						 [RELATIVE] = FM_E_OBJECT_CORRUPT };

	name_settled_world();
	for (int how = 0; how < CHANGES; how++) {
		fm_section *section, *second = NULL;
		struct fault_world before;
		int file;

		check_row("%d", how);
		section = file_section("r", &file);
		REQUIRE_EQ(fm_section_open("r", FM_WRITE, &second), FM_OK);
		fm_section_close(second);
		before = fault_world();
		change_file(how, file, fm_section_number(section));
		CHECK_EQ(fm_section_open("r", FM_WRITE, &second), want[how]);
		CHECK_SAME_WORLD(before);
		fm_section_close(section);
		close(file);
		(void)unlink(file_path);
	}
}

static int (*real_fstat)(int, struct stat *);
static dev_t other_device;

static int fstat_elsewhere(int fd, struct stat *st)
{
	int result = real_fstat(fd, st);

	if (result == 0 && st->st_size == 2 * PAGE_SIZE)
		st->st_dev += other_device;
	return result;
}

TEST(a_file_of_that_number_on_another_device_is_not_that_file)
{
	fm_section *section, *second = NULL;
	int file;

	name_settled_world();
	section = file_section("r", &file);
	real_fstat = os.fstat;
	os.fstat = fstat_elsewhere;
	CHECK_EQ(fm_section_open("r", FM_READ, &second), FM_OK);
	fm_section_close(second);
	other_device = 1;
	CHECK_EQ(fm_section_open("r", FM_READ, &second), FM_E_FILE_INVALID);
	os.fstat = real_fstat;
	fm_section_close(section);
}

TEST(a_file_without_its_name_has_no_named_sections)
{
	static const bool linked[] = { false, true };
	char second[520];

	name_settled_world();
	for (size_t i = 0; i < ARRAY_SIZE(linked); i++) {
		fm_section_options options = { .name = "deleted", .use_fd = true };
		fm_section *section = NULL;
		struct fault_world before;

		check_row("%zu", i);
		(void)snprintf(file_path, sizeof(file_path), "%s/file", check_directory());
		(void)snprintf(second, sizeof(second), "%s.second", file_path);
		name_write_file(file_path, "file", 4);
		options.fd = open(file_path, O_RDWR | O_CLOEXEC);
		if (linked[i]) /* another name of it is not known here */
			REQUIRE_EQ(link(file_path, second), 0);
		REQUIRE_EQ(unlink(file_path), 0);
		before = fault_world();
		CHECK_EQ(fm_section_create(&options, &section), FM_E_FILE_DELETED);
		CHECK_SAME_WORLD(before);
		close(options.fd);
	}
}

/* ---- each step of a named section failed in turn ---- */

enum { MEMORY, RESERVED, OF_FILE, OPENED, GLOBAL, WAYS };

static fm_status make_and_close(int way)
{
	fm_section_options options = { .name = way == GLOBAL ? "Global\\made" : "made", .size = PAGE_SIZE,
				       .path = way == OF_FILE ? file_path : NULL,
				       .flags = FM_SECTION_INHERITABLE | (way == RESERVED ? FM_SECTION_RESERVE : 0) };
	fm_section *section = NULL;
	fm_status status = way == OPENED ? fm_section_open("r", FM_WRITE, &section)
					 : fm_section_create(&options, &section);

	fm_section_close(section);
	return status;
}

TEST(each_failed_call_of_a_named_section_leaves_nothing)
{
	static const int errors[] = { EMFILE, ENOMEM, EIO, EACCES };
	int file;

	name_settled_world();
	(void)file_section("r", &file);
	for (int way = 0; way < WAYS; way++) {
		struct fault_world before;

		REQUIRE_EQ(make_and_close(way), FM_OK);
		before = fault_world();
		for (size_t e = 0; e < ARRAY_SIZE(errors) * 2; e++) {
			bool fired = true;

			check_row("way %d, errno %d", way, errors[e / 2]);
			for (unsigned nth = 1; fired; nth++) {
				fault_arm("*", nth, e % 2 ? FAULT_FROM : FAULT_ONCE, errors[e / 2]);
				(void)make_and_close(way); /* what is only a courtesy may fail */
				fired = fault_disarm();
				(void)make_and_close(way);
				CHECK_SAME_WORLD(before);
				REQUIRE(nth < 200);
			}
		}
	}
}

TEST(exhausted_memory_is_an_error_of_a_named_section)
{
	int file;

	name_settled_world();
	(void)file_section("r", &file);
	for (int way = 0; way < WAYS; way++) {
		struct fault_world before;
		bool fired = true;

		check_row("way %d", way);
		REQUIRE_EQ(make_and_close(way), FM_OK);
		before = fault_world();
		for (unsigned nth = 1; fired; nth++) {
			fm_status status;

			fault_arm_allocation(nth, FAULT_ONCE);
			status = make_and_close(way);
			fired = fault_disarm();
			CHECK_EQ(status, fired ? FM_E_NO_MEMORY : FM_OK);
			CHECK_SAME_WORLD(before);
		}
	}
}

/* ---- a file that a view has grown ---- */

static uint64_t size_of(const char *name)
{
	fm_section_info info = { 0 };
	fm_section *section = NULL;

	REQUIRE_EQ(fm_section_open(name, FM_READ, &section), FM_OK);
	REQUIRE_EQ(fm_section_query(section, &info), FM_OK);
	fm_section_close(section);
	return info.size;
}

TEST(a_grown_size_is_told_to_its_own_name_only)
{
	struct fm_section *section, *other;
	int file;

	name_settled_world();
	section = file_section("g", &file);
	REQUIRE_EQ(ftruncate(file, 4 * PAGE_SIZE), 0);
	named_grown(section->section, 3 * PAGE_SIZE);
	CHECK_EQ(size_of("g"), 3 * PAGE_SIZE);
	REQUIRE_EQ(unlink(name_on_disk("g")), 0);
	named_grown(section->section, 4 * PAGE_SIZE); /* the name is gone */
	CHECK(!name_is_on_disk("g"));
	section->section->inode++; /* another file's section has the name now */
	(void)file_section("g", &file);
	named_grown(section->section, 4 * PAGE_SIZE);
	CHECK_EQ(size_of("g"), 2 * PAGE_SIZE);
	section->section->inode--;
	section->section->device++;
	other = section;
	named_grown(other->section, 4 * PAGE_SIZE);
	CHECK_EQ(size_of("g"), 2 * PAGE_SIZE);
}
