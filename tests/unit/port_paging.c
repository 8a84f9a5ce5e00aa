/* SPDX-License-Identifier: MIT */
/* Unnamed memory larger than memory lies in the directory of FILEMAP_PAGING_DIR. The machine has 8 MiB here. */
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/statfs.h>

#include <windows.h>
#include <winternl.h>

#include "fault.h"
#include "os.h"
#include "small.h"

#define MIB ((uint64_t)1 << 20)

static int small_machine(struct sysinfo *info)
{
	*info = (struct sysinfo){ .totalram = 8 * MIB / PAGE, .mem_unit = PAGE };
	return 0;
}

static fm_status create(uint64_t size, fm_section **ret_section)
{
	fm_section_options options = { .size = size };

	return fm_section_create(&options, ret_section);
}

static uint64_t room_of(const char *path)
{
	struct statfs st;

	REQUIRE_EQ(statfs(path, &st), 0);
	return st.f_bfree;
}

static unsigned names_in(const char *path)
{
	DIR *dir = opendir(path);
	unsigned names = 0;

	REQUIRE(dir != NULL);
	for (struct dirent *entry; (entry = readdir(dir));)
		names += entry->d_name[0] != '.';
	closedir(dir);
	return names;
}

/* A disk of 24 MiB as the paging directory. */
static void with_paging(void (*part)(const char *path))
{
	os.sysinfo = small_machine;
	with_small_tmpfs("24m", part);
}

static void use(const char *path)
{
	REQUIRE_EQ(setenv("FILEMAP_PAGING_DIR", path, 1), 0);
}

static void follow_the_rule(const char *path)
{
	static const struct { const char *name; bool directory; uint64_t size; fm_status status; uint32_t flags; } cases[] = {
		{ "no directory", false, 16 * MIB, FM_E_COMMITMENT_LIMIT, 0 },
		{ "fits", true, 8 * MIB, FM_OK, 0 },
		{ "does not fit", true, 8 * MIB + 1, FM_OK, FM_SECTION_PAGED },
		{ "does not fit anywhere", true, 32 * MIB, FM_E_COMMITMENT_LIMIT, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fm_section *section = NULL;
		fm_section_info info = { 0 };

		check_row("%s", cases[i].name);
		if (cases[i].directory)
			use(path);
		CHECK_EQ(create(cases[i].size, &section), cases[i].status);
		if (section)
			CHECK_EQ(fm_section_query(section, &info), FM_OK);
		CHECK_EQ(info.flags, cases[i].flags);
		CHECK_EQ(info.backing, section ? FM_BACKING_MEMORY : 0);
		CHECK_EQ(info.size, section ? (cases[i].size + PAGE - 1) / PAGE * PAGE : 0);
		fm_section_close(section);
	}
}

TEST(what_memory_cannot_hold_is_paged_if_there_is_a_directory)
{
	with_paging(follow_the_rule);
}

static void refuse_directories(const char *path)
{
	static const char *const names[] = { "/nowhere", "relative", "", "/proc" };
	fm_section *section = NULL;

	(void)path;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		check_row("%s", names[i]);
		use(names[i]);
		CHECK_EQ(create(16 * MIB, &section), FM_E_COMMITMENT_LIMIT);
		CHECK(section == NULL);
	}
}

TEST(a_directory_that_cannot_be_used_is_none)
{
	with_paging(refuse_directories);
}

static void leave_nothing(const char *path)
{
	fm_section *section;
	uint64_t room;
	char *view;

	use(path);
	room = room_of(path);
	REQUIRE_EQ(create(16 * MIB, &section), FM_OK);
	CHECK(room_of(path) <= room - 16 * MIB / PAGE); /* it is there already: no fault for want of room */
	CHECK_EQ(names_in(path), 0);
	view = make_view(section, FM_WRITE, 0, 0);
	fm_section_close(section);
	CHECK(room_of(path) <= room - 16 * MIB / PAGE);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	CHECK_EQ(room_of(path), room);
	REQUIRE_EQ(create(16 * MIB, &section), FM_OK); /* the other way round */
	CHECK_EQ(fm_view_unmap(make_view(section, FM_WRITE, 0, 0)), FM_OK);
	fm_section_close(section);
	CHECK_EQ(room_of(path), room);
	CHECK_EQ(create(32 * MIB, &section), FM_E_COMMITMENT_LIMIT);
	CHECK_EQ(room_of(path), room);
}

TEST(paged_memory_has_its_room_and_gives_it_back)
{
	with_paging(leave_nothing);
}

static void kill_holder(const char *path)
{
	uint64_t room;
	int ready[2];
	pid_t child;
	char byte;

	use(path);
	room = room_of(path);
	REQUIRE_EQ(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		fm_section *section;

		REQUIRE_EQ(create(16 * MIB, &section), FM_OK);
		make_view(section, FM_WRITE, 0, 0)[5 * MIB] = 1;
		REQUIRE_EQ(write(ready[1], "", 1), 1);
		pause();
	}
	REQUIRE_EQ(read(ready[0], &byte, 1), 1);
	CHECK(room_of(path) < room);
	REQUIRE_EQ(kill(child, SIGKILL), 0);
	CHECK_EQ(child_result(child), -SIGKILL);
	CHECK_EQ(room_of(path), room);
}

TEST(nothing_is_left_of_who_is_killed)
{
	with_paging(kill_holder);
}

static void behave(const char *path)
{
	fm_section *section, *reader = NULL;
	char *view, *copy;

	use(path);
	REQUIRE_EQ(create(16 * MIB, &section), FM_OK);
	view = make_view(section, FM_WRITE, 0, 0);
	CHECK_EQ(view[16 * MIB - 1], 0);
	view[0] = 1;
	fault_count_reset();
	for (unsigned level = FM_FLUSH_START; level <= FM_FLUSH_ALL; level++)
		CHECK_EQ(fm_view_flush(view, 0, level), FM_OK);
	CHECK_EQ(fault_count("msync") + fault_count("fsync") + fault_count("sync_file_range"), 0);
	CHECK_EQ(query_of(view).backing, FM_BACKING_MEMORY);
	CHECK_EQ(fm_section_duplicate(section, FM_READ, &reader), FM_OK);
	copy = make_view(reader, FM_READ, 0, PAGE);
	CHECK_EQ(copy[0], 1);
	CHECK_EQ(mprotect(copy, PAGE, PROT_READ | PROT_WRITE), -1); /* the kernel knows that it is a reader */
	CHECK_EQ(fm_section_extend(section, 17 * MIB + 1), FM_OK);
	fm_section_close(section);
	fm_section_close(reader);
	CHECK_EQ(fm_view_protect(view, PAGE, FM_COPY, NULL), FM_OK); /* no handle, no name: the view keeps the way */
	view[0] = 9;
	CHECK_EQ(copy[0], 1);
	CHECK(fm_view_unmap(view) == FM_OK && fm_view_unmap(copy) == FM_OK);
}

TEST(paged_memory_is_memory)
{
	with_paging(behave);
}

static void send_away(const char *path)
{
	fm_section *section;
	int pair[2];
	pid_t child;
	char *view;

	use(path);
	REQUIRE_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	REQUIRE_EQ(create(16 * MIB, &section), FM_OK);
	view = make_view(section, FM_WRITE, 0, 0);
	view[5] = 5;
	child = fork();
	if (child == 0) {
		fm_section *received = NULL;
		fm_section_info info;

		fm_section_close(section);
		REQUIRE_EQ(fm_section_receive(pair[1], &received), FM_OK);
		CHECK_EQ(fm_section_query(received, &info), FM_OK);
		CHECK_EQ(info.flags & FM_SECTION_PAGED, FM_SECTION_PAGED);
		CHECK_EQ(make_view(received, FM_WRITE, 0, 0)[5], 5);
		CHECK_EQ(fm_section_extend(received, 18 * MIB), FM_OK);
		fflush(NULL);
		_exit(check_failures > 0);
	}
	CHECK_EQ(fm_section_send(section, pair[0], 0), FM_OK);
	CHECK_EQ(child_result(child), 0);
	CHECK_EQ(make_view(section, FM_READ, 18 * MIB - 1, 1)[0], 0); /* as large as the other has made it */
}

TEST(paged_memory_can_be_sent_and_extended_there)
{
	with_paging(send_away);
}

static void look_from_windows(const char *path)
{
	HANDLE section;
	SECTION_BASIC_INFORMATION facts;
	MEMORY_BASIC_INFORMATION memory;
	char *view;

	use(path);
	section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 16 * MIB, NULL);
	REQUIRE(section != NULL);
	CHECK_EQ(NtQuerySection(section, SectionBasicInformation, &facts, sizeof(facts), NULL), 0);
	CHECK_EQ(facts.AllocationAttributes, SEC_COMMIT);
	CHECK_EQ(facts.MaximumSize.QuadPart, 16 * MIB);
	view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
	REQUIRE(view != NULL);
	CHECK_EQ(VirtualQuery(view, &memory, sizeof(memory)), sizeof(memory));
	CHECK_EQ(memory.Type, MEM_MAPPED);
	CHECK_EQ(memory.RegionSize, 16 * MIB);
	CHECK(FlushViewOfFile(view, 0));
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(windows_calls_see_memory)
{
	with_paging(look_from_windows);
}

/* A name lives where the names are: nobody else could find the file, and nobody would remove it after a crash. */
static void refuse_name(const char *path)
{
	fm_section_options options = { .size = 32 * MIB, .name = "large" };
	fm_section *section = NULL;

	use(path);
	REQUIRE_EQ(setenv("FILEMAP_ROOT", path, 1), 0);
	CHECK_EQ(fm_section_create(&options, &section), FM_E_COMMITMENT_LIMIT);
	CHECK(section == NULL);
}

TEST(a_section_with_a_name_is_not_paged)
{
	with_paging(refuse_name);
}

static void fail_each_call(const char *path)
{
	struct fault_world before;
	fm_section *section;
	bool fired = true;
	uint64_t room;

	use(path);
	REQUIRE_EQ(setenv("FILEMAP_ROOT", path, 1), 0);
	warm_up();
	REQUIRE_EQ(create(16 * MIB, &section), FM_OK);
	fm_section_close(section);
	before = fault_world();
	room = room_of(path);
	for (unsigned nth = 1; fired; nth++) {
		fm_status status;

		check_row("call %u", nth);
		section = NULL;
		fault_arm("*", nth, FAULT_ONCE, EMFILE);
		status = create(16 * MIB, &section);
		fired = fault_disarm();
		CHECK_EQ(section != NULL, status >= 0);
		fm_section_close(section);
		CHECK_SAME_WORLD(before);
		CHECK_EQ(room_of(path), room);
	}
}

TEST(each_failure_leaves_nothing)
{
	with_paging(fail_each_call);
}
