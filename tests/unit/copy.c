/* SPDX-License-Identifier: MIT */
/* fm_read and fm_write: an error and a count where a plain access would be a signal. */
#include <stdlib.h>
#include <sys/mman.h>

#include "small.h"

static char buffer[16 * 4096];

static void read_gives(const void *view, size_t length, fm_status status, size_t done)
{
	size_t got = 999;

	CHECK_EQ(fm_read(buffer, view, length, &got), status);
	CHECK_EQ(got, done);
}

static void write_gives(void *view, size_t length, fm_status status, size_t done)
{
	size_t got = 999;

	CHECK_EQ(fm_write(view, buffer, length, &got), status);
	CHECK_EQ(got, done);
}

/* As another process would. */
static void cut(const char *path, off_t size)
{
	pid_t child = fork();

	if (child == 0)
		_exit(truncate(path, size) != 0);
	REQUIRE_EQ(child_result(child), 0);
}

TEST(copies_arrive)
{
	fm_section *section = make_memory(8 * PAGE, 0);
	char *view = make_view(section, FM_WRITE, 0, 0);

	for (size_t i = 0; i < 3 * PAGE; i++)
		buffer[i] = (char)(i * 7);
	write_gives(view + 100, 3 * PAGE, FM_OK, 3 * PAGE);
	CHECK_EQ(memcmp(view + 100, buffer, 3 * PAGE), 0);
	memset(buffer, 0, sizeof(buffer));
	read_gives(view + 100, 3 * PAGE, FM_OK, 3 * PAGE);
	CHECK_EQ(memcmp(view + 100, buffer, 3 * PAGE), 0);
	read_gives(view, 0, FM_OK, 0);
	CHECK_EQ(fm_read(buffer, view, 10, NULL), FM_OK);
	fm_section_close(section);
}

TEST(cut_file_is_an_in_page_error_after_what_was_left)
{
	static const uint32_t accesses[] = { FM_WRITE, FM_COPY };
	const char *path;

	for (size_t i = 0; i < ARRAY_SIZE(accesses); i++) {
		fm_section *section = make_file_section(path = make_file("a", 8 * PAGE), 0);
		char *view = make_view(section, accesses[i], 0, 0);

		cut(path, 3 * (off_t)PAGE + 10); /* the last page's rest reads as zero */
		read_gives(view + 5, 8 * PAGE - 5, FM_E_IN_PAGE_ERROR, 4 * PAGE - 5);
		write_gives(view + PAGE - 1, 4 * PAGE, FM_E_IN_PAGE_ERROR, 3 * PAGE + 1);
		read_gives(view + 4 * PAGE, 1, FM_E_IN_PAGE_ERROR, 0);
		CHECK_EQ(touch(view + 4 * PAGE, false), SIGBUS);
		read_gives(view + 4 * PAGE - 1, 1, FM_OK, 1);
		cut(path, 8 * (off_t)PAGE);
		read_gives(view, 8 * PAGE, FM_OK, 8 * PAGE);
		fm_section_close(section);
	}
}

TEST(unmapped_memory_is_an_access_violation)
{
	fm_section *section = make_memory(2 * PAGE, 0);
	char *view = make_view(section, FM_WRITE, 0, 0);

	read_gives(view + PAGE, 2 * PAGE, FM_E_ACCESS_VIOLATION, PAGE);
	write_gives(view + 2 * PAGE - 3, 4, FM_E_ACCESS_VIOLATION, 3);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	read_gives(view, 1, FM_E_ACCESS_VIOLATION, 0);
	read_gives(NULL, 1, FM_E_ACCESS_VIOLATION, 0);
	read_gives((void *)UINTPTR_MAX, 1, FM_E_ACCESS_VIOLATION, 0);
	fm_section_close(section);
}

TEST(read_only_view_is_not_written)
{
	fm_section *section = make_file_section(make_file("a", 2 * PAGE), FM_READ);
	char *view = make_view(section, FM_READ, 0, 0);

	write_gives(view, 2, FM_E_ACCESS_VIOLATION, 0);
	CHECK_EQ(view[0], 1);
	fm_section_close(section);
}

TEST(protection_now_decides_not_that_of_mapping)
{
	fm_section *section = make_memory(4 * PAGE, 0);
	char *view = make_view(section, FM_WRITE, 0, 0);

	CHECK_EQ(fm_view_protect(view + PAGE, PAGE, FM_READ, NULL), FM_OK);
	CHECK_EQ(fm_view_protect(view + 2 * PAGE, PAGE, FM_NOACCESS, NULL), FM_OK);
	write_gives(view, 2 * PAGE, FM_E_ACCESS_VIOLATION, PAGE);
	read_gives(view, 4 * PAGE, FM_E_ACCESS_VIOLATION, 2 * PAGE);
	write_gives(view + 2 * PAGE, 1, FM_E_ACCESS_VIOLATION, 0);
	write_gives(view + 3 * PAGE, 1, FM_OK, 1);
	fm_section_close(section);
}

TEST(bad_buffer_is_an_access_violation)
{
	fm_section *section = make_memory(2 * PAGE, 0);
	char *view = make_view(section, FM_WRITE, 0, 0);
	char *nothing = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t done = 9;

	CHECK_EQ(fm_read(nothing, view, 5, &done), FM_E_ACCESS_VIOLATION);
	CHECK_EQ(done, 0);
	CHECK_EQ(fm_write(view, nothing, 5, &done), FM_E_ACCESS_VIOLATION);
	CHECK_EQ(done, 0);
	fm_section_close(section);
}

TEST(written_copies_stay_private)
{
	const char *path = make_file("a", 2 * PAGE);
	fm_section *section = make_file_section(path, 0);
	char *view = make_view(section, FM_COPY, 0, 0), *other = make_view(section, FM_READ, 0, 0);

	memset(buffer, 88, 10);
	write_gives(view + PAGE, 10, FM_OK, 10);
	CHECK_EQ(view[PAGE], 88);
	CHECK_EQ(other[PAGE], 2);
	fm_section_close(section);
}

static void fill_below(const char *path)
{
	char file[600];
	fm_section *section;
	char *view;
	int fd;

	snprintf(file, sizeof(file), "%s/sparse", path);
	fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	REQUIRE(fd >= 0);
	REQUIRE_EQ(ftruncate(fd, 8 * (off_t)PAGE), 0);
	REQUIRE_EQ(pwrite(fd, "x", 1, (off_t)PAGE), 1);
	section = make_file_section(file, 0);
	view = make_view(section, FM_WRITE, 0, 0);
	small_fill(path);
	write_gives(view + PAGE, 2 * PAGE, FM_E_IN_PAGE_ERROR, PAGE);
	write_gives(view + 3 * PAGE, 1, FM_E_IN_PAGE_ERROR, 0);
	CHECK_EQ(touch(view + 3 * PAGE, true), SIGBUS);
	fm_section_close(section);
}

TEST(hole_on_a_full_file_system_is_an_in_page_error)
{
	with_small_tmpfs("256k", fill_below);
}
