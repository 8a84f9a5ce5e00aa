/* SPDX-License-Identifier: MIT */
/* Contracts of the section calls, one process. */
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filemap.h>

#include "check.h"
#include "fault.h"

static fm_section *memory(uint64_t size)
{
	fm_section_options options = { .size = size };
	fm_section *section = NULL;

	REQUIRE_EQ(fm_section_create(&options, &section), FM_OK);
	return section;
}

static const char *file_of(const char *name, size_t size)
{
	static char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", check_directory(), name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	REQUIRE(fd >= 0);
	for (size_t i = 0; i < size; i += 4096) {
		char page[4096];
		size_t part = size - i < sizeof(page) ? size - i : sizeof(page);

		memset(page, (int)(i / 4096 + 1), sizeof(page));
		REQUIRE_EQ(write(fd, page, part), (ssize_t)part);
	}
	close(fd);
	return path;
}

static fm_section *file_section(const char *path, uint64_t size, uint32_t access)
{
	fm_section_options options = { .path = path, .size = size, .access = access };
	fm_section *section = NULL;

	REQUIRE_EQ(fm_section_create(&options, &section), FM_OK);
	return section;
}

static uint64_t size_of(const fm_section *section)
{
	fm_section_info info;

	REQUIRE_EQ(fm_section_query(section, &info), FM_OK);
	return info.size;
}

/* What the library maps and opens once in a process. */
static void warm_up(void)
{
	fm_section_close(memory(1));
}

TEST(memory_is_rounded_to_pages_and_zero)
{
	fm_section *section = memory(4090);
	char *view;

	CHECK_EQ(size_of(section), 4096);
	REQUIRE_EQ(fm_view_map(section, FM_WRITE, 0, 0, (void **)&view), FM_OK);
	for (int i = 0; i < 4096; i++)
		CHECK_EQ(view[i], 0);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	fm_section_close(section);
}

TEST(file_size_is_exact)
{
	fm_section *section = file_section(file_of("a", 5000), 0, FM_READ);

	CHECK_EQ(size_of(section), 5000);
	fm_section_close(section);
}

TEST(writable_section_extends_its_file)
{
	const char *path = file_of("a", 10);
	fm_section *section = file_section(path, 10000, 0);
	struct stat st;

	REQUIRE_EQ(stat(path, &st), 0);
	CHECK_EQ(st.st_size, 10000);
	CHECK(st.st_blocks * 512 >= 10000);
	fm_section_close(section);
}

TEST(create_reports_each_bad_argument)
{
	const char *path = file_of("a", 5000), *empty = strdup(path);
	char directory[512];
	int out = open(path, O_WRONLY | O_CLOEXEC), in = open(path, O_RDONLY | O_CLOEXEC), pipes[2];

	snprintf(directory, sizeof(directory), "%s", check_directory());
	REQUIRE_EQ(pipe2(pipes, O_CLOEXEC), 0);
	path = empty;
	warm_up();
	const struct {
		fm_section_options options;
		fm_status status;
	} cases[] = {
		{ { .size = 0 }, FM_E_INVALID_PARAMETER },
		{ { .size = 1, .flags = 0x80 }, FM_E_INVALID_PARAMETER },
		{ { .size = 1, .access = 0x100 }, FM_E_INVALID_PAGE_PROTECTION },
		{ { .size = 1, .mode = 01000 }, FM_E_INVALID_PARAMETER },
		{ { .size = UINT64_MAX }, FM_E_SECTION_TOO_BIG },
		{ { .size = (uint64_t)1 << 62 }, FM_E_SECTION_TOO_BIG },
		{ { .size = (uint64_t)1 << 46 }, FM_E_COMMITMENT_LIMIT },
		{ { .path = path, .use_fd = true }, FM_E_INVALID_PARAMETER },
		{ { .path = directory }, FM_E_FILE_IS_A_DIRECTORY },
		{ { .path = "/nowhere/at/all" }, FM_E_NAME_NOT_FOUND },
		{ { .path = "/dev/null" }, FM_E_INVALID_FILE_FOR_SECTION },
		{ { .path = path, .size = 5001, .access = FM_READ }, FM_E_SECTION_TOO_BIG },
		{ { .use_fd = true, .fd = -1 }, FM_E_INVALID_HANDLE },
		{ { .use_fd = true, .fd = 9999 }, FM_E_INVALID_HANDLE },
		{ { .use_fd = true, .fd = pipes[0] }, FM_E_INVALID_FILE_FOR_SECTION },
		{ { .use_fd = true, .fd = out }, FM_E_ACCESS_DENIED },
		{ { .use_fd = true, .fd = in }, FM_E_ACCESS_DENIED },
		{ { .size = 1, .reserved = { 0, 1 } }, FM_E_INVALID_PARAMETER },
	};
	struct fault_world before = fault_world();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fm_section *section = NULL;
		fm_status status = fm_section_create(&cases[i].options, &section);

		if (status != cases[i].status)
			check_failed(__FILE__, __LINE__, "case %zu: %s, expected %s", i, fm_status_name(status),
				     fm_status_name(cases[i].status));
		CHECK(section == NULL);
	}
	CHECK_SAME_WORLD(before);
}

TEST(empty_file_has_no_whole)
{
	fm_section_options options = { .path = file_of("empty", 0) };
	fm_section *section = NULL;

	CHECK_EQ(fm_section_create(&options, &section), FM_E_MAPPED_FILE_SIZE_ZERO);
	options.size = 100;
	REQUIRE_EQ(fm_section_create(&options, &section), FM_OK);
	CHECK_EQ(size_of(section), 100);
	fm_section_close(section);
}

TEST(extend_keeps_views_and_shows_in_new_ones)
{
	const char *path = file_of("a", 4096);
	fm_section *sections[] = { memory(4096), file_section(path, 0, 0) };

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		char *small, *large;

		REQUIRE_EQ(fm_view_map(sections[i], FM_WRITE, 0, 0, (void **)&small), FM_OK);
		CHECK_EQ(fm_section_extend(sections[i], 1 << 20), FM_OK);
		CHECK_EQ(size_of(sections[i]), 1 << 20);
		REQUIRE_EQ(fm_view_map(sections[i], FM_WRITE, 0, 0, (void **)&large), FM_OK);
		small[5] = 77;
		CHECK_EQ(large[5], 77);
		large[(1 << 20) - 1] = 1;
		CHECK_EQ(fm_section_extend(sections[i], 100), FM_OK);
		CHECK_EQ(size_of(sections[i]), 1 << 20);
		CHECK_EQ(fm_view_unmap(small), FM_OK);
		CHECK_EQ(fm_view_unmap(large), FM_OK);
		fm_section_close(sections[i]);
	}
}

TEST(extend_needs_its_right)
{
	fm_section *section = file_section(file_of("a", 4096), 0, FM_READ);

	CHECK_EQ(fm_section_extend(section, 8192), FM_E_ACCESS_DENIED);
	fm_section_close(section);
}

TEST(duplicate_narrows_and_never_widens)
{
	fm_section *whole = memory(4096), *reader = NULL, *again = NULL;
	void *view = NULL;

	REQUIRE_EQ(fm_section_duplicate(whole, FM_READ, &reader), FM_OK);
	CHECK_EQ(fm_view_map(reader, FM_WRITE, 0, 0, &view), FM_E_ACCESS_DENIED);
	CHECK_EQ(fm_section_duplicate(reader, FM_WRITE, &again), FM_E_ACCESS_DENIED);
	CHECK(again == NULL);
	fm_section_close(whole);
	REQUIRE_EQ(fm_view_map(reader, FM_READ, 0, 0, &view), FM_OK);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	fm_section_close(reader);
}

TEST(not_even_mprotect_writes_through_a_reader)
{
	const char *name = check_name("sections-reader");
	fm_section_options options = { .name = name, .size = 4096 };
	fm_section *named, *opened, *reader, *plain = memory(4096);
	fm_section *file = file_section(file_of("a", 4096), 0, FM_READ);
	void *view;

	REQUIRE_EQ(fm_section_create(&options, &named), FM_OK);
	REQUIRE_EQ(fm_section_open(name, FM_READ, &opened), FM_OK);
	REQUIRE_EQ(fm_section_duplicate(plain, FM_READ, &reader), FM_OK);
	fm_section *readers[] = { opened, reader, file };
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++) {
		REQUIRE_EQ(fm_view_map(readers[i], FM_READ, 0, 0, &view), FM_OK);
		CHECK(mprotect(view, 4096, PROT_READ | PROT_WRITE) < 0);
		CHECK_EQ(fm_view_unmap(view), FM_OK);
		fm_section_close(readers[i]);
	}
	fm_section_close(named);
	fm_section_close(plain);
}

TEST(name_tells_who_made_it)
{
	const char *name = check_name("sections-made");
	fm_section_options options = { .name = name, .size = 4096 }, other = { .name = name, .size = 99999 };
	fm_section *first, *second, *third = NULL;

	REQUIRE_EQ(fm_section_create(&options, &first), FM_OK);
	REQUIRE_EQ(fm_section_create(&other, &second), FM_NAME_EXISTS);
	CHECK_EQ(size_of(second), 4096);
	CHECK_EQ(fm_section_create_new(&options, &third), FM_E_NAME_COLLISION);
	fm_section_close(first);
	fm_section_close(second);
	CHECK_EQ(fm_section_open(name, FM_READ, &third), FM_E_NAME_NOT_FOUND);
	CHECK(third == NULL);
}

TEST(name_dies_with_the_last_handle_although_a_view_lives)
{
	const char *name = check_name("sections-dies");
	fm_section_options options = { .name = name, .size = 4096 };
	fm_section *first, *second;
	char *old, *new;

	REQUIRE_EQ(fm_section_create(&options, &first), FM_OK);
	REQUIRE_EQ(fm_view_map(first, FM_WRITE, 0, 0, (void **)&old), FM_OK);
	old[0] = 1;
	fm_section_close(first);
	REQUIRE_EQ(fm_section_create(&options, &second), FM_OK);
	REQUIRE_EQ(fm_view_map(second, FM_WRITE, 0, 0, (void **)&new), FM_OK);
	CHECK_EQ(new[0], 0);
	CHECK_EQ(old[0], 1);
	CHECK_EQ(fm_view_unmap(old), FM_OK);
	CHECK_EQ(fm_view_unmap(new), FM_OK);
	fm_section_close(second);
}

TEST(named_file_section_is_opened_by_name)
{
	const char *path = file_of("a", 5000), *name = check_name("sections-file");
	fm_section_options options = { .name = name, .path = path };
	fm_section *first, *second;
	char *view;

	REQUIRE_EQ(fm_section_create(&options, &first), FM_OK);
	REQUIRE_EQ(fm_section_open(name, FM_WRITE, &second), FM_OK);
	CHECK_EQ(size_of(second), 5000);
	REQUIRE_EQ(fm_view_map(second, FM_WRITE, 4096, 4, (void **)&view), FM_OK);
	CHECK_EQ(view[0], 2);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	CHECK_EQ(fm_section_extend(first, 9000), FM_OK);
	CHECK_EQ(size_of(second), 9000);
	fm_section_close(first);
	fm_section_close(second);
}

TEST(duplicate_of_a_named_file_section_extends_it)
{
	fm_section_options options = { .name = check_name("sections-grow"), .path = file_of("a", 4096),
				       .access = FM_READ | FM_WRITE | FM_EXEC };
	fm_section *section = NULL, *copy = NULL;

	REQUIRE_EQ(fm_section_create(&options, &section), FM_OK);
	REQUIRE_EQ(fm_section_duplicate(section, FM_READ | FM_WRITE, &copy), FM_OK);
	CHECK_EQ(fm_section_extend(copy, 9000), FM_OK);
	CHECK_EQ(size_of(section), 9000);
	fm_section_close(copy);
	fm_section_close(section);
}

TEST(existing_name_leaves_the_file_alone)
{
	const char *name = check_name("sections-alone");
	fm_section_options options = { .name = name, .size = 4096 };
	fm_section_options file = { .name = name, .path = file_of("a", 10), .size = 10000 };
	fm_section *first, *second;
	struct stat st;

	REQUIRE_EQ(fm_section_create(&options, &first), FM_OK);
	REQUIRE_EQ(fm_section_create(&file, &second), FM_NAME_EXISTS);
	REQUIRE_EQ(stat(file.path, &st), 0);
	CHECK_EQ(st.st_size, 10);
	fm_section_close(first);
	fm_section_close(second);
}

TEST(section_travels_over_a_socket)
{
	const char *name = check_name("sections-travel");
	fm_section_options options = { .name = name, .size = 4096 };
	fm_section_options filed = { .name = check_name("sections-travel-file"), .path = file_of("b", 4096) };
	fm_section *sections[4] = { memory(4096), file_section(file_of("a", 4096), 0, 0) };
	int pair[2];

	REQUIRE_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	REQUIRE_EQ(fm_section_create(&options, &sections[2]), FM_OK);
	filed.path = file_of("b", 4096);
	REQUIRE_EQ(fm_section_create(&filed, &sections[3]), FM_OK);
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		fm_section *got = NULL;
		char *here, *there;
		void *refused = NULL;

		CHECK_EQ(fm_section_send(sections[i], pair[0], 0), FM_OK);
		REQUIRE_EQ(fm_section_receive(pair[1], &got), FM_OK);
		REQUIRE_EQ(fm_view_map(sections[i], FM_WRITE, 0, 0, (void **)&here), FM_OK);
		REQUIRE_EQ(fm_view_map(got, FM_WRITE, 0, 0, (void **)&there), FM_OK);
		here[9] = 42;
		CHECK_EQ(there[9], 42);
		CHECK_EQ(fm_view_unmap(here), FM_OK);
		CHECK_EQ(fm_view_unmap(there), FM_OK);
		fm_section_close(got);
		CHECK_EQ(fm_section_send(sections[i], pair[0], FM_READ), FM_OK);
		REQUIRE_EQ(fm_section_receive(pair[1], &got), FM_OK);
		CHECK_EQ(fm_view_map(got, FM_WRITE, 0, 0, &refused), FM_E_ACCESS_DENIED);
		fm_section_close(got);
		fm_section_close(sections[i]);
	}
}

TEST(receive_refuses_what_is_no_section)
{
	int pair[2];
	fm_section *got = NULL;
	struct fault_world before;

	REQUIRE_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
	warm_up();
	before = fault_world();
	CHECK_EQ(fm_section_receive(pair[1], &got), FM_E_TIMEOUT);
	REQUIRE_EQ(write(pair[0], "hello", 5), 5);
	CHECK_EQ(fm_section_receive(pair[1], &got), FM_E_OBJECT_CORRUPT);
	CHECK_SAME_WORLD(before);
	close(pair[0]);
	CHECK_EQ(fm_section_receive(pair[1], &got), FM_E_END_OF_FILE);
	CHECK(got == NULL);
}

/* Run by itself after exec: argument 2 is the number, the byte at 7 must be 99. */
static int adopt_after_exec(const char *number)
{
	fm_section *section = NULL;
	char *view;

	if (fm_section_adopt(atoi(number), &section) != FM_OK ||
	    fm_view_map(section, FM_WRITE, 0, 0, (void **)&view) != FM_OK || view[7] != 99)
		return 1;
	view[8] = 98;
	return 0;
}

__attribute__((constructor)) static void after_exec(void)
{
	const char *number = getenv("FILEMAP_TEST_ADOPT");

	if (number)
		_exit(adopt_after_exec(number));
}

static void exec_with(fm_section *section)
{
	int status = -1;
	pid_t child;
	char *view;

	REQUIRE_EQ(fm_section_set_inheritable(section, true), FM_OK);
	REQUIRE_EQ(fm_view_map(section, FM_WRITE, 0, 0, (void **)&view), FM_OK);
	view[7] = 99;
	child = fork();
	if (child == 0) {
		char number[16];

		snprintf(number, sizeof(number), "%d", fm_section_number(section));
		setenv("FILEMAP_TEST_ADOPT", number, 1);
		execl(check_program(), "adopt", (char *)NULL);
		_exit(127);
	}
	REQUIRE_EQ(waitpid(child, &status, 0), child);
	CHECK_EQ(status, 0);
	CHECK_EQ(view[8], 98);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	fm_section_close(section);
}

TEST(number_survives_exec_when_inheritable)
{
	fm_section_options named = { .name = check_name("sections-exec"), .size = 4096 };
	fm_section_options filed = { .name = check_name("sections-exec-file"), .path = file_of("b", 4096) };
	fm_section *section;

	exec_with(memory(4096));
	exec_with(file_section(file_of("a", 4096), 0, 0));
	REQUIRE_EQ(fm_section_create(&named, &section), FM_OK);
	exec_with(section);
	filed.path = file_of("b", 4096);
	REQUIRE_EQ(fm_section_create(&filed, &section), FM_OK);
	exec_with(section);
}

TEST(adopt_refuses_other_descriptors)
{
	const char *path = file_of("a", 70000);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	fm_section *section = NULL;

	CHECK_EQ(fm_section_adopt(-1, &section), FM_E_INVALID_HANDLE);
	CHECK_EQ(fm_section_adopt(9999, &section), FM_E_INVALID_HANDLE);
	CHECK_EQ(fm_section_adopt(fd, &section), FM_E_OBJECT_TYPE_MISMATCH);
	CHECK(section == NULL);
	CHECK_EQ(close(fd), 0);
}

/* There the views of a file keep the descriptor that marks it as mapped. */
static bool on_overlayfs(const char *path)
{
	struct statfs st;

	return statfs(path, &st) == 0 && st.f_type == OVERLAYFS_SUPER_MAGIC;
}

TEST(view_holds_no_descriptor_and_a_section_at_most_two)
{
	fm_section_options named = { .name = check_name("sections-two"), .size = 1 << 16 };
	struct fault_world before;
	fm_section *sections[3];
	void *views[3][50];

	fm_section_close(memory(1)); /* what the library opens once */
	REQUIRE_EQ(fm_section_create(&named, &sections[0]), FM_OK);
	fm_section_close(sections[0]);
	before = fault_world();
	sections[0] = memory(1 << 16);
	sections[1] = file_section(file_of("a", 1 << 16), 0, 0);
	REQUIRE_EQ(fm_section_create(&named, &sections[2]), FM_OK);
	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < 50; j++)
			REQUIRE_EQ(fm_view_map(sections[i], FM_WRITE, 0, 0, &views[i][j]), FM_OK);
	CHECK(fault_world().descriptors - before.descriptors <= 6);
	for (size_t i = 0; i < 3; i++)
		fm_section_close(sections[i]);
	CHECK_EQ(fault_world().descriptors, before.descriptors + (on_overlayfs(check_directory()) ? 1 : 0));
	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < 50; j++)
			CHECK_EQ(fm_view_unmap(views[i][j]), FM_OK);
	CHECK_EQ(fault_world().descriptors, before.descriptors);
}
