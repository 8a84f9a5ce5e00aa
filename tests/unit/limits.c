/* SPDX-License-Identifier: MIT */
/* What happens at the limits: of a process, of the system, of a file system. */
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/statfs.h>

#include "fault.h"
#include "os.h"
#include "small.h"

static void limit(int resource, uint64_t value)
{
	struct rlimit now;

	REQUIRE_EQ(getrlimit((__rlimit_resource_t)resource, &now), 0);
	now.rlim_cur = value;
	REQUIRE_EQ(setrlimit((__rlimit_resource_t)resource, &now), 0);
}

static fm_status create(const fm_section_options *options)
{
	fm_section *section = NULL;
	fm_status status = fm_section_create(options, &section);

	CHECK_EQ(section != NULL, status >= 0);
	fm_section_close(section);
	return status;
}

static off_t size_of(const char *path)
{
	struct stat st;

	REQUIRE_EQ(stat(path, &st), 0);
	return st.st_size;
}

/* SIGXFSZ would end the test. */
TEST(file_size_limit_is_an_error)
{
	fm_section_options memory = { .size = 1 << 20 }, file = { .size = 1 << 20, .path = make_file("a", 100) };
	fm_section_options named = { .size = 1 << 20, .name = check_name("limits-fsize") };
	fm_section *section = make_file_section(file.path, 0);
	struct fault_world before;

	warm_up();
	before = fault_world();
	limit(RLIMIT_FSIZE, 1 << 19);
	CHECK_EQ(create(&memory), FM_E_FILE_TOO_LARGE);
	CHECK_EQ(create(&file), FM_E_FILE_TOO_LARGE);
	CHECK_EQ(create(&named), FM_E_FILE_TOO_LARGE);
	CHECK_EQ(fm_section_extend(section, 1 << 20), FM_E_FILE_TOO_LARGE);
	CHECK_SAME_WORLD(before);
	CHECK_EQ(size_of(file.path), 100);
	CHECK_EQ(fm_section_extend(section, 1 << 18), FM_OK);
	CHECK_EQ(size_of(file.path), 1 << 18);
	fm_section_close(section);
}

TEST(without_descriptors_views_go_on)
{
	fm_section_options memory = { .size = PAGE }, file = { .path = make_file("a", PAGE) };
	fm_section_options named = { .size = PAGE, .name = check_name("limits-nofile") };
	fm_section *section = make_memory(PAGE, 0), *copy = NULL;
	char *view;

	warm_up();
	limit(RLIMIT_NOFILE, 3); /* those of every process: all taken */
	CHECK_EQ(create(&memory), FM_E_TOO_MANY_OPENED_FILES);
	CHECK_EQ(create(&file), FM_E_TOO_MANY_OPENED_FILES);
	CHECK_EQ(create(&named), FM_E_TOO_MANY_OPENED_FILES);
	CHECK_EQ(fm_section_duplicate(section, 0, &copy), FM_E_TOO_MANY_OPENED_FILES);
	CHECK(copy == NULL);
	view = make_view(section, FM_WRITE, 0, 0);
	view[0] = 1;
	CHECK_EQ(fm_view_protect(view, PAGE, FM_READ, NULL), FM_OK);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	limit(RLIMIT_NOFILE, 100);
	CHECK_EQ(create(&named), FM_OK);
	fm_section_close(section);
}

TEST(address_space_limit_is_an_error)
{
	fm_section_options options = { .size = (uint64_t)1 << 34, .flags = FM_SECTION_LAZY };
	fm_section *section;
	void *view = NULL;
	char *small;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	check_skip("a sanitizer's own address space is beyond any limit");
#endif
	section = make_section(&options);
	warm_up();
	limit(RLIMIT_AS, (uint64_t)1 << 32);
	CHECK_EQ(fm_view_map(section, FM_READ, 0, 0, &view), FM_E_NO_MEMORY);
	CHECK(view == NULL);
	small = make_view(section, FM_WRITE, PAGE, 10 * PAGE);
	small[0] = 1;
	CHECK_EQ(fm_view_unmap(small), FM_OK);
	fm_section_close(section);
}

enum { VIEWS_MAX = 200000 };
static char *views[VIEWS_MAX];

static size_t map_until_it_fails(fm_section *section)
{
	size_t count = 0;
	fm_status status = FM_OK;

	while (count < VIEWS_MAX) {
		status = fm_view_map(section, FM_WRITE, 0, 0, (void **)&views[count]);
		if (status != FM_OK)
			break;
		count++;
	}
	CHECK_EQ(status, FM_E_NO_MEMORY);
	return count;
}

TEST(every_view_ends_after_the_last_mapping_was_had)
{
	fm_section *section = make_memory(3 * PAGE, 0);
	FILE *file = fopen("/proc/sys/vm/max_map_count", "re");
	long most = 0;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	check_skip("a sanitizer needs mappings itself");
#endif
	if (!file || fscanf(file, "%ld", &most) != 1 || most > VIEWS_MAX)
		check_skip("vm.max_map_count is %ld: too many views for a test", most);
	fclose(file);
	for (int round = 0; round < 2; round++) {
		size_t count = map_until_it_fails(section);

		REQUIRE(count > (size_t)most / 2);
		CHECK_EQ(fm_view_protect(views[0] + PAGE, PAGE, FM_READ, NULL), FM_E_NO_MEMORY); /* cannot be split */
		CHECK_EQ(query_of(views[0]).run_size, 3 * PAGE);
		views[count - 1][PAGE] = 1;
		CHECK_EQ(views[count / 2][PAGE], 1);
		for (size_t i = 0; i < count; i++)
			REQUIRE_EQ(fm_view_unmap(views[i] + i % PAGE), FM_OK);
	}
	fm_section_close(section);
}

static uint64_t room_of(const char *path)
{
	struct statfs st;

	REQUIRE_EQ(statfs(path, &st), 0);
	return st.f_bfree;
}

static void fill_disk(const char *path)
{
	char text[600];
	fm_section_options options = { .path = text, .size = 8 << 20 };
	fm_section *section;
	uint64_t room;
	int fd;

	(void)snprintf(text, sizeof(text), "%s/file", path);
	fd = open(text, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	REQUIRE_EQ(write(fd, "hello", 5), 5);
	room = room_of(path);
	CHECK_EQ(create(&options), FM_E_DISK_FULL);
	CHECK_EQ(size_of(text), 5);
	CHECK_EQ(room_of(path), room);
	section = make_file_section(text, 0);
	CHECK_EQ(fm_section_extend(section, 8 << 20), FM_E_DISK_FULL);
	CHECK_EQ(size_of(text), 5);
	CHECK_EQ(room_of(path), room);
	CHECK_EQ(fm_section_extend(section, 1 << 18), FM_OK);
	fm_section_close(section);
	close(fd);
}

TEST(full_disk_leaves_the_file_as_it_was)
{
	with_small_tmpfs("1m", fill_disk);
}

static void fill_namespace(const char *path)
{
	fm_section_options large = { .name = "large", .size = 8 << 20 }, small = { .name = "small", .size = 64 * PAGE };
	fm_section *section;
	uint64_t room;
	char *view;

	REQUIRE_EQ(setenv("FILEMAP_ROOT", path, 1), 0);
	warm_up();
	room = room_of(path);
	CHECK_EQ(create(&large), FM_E_COMMITMENT_LIMIT);
	CHECK_EQ(fault_world().names, 0);
	CHECK_EQ(room_of(path), room);
	section = make_section(&small);
	view = make_view(section, FM_WRITE, 0, 0);
	memset(view, 7, 64 * PAGE);
	room = room_of(path);
	CHECK_EQ(fm_section_extend(section, 8 << 20), FM_E_COMMITMENT_LIMIT);
	CHECK_EQ(room_of(path), room);
	CHECK_EQ(view[64 * PAGE - 1], 7);
	CHECK_EQ(fm_section_extend(section, 100 * PAGE), FM_OK);
	CHECK_EQ(view[64 * PAGE - 1], 7);
	fm_section_close(section);
	CHECK_EQ(fault_world().names, 0);
}

TEST(full_namespace_is_an_error_when_making)
{
	with_small_tmpfs("1m", fill_namespace);
}

static int (*real_fallocate)(int fd, int mode, uint64_t offset, uint64_t length);
static int allocated[2], go_on[2];

/* Stops where storage is there and nobody knows: the next call says so. */
static int stopping_fallocate(int fd, int mode, uint64_t offset, uint64_t length)
{
	int result = real_fallocate(fd, mode, offset, length);
	char byte;

	os.fallocate = real_fallocate;
	REQUIRE_EQ(write(allocated[1], "", 1), 1);
	REQUIRE_EQ(read(go_on[0], &byte, 1), 1);
	return result;
}

static void extend_in_child(const fm_section_options *options)
{
	fm_section *section = NULL;
	struct stat st;

	REQUIRE(fm_section_create(options, &section) >= 0);
	real_fallocate = os.fallocate;
	os.fallocate = stopping_fallocate;
	CHECK_EQ(fm_section_extend(section, 1 << 20), FM_OK);
	REQUIRE_EQ(fstat(fm_section_number(section), &st), 0);
	CHECK(st.st_blocks * 512 >= 1 << 20);
	fflush(NULL);
	_exit(check_failures > 0);
}

TEST(failed_extension_leaves_what_another_process_is_getting)
{
	const fm_section_options kinds[] = { { .path = make_file("a", PAGE) },
					     { .name = check_name("together"), .size = PAGE } };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		fm_section *section = make_section(&kinds[i]);
		pid_t child;
		char byte;

		check_row("%s", kinds[i].path ? "file" : "memory");
		REQUIRE(pipe(allocated) == 0 && pipe(go_on) == 0);
		child = fork();
		if (child == 0)
			extend_in_child(&kinds[i]);
		REQUIRE_EQ(read(allocated[0], &byte, 1), 1);
		fault_arm("fallocate", 1, FAULT_ONCE, ENOSPC);
		CHECK(fm_section_extend(section, 2 << 20) < 0);
		(void)fault_disarm();
		REQUIRE_EQ(write(go_on[1], "", 1), 1);
		CHECK_EQ(child_result(child), 0);
		fm_section_close(section);
	}
}

/* Another process makes the file longer and writes there while an extension of ours fails. */
static void extend_against(const char *path)
{
	char text[600], byte = 0;
	fm_section *section;
	int fd;

	(void)snprintf(text, sizeof(text), "%s/file", path);
	fd = open(text, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	REQUIRE_EQ(pwrite(fd, "a", 1, 0), 1);
	section = make_file_section(text, 0);
	REQUIRE_EQ(pwrite(fd, "b", 1, 100000), 1); /* the section still believes in one byte */
	CHECK_EQ(fm_section_extend(section, 8 << 20), FM_E_DISK_FULL);
	REQUIRE_EQ(pread(fd, &byte, 1, 100000), 1);
	CHECK_EQ(byte, 'b');
	CHECK_EQ(size_of(text), 100001);
	fm_section_close(section);
	close(fd);
}

TEST(failed_extension_keeps_what_others_wrote)
{
	with_small_tmpfs("1m", extend_against);
}
