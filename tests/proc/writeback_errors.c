/* SPDX-License-Identifier: MIT */
/* Who is told that a write-back has failed: each that must know, once. */
#include <errno.h>

#include "lossy.h"
#include "make.h"

enum { PAGES = 4 };

enum { WAITING, SYNCING }; /* the first level that only waits, the first that has the file synced */
static const struct { const char *name; unsigned level; } levels[] = {
	{ "WRITE", FM_FLUSH_WRITE }, { "DATA", FM_FLUSH_DATA }, { "ALL", FM_FLUSH_ALL },
};

static const char *new_file(struct lossy *disk)
{
	const char *path;
	int fd;

	lossy_format(disk);
	path = lossy_path(disk, "file");
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	REQUIRE(fd >= 0);
	REQUIRE_EQ(ftruncate(fd, PAGES * (off_t)PAGE), 0);
	close(fd);
	return path;
}

static void tell_once(struct lossy *disk, size_t first, size_t end)
{
	for (size_t i = 2 * first; i < 2 * end; i++) {
		unsigned level = levels[i / 2].level;
		fm_section *section = make_file_section(new_file(disk), 0);
		char *view = make_view(section, FM_WRITE, 0, 0);

		check_row("%s%s", levels[i / 2].name, i % 2 ? ", handle closed" : "");
		if (i % 2)
			fm_section_close(section);
		lossy_fail_write(disk, 1, EIO);
		view[0] = 2;
		CHECK_EQ(fm_view_flush(view, 0, level), FM_E_IO_DEVICE_ERROR);
		CHECK_EQ(fm_view_flush(view, 0, level), FM_OK);
		view[0] = 3;
		CHECK_EQ(fm_view_flush(view, 0, level), FM_OK);
		CHECK_EQ(disk->now.files[0].data[0], 3);
		CHECK_EQ(fm_view_unmap(view), FM_OK);
		if (!(i % 2))
			fm_section_close(section);
	}
}

static void tell_who_waits(struct lossy *disk)
{
	tell_once(disk, WAITING, SYNCING);
}

static void tell_who_syncs(struct lossy *disk)
{
	tell_once(disk, SYNCING, ARRAY_SIZE(levels));
}

TEST(a_failed_write_back_is_told_once)
{
	with_lossy(tell_who_syncs);
}

TEST(a_failed_write_back_is_told_once_where_it_is_only_waited_for)
{
	need_write_backs_that_last();
	with_lossy(tell_who_waits);
}

static void tell_later(struct lossy *disk)
{
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		fm_section *section = make_file_section(new_file(disk), 0);
		char *view = make_view(section, FM_WRITE, 0, 0);

		check_row("%s", levels[i].name);
		lossy_fail_write(disk, 1, EIO);
		view[0] = 2;
		CHECK_EQ(fm_view_flush(view, 0, FM_FLUSH_START), FM_OK);
		CHECK_EQ(fm_view_flush(view, 0, levels[i].level), FM_E_IO_DEVICE_ERROR);
		CHECK_EQ(fm_view_flush(view, 0, levels[i].level), FM_OK);
		CHECK_EQ(fm_view_unmap(view), FM_OK);
		fm_section_close(section);
	}
}

TEST(what_fails_after_a_start_is_told_by_the_next_flush_that_waits)
{
	with_lossy(tell_later);
}

static void tell_no_room(struct lossy *disk)
{
	fm_section *section = make_file_section(new_file(disk), 0);
	char *view = make_view(section, FM_WRITE, 0, 0);

	lossy_fail_write(disk, 1, ENOSPC);
	view[0] = 2;
	CHECK_EQ(fm_view_flush(view, 0, FM_FLUSH_DATA), FM_E_DISK_FULL);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	fm_section_close(section);
}

TEST(a_disk_that_is_full_only_at_write_back_is_told_as_such)
{
	with_lossy(tell_no_room);
}

/* One description lies behind all views of a section, and the kernel tells it once. */
static void tell_each_view(struct lossy *disk)
{
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		fm_section *section = make_file_section(new_file(disk), 0);
		char *first = make_view(section, FM_WRITE, 0, PAGE), *second = make_view(section, FM_WRITE, PAGE, PAGE);
		char *third;

		check_row("%s", levels[i].name);
		lossy_fail_write(disk, 1, EIO);
		second[0] = 2;
		CHECK_EQ(fm_view_flush(second, 0, FM_FLUSH_START), FM_OK);
		CHECK_EQ(fm_view_flush(first, 0, FM_FLUSH_ALL), FM_E_IO_DEVICE_ERROR);
		third = make_view(section, FM_WRITE, 0, 0);
		CHECK_EQ(fm_view_flush(second, 0, levels[i].level), FM_E_IO_DEVICE_ERROR);
		CHECK_EQ(fm_view_flush(first, 0, levels[i].level), FM_OK);
		CHECK_EQ(fm_view_flush(second, 0, levels[i].level), FM_OK);
		CHECK_EQ(fm_view_flush(third, 0, levels[i].level), FM_OK); /* it was not there when it happened */
		CHECK(fm_view_unmap(first) == FM_OK && fm_view_unmap(second) == FM_OK && fm_view_unmap(third) == FM_OK);
		fm_section_close(section);
	}
}

TEST(each_view_of_a_section_is_told)
{
	with_lossy(tell_each_view);
}

/* Another has seen the error already when the flush must find it, and nothing but the view is left. */
static void tell_view_alone(struct lossy *disk)
{
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		const char *path = new_file(disk);
		fm_section *section = make_file_section(path, 0);
		char *view = make_view(section, FM_WRITE, 0, 0);
		int other = open(path, O_RDWR | O_CLOEXEC);

		check_row("%s", levels[i].name);
		fm_section_close(section);
		lossy_fail_write(disk, 1, EIO);
		view[0] = 2;
		CHECK_EQ(fsync(other), -1);
		CHECK_EQ(fsync(other), 0);
		CHECK_EQ(fm_view_flush(view, 0, levels[i].level), FM_E_IO_DEVICE_ERROR);
		CHECK_EQ(fm_view_flush(view, 0, levels[i].level), FM_OK);
		CHECK_EQ(fm_view_unmap(view), FM_OK);
		close(other);
	}
}

TEST(a_view_without_handles_is_told_what_others_have_seen)
{
	with_lossy(tell_view_alone);
}

static void wait_for(int fd)
{
	char byte;

	REQUIRE_EQ(read(fd, &byte, 1), 1);
}

static void wake(int fd)
{
	REQUIRE_EQ(write(fd, "", 1), 1);
}

/* Opens the file itself, says so, and flushes when told. */
static void flush_in_child(const char *path, int ready, int go)
{
	fm_section *section = make_file_section(path, 0);
	char *view = make_view(section, FM_WRITE, 0, 0);

	wake(ready);
	wait_for(go);
	CHECK_EQ(fm_view_flush(view, 0, FM_FLUSH_DATA), FM_E_IO_DEVICE_ERROR);
	CHECK_EQ(fm_view_flush(view, 0, FM_FLUSH_DATA), FM_OK);
	fflush(NULL);
	_exit(check_failures > 0);
}

static void tell_each_process(struct lossy *disk)
{
	const char *path = new_file(disk);
	int ready[2], go[2];
	fm_section *section;
	pid_t child;
	char *view;

	REQUIRE(pipe(ready) == 0 && pipe(go) == 0);
	child = fork();
	if (child == 0)
		flush_in_child(path, ready[1], go[0]);
	section = make_file_section(path, 0);
	view = make_view(section, FM_WRITE, 0, 0);
	wait_for(ready[0]);
	lossy_fail_write(disk, 1, EIO);
	view[0] = 2;
	CHECK_EQ(fm_view_flush(view, 0, FM_FLUSH_DATA), FM_E_IO_DEVICE_ERROR);
	CHECK_EQ(fm_view_flush(view, 0, FM_FLUSH_DATA), FM_OK);
	wake(go[1]);
	CHECK_EQ(child_result(child), 0);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	fm_section_close(section);
}

TEST(each_process_that_opened_the_file_is_told)
{
	with_lossy(tell_each_process);
}

/* They have one description, as with fsync(2). */
static void tell_one_of_a_family(struct lossy *disk)
{
	fm_section *section = make_file_section(new_file(disk), 0);
	char *view = make_view(section, FM_WRITE, 0, 0);
	pid_t child;

	lossy_fail_write(disk, 1, EIO);
	view[0] = 2;
	child = fork();
	if (child == 0)
		_exit(fm_view_flush(view, 0, FM_FLUSH_DATA) != FM_E_IO_DEVICE_ERROR);
	CHECK_EQ(child_result(child), 0);
	CHECK_EQ(fm_view_flush(view, 0, FM_FLUSH_DATA), FM_OK);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	fm_section_close(section);
}

TEST(of_a_parent_and_its_forked_child_one_is_told)
{
	with_lossy(tell_one_of_a_family);
}
