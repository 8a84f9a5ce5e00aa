/* SPDX-License-Identifier: MIT */
/* A process killed before or after each system call of a call: no live name is left, and a sweep leaves nothing. */
#include <stdlib.h>
#include <sys/stat.h>

#include "fault.h"
#include "make.h"

static fm_section_options options;

static void create(void)
{
	fm_section_close(make_section(&options));
}

static void create_and_open(void)
{
	fm_section *section = make_section(&options), *opened;

	REQUIRE_EQ(fm_section_open(options.name, FM_WRITE, &opened), FM_OK);
	fm_section_close(section);
	fm_section_close(opened);
}

static void extend(void)
{
	fm_section *section = make_section(&options);

	REQUIRE_EQ(fm_section_extend(section, 40 * PAGE), FM_OK);
	fm_section_close(section);
}

static void map_and_write(void)
{
	fm_section *section = make_section(&options);
	char *view = make_view(section, FM_WRITE, 0, 0);

	view[0] = 1;
	REQUIRE_EQ(fm_view_protect(view, PAGE, FM_COPY, NULL), FM_OK);
	fm_section_close(section);
	REQUIRE_EQ(fm_view_unmap(view), FM_OK);
}

static void commit(void)
{
	fm_section *section = make_section(&options);
	char *view = make_view(section, FM_WRITE, 0, 0);

	REQUIRE_EQ(fm_view_commit(view + PAGE, PAGE, FM_WRITE), FM_OK);
	fm_section_close(section);
	REQUIRE_EQ(fm_view_unmap(view), FM_OK);
}

static bool count_alive(const fm_entry *entry, void *context)
{
	*(int *)context += entry->alive;
	return true;
}

/* Run @part in a child that is killed at its @nth call; false when it got through. */
static bool killed_at(void (*part)(void), unsigned nth, enum fault_kind kind)
{
	pid_t child = fork();
	int result;

	if (child == 0) {
		fault_arm("*", nth, kind, 0);
		part();
		(void)fault_disarm();
		_exit(0);
	}
	result = child_result(child);
	CHECK(result == 0 || result == -SIGKILL);
	return result == -SIGKILL;
}

static void examine(void)
{
	fm_section *section = NULL;
	int alive = 0;

	CHECK_EQ(fm_namespace_list(FM_LOCAL, count_alive, &alive), FM_OK);
	CHECK_EQ(alive, 0);
	CHECK_EQ(fm_section_open(options.name, FM_READ, &section), FM_E_NAME_NOT_FOUND);
	CHECK_EQ(fm_namespace_sweep(FM_LOCAL, NULL, NULL), FM_OK);
	CHECK_EQ(fault_world().names, 0);
	REQUIRE_EQ(fm_section_create(&options, &section), FM_OK);
	fm_section_close(section);
	CHECK_EQ(fault_world().names, 0);
}

static void kill_each(void (*part)(void))
{
	bool killed = true;

	for (unsigned nth = 1; killed; nth++) {
		(void)killed_at(part, nth, FAULT_KILL_BEFORE);
		examine();
		killed = killed_at(part, nth, FAULT_KILL_AFTER);
		examine();
		if (check_failures)
			check_fatal(__FILE__, __LINE__, "killed at call %u", nth);
	}
}

static void prepare(const char *path, uint32_t flags)
{
	REQUIRE_EQ(setenv("FILEMAP_ROOT", check_directory(), 1), 0);
	options = (fm_section_options){ .name = "killed", .path = path, .flags = flags };
	options.size = path ? 0 : 20 * PAGE;
	warm_up();
}

TEST(killed_creators_leave_no_name)
{
	prepare(NULL, 0);
	kill_each(create);
	kill_each(create_and_open);
	kill_each(map_and_write);
}

TEST(killed_creators_of_file_backed_names_leave_no_name)
{
	prepare(make_file("a", 20 * PAGE), 0);
	kill_each(create);
	kill_each(create_and_open);
	kill_each(map_and_write);
}

TEST(killed_extenders_leave_no_name)
{
	prepare(NULL, 0);
	kill_each(extend);
}

TEST(killed_committers_leave_no_name)
{
	prepare(NULL, FM_SECTION_RESERVE);
	kill_each(commit);
}

static void extend_file(void)
{
	fm_section_options file = { .path = options.path, .size = 0 };
	fm_section *section = make_section(&file);

	REQUIRE_EQ(fm_section_extend(section, 40 * PAGE), FM_OK);
	fm_section_close(section);
}

TEST(killed_extenders_leave_a_file_of_the_old_or_the_new_length)
{
	bool killed = true;
	struct stat st;

	prepare(make_file("a", 20 * PAGE), 0);
	for (unsigned nth = 1; killed; nth++) {
		REQUIRE_EQ(truncate(options.path, 20 * PAGE), 0);
		killed = killed_at(extend_file, nth, FAULT_KILL_AFTER);
		REQUIRE_EQ(stat(options.path, &st), 0);
		CHECK(st.st_size == 20 * (off_t)PAGE || st.st_size == 40 * (off_t)PAGE);
	}
}
