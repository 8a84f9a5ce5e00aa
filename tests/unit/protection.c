/* SPDX-License-Identifier: MIT */
/* Protection of pages of views, and copies on writing. */
#include <errno.h>
#include <sys/mman.h>

#include "fault.h"
#include "make.h"

#define R FM_READ
#define W (FM_READ | FM_WRITE)
#define C (FM_READ | FM_COPY)
#define X (FM_READ | FM_EXEC)
#define XW (FM_READ | FM_WRITE | FM_EXEC)
#define XC (FM_READ | FM_COPY | FM_EXEC)

static fm_status protect(void *at, size_t length, uint32_t protection)
{
	uint32_t old = 0xdead;
	fm_status status = fm_view_protect(at, length, protection, &old);

	CHECK_EQ(old == 0xdead, status != FM_OK);
	return status;
}

static int byte_of(const char *path, off_t offset)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned char byte;

	REQUIRE_EQ(pread(fd, &byte, 1, offset), 1);
	close(fd);
	return byte;
}

TEST(ceiling_is_the_access_when_mapped)
{
	static const uint32_t wanted[] = { FM_NOACCESS, R, C, W, FM_EXEC, X, XC, XW };
	static const struct {
		uint32_t mapped;
		unsigned allowed; /* bit n: wanted[n] */
	} rows[] = {
		{ FM_NOACCESS, 0x01 }, { R, 0x07 }, { C, 0x07 }, { W, 0x0f }, { X, 0x77 }, { XC, 0x77 }, { XW, 0xff },
	};
	fm_section *section = make_memory(2 * PAGE, FM_READ | FM_WRITE | FM_EXEC);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t j = 0; j < ARRAY_SIZE(wanted); j++) {
			char *view = make_view(section, rows[i].mapped, 0, 0);
			bool allowed = rows[i].allowed >> j & 1;
			uint32_t now = allowed ? wanted[j] : rows[i].mapped;

			CHECK_EQ(protect(view + PAGE, 1, wanted[j]), allowed ? FM_OK : FM_E_SECTION_PROTECTION);
			CHECK_EQ(query_of(view + PAGE).protection, now);
			CHECK_EQ(query_of(view).protection, rows[i].mapped);
			CHECK_EQ(touch(view + PAGE, false), now ? 0 : SIGSEGV);
			CHECK_EQ(touch(view + PAGE, true), now & (FM_WRITE | FM_COPY) ? 0 : SIGSEGV);
			CHECK_EQ(fm_view_unmap(view), FM_OK);
		}
	fm_section_close(section);
}

TEST(old_protection_is_that_of_the_first_page)
{
	fm_section *section = make_memory(4 * PAGE, 0);
	char *view = make_view(section, FM_WRITE, 0, 0);
	uint32_t old = 0;

	CHECK_EQ(fm_view_protect(view + PAGE, PAGE, R, &old), FM_OK);
	CHECK_EQ(old, W);
	CHECK_EQ(fm_view_protect(view + PAGE + 100, 2 * PAGE - 100, FM_NOACCESS, &old), FM_OK);
	CHECK_EQ(old, R);
	CHECK_EQ(fm_view_protect(view, 4 * PAGE, W, &old), FM_OK);
	CHECK_EQ(old, W);
	CHECK_EQ(fm_view_protect(view, 4 * PAGE, R, NULL), FM_OK);
	fm_section_close(section);
}

TEST(whole_pages_around_the_bytes_change)
{
	fm_section *section = make_memory(5 * PAGE, 0);
	char *view = make_view(section, FM_WRITE, 0, 0);

	CHECK_EQ(protect(view + 2 * PAGE - 1, 2, R), FM_OK);
	CHECK_EQ(query_of(view).run_size, PAGE);
	CHECK_EQ(query_of(view + PAGE).run_size, 2 * PAGE);
	CHECK_EQ(query_of(view + PAGE).protection, R);
	CHECK_EQ(query_of(view + 3 * PAGE).run_size, 2 * PAGE);
	CHECK_EQ(touch(view + 2 * PAGE, true), SIGSEGV);
	CHECK_EQ(touch(view + 3 * PAGE, true), 0);
	CHECK_EQ(protect(view + PAGE, 2 * PAGE, W), FM_OK);
	CHECK_EQ(query_of(view).run_size, 5 * PAGE);
	fm_section_close(section);
}

TEST(protect_reports_each_bad_argument)
{
	fm_section *section = make_memory(16 * PAGE, 0);
	char *view = make_view(section, FM_WRITE, 0, 0), *other = make_view(section, FM_WRITE, 0, 0);
	int local;

	CHECK(other != view);
	CHECK_EQ(protect(view, 16 * PAGE + 1, R), FM_E_CONFLICTING_ADDRESSES);
	CHECK_EQ(protect(view, SIZE_MAX, R), FM_E_CONFLICTING_ADDRESSES);
	CHECK_EQ(protect(view - 1, 2, R), FM_E_CONFLICTING_ADDRESSES);
	CHECK_EQ(protect(&local, 1, R), FM_E_CONFLICTING_ADDRESSES);
	CHECK_EQ(protect(view, 0, R), FM_E_INVALID_PARAMETER);
	CHECK_EQ(protect(view, 1, FM_WRITE | FM_COPY), FM_E_INVALID_PAGE_PROTECTION);
	CHECK_EQ(protect(view, 1, 0x10000), FM_E_INVALID_PAGE_PROTECTION);
	CHECK_EQ(query_of(view).run_size, 16 * PAGE);
	CHECK_EQ(query_of(view).protection, W);
	fm_section_close(section);
}

TEST(protection_is_the_views_own)
{
	fm_section *section = make_memory(PAGE, 0);
	char *one = make_view(section, FM_WRITE, 0, 0), *two = make_view(section, FM_WRITE, 0, 0);

	CHECK_EQ(protect(one, PAGE, FM_NOACCESS), FM_OK);
	CHECK_EQ(touch(one, false), SIGSEGV);
	CHECK_EQ(touch(two, true), 0);
	CHECK_EQ(query_of(two).protection, W);
	fm_section_close(section);
}

TEST(copy_view_tells_written_pages_one_by_one)
{
	fm_section *sections[] = { make_memory(64 * PAGE, 0), make_file_section(make_file("a", 64 * PAGE), 0) };

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		char *view = make_view(sections[i], FM_COPY, 0, 0);
		volatile char sum = 0;

		for (size_t page = 0; page < 64; page++)
			sum = (char)(sum + view[page * PAGE]);
		CHECK_EQ(query_of(view).run_size, 64 * PAGE);
		CHECK_EQ(query_of(view).protection, C);
		view[3 * PAGE] = view[4 * PAGE + 9] = view[40 * PAGE] = 1;
		CHECK_EQ(query_of(view).run_size, 3 * PAGE);
		CHECK_EQ(query_of(view + 3 * PAGE).run_size, 2 * PAGE);
		CHECK_EQ(query_of(view + 3 * PAGE).protection, W);
		CHECK(query_of(view + 3 * PAGE).private_copy);
		CHECK_EQ(query_of(view + 3 * PAGE).map_access, C);
		CHECK_EQ(query_of(view + 5 * PAGE).run_size, 35 * PAGE);
		CHECK(!query_of(view + 5 * PAGE).private_copy);
		CHECK_EQ(query_of(view + 40 * PAGE).run_size, PAGE);
		CHECK_EQ(protect(view + 40 * PAGE, PAGE, C), FM_OK);
		CHECK_EQ(query_of(view + 40 * PAGE).protection, W); /* it is private already */
		fm_section_close(sections[i]);
	}
}

/* How a shared view's memory is reached when its pages shall become private. */
enum { OPEN_HANDLE, CLOSED, UNLINKED, WAYS };

static void prepare(fm_section *section, const char *path, int way)
{
	if (way >= CLOSED)
		fm_section_close(section);
	if (way == UNLINKED && path)
		REQUIRE_EQ(unlink(path), 0);
}

TEST(copy_on_a_shared_view_makes_later_writes_private)
{
	for (int way = 0; way < 2 * WAYS; way++) {
		const char *path = way < WAYS ? make_file("a", 4 * PAGE) : NULL;
		fm_section *section = path ? make_file_section(path, 0) : make_memory(4 * PAGE, 0);
		char *view = make_view(section, FM_WRITE, 0, 0), *other = make_view(section, FM_WRITE, 0, 0);

		view[PAGE] = 10;
		prepare(section, path, way % WAYS);
		CHECK_EQ(protect(view + PAGE, 2 * PAGE, C), FM_OK);
		CHECK_EQ(view[PAGE], 10);
		view[PAGE] = 20;
		view[2 * PAGE] = 21;
		CHECK_EQ(view[PAGE], 20);
		CHECK_EQ(other[PAGE], 10);
		CHECK_EQ(other[2 * PAGE], path ? 3 : 0);
		view[0] = 30;
		view[3 * PAGE] = 31;
		CHECK_EQ(other[0], 30);
		CHECK_EQ(other[3 * PAGE], 31);
		CHECK_EQ(query_of(view + PAGE).protection, W);
		CHECK(query_of(view + PAGE).private_copy);
		CHECK_EQ(fm_view_unmap(view), FM_OK);
		CHECK_EQ(fm_view_unmap(other), FM_OK);
		if (way % WAYS == OPEN_HANDLE)
			fm_section_close(section);
	}
}

TEST(readers_may_write_their_own_copies)
{
	const char *path = make_file("a", PAGE);
	fm_section *section = make_file_section(path, FM_READ);
	char *view = make_view(section, FM_READ, 0, 0);

	CHECK_EQ(protect(view, PAGE, C), FM_OK);
	view[0] = 99;
	CHECK_EQ(byte_of(path, 0), 1);
	CHECK_EQ(protect(view, PAGE, R), FM_OK);
	CHECK_EQ(view[0], 99);
	CHECK_EQ(touch(view, true), SIGSEGV);
	fm_section_close(section);
}

TEST(pages_not_yet_copied_can_be_shared_again)
{
	const char *path = make_file("a", 4 * PAGE);
	fm_section *section = make_file_section(path, 0);
	char *view = make_view(section, FM_WRITE, 0, 0);

	CHECK_EQ(protect(view, 4 * PAGE, C), FM_OK);
	view[PAGE] = 50; /* this page is a copy from now on */
	CHECK_EQ(protect(view, 4 * PAGE, W), FM_OK);
	for (size_t page = 0; page < 4; page++)
		view[page * PAGE + 7] = 60;
	CHECK_EQ(byte_of(path, 7), 60);
	CHECK_EQ(byte_of(path, (off_t)PAGE + 7), 2);
	CHECK_EQ(byte_of(path, (off_t)PAGE * 2 + 7), 60);
	CHECK_EQ(view[PAGE], 50);
	CHECK(query_of(view + PAGE).private_copy);
	CHECK(!query_of(view + 2 * PAGE).private_copy);
	fm_section_close(section);
}

TEST(sharing_again_without_a_way_to_the_memory_fails_and_tells)
{
	fm_section *section = make_memory(2 * PAGE, 0);
	char *view = make_view(section, FM_WRITE, 0, 0);

	CHECK_EQ(protect(view, 2 * PAGE, C), FM_OK);
	fm_section_close(section);
	CHECK_EQ(protect(view, 2 * PAGE, W), FM_E_FILE_INVALID);
	CHECK_EQ(query_of(view).protection, C);
	CHECK_EQ(touch(view, true), 0);
}

TEST(failure_in_the_middle_changes_nothing)
{
	static const uint32_t changes[] = { C, R, FM_NOACCESS };
	const char *path = make_file("a", 6 * PAGE);
	fm_section *section = make_file_section(path, 0);

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		char *view = make_view(section, FM_WRITE, 0, 0);

		CHECK_EQ(protect(view + 2 * PAGE, 2 * PAGE, R), FM_OK);
		fault_arm(changes[i] == C ? "mmap" : "mprotect", 2, FAULT_ONCE, ENOMEM);
		CHECK_EQ(protect(view, 6 * PAGE, changes[i]), FM_E_NO_MEMORY);
		CHECK(fault_disarm());
		CHECK_EQ(query_of(view).protection, W);
		CHECK_EQ(query_of(view).run_size, 2 * PAGE);
		CHECK_EQ(query_of(view + 2 * PAGE).protection, R);
		CHECK_EQ(touch(view + 2 * PAGE, true), SIGSEGV);
		view[0] = view[5 * PAGE] = (char)(70 + i);
		CHECK_EQ(byte_of(path, 0), 70 + (int)i);
		CHECK_EQ(byte_of(path, 5 * (off_t)PAGE), 70 + (int)i);
		CHECK_EQ(fm_view_unmap(view), FM_OK);
	}
	fm_section_close(section);
}

TEST(failure_to_share_again_keeps_the_copies_private)
{
	const char *path = make_file("a", 6 * PAGE);
	fm_section *section = make_file_section(path, 0);
	char *view = make_view(section, FM_WRITE, 0, 0);

	CHECK_EQ(protect(view, 6 * PAGE, C), FM_OK);
	CHECK_EQ(protect(view + 2 * PAGE, PAGE, R), FM_OK);
	fault_arm("mmap", 2, FAULT_ONCE, ENOMEM);
	CHECK_EQ(protect(view, 6 * PAGE, W), FM_E_NO_MEMORY);
	CHECK(fault_disarm());
	CHECK_EQ(query_of(view).protection, C);
	view[0] = view[5 * PAGE] = 99;
	CHECK_EQ(byte_of(path, 0), 1);
	CHECK_EQ(byte_of(path, 5 * (off_t)PAGE), 6);
	CHECK_EQ(touch(view + 2 * PAGE, true), SIGSEGV);
	fm_section_close(section);
}

TEST(failure_on_a_fresh_view_leaves_one_run)
{
	fm_section *section = make_memory(4 * PAGE, 0);
	char *view = make_view(section, FM_WRITE, 0, 0);

	fault_arm("mprotect", 1, FAULT_ONCE, ENOMEM);
	CHECK_EQ(protect(view + PAGE, PAGE, R), FM_E_NO_MEMORY);
	CHECK(fault_disarm());
	CHECK_EQ(query_of(view).run_size, 4 * PAGE);
	CHECK_EQ(protect(view, 4 * PAGE, R), FM_OK);
	CHECK_EQ(query_of(view).run_size, 4 * PAGE);
	fm_section_close(section);
}

TEST(execution_is_a_right_of_its_own)
{
	static const unsigned char code[] = {
#if defined(__x86_64__)
		0xb8, 42, 0, 0, 0, 0xc3 /* mov eax, 42; ret */
#elif defined(__aarch64__)
		0x40, 0x05, 0x80, 0x52, 0xc0, 0x03, 0x5f, 0xd6 /* mov w0, 42; ret */
#endif
	};
	fm_section *section = make_memory(PAGE, FM_READ | FM_WRITE | FM_EXEC);
	char *writer = make_view(section, FM_WRITE, 0, 0), *runner = make_view(section, FM_EXEC, 0, 0);
	int (*run)(void);

	if (sizeof(code) == 1)
		check_skip("no code for this processor");
	memcpy(writer, code, sizeof(code));
	__builtin___clear_cache(writer, writer + sizeof(code));
	memcpy(&run, &runner, sizeof(run));
	CHECK_EQ(run(), 42);
	CHECK_EQ(query_of(runner).protection, X);
	CHECK_EQ(touch(runner, true), SIGSEGV);
	fm_section_close(section);
}
