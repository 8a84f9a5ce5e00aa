/* SPDX-License-Identifier: MIT */
/* fm_process_sections(): what sections a process has, told from outside. */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>

#include "backing.h"
#include "failures.h"
#include "name_help.h"

#define MIB ((uint64_t)1 << 20)
enum { SECTIONS_MOST = 16 };

struct told {
	unsigned count;
	struct {
		fm_entry entry;
		fm_holder holder;
		char name[64], path[512];
	} sections[SECTIONS_MOST];
};

static bool note(const fm_entry *entry, const fm_holder *holder, void *context)
{
	struct told *told = context;

	REQUIRE(told->count < SECTIONS_MOST);
	told->sections[told->count].entry = *entry;
	told->sections[told->count].holder = *holder;
	snprintf(told->sections[told->count].name, 64, "%s", entry->name ? entry->name : "");
	snprintf(told->sections[told->count].path, 512, "%s", entry->path ? entry->path : "");
	told->count++;
	return true;
}

static int small_machine(struct sysinfo *info)
{
	*info = (struct sysinfo){ .totalram = 8 * MIB / PAGE, .mem_unit = PAGE };
	return 0;
}

static void world(void)
{
	name_world();
	REQUIRE_EQ(setenv("FILEMAP_PAGING_DIR", check_directory(), 1), 0);
	REQUIRE_EQ(prctl(PR_SET_NAME, "a holder", 0, 0, 0), 0);
	os.sysinfo = small_machine; /* 8 MiB: what is larger is paged */
}

/* A section of a file whose handle other programs may meet, as the Win32 face makes them. */
static fm_section *portable_file(const char *path)
{
	struct section_request request = {
		.file = open(path, O_RDWR | O_CLOEXEC), .protection = FM_READ | FM_WRITE, .portable = true,
		.access = FM_QUERY | FM_READ | FM_WRITE,
	};
	fm_section *section = NULL;

	REQUIRE(request.file >= 0);
	REQUIRE_EQ(section_create(&request, &section), FM_OK);
	close(request.file);
	return section;
}

struct kind {
	const char *name;
	fm_section_options options;
	bool portable;     /* of a file, by portable_file() */
	bool on_file;      /* options.path is to be a file of 3 pages */
	uint32_t backing, flags;
	uint64_t size;
	unsigned handles;  /* descriptors */
	bool viewed;       /* told, too, when only the view is left */
	const char *told_path;
};

static const struct kind kinds[] = {
	{ "memory", { .size = 2 * PAGE }, .backing = FM_BACKING_MEMORY, .size = 2 * PAGE, .handles = 1, .viewed = true },
	{ "reserved memory", { .size = 2 * PAGE, .flags = FM_SECTION_RESERVE }, .backing = FM_BACKING_MEMORY,
	  .flags = FM_SECTION_RESERVE, .size = 2 * PAGE, .handles = 1, .viewed = true },
	{ "paged memory", { .size = 9 * MIB }, .backing = FM_BACKING_MEMORY, .flags = FM_SECTION_PAGED,
	  .size = 9 * MIB, .handles = 1, .viewed = true, .told_path = "directory" },
	{ "a file of the Win32 face", { 0 }, .portable = true, .on_file = true, .backing = FM_BACKING_FILE,
	  .size = 3 * PAGE, .handles = 1, .told_path = "file" },
	{ "named memory", { .name = "Local\\x", .size = 2 * PAGE }, .backing = FM_BACKING_MEMORY, .size = 2 * PAGE,
	  .handles = 2, .viewed = true },
	{ "a named file", { .name = "Local\\y", .access = FM_READ | FM_WRITE }, .on_file = true,
	  .backing = FM_BACKING_FILE, .size = 3 * PAGE, .handles = 1, .told_path = "file" },
};

static fm_section *make(const struct kind *kind)
{
	fm_section_options options = kind->options;

	if (kind->portable)
		return portable_file(make_file("file", 3 * PAGE));
	if (kind->on_file)
		options.path = make_file("file", 3 * PAGE);
	return make_section(&options);
}

static struct told sections_of(pid_t pid)
{
	struct told told = { 0 };

	CHECK_EQ(fm_process_sections(pid, note, &told), FM_OK);
	return told;
}

static void check_kind(const struct kind *kind, const struct told *told, bool open)
{
	const fm_entry *entry = &told->sections[0].entry;
	char path[512] = "";

	REQUIRE_EQ(told->count, 1);
	if (kind->told_path)
		snprintf(path, sizeof(path), "%s%s", check_directory(), kind->on_file ? "/file" : "");
	CHECK(strcmp(told->sections[0].name, open && kind->options.name ? kind->options.name : "") == 0);
	CHECK(strcmp(told->sections[0].path, path) == 0);
	CHECK(strcmp(entry->kind, "section") == 0);
	CHECK_EQ(entry->backing, kind->backing);
	CHECK_EQ(entry->size, kind->size);
	CHECK_EQ(entry->owner, geteuid());
	CHECK_EQ(entry->alive, open || !kind->options.name);
	if (open || kind->options.name == NULL)
		CHECK_EQ(entry->flags, kind->flags);
	if (open)
		CHECK_EQ(entry->protection, FM_READ | FM_WRITE);
	CHECK_EQ(told->sections[0].holder.handles, open ? kind->handles : 0);
	CHECK_EQ(told->sections[0].holder.pid, getpid());
	CHECK(strcmp(told->sections[0].holder.command, "a holder") == 0);
}

TEST(each_kind_is_told_with_its_handles_and_views)
{
	world();
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		fm_section *section;
		struct told told;
		char *view;

		check_row("%s", kinds[i].name);
		section = make(&kinds[i]);
		view = make_view(section, FM_WRITE, 0, PAGE);
		if (kinds[i].options.flags & FM_SECTION_RESERVE)
			REQUIRE_EQ(fm_view_commit(view, PAGE, FM_READ | FM_WRITE), FM_OK);
		*view = 1;
		told = sections_of(getpid());
		check_kind(&kinds[i], &told, true);
		CHECK_EQ(told.sections[0].holder.views, kinds[i].options.flags & FM_SECTION_RESERVE ? 2 : 1);
		CHECK(told.sections[0].holder.mapped >= PAGE);
		CHECK(told.sections[0].holder.resident >= PAGE);
		fm_section_close(section);
		CHECK_EQ(fm_view_unmap(view), FM_OK);
		CHECK_EQ(sections_of(getpid()).count, 0);
	}
}

TEST(a_view_alone_tells_of_memory)
{
	world();
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		fm_section *section;
		struct told told;
		char *view;

		check_row("%s", kinds[i].name);
		section = make(&kinds[i]);
		view = make_view(section, FM_WRITE, 0, 0);
		fm_section_close(section);
		told = sections_of(getpid());
		CHECK_EQ(told.count, kinds[i].viewed);
		if (kinds[i].viewed && !(kinds[i].flags & FM_SECTION_RESERVE)) /* that one keeps its descriptor */
			check_kind(&kinds[i], &told, false);
		CHECK_EQ(fm_view_unmap(view), FM_OK);
	}
}

TEST(several_sections_and_handles_are_told_apart)
{
	static const struct { uint64_t size; unsigned handles; } wanted[] = { { PAGE, 1 }, { 2 * PAGE, 1 }, { 3 * PAGE, 2 },
									      { 3 * PAGE, 1 } };
	fm_section *file, *again;
	struct told told;
	const char *path;

	world();
	(void)make_memory(PAGE, 0);
	(void)make_memory(2 * PAGE, 0);
	path = make_file("file", 3 * PAGE);
	file = portable_file(path);
	REQUIRE_EQ(section_duplicate(file, FM_READ, &again), FM_OK);
	(void)portable_file(path); /* another section of the same file */
	told = sections_of(getpid());
	REQUIRE_EQ(told.count, ARRAY_SIZE(wanted));
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) { /* in the order of their descriptors */
		CHECK_EQ(told.sections[i].entry.size, wanted[i].size);
		CHECK_EQ(told.sections[i].holder.handles, wanted[i].handles);
	}
}

TEST(what_another_process_has_is_told)
{
	int ready[2], go[2];
	struct told told;
	pid_t child;
	char byte;

	world();
	REQUIRE_EQ(pipe(ready), 0);
	REQUIRE_EQ(pipe(go), 0);
	child = fork();
	if (child == 0) {
		(void)make_view(make_memory(3 * PAGE, FM_READ | FM_WRITE), FM_READ, 0, 0);
		REQUIRE_EQ(write(ready[1], "", 1), 1);
		(void)!read(go[0], &byte, 1);
		_exit(0);
	}
	REQUIRE_EQ(read(ready[0], &byte, 1), 1);
	CHECK_EQ(sections_of(getpid()).count, 0);
	told = sections_of(child);
	REQUIRE_EQ(told.count, 1);
	CHECK_EQ(told.sections[0].entry.size, 3 * PAGE);
	CHECK_EQ(told.sections[0].holder.pid, child);
	CHECK_EQ(told.sections[0].holder.handles, 1);
	CHECK_EQ(told.sections[0].holder.views, 1);
	REQUIRE_EQ(kill(child, SIGKILL), 0);
	CHECK_EQ(child_result(child), -SIGKILL);
	CHECK_EQ(fm_process_sections(child, note, &told), FM_E_INVALID_PARAMETER);
}

static bool stop_at_once(const fm_entry *entry, const fm_holder *holder, void *context)
{
	(void)entry;
	(void)holder;
	++*(unsigned *)context;
	return false;
}

TEST(bad_arguments_are_refused_and_a_visitor_may_stop)
{
	unsigned visits = 0;

	world();
	CHECK_EQ(fm_process_sections(0, stop_at_once, &visits), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_process_sections(-1, stop_at_once, &visits), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_process_sections(INT32_MAX, stop_at_once, &visits), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_process_sections(getpid(), NULL, NULL), FM_E_INVALID_PARAMETER);
	CHECK_EQ(visits, 0);
	(void)make_memory(PAGE, 0);
	(void)make_memory(PAGE, 0);
	CHECK_EQ(fm_process_sections(getpid(), stop_at_once, &visits), FM_OK);
	CHECK_EQ(visits, 1);
}

/* Anybody may give a memfd any name. */
TEST(descriptors_that_only_look_like_sections_are_none)
{
	static const char *const names[] = {
		"filemap", "filemap:", "filemap:6:0", "filemap-object", "filemap-file:6:0:6:1000:1", /* too few words */
		"filemap-file:6:0:6:1000:1:-1", "filemap-file:6:0:6:1000:1:99999",                     /* no such file */
		"filemap-file:6:0:6:1000:1:0",                                                        /* no file */
	};
	int ends[2];
	char path[512];

	world();
	REQUIRE_EQ(pipe(ends), 0);
	REQUIRE_EQ(dup2(ends[0], 0), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		REQUIRE(memory_fd(names[i], 0) >= 0);
	snprintf(path, sizeof(path), "%s/not-an-object", check_directory());
	REQUIRE(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) >= 0);
	CHECK_EQ(sections_of(getpid()).count, 0);
}

/* A record that says "paged" of a file that has a name: whoever reads it would take the file for memory. */
TEST(a_file_with_a_name_is_not_paged)
{
	char record[96];
	int fd;

	world();
	fd = open(make_file("file", PAGE), O_RDWR | O_CLOEXEC);
	snprintf(record, sizeof(record), "filemap-file:6:%x:6:1000:1:%d", FM_SECTION_PAGED, fd);
	REQUIRE(memory_fd(record, 0) >= 0);
	CHECK_EQ(sections_of(getpid()).count, 0);
}

TEST(a_view_of_a_name_that_another_has_now_is_told_as_dead)
{
	fm_section *section;
	struct told told;
	pid_t other;

	world();
	other = name_holder("Global\\x");
	REQUIRE_EQ(fm_section_open("Global\\x", FM_WRITE, &section), FM_OK);
	(void)make_view(section, FM_WRITE, 0, 0);
	name_kill(other);
	fm_section_close(section);
	other = name_holder("Global\\x");
	told = sections_of(getpid());
	REQUIRE_EQ(told.count, 1);
	CHECK(!told.sections[0].entry.alive);
	CHECK(strcmp(told.sections[0].name, "Global\\x") == 0);
	CHECK_EQ(told.sections[0].entry.size, told.sections[0].holder.mapped);
	name_kill(other);
}

TEST(a_view_of_a_name_that_others_keep_alive_is_told_in_full)
{
	struct told told;
	fm_section *section;
	pid_t other;

	world();
	other = name_holder("x"); /* one page */
	REQUIRE_EQ(fm_section_open("x", FM_WRITE, &section), FM_OK);
	(void)make_view(section, FM_WRITE, 0, 0);
	fm_section_close(section);
	told = sections_of(getpid());
	REQUIRE_EQ(told.count, 1);
	CHECK(told.sections[0].entry.alive);
	CHECK_EQ(told.sections[0].entry.creator, other);
	CHECK_EQ(told.sections[0].entry.size, PAGE);
	CHECK_EQ(told.sections[0].holder.handles, 0);
	CHECK_EQ(told.sections[0].holder.views, 1);
	name_kill(other);
}

TEST(named_objects_of_other_kinds_are_not_sections)
{
	struct name_request request;
	struct name_facts facts;
	int fd;

	world();
	request = name_ask("x");
	request.facts = (struct name_facts){ .kind = NAME_MUTEX };
	REQUIRE_EQ(name_acquire(&request, &fd, &facts), FM_OK);
	CHECK_EQ(sections_of(getpid()).count, 0);
	name_give("x", fd);
}

TEST(a_process_of_another_user_is_not_for_this_one_to_look_into)
{
	struct told told = { 0 };
	pid_t child;

	if (geteuid() != 0)
		check_skip("only root can become another user");
	world();
	fflush(NULL);
	child = fork();
	if (child == 0) {
		REQUIRE_EQ(setresuid(65534, 65534, 65534), 0);
		CHECK_EQ(fm_process_sections(getppid(), note, &told), FM_E_ACCESS_DENIED);
		CHECK_EQ(told.count, 0);
		fflush(NULL);
		_exit(check_failures ? 1 : 0);
	}
	CHECK_EQ(child_result(child), 0);
}

/* ---- each failure ---- */

static struct told seen;
static fm_section *held[ARRAY_SIZE(kinds)];
static char *views[ARRAY_SIZE(kinds)];

static void hold_all(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		held[i] = make(&kinds[i]);
		views[i] = make_view(held[i], FM_READ, 0, PAGE);
		if (i % 2 == 0)
			continue;
		fm_section_close(held[i]);
		held[i] = NULL;
	}
}

static fm_status look(void)
{
	seen.count = 0;
	return fm_process_sections(getpid(), note, &seen);
}

static void let_go(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		fm_section_close(held[i]);
		CHECK_EQ(fm_view_unmap(views[i]), FM_OK);
	}
}

TEST(a_look_that_fails_leaves_nothing)
{
	static const struct failing scene = { "fm_process_sections", hold_all, look, NULL, let_go };

	world();
	each_failure(&scene);
}

/* ---- for tests/cli ---- */

CHILD(hold_paged)
{
	char byte;

	os.sysinfo = small_machine;
	(void)make_view(make_memory(9 * MIB, 0), FM_WRITE, 0, 0);
	printf("ready\n");
	fflush(stdout);
	(void)!read(0, &byte, 1);
}
