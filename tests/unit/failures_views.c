/* SPDX-License-Identifier: MIT */
/* Sections and views: what stands after a call that failed. */
#include <sys/mman.h>
#include <sys/stat.h>

#include "diskfile.h"
#include "failures.h"
#include "os.h"
#include "section.h"
#include "view.h"
#include "vm_make.h"

enum { PAGES = 4 };

/* ---- making sections ---- */

static struct section_request wanted;
static fm_section *section, *second;
static const char *path;
static int file = -1;

static void want(uint32_t attributes, uint32_t access)
{
	wanted = (struct section_request){ .file = -1, .size = PAGES * PAGE, .protection = RW, .attributes = attributes,
					   .access = access };
	section = second = NULL;
}

static void want_memory(void)
{
	want(0, 0);
}

static void want_reader(void)
{
	want(0, FM_QUERY | FM_READ);
}

static void want_inheritable(void)
{
	want(0, 0);
	wanted.inheritable = true;
}

static void want_reserved(void)
{
	want(SECTION_RESERVE, 0);
}

static void want_named(void)
{
	want(0, FM_QUERY | FM_EXTEND | RW);
	wanted.name = check_name("failing");
}

/* Of one page, which the section makes longer. */
static void want_file(void)
{
	want(0, FM_QUERY | FM_EXTEND | RW);
	path = make_file("section", PAGE);
	file = open(path, O_RDWR | O_CLOEXEC);
	REQUIRE(file >= 0);
	wanted.file = file;
}

static void want_readers_file(void)
{
	want_file();
	wanted.access = FM_QUERY | FM_READ;
}

static void want_portable_file(void)
{
	want_file();
	wanted.portable = wanted.inheritable = true;
}

static void want_known_file(void)
{
	want_file();
	wanted.name = check_name("failing-file");
	wanted.file_rights_known = true;
	wanted.file_access = DISKFILE_READ | DISKFILE_WRITE;
}

static fm_status create(void)
{
	return section_create(&wanted, &section);
}

static long long file_size(void)
{
	struct stat st;

	REQUIRE_EQ(stat(path, &st), 0);
	return (long long)st.st_size;
}

/* A file that is to have a name in the namespace is long before the name is there. */
static void check_created(bool succeeded)
{
	CHECK_EQ(section != NULL, succeeded);
	if (file >= 0 && (succeeded || !wanted.name))
		CHECK_EQ(file_size(), succeeded ? PAGES * PAGE : PAGE);
}

static void clear_sections(void)
{
	fm_section_close(section);
	fm_section_close(second);
	if (file >= 0)
		close(file);
	file = -1;
}

TEST(a_section_is_made_or_nothing_is)
{
	static const struct failing scenes[] = {
		{ "memory", want_memory, create, check_created, clear_sections },
		{ "a reader's", want_reader, create, check_created, clear_sections },
		{ "inheritable", want_inheritable, create, check_created, clear_sections },
		{ "reserved", want_reserved, create, check_created, clear_sections },
		{ "named", want_named, create, check_created, clear_sections },
		{ "a file's", want_file, create, check_created, clear_sections },
		{ "a file's, to read", want_readers_file, create, check_created, clear_sections },
		{ "a file's for others", want_portable_file, create, check_created, clear_sections },
		{ "a named file's", want_known_file, create, check_created, clear_sections },
	};

	each_failure_of_all(scenes, ARRAY_SIZE(scenes));
}

/* ---- handles on them ---- */

static void make_memory_section(void)
{
	want_memory();
	wanted.access = FM_QUERY | FM_EXTEND | RW;
	REQUIRE_EQ(create(), FM_OK);
}

static void make_named_section(void)
{
	want_named();
	REQUIRE_EQ(create(), FM_OK);
}

static void make_lazy_section(void)
{
	want_named();
	wanted.attributes = SECTION_LAZY;
	REQUIRE_EQ(create(), FM_OK);
}

static void make_files_section(void)
{
	want_file();
	REQUIRE_EQ(create(), FM_OK);
}

static fm_status duplicate(void)
{
	return section_duplicate(section, section->access, &second);
}

static fm_status narrow(void)
{
	return section_duplicate(section, FM_QUERY | FM_READ, &second);
}

static void check_duplicate(bool succeeded)
{
	CHECK_EQ(second != NULL, succeeded);
	if (succeeded)
		CHECK(section_same(section, second));
}

static fm_status extend(void)
{
	return section_extend(section, 2 * PAGES * PAGE);
}

static void check_extended(bool succeeded)
{
	CHECK_EQ(section_size(section), succeeded ? 2 * PAGES * PAGE : PAGES * PAGE);
	if (file >= 0)
		CHECK_EQ(file_size(), section_size(section));
}

static fm_status inherit(void)
{
	return section_set_inheritable(section, true);
}

TEST(a_handle_is_made_or_nothing_is)
{
	static const struct failing scenes[] = {
		{ "duplicate", make_memory_section, duplicate, check_duplicate, clear_sections },
		{ "narrow", make_memory_section, narrow, check_duplicate, clear_sections },
		{ "narrow a named one", make_named_section, narrow, check_duplicate, clear_sections },
		{ "narrow a file's", make_files_section, narrow, check_duplicate, clear_sections },
		{ "inherit", make_memory_section, inherit, NULL, clear_sections },
		{ "inherit a file's", make_files_section, inherit, NULL, clear_sections },
	};

	each_failure_of_all(scenes, ARRAY_SIZE(scenes));
}

TEST(a_section_grows_or_stays)
{
	static const struct failing scenes[] = {
		{ "memory", make_memory_section, extend, check_extended, clear_sections },
		{ "named", make_named_section, extend, check_extended, clear_sections },
		{ "lazy", make_lazy_section, extend, check_extended, clear_sections },
		{ "a file's", make_files_section, extend, check_extended, clear_sections },
	};

	each_failure_of_all(scenes, ARRAY_SIZE(scenes));
}

/* ---- mapping ---- */

static char *view;
static struct map_request mapping;

static void make_mapping(uint32_t protection, uint32_t flags)
{
	make_memory_section();
	mapping = (struct map_request){ .protection = protection, .flags = flags };
	view = NULL;
}

static void map_plain(void)
{
	make_mapping(RW, 0);
}

static void map_private(void)
{
	make_mapping(FM_READ | FM_COPY, 0);
}

static void map_bounded(void)
{
	make_mapping(RW, MAP_REQUEST_BOUNDED);
	mapping.lowest = free_window(UNIT);
	mapping.highest = mapping.lowest + UNIT - 1;
}

static void map_guarded(void)
{
	make_mapping(RW | FM_GUARD, 0);
}

static void map_reserved(void)
{
	want_reserved();
	REQUIRE_EQ(create(), FM_OK);
	mapping = (struct map_request){ .protection = RW, .commit = PAGE };
	view = NULL;
}

static void map_named(void)
{
	make_named_section();
	mapping = (struct map_request){ .protection = RW };
	view = NULL;
}

static fm_status map(void)
{
	void *base = NULL;
	fm_status status = view_map(section, &mapping, &base, NULL);

	view = base;
	return status;
}

static void check_mapped(bool succeeded)
{
	CHECK_EQ(view != NULL, succeeded);
	if (succeeded && !(mapping.protection & FM_GUARD))
		CHECK_EQ(touch(view, true), 0);
}

static void clear_view(void)
{
	if (view)
		CHECK_EQ(fm_view_unmap(view), FM_OK);
	view = NULL;
	clear_sections();
}

static void map_now(void)
{
	REQUIRE_EQ(map(), FM_OK);
}

static void make_shared_view(void)
{
	map_plain();
	map_now();
	for (size_t i = 0; i < PAGES; i++)
		view[i * PAGE] = (char)(i + 1);
}

static fm_status unmap(void)
{
	return fm_view_unmap(view);
}

static void check_unmapped(bool succeeded)
{
	fm_view_info info;

	CHECK_EQ(fm_view_query(view, &info), succeeded ? FM_E_NOT_MAPPED_VIEW : FM_OK);
	CHECK_EQ(touch(view, false), succeeded ? SIGSEGV : 0);
	if (succeeded)
		view = NULL;
}

TEST(a_view_is_mapped_or_nothing_is)
{
	static const struct failing scenes[] = {
		{ "shared", map_plain, map, check_mapped, clear_view },
		{ "private", map_private, map, check_mapped, clear_view },
		{ "within bounds", map_bounded, map, check_mapped, clear_view },
		{ "guarded", map_guarded, map, check_mapped, clear_view },
		{ "reserved", map_reserved, map, check_mapped, clear_view },
		{ "named", map_named, map, check_mapped, clear_view },
		{ "unmap", make_shared_view, unmap, check_unmapped, clear_view },
	};

	each_failure_of_all(scenes, ARRAY_SIZE(scenes));
}

/* ---- protection ---- */

static bool way_back; /* does a descriptor lead to the memory still? */

/* Without a handle: nothing but the view leads to the memory. */
static void make_lonely_view(void)
{
	make_shared_view();
	fm_section_close(section);
	section = NULL;
	way_back = false;
}

static void make_view_of_two_kinds(void)
{
	make_shared_view();
	way_back = true;
	REQUIRE_EQ(fm_view_protect(view + PAGE, 2 * PAGE, FM_READ | FM_COPY, NULL), FM_OK);
	view[PAGE] = 2; /* a copy; the next page is none */
}

static void make_unreadable_view(void)
{
	make_lonely_view();
	REQUIRE_EQ(fm_view_protect(view, PAGES * PAGE, FM_NOACCESS, NULL), FM_OK);
}

static void make_way_back(void)
{
	make_shared_view();
	way_back = true;
}

static void make_view_of_two_protections(void)
{
	make_way_back();
	REQUIRE_EQ(fm_view_protect(view + 2 * PAGE, 2 * PAGE, FM_READ, NULL), FM_OK);
}

static void check_bytes(void)
{
	for (size_t i = 0; i < PAGES; i++)
		if (query_of(view + i * PAGE).protection & FM_READ)
			CHECK_EQ(view[i * PAGE], i + 1);
}

static fm_status turn_private(void)
{
	return fm_view_protect(view, PAGES * PAGE, FM_READ | FM_COPY, NULL);
}

static void check_private(bool succeeded)
{
	fm_view_info info = query_of(view);

	CHECK_EQ(info.run_size, PAGES * PAGE);
	if (!succeeded)
		CHECK_EQ(info.protection, RW);
	else if (way_back)
		CHECK_EQ(info.protection, FM_READ | FM_COPY);
	else
		CHECK_EQ(info.protection, RW); /* copied already */
	CHECK_EQ(touch(view + PAGE, true), 0);
	check_bytes();
}

static void check_two_private(bool succeeded)
{
	CHECK_EQ(query_of(view).protection, succeeded ? FM_READ | FM_COPY : RW);
	CHECK_EQ(query_of(view + 2 * PAGE).protection, succeeded ? FM_READ | FM_COPY : FM_READ);
	check_bytes();
}

static void check_unreadable(bool succeeded)
{
	CHECK_EQ(query_of(view).protection, succeeded ? RW : FM_NOACCESS);
	CHECK_EQ(touch(view, true), succeeded ? 0 : SIGSEGV);
	check_bytes();
}

static fm_status share_again(void)
{
	return fm_view_protect(view, PAGES * PAGE, RW, NULL);
}

static void check_shared_again(bool succeeded)
{
	CHECK_EQ(query_of(view).protection, RW);
	CHECK_EQ(query_of(view + 2 * PAGE).protection, succeeded ? RW : FM_READ | FM_COPY);
	CHECK_EQ(query_of(view + 3 * PAGE).protection, RW);
	check_bytes();
}

static fm_status forbid(void)
{
	return fm_view_protect(view + PAGE, PAGE, FM_READ, NULL);
}

static void check_forbidden(bool succeeded)
{
	CHECK_EQ(query_of(view).protection, RW);
	CHECK_EQ(query_of(view + PAGE).protection, succeeded ? FM_READ : RW);
	CHECK_EQ(touch(view + PAGE, true), succeeded ? SIGSEGV : 0);
	CHECK_EQ(touch(view, true), 0);
	check_bytes();
}

TEST(protection_changes_or_stays)
{
	static const struct failing scenes[] = {
		{ "forbid", make_shared_view, forbid, check_forbidden, clear_view },
		{ "turn private", make_way_back, turn_private, check_private, clear_view },
		{ "turn private, without a way back", make_lonely_view, turn_private, check_private, clear_view },
		{ "turn private what cannot be read", make_unreadable_view, turn_private, check_unreadable, clear_view },
		{ "turn two kinds private", make_view_of_two_protections, turn_private, check_two_private, clear_view },
		{ "share again", make_view_of_two_kinds, share_again, check_shared_again, clear_view },
	};

	each_failure_of_all(scenes, ARRAY_SIZE(scenes));
}

/* ---- files ---- */

static void make_file_view(void)
{
	make_files_section();
	mapping = (struct map_request){ .protection = RW };
	map_now();
}

static void make_old_view(void)
{
	make_file_view();
	fm_section_close(section);
	section = NULL;
}

static void make_growable_view(void)
{
	make_files_section();
	mapping = (struct map_request){ .protection = RW, .flags = MAP_REQUEST_GROWABLE, .length = 2 * PAGES * PAGE };
	map_now();
}

static fm_status grow(void)
{
	return view_commit(view, 2 * PAGES * PAGE, RW);
}

/* A file that has grown does not shrink again because of what fails behind it; but that is told. */
static void check_grown(bool succeeded)
{
	bool grown = file_size() == 2 * PAGES * PAGE;

	CHECK(grown || !succeeded);
	CHECK_EQ(query_of(view + PAGES * PAGE).committed, grown);
	CHECK_EQ(touch(view + PAGES * PAGE, true), grown ? 0 : SIGBUS);
}

static unsigned level;

static fm_status flush(void)
{
	return fm_view_flush(view, 0, level);
}

static void check_still_there(bool succeeded)
{
	(void)succeeded;
	CHECK_EQ(touch(view, true), 0);
}

static fm_status look_at_name(void)
{
	char name[PATH_MAX];
	fm_status status = view_file_name(view, name);

	if (status >= 0)
		CHECK(strcmp(name, path) == 0);
	return status;
}

TEST(a_view_of_a_file_grows_or_stays)
{
	static const struct failing scenes[] = {
		{ "grow", make_growable_view, grow, check_grown, clear_view },
		{ "name", make_file_view, look_at_name, check_still_there, clear_view },
	};

	each_failure_of_all(scenes, ARRAY_SIZE(scenes));
}

TEST(a_flush_that_fails_leaves_the_view)
{
	static const struct failing scenes[] = {
		{ "with a handle", make_file_view, flush, check_still_there, clear_view },
		{ "without", make_old_view, flush, check_still_there, clear_view },
	};

	for (level = FM_FLUSH_START; level <= FM_FLUSH_ALL; level++)
		each_failure_of_all(scenes, ARRAY_SIZE(scenes));
}
