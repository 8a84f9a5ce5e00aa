/* SPDX-License-Identifier: MIT */
/* Reserved sections: pages exist for everybody once somebody commits them, and for nobody before. */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "fault.h"
#include "make.h"
#include "os.h"
#include "small.h"
#include "view.h"

#define W (FM_READ | FM_WRITE)

static fm_section *reserved(const char *name, uint64_t size)
{
	fm_section_options options = { .name = name, .size = size, .flags = FM_SECTION_RESERVE };

	return make_section(&options);
}

static void need_guard(void)
{
	long fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | 1);

	if (fd < 0)
		check_skip("userfaultfd is refused: %s", strerror(errno));
	close((int)fd);
}

TEST(uncommitted_pages_fault)
{
	need_guard();
	for (int named = 0; named < 2; named++) {
		fm_section *section = reserved(named ? check_name("reserve-fault") : NULL, 8 * PAGE);
		char *view = make_view(section, FM_WRITE, 0, 0), byte;

		CHECK_EQ(touch(view, false), SIGBUS);
		CHECK_EQ(touch(view + PAGE, true), SIGBUS);
		CHECK_EQ(fm_read(&byte, view, 1, NULL), FM_E_ACCESS_VIOLATION);
		CHECK_EQ(fm_view_commit(view + PAGE, PAGE, W), FM_OK);
		CHECK_EQ(touch(view + PAGE, true), 0);
		CHECK_EQ(touch(view, false), SIGBUS);
		CHECK_EQ(touch(view + 2 * PAGE, false), SIGBUS);
		fm_section_close(section);
	}
}

TEST(commit_shows_in_every_view)
{
	fm_section *section = reserved(NULL, 8 * PAGE);
	char *one = make_view(section, FM_WRITE, 0, 0), *two = make_view(section, FM_READ, 2 * PAGE, 3 * PAGE);

	CHECK(!query_of(two).committed);
	CHECK_EQ(query_of(two).protection, 0);
	CHECK_EQ(query_of(two).map_access, FM_READ);
	CHECK_EQ(fm_view_commit(one + 3 * PAGE, PAGE, W), FM_OK);
	one[3 * PAGE] = 5;
	CHECK_EQ(two[PAGE], 5);
	CHECK_EQ(query_of(one).run_size, 3 * PAGE);
	CHECK_EQ(query_of(one + 3 * PAGE).run_size, PAGE);
	CHECK_EQ(query_of(one + 3 * PAGE).protection, W);
	CHECK_EQ(query_of(two + PAGE).protection, FM_READ);
	CHECK(query_of(two + PAGE).committed);
	CHECK(!query_of(two + 2 * PAGE).committed);
	fm_section_close(section);
}

TEST(commit_shows_in_other_processes)
{
	const char *name = check_name("reserve-other");
	fm_section *section = reserved(name, 4 * PAGE);
	char *view = make_view(section, FM_WRITE, 0, 0);
	pid_t child = fork();

	if (child == 0) {
		fm_section *opened;
		char *mine;

		REQUIRE_EQ(fm_section_open(name, FM_WRITE, &opened), FM_OK);
		mine = make_view(opened, FM_WRITE, 0, 0);
		REQUIRE_EQ(fm_view_commit(mine + PAGE, PAGE, W), FM_OK);
		mine[PAGE] = 44;
		_exit(check_failures);
	}
	CHECK_EQ(child_result(child), 0);
	CHECK(query_of(view + PAGE).committed);
	CHECK_EQ(view[PAGE], 44);
	CHECK(!query_of(view).committed);
	fm_section_close(section);
}

TEST(committing_twice_keeps_the_bytes)
{
	fm_section *section = reserved(NULL, 4 * PAGE);
	char *view = make_view(section, FM_WRITE, 0, 0);

	CHECK_EQ(fm_view_commit(view, 2 * PAGE, W), FM_OK);
	view[PAGE] = 9;
	CHECK_EQ(fm_view_commit(view + PAGE, 2 * PAGE, FM_READ), FM_OK);
	CHECK_EQ(view[PAGE], 9);
	CHECK_EQ(view[2 * PAGE], 0);
	CHECK_EQ(query_of(view + PAGE).protection, FM_READ);
	CHECK_EQ(touch(view + PAGE, true), SIGSEGV);
	CHECK_EQ(query_of(view).protection, W);
	fm_section_close(section);
}

TEST(protection_of_a_commit_is_the_views_own)
{
	fm_section *section = reserved(NULL, 4 * PAGE);
	char *one = make_view(section, FM_WRITE, 0, 0), *two = make_view(section, FM_WRITE, 0, 0);

	CHECK_EQ(fm_view_commit(one, PAGE, FM_READ), FM_OK);
	CHECK_EQ(query_of(one).protection, FM_READ);
	CHECK_EQ(query_of(two).protection, W);
	CHECK_EQ(touch(one, true), SIGSEGV);
	CHECK_EQ(touch(two, true), 0);
	fm_section_close(section);
}

TEST(views_commit_after_the_last_handle)
{
	for (int named = 0; named < 2; named++) {
		fm_section *section = reserved(named ? check_name("reserve-closed") : NULL, 4 * PAGE);
		char *view = make_view(section, FM_WRITE, 0, 0);

		fm_section_close(section);
		CHECK_EQ(fm_view_commit(view + PAGE, PAGE, W), FM_OK);
		CHECK_EQ(touch(view + PAGE, true), 0);
		CHECK_EQ(fm_view_unmap(view), FM_OK);
	}
}

TEST(name_dies_with_the_last_handle_although_a_view_lives)
{
	const char *name = check_name("reserve-dies");
	fm_section *section = reserved(name, 4 * PAGE), *again = NULL;
	char *view = make_view(section, FM_WRITE, 0, 0);

	fm_section_close(section);
	CHECK_EQ(fm_section_open(name, FM_READ, &again), FM_E_NAME_NOT_FOUND);
	CHECK_EQ(fm_view_commit(view, PAGE, W), FM_OK);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
}

TEST(memory_goes_with_the_last_view)
{
	struct fault_world before;

	for (int named = 0; named < 2; named++) {
		for (int warm = 0; warm < 2; warm++) {
			fm_section *section = reserved(named ? check_name("reserve-goes") : NULL, 4 * PAGE);
			char *view = make_view(section, FM_WRITE, 0, 0), *other = make_view(section, FM_WRITE, 0, 0);

			fm_section_close(section);
			CHECK_EQ(fm_view_unmap(view), FM_OK);
			CHECK_EQ(fm_view_commit(other, PAGE, W), FM_OK);
			CHECK_EQ(fm_view_unmap(other), FM_OK);
			for (int i = 0; warm == 0 && i < 10; i++)
				warm_up(); /* whatever may linger from the first round goes */
			if (warm == 0)
				before = fault_world();
		}
		CHECK_EQ(fault_world().descriptors, before.descriptors);
	}
}

TEST(commit_reports_each_bad_argument)
{
	fm_section *section = reserved(NULL, 4 * PAGE), *reader, *file = make_file_section(make_file("a", PAGE), 0);
	char *view = make_view(section, FM_WRITE, 0, 0), *of_file = make_view(file, FM_WRITE, 0, 0), *read_only;

	REQUIRE_EQ(fm_section_duplicate(section, FM_READ, &reader), FM_OK);
	read_only = make_view(reader, FM_READ, 0, 0);
	CHECK_EQ(fm_view_commit(view, 5 * PAGE, W), FM_E_CONFLICTING_ADDRESSES);
	CHECK_EQ(fm_view_commit(&view, 1, W), FM_E_CONFLICTING_ADDRESSES);
	CHECK_EQ(fm_view_commit(view, 0, W), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_view_commit(view, PAGE, FM_WRITE | FM_COPY), FM_E_INVALID_PAGE_PROTECTION);
	CHECK_EQ(fm_view_commit(view, PAGE, FM_EXEC), FM_E_SECTION_PROTECTION);
	CHECK_EQ(fm_view_commit(of_file, PAGE, W), FM_E_ALREADY_COMMITTED);
	CHECK_EQ(fm_view_commit(read_only, PAGE, FM_READ), FM_E_ACCESS_DENIED);
	CHECK_EQ(fm_view_protect(view, PAGE, FM_READ, NULL), FM_E_NOT_COMMITTED);
	CHECK_EQ(fm_section_extend(section, 8 * PAGE), FM_E_SECTION_NOT_EXTENDED);
	for (size_t page = 0; page < 4; page++)
		CHECK(!query_of(view + page * PAGE).committed);
	CHECK_EQ(fm_view_commit(view, PAGE, W), FM_OK);
	CHECK_EQ(fm_view_protect(view, 2 * PAGE, FM_READ, NULL), FM_E_NOT_COMMITTED);
	CHECK_EQ(query_of(view).protection, W);
	fm_section_close(section);
	fm_section_close(reader);
	fm_section_close(file);
}

TEST(memory_that_is_not_reserved_takes_a_commit_as_protection)
{
	fm_section *section = make_memory(2 * PAGE, 0);
	char *view = make_view(section, FM_WRITE, 0, 0);

	CHECK_EQ(fm_view_commit(view, PAGE, FM_READ), FM_OK);
	CHECK_EQ(query_of(view).protection, FM_READ);
	CHECK(query_of(view).committed);
	fm_section_close(section);
}

TEST(large_reservation_costs_nothing)
{
	fm_section *section = reserved(NULL, (uint64_t)1 << 40);
	char *view = make_view(section, FM_WRITE, (uint64_t)1 << 39, 1 << 20);

	CHECK_EQ(fm_view_commit(view, PAGE, W), FM_OK);
	view[0] = 1;
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	fm_section_close(section);
}

static void commit_until_full(const char *path)
{
	fm_section *section;
	char *view;

	REQUIRE_EQ(setenv("FILEMAP_ROOT", path, 1), 0);
	section = reserved("full", 256 * PAGE);
	view = make_view(section, FM_WRITE, 0, 0);
	CHECK_EQ(fm_view_commit(view, 8 * PAGE, W), FM_OK);
	view[0] = 6;
	CHECK_EQ(fm_view_commit(view, 256 * PAGE, W), FM_E_COMMITMENT_LIMIT);
	CHECK(query_of(view).committed);
	CHECK_EQ(query_of(view).run_size, 8 * PAGE);
	CHECK_EQ(view[0], 6);
	CHECK_EQ(fm_view_commit(view + 9 * PAGE, PAGE, W), FM_OK);
	CHECK_EQ(touch(view + 9 * PAGE, true), 0);
	fm_section_close(section);
}

TEST(full_memory_refuses_the_commit)
{
	with_small_tmpfs("512k", commit_until_full);
}

TEST(refused_commit_leaves_the_file_as_long_as_it_was)
{
	fm_section *section = make_file_section(make_file("a", PAGE), FM_READ | FM_WRITE);
	struct map_request request = { .protection = FM_READ, .flags = MAP_REQUEST_GROWABLE, .length = 4 * PAGE };
	fm_section_info info;
	struct stat st;
	void *view;

	REQUIRE_EQ(view_map(section, &request, &view, NULL), FM_OK);
	CHECK_EQ(fm_view_commit((char *)view + 2 * PAGE, PAGE, W), FM_E_SECTION_PROTECTION);
	REQUIRE_EQ(fstat(fm_section_number(section), &st), 0);
	CHECK_EQ(st.st_size, PAGE);
	CHECK_EQ(fm_section_query(section, &info), FM_OK);
	CHECK_EQ(info.size, PAGE);
}

TEST(growable_view_has_at_least_a_byte)
{
	fm_section *section = make_file_section(make_file("a", PAGE), FM_READ | FM_WRITE);
	struct map_request request = { .protection = W, .flags = MAP_REQUEST_GROWABLE, .offset = PAGE };
	void *view;

	CHECK_EQ(view_map(section, &request, &view, NULL), FM_E_INVALID_VIEW_SIZE);
}

TEST(file_under_the_number_of_a_closed_descriptor_is_let_alone)
{
	fm_section *section = reserved(NULL, 8 * PAGE);
	char *view = make_view(section, FM_WRITE, 0, 0);
	int number = fm_section_number(section), file;
	struct stat st;

	fm_section_close(section);
	REQUIRE_EQ(close(number), 0); /* as programs do that close all before they begin */
	file = open(make_file("a", PAGE), O_RDWR);
	REQUIRE_EQ(file, number);
	CHECK_EQ(fm_view_commit(view, PAGE, W), FM_E_FILE_INVALID);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	REQUIRE_EQ(fstat(file, &st), 0); /* still open */
	CHECK_EQ(st.st_size, PAGE);
}

/* The first one, by what the kernel calls it; -1: there is none. */
static int find_userfaultfd(void)
{
	char link[64], text[64];

	for (int fd = 3; fd < 256; fd++) {
		ssize_t length;

		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		length = readlink(link, text, sizeof(text) - 1);
		text[length < 0 ? 0 : length] = 0;
		if (strcmp(text, "anon_inode:[userfaultfd]") == 0)
			return fd;
	}
	return -1;
}

/* In a forked child: @number's inode before, and after the first view of a reserved section there. */
static void check_child(int number, bool closed_by_program)
{
	struct stat before, after;

	if (closed_by_program)
		REQUIRE_EQ(dup2(open(make_file("other", PAGE), O_RDWR | O_CLOEXEC), number), number);
	REQUIRE_EQ(fstat(number, &before), 0);
	CHECK_EQ(touch(make_view(reserved(NULL, 8 * PAGE), FM_WRITE, 0, 0), false), SIGBUS);
	if (closed_by_program) {
		REQUIRE_EQ(fstat(number, &after), 0);
		CHECK_EQ(after.st_ino, before.st_ino);
	} else {
		CHECK_EQ(find_userfaultfd() >= 0, true);
		CHECK(fstat(number, &after) < 0 || after.st_ino != before.st_ino);
	}
	fflush(NULL);
	_exit(check_failures != 0);
}

TEST(a_child_closes_its_parents_userfaultfd_and_nothing_else)
{
	struct stat file, other_file;
	char *view;
	int number;

	need_guard();
	view = make_view(reserved(NULL, 8 * PAGE), FM_WRITE, 0, 0);
	number = find_userfaultfd();
	REQUIRE_EQ(fstat((int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | 1), &other_file), 0);
	REQUIRE_EQ(fstat(number, &file), 0);
	if (file.st_ino == other_file.st_ino)
		check_skip("before Linux 5.12 all userfaultfd have one inode");
	for (int other = 0; other < 2; other++) {
		pid_t child = fork();

		if (child == 0)
			check_child(number, other);
		CHECK_EQ(child_result(child), 0);
		CHECK_EQ(touch(view, false), SIGBUS); /* the parent's still guards */
	}
}

static ssize_t copy_nothing(pid_t pid, const struct iovec *local, const struct iovec *remote)
{
	(void)pid, (void)local, (void)remote;
	return 0;
}

/* The commit map of a named section is copied by the kernel, since others may cut its file. */
TEST(a_commit_map_that_cannot_be_copied_commits_nothing)
{
	static const struct {
		const char *call;
		int error;
		fm_status status;
	} cases[] = {
		{ "process_vm_writev", EPERM, FM_E_ACCESS_DENIED },
		{ "process_vm_writev", EFAULT, FM_E_IN_PAGE_ERROR },
		{ "process_vm_writev", EINTR, FM_OK },
		{ "process_vm_readv", EINTR, FM_OK },
	};
	fm_section *section = reserved(check_name("reserve-map"), 8 * PAGE);
	char *view = make_view(section, FM_WRITE, 0, 0);
	ssize_t (*real)(pid_t, const struct iovec *, const struct iovec *);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s %d", cases[i].call, cases[i].error);
		fault_arm(cases[i].call, 1, FAULT_ONCE, cases[i].error);
		CHECK_EQ(fm_view_commit(view + i * PAGE, PAGE, W), cases[i].status);
		CHECK(fault_disarm());
		CHECK_EQ(query_of(view + i * PAGE).committed, cases[i].status == FM_OK);
	}
	real = os.process_vm_writev;
	os.process_vm_writev = copy_nothing;
	CHECK_EQ(fm_view_commit(view + 7 * PAGE, PAGE, W), FM_E_IN_PAGE_ERROR);
	os.process_vm_writev = real;
	CHECK_EQ(fm_view_commit(view + 7 * PAGE, PAGE, W), FM_OK);
	fm_section_close(section);
}
