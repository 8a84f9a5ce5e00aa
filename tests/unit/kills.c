/* SPDX-License-Identifier: MIT */
/* The native calls, killed before and after each of their system calls (kill_rows.h). */
#include <sys/socket.h>
#include <sys/stat.h>

#include "kill_rows.h"
#include "name_help.h"

static fm_section_options options;
static fm_section *held;     /* the parent's */
static char *view;
static const char *file;

/* ---- what is prepared ---- */

static void want(const char *path, uint32_t flags)
{
	options = (fm_section_options){ .name = "killed", .path = path, .flags = flags };
	options.size = path ? 0 : 20 * PAGE;
}

static void want_memory(void)
{
	want(NULL, 0);
}

static void want_lazy(void)
{
	want(NULL, FM_SECTION_LAZY);
}

static void want_global(void)
{
	want(NULL, 0);
	options.name = "Global\\killed";
	options.mode = 0666;
}

static void want_reserved(void)
{
	want(NULL, FM_SECTION_RESERVE);
}

static void want_unnamed(void)
{
	want(NULL, 0);
	options.name = NULL;
}

static void want_file(void)
{
	want(file = make_file("a", 20 * PAGE), 0);
}

static void want_unnamed_file(void)
{
	want_file();
	options.name = NULL;
}

static void hold(void)
{
	held = make_section(&options);
	view = make_view(held, FM_WRITE, 0, 0);
	view[0] = 'h';
}

static void hold_memory(void)
{
	want_memory();
	hold();
}

static void hold_file(void)
{
	want_file();
	hold();
}

static void hold_unnamed(void)
{
	want_unnamed();
	hold();
}

/* ---- what the killed do ---- */

/* It may be there already. */
static fm_section *take(void)
{
	fm_section *section = NULL;

	REQUIRE(fm_section_create(&options, &section) >= 0);
	return section;
}

static void create(void)
{
	fm_section_close(take());
}

static void create_new(void)
{
	fm_section *section;

	REQUIRE_EQ(fm_section_create_new(&options, &section), FM_OK);
	fm_section_close(section);
}

static void create_and_open(void)
{
	fm_section *section = take(), *opened, *copy;

	REQUIRE_EQ(fm_section_open(options.name, FM_WRITE, &opened), FM_OK);
	REQUIRE_EQ(fm_section_duplicate(opened, FM_READ, &copy), FM_OK);
	fm_section_close(section);
	fm_section_close(opened);
	fm_section_close(copy);
}

static void extend(void)
{
	fm_section *section = take();

	REQUIRE_EQ(fm_section_extend(section, 40 * PAGE), FM_OK);
	fm_section_close(section);
}

static void map_and_write(void)
{
	fm_section *section = take();
	char *mapped = make_view(section, FM_WRITE, 0, 0), byte = 1;

	mapped[0] = 1;
	REQUIRE_EQ(fm_write(mapped + PAGE, &byte, 1, NULL), FM_OK);
	REQUIRE_EQ(fm_view_flush(mapped, 2 * PAGE, FM_FLUSH_ALL), FM_OK);
	REQUIRE_EQ(fm_view_protect(mapped, PAGE, FM_COPY, NULL), FM_OK);
	fm_section_close(section);
	REQUIRE_EQ(fm_view_unmap(mapped), FM_OK);
}

static void map_at(void)
{
	fm_section *section = take();
	fm_map_options where = { .access = FM_READ, .flags = FM_MAP_POPULATE, .offset = 100 };
	void *mapped;

	REQUIRE_EQ(fm_view_map_with(section, &where, &mapped), FM_OK);
	fm_section_close(section);
	REQUIRE_EQ(fm_view_unmap(mapped), FM_OK);
}

static void commit(void)
{
	fm_section *section = take();
	char *mapped = make_view(section, FM_WRITE, 0, 0);

	REQUIRE_EQ(fm_view_commit(mapped + PAGE, PAGE, FM_WRITE), FM_OK);
	fm_section_close(section);
	REQUIRE_EQ(fm_view_unmap(mapped), FM_OK);
}

/* ---- what is found ---- */

static bool count_alive(const fm_entry *entry, void *context)
{
	*(int *)context += entry->alive;
	return true;
}

static void nothing_lives(void)
{
	fm_section *section = NULL;
	int alive = 0;

	for (unsigned space = FM_LOCAL; space <= FM_GLOBAL; space++)
		CHECK_EQ(fm_namespace_list(space, count_alive, &alive), FM_OK);
	CHECK_EQ(alive, 0);
	CHECK_EQ(fm_section_open(options.name, FM_READ, &section), FM_E_NAME_NOT_FOUND);
	REQUIRE_EQ(fm_section_create_new(&options, &section), FM_OK);
	fm_section_close(section);
}

/* The parent's is there, with its byte; of the old or of the new size. */
static void the_held_lives(void)
{
	fm_section *again = NULL;
	fm_section_info info = { 0 };

	if (options.name) {
		CHECK_EQ(fm_section_open(options.name, FM_READ, &again), FM_OK);
		CHECK_EQ(fm_section_query(again, &info), FM_OK);
		fm_section_close(again);
	} else {
		CHECK_EQ(fm_section_query(held, &info), FM_OK);
	}
	CHECK(info.size == 20 * PAGE || info.size == 40 * PAGE);
	CHECK_EQ(view[0], 'h');
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	fm_section_close(held);
	if (options.name)
		nothing_lives();
}

TEST(who_is_killed_leaves_no_name)
{
	static const struct kill_row rows[] = {
		{ "make memory", want_memory, NULL, create, nothing_lives },
		{ "make lazy memory", want_lazy, NULL, create_new, nothing_lives },
		{ "make a global name", want_global, NULL, create_and_open, nothing_lives },
		{ "make a name of a file", want_file, NULL, create, nothing_lives },
		{ "make, open, duplicate", want_memory, NULL, create_and_open, nothing_lives },
		{ "... of a file", want_file, NULL, create_and_open, nothing_lives },
		{ "views", want_memory, NULL, map_and_write, nothing_lives },
		{ "views of a file", want_file, NULL, map_and_write, nothing_lives },
		{ "map with options", want_memory, NULL, map_at, nothing_lives },
		{ "commit", want_reserved, NULL, commit, nothing_lives },
		{ "extend", want_memory, NULL, extend, nothing_lives },
		{ "unnamed memory", want_unnamed, NULL, map_and_write, NULL },
		{ "an unnamed section of a file", want_unnamed_file, NULL, map_and_write, NULL },
	};

	kill_rows_run(rows, ARRAY_SIZE(rows));
}

TEST(what_others_hold_outlives_the_killed)
{
	static const struct kill_row rows[] = {
		{ "open and map", hold_memory, NULL, map_at, the_held_lives },
		{ "... of a file", hold_file, NULL, map_at, the_held_lives },
		{ "open and duplicate", hold_memory, NULL, create_and_open, the_held_lives },
		{ "... of a file", hold_file, NULL, create_and_open, the_held_lives },
		{ "extend", hold_memory, NULL, extend, the_held_lives },
	};

	kill_rows_run(rows, ARRAY_SIZE(rows));
}

/* ---- one's own section, inherited ---- */

static void extend_held(void)
{
	REQUIRE_EQ(fm_section_extend(held, 40 * PAGE), FM_OK);
	fm_section_close(held);
}

static void seal_held(void)
{
	REQUIRE_EQ(fm_section_seal(held), FM_OK);
}

static void adopt_held(void)
{
	fm_section *adopted;
	int number = fm_section_number(held);

	REQUIRE_EQ(fm_section_set_inheritable(held, true), FM_OK);
	REQUIRE_EQ(fm_section_adopt(number, &adopted), FM_OK);
	fm_section_close(adopted);
}

static void flush_held(void)
{
	view[1] = 'c';
	for (unsigned level = FM_FLUSH_START; level <= FM_FLUSH_ALL; level++)
		REQUIRE_EQ(fm_view_flush(view, PAGE, level), FM_OK);
	REQUIRE_EQ(fm_view_unmap(view), FM_OK);
}

/* Made anew by others it is sealed or not, and can be used either way. */
static void sealed_or_not(void)
{
	fm_section *copy;
	void *mapped;
	fm_status status = fm_view_map(held, FM_WRITE, 0, 0, &mapped);

	if (status == FM_OK)
		CHECK_EQ(fm_view_unmap(mapped), FM_OK);
	else
		CHECK_EQ(status, FM_E_ACCESS_DENIED);
	REQUIRE_EQ(fm_section_duplicate(held, FM_READ, &copy), FM_OK);
	CHECK_EQ(fm_view_unmap(make_view(copy, FM_READ, 0, 0)), FM_OK);
	fm_section_close(copy);
	the_held_lives();
}

TEST(an_inherited_section_outlives_the_killed)
{
	static const struct kill_row rows[] = {
		{ "extend", hold_memory, NULL, extend_held, the_held_lives },
		{ "extend a file", hold_file, NULL, extend_held, the_held_lives },
		{ "seal", hold_unnamed, NULL, seal_held, sealed_or_not },
		{ "adopt", hold_memory, NULL, adopt_held, the_held_lives },
		{ "flush", hold_file, NULL, flush_held, the_held_lives },
	};

	kill_rows_run(rows, ARRAY_SIZE(rows));
}

/* ---- sockets ---- */

static int ends[2];

static void pair(void)
{
	hold_unnamed();
	REQUIRE_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
}

static void pair_with_mail(void)
{
	pair();
	REQUIRE_EQ(fm_section_send(held, ends[0], FM_WRITE), FM_OK);
}

static void send_held(void)
{
	REQUIRE_EQ(fm_section_send(held, ends[0], FM_READ), FM_OK);
}

static void receive(void)
{
	fm_section *section;

	REQUIRE_EQ(fm_section_receive(ends[1], &section), FM_OK);
	fm_section_close(section);
}

/* A whole section or none. */
static void mail_is_whole(void)
{
	fm_section *section;
	fm_status status = fm_section_receive(ends[1], &section);
	char *mapped;

	if (status == FM_OK) {
		mapped = make_view(section, FM_READ, 0, 0);
		CHECK_EQ(mapped[0], 'h');
		CHECK_EQ(fm_view_unmap(mapped), FM_OK);
		fm_section_close(section);
	} else {
		CHECK_EQ(status, FM_E_TIMEOUT);
	}
	close(ends[0]);
	close(ends[1]);
	the_held_lives();
}

TEST(a_section_is_sent_whole_or_not_at_all)
{
	static const struct kill_row rows[] = {
		{ "send", pair, NULL, send_held, mail_is_whole },
		{ "receive", pair_with_mail, NULL, receive, mail_is_whole },
	};

	kill_rows_run(rows, ARRAY_SIZE(rows));
}

/* ---- undertakers ---- */

static void a_corpse_and_one_alive(void)
{
	hold_memory();
	name_corpse("dead");
}

static void sweep(void)
{
	REQUIRE_EQ(fm_namespace_sweep(FM_LOCAL, NULL, NULL), FM_OK);
}

static void reap(void)
{
	fm_reaper *reaper;
	int again;

	REQUIRE_EQ(fm_reaper_open(FM_LOCAL, &reaper), FM_OK);
	REQUIRE_EQ(fm_reaper_run(reaper, NULL, NULL, &again), FM_OK);
	fm_reaper_close(reaper);
}

static void the_dead_is_dead(void)
{
	fm_section *section;

	CHECK_EQ(fm_section_open("dead", FM_READ, &section), FM_E_NAME_NOT_FOUND);
	the_held_lives();
}

TEST(a_killed_undertaker_buries_the_dead_alone)
{
	static const struct kill_row rows[] = {
		{ "sweep", a_corpse_and_one_alive, NULL, sweep, the_dead_is_dead },
		{ "reaper", a_corpse_and_one_alive, NULL, reap, the_dead_is_dead },
	};

	kill_rows_run(rows, ARRAY_SIZE(rows));
}

/* ---- the first use of a root ---- */

static void new_root(void)
{
	static unsigned count;
	char root[600];

	(void)snprintf(root, sizeof(root), "%s/root-%u", check_directory(), count++);
	REQUIRE_EQ(mkdir(root, 0700), 0);
	REQUIRE_EQ(setenv("FILEMAP_ROOT", root, 1), 0);
	want_memory();
}

TEST(a_killed_first_user_leaves_a_usable_root)
{
	static const struct kill_row rows[] = {
		{ "first use", new_root, NULL, create, nothing_lives },
	};

	kill_rows_run(rows, ARRAY_SIZE(rows));
}

/* ---- files ---- */

static void extend_file(void)
{
	fm_section *section = make_section(&options);

	REQUIRE_EQ(fm_section_extend(section, 40 * PAGE), FM_OK);
	fm_section_close(section);
}

static void old_or_new_length(void)
{
	struct stat st;

	REQUIRE_EQ(stat(file, &st), 0);
	CHECK(st.st_size == 20 * (off_t)PAGE || st.st_size == 40 * (off_t)PAGE);
}

static void want_longer_file(void)
{
	want_unnamed_file();
	options.size = 40 * PAGE;
}

TEST(a_file_has_the_old_or_the_new_length)
{
	static const struct kill_row rows[] = {
		{ "extend", want_unnamed_file, NULL, extend_file, old_or_new_length },
		{ "make", want_longer_file, NULL, create, old_or_new_length },
	};

	kill_rows_run(rows, ARRAY_SIZE(rows));
}
