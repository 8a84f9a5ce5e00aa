/* SPDX-License-Identifier: MIT */
/* Contracts of mapping, unmapping, looking and flushing; protection has its own file. */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "fault.h"
#include "make.h"

#define HUGE ((size_t)2 << 20)
#define UNIT ((size_t)65536)

static fm_status map_with(fm_section *section, const fm_map_options *options)
{
	void *view = NULL;
	fm_status status = fm_view_map_with(section, options, &view);

	if (status == FM_OK)
		CHECK_EQ(fm_view_unmap(view), FM_OK);
	else
		CHECK(view == NULL);
	return status;
}

TEST(any_byte_offset_gives_that_byte)
{
	static const uint64_t offsets[] = { 0, 1, 4095, 4096, 5000, 65535, 65536, 70001 };
	fm_section *section = make_file_section(make_file("a", 20 * PAGE), FM_READ);

	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		char *view = make_view(section, FM_READ, offsets[i], 2);

		CHECK_EQ(view[0], offsets[i] / PAGE + 1);
		CHECK_EQ((uintptr_t)view % PAGE, offsets[i] % PAGE);
		CHECK_EQ(fm_view_unmap(view), FM_OK);
	}
	fm_section_close(section);
}

TEST(length_zero_reaches_the_end)
{
	fm_section *section = make_file_section(make_file("a", 20000), FM_READ);
	char *whole = make_view(section, FM_READ, 0, 0), *tail = make_view(section, FM_READ, 19999, 0);

	CHECK_EQ(query_of(whole).size, 5 * PAGE);
	CHECK_EQ(query_of(tail).size, PAGE);
	CHECK_EQ(query_of(tail).offset, 4 * PAGE);
	CHECK_EQ(tail[0], 5);
	fm_section_close(section);
}

TEST(past_the_end_is_refused)
{
	static const struct {
		uint64_t offset;
		size_t length;
		fm_status status;
	} cases[] = {
		{ 0, 20000, FM_OK },
		{ 0, 20001, FM_E_INVALID_VIEW_SIZE },
		{ 19999, 1, FM_OK },
		{ 19999, 2, FM_E_INVALID_VIEW_SIZE },
		{ 20000, 0, FM_E_INVALID_VIEW_SIZE },
		{ 20000, 1, FM_E_INVALID_VIEW_SIZE },
		{ 1, SIZE_MAX, FM_E_INVALID_VIEW_SIZE },
		{ UINT64_MAX, 1, FM_E_INVALID_VIEW_SIZE },
		{ UINT64_MAX, 0, FM_E_INVALID_VIEW_SIZE },
		{ INT64_MAX, 2, FM_E_INVALID_VIEW_SIZE },
	};
	fm_section *section = make_file_section(make_file("a", 20000), FM_READ);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fm_map_options options = { .access = FM_READ, .offset = cases[i].offset, .length = cases[i].length };

		CHECK_EQ(map_with(section, &options), cases[i].status);
	}
	fm_section_close(section);
}

TEST(map_reports_each_bad_argument)
{
	static const struct {
		fm_map_options options;
		fm_status status;
	} cases[] = {
		{ { .access = FM_READ, .flags = 0x80 }, FM_E_INVALID_PARAMETER },
		{ { .access = FM_READ, .reserved = { [7] = 1 } }, FM_E_INVALID_PARAMETER },
		{ { .access = FM_WRITE | FM_COPY }, FM_E_INVALID_PAGE_PROTECTION },
		{ { .access = FM_READ | 0x1000 }, FM_E_INVALID_PAGE_PROTECTION },
		{ { .access = FM_READ | FM_GUARD }, FM_E_INVALID_PAGE_PROTECTION },
		{ { .access = FM_READ | FM_QUERY }, FM_E_INVALID_PAGE_PROTECTION },
		{ { .access = FM_READ | FM_EXEC }, FM_E_ACCESS_DENIED },
		{ { .access = FM_READ, .address = (void *)0x10001 }, FM_E_MAPPED_ALIGNMENT },
	};
	fm_section *section = make_memory(PAGE, 0);
	fm_map_options good = { .access = FM_READ };
	struct fault_world before;
	void *view = NULL;

	warm_up();
	before = fault_world();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		CHECK_EQ(map_with(section, &cases[i].options), cases[i].status);
	CHECK_EQ(fm_view_map(NULL, FM_READ, 0, 0, &view), FM_E_INVALID_HANDLE);
	CHECK_EQ(fm_view_map(section, FM_READ, 0, 0, NULL), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_view_map_with(section, NULL, &view), FM_E_INVALID_PARAMETER);
	CHECK_SAME_WORLD(before);
	CHECK_EQ(map_with(section, &good), FM_OK);
	fm_section_close(section);
}

TEST(access_is_bounded_by_handle_and_by_section)
{
	fm_section_options options = { .name = check_name("views-access"), .size = PAGE, .access = FM_READ };
	fm_section *section = make_section(&options), *opened;
	void *view = NULL;

	CHECK_EQ(fm_view_map(section, FM_WRITE, 0, 0, &view), FM_E_ACCESS_DENIED);
	REQUIRE_EQ(fm_section_open(options.name, FM_EXEC, &opened), FM_OK);
	CHECK_EQ(fm_view_map(opened, FM_READ | FM_EXEC, 0, 0, &view), FM_E_SECTION_PROTECTION);
	CHECK_EQ(fm_view_map(opened, FM_COPY | FM_EXEC, 0, 0, &view), FM_E_SECTION_PROTECTION);
	CHECK(view == NULL);
	REQUIRE_EQ(fm_view_map(section, FM_COPY, 0, 0, &view), FM_OK);
	*(char *)view = 1;
	fm_section_close(opened);
	fm_section_close(section);
}

TEST(inaccessible_view_holds_its_place)
{
	fm_section *section = make_memory(PAGE, 0);
	char *view = make_view(section, FM_NOACCESS, 0, 0);

	CHECK_EQ(touch(view, false), SIGSEGV);
	CHECK_EQ(query_of(view).protection, FM_NOACCESS);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	fm_section_close(section);
}

/* Addresses that were free a moment ago. */
static char *free_range(size_t size)
{
	char *at = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(at != MAP_FAILED);
	REQUIRE_EQ(munmap(at, size), 0);
	return at;
}

TEST(fixed_address_is_exact)
{
	fm_section *section = make_file_section(make_file("a", 4 * PAGE), 0);
	char *at = free_range(4 * PAGE);
	fm_map_options whole = { .access = FM_WRITE, .address = at };
	fm_map_options odd = { .access = FM_WRITE, .offset = PAGE + 5, .length = 10, .address = at + 5 };
	void *view;

	REQUIRE_EQ(fm_view_map_with(section, &whole, &view), FM_OK);
	CHECK(view == at);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	REQUIRE_EQ(fm_view_map_with(section, &odd, &view), FM_OK);
	CHECK(view == at + 5);
	CHECK_EQ(at[5], 2);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	fm_section_close(section);
}

TEST(fixed_address_never_covers_anything)
{
	fm_section *section = make_memory(4 * PAGE, 0);
	char *foreign = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *view = make_view(section, FM_WRITE, 0, 0);
	void *places[] = { foreign, foreign - PAGE, view, view + 2 * PAGE, view - 2 * PAGE };

	REQUIRE(foreign != MAP_FAILED);
	foreign[0] = view[0] = 7;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		fm_map_options options = { .access = FM_READ, .address = places[i] };

		CHECK_EQ(map_with(section, &options), FM_E_CONFLICTING_ADDRESSES);
	}
	CHECK_EQ(foreign[0], 7);
	CHECK_EQ(view[0], 7);
	fm_section_close(section);
}

TEST(large_views_are_congruent_to_their_offset)
{
	static const uint64_t offsets[] = { 0, PAGE, UNIT, 1 << 20, (1 << 20) + 3 * PAGE, 12345, 2 << 20 };
	fm_section *sections[] = { make_file_section(make_file("a", 3 * HUGE), 0), make_memory(3 * HUGE, 0) };

	for (size_t s = 0; s < ARRAY_SIZE(sections); s++) {
		for (int round = 0; round < 3; round++)
			for (size_t i = 0; i < ARRAY_SIZE(offsets) - 1; i++) {
				char *view = make_view(sections[s], FM_READ, offsets[i], HUGE);

				CHECK_EQ((uintptr_t)view % HUGE, offsets[i] % HUGE);
				if (round == 1) /* kept in the others, so that they are placed beside it */
					CHECK_EQ(fm_view_unmap(view), FM_OK);
			}
		fm_section_close(sections[s]);
	}
}

TEST(views_own_whole_units)
{
	fm_section *section = make_memory(UNIT, 0);
	uintptr_t bases[200];

	for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
		bases[i] = (uintptr_t)make_view(section, FM_READ, 0, PAGE);
		CHECK_EQ(bases[i] % UNIT, 0);
		for (size_t j = 0; j < i; j++)
			CHECK(bases[j] != bases[i]);
	}
	fm_section_close(section);
}

TEST(views_of_one_section_and_the_file_are_coherent)
{
	const char *path = make_file("a", 4 * PAGE);
	fm_section *section = make_file_section(path, 0);
	char *one = make_view(section, FM_WRITE, 0, 0), *two = make_view(section, FM_WRITE, PAGE + 7, 10);
	char *copy = make_view(section, FM_COPY, 0, 0), byte = 0;
	int fd = open(path, O_RDWR | O_CLOEXEC);

	one[PAGE + 7] = 100;
	CHECK_EQ(two[0], 100);
	CHECK_EQ(copy[PAGE + 7], 100);
	REQUIRE_EQ(pread(fd, &byte, 1, PAGE + 7), 1);
	CHECK_EQ(byte, 100);
	REQUIRE_EQ(pwrite(fd, "x", 1, PAGE + 8), 1);
	CHECK_EQ(two[1], 'x');
	copy[PAGE + 7] = 50;
	CHECK_EQ(two[0], 100);
	close(fd);
	fm_section_close(section);
}

TEST(view_ends_once_by_any_address_inside)
{
	fm_section *section = make_memory(4 * PAGE, 0);
	char *view = make_view(section, FM_READ, 0, 0);
	int local = 0;

	CHECK_EQ(fm_view_unmap(view - 1), FM_E_NOT_MAPPED_VIEW);
	CHECK_EQ(fm_view_unmap(view + 4 * PAGE), FM_E_NOT_MAPPED_VIEW);
	CHECK_EQ(fm_view_unmap(view + 4 * PAGE - 1), FM_OK);
	CHECK_EQ(fm_view_unmap(view), FM_E_NOT_MAPPED_VIEW);
	CHECK_EQ(touch(view, false), SIGSEGV);
	CHECK_EQ(fm_view_unmap(NULL), FM_E_NOT_MAPPED_VIEW);
	CHECK_EQ(fm_view_unmap(&local), FM_E_NOT_MAPPED_VIEW);
	CHECK_EQ(fm_view_unmap((void *)UINTPTR_MAX), FM_E_NOT_MAPPED_VIEW);
	fm_section_close(section);
}

TEST(view_outlives_its_handle)
{
	const char *path = make_file("a", PAGE);
	fm_section *sections[] = { make_memory(PAGE, 0), make_file_section(path, 0) };

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		char *view = make_view(sections[i], FM_WRITE, 0, 0);

		fm_section_close(sections[i]);
		view[3] = 9;
		CHECK_EQ(query_of(view).map_access, FM_READ | FM_WRITE);
		CHECK_EQ(fm_view_unmap(view), FM_OK);
	}
}

TEST(child_shares_shared_views_and_copies_private_ones)
{
	fm_section *section = make_memory(2 * PAGE, 0);
	char *shared = make_view(section, FM_WRITE, 0, PAGE), *private = make_view(section, FM_COPY, PAGE, PAGE);
	pid_t child;

	private[0] = 1;
	child = fork();
	if (child == 0) {
		shared[0] = 5;
		private[0] = 6;
		_exit(fm_view_unmap(shared) || fm_view_unmap(private) || fm_view_unmap(shared) != FM_E_NOT_MAPPED_VIEW);
	}
	CHECK_EQ(child_result(child), 0);
	CHECK_EQ(shared[0], 5);
	CHECK_EQ(private[0], 1);
	CHECK_EQ(fm_view_unmap(shared), FM_OK);
	fm_section_close(section);
}

TEST(query_tells_the_view_and_the_run)
{
	fm_section *section = make_file_section(make_file("a", 20000), 0);
	char *view = make_view(section, FM_WRITE, 5000, 9000);
	fm_view_info info = query_of(view + 4000);

	CHECK(info.base == view - 5000 % PAGE);
	CHECK_EQ(info.size, 3 * PAGE);
	CHECK_EQ(info.offset, PAGE);
	CHECK_EQ(info.map_access, FM_READ | FM_WRITE);
	CHECK_EQ(info.backing, FM_BACKING_FILE);
	CHECK(info.run_base == (char *)info.base + PAGE);
	CHECK_EQ(info.run_size, 2 * PAGE);
	CHECK_EQ(info.protection, FM_READ | FM_WRITE);
	CHECK(info.committed && !info.private_copy);
	CHECK_EQ(fm_view_query(&section, &info), FM_E_NOT_MAPPED_VIEW);
	CHECK_EQ(fm_view_query(view, NULL), FM_E_ACCESS_VIOLATION);
	fm_section_close(section);
}

struct listing {
	uintptr_t last;
	int count, limit;
};

static bool note_view(const fm_view_info *view, void *context)
{
	struct listing *listing = context;

	CHECK((uintptr_t)view->base > listing->last);
	CHECK(view->run_base == view->base);
	listing->last = (uintptr_t)view->base;
	CHECK_EQ(fm_view_unmap(view->base), FM_OK); /* a visitor may */
	return ++listing->count < listing->limit;
}

TEST(list_visits_in_address_order_until_told_to_stop)
{
	fm_section *section = make_memory(4 * PAGE, 0);
	struct listing listing = { 0, 0, 3 };

	for (size_t i = 0; i < 10; i++)
		(void)make_view(section, i % 2 ? FM_READ : FM_COPY, PAGE, PAGE * (1 + i % 3));
	CHECK_EQ(fm_view_list(note_view, &listing), FM_OK);
	CHECK_EQ(listing.count, 3);
	listing = (struct listing){ 0, 0, 100 };
	CHECK_EQ(fm_view_list(note_view, &listing), FM_OK);
	CHECK_EQ(listing.count, 7);
	CHECK_EQ(fm_view_list(NULL, NULL), FM_E_INVALID_PARAMETER);
	fm_section_close(section);
}

TEST(flush_takes_each_level_with_and_without_handles)
{
	const char *path = make_file("a", 4 * PAGE);
	fm_section *sections[] = { make_memory(4 * PAGE, 0), make_file_section(path, 0) };

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		char *view = make_view(sections[i], FM_WRITE, 0, 0), renamed[600];

		for (int round = 0; round < 2; round++) {
			for (unsigned level = FM_FLUSH_START; level <= FM_FLUSH_ALL; level++) {
				view[PAGE] = (char)level;
				CHECK_EQ(fm_view_flush(view + 100, PAGE, level), FM_OK);
				CHECK_EQ(fm_view_flush(view + PAGE, 0, level), FM_OK);
			}
			if (round == 0)
				fm_section_close(sections[i]);
			snprintf(renamed, sizeof(renamed), "%s.renamed", path);
			(void)rename(path, renamed); /* the second time without a handle: found all the same */
		}
		CHECK_EQ(fm_view_flush(view, 4 * PAGE + 1, FM_FLUSH_WRITE), FM_E_NOT_MAPPED_VIEW);
		CHECK_EQ(fm_view_flush(view, 0, FM_FLUSH_ALL + 1), FM_E_INVALID_PARAMETER);
		CHECK_EQ(fm_view_unmap(view), FM_OK);
		CHECK_EQ(fm_view_flush(view, 1, FM_FLUSH_WRITE), FM_E_NOT_MAPPED_VIEW);
	}
}

TEST(flush_hands_over_to_the_device)
{
	static const struct {
		unsigned level;
		const char *call;
	} cases[] = { { FM_FLUSH_START, "sync_file_range" }, { FM_FLUSH_WRITE, "sync_file_range" },
		      { FM_FLUSH_DATA, "msync" }, { FM_FLUSH_ALL, "fsync" } };
	fm_section *section = make_file_section(make_file("a", PAGE), 0);
	char *view = make_view(section, FM_WRITE, 0, 0);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fault_count_reset();
		CHECK_EQ(fm_view_flush(view, 0, cases[i].level), FM_OK);
		CHECK_EQ(fault_count(cases[i].call), 1);
	}
	fm_section_close(section);
}

TEST(hints_keep_the_contents)
{
	fm_section *sections[] = { make_memory(4 * PAGE, 0), make_file_section(make_file("a", 4 * PAGE), 0) };

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		char *view = make_view(sections[i], FM_WRITE, 0, 0);

		view[5000] = 77;
		CHECK_EQ(fm_view_page_out(view + 5000, 10), FM_OK);
		CHECK_EQ(fm_view_prefetch(view + 5000, 0), FM_OK);
		CHECK_EQ(view[5000], 77);
		for (unsigned advice = FM_ADVICE_NORMAL; advice <= FM_ADVICE_RANDOM; advice++)
			CHECK_EQ(fm_view_advise(view, 0, advice), FM_OK);
		CHECK_EQ(fm_view_advise(view, 0, FM_ADVICE_RANDOM + 1), FM_E_INVALID_PARAMETER);
		CHECK_EQ(fm_view_advise(view, 4 * PAGE + 1, FM_ADVICE_RANDOM), FM_E_NOT_MAPPED_VIEW);
		CHECK_EQ(fm_view_prefetch(&view, 1), FM_E_NOT_MAPPED_VIEW);
		CHECK_EQ(fm_view_page_out(&view, 1), FM_E_NOT_MAPPED_VIEW);
		fm_section_close(sections[i]);
	}
}

TEST(populate_brings_the_pages_in)
{
	fm_section *section = make_memory(64 * PAGE, 0);
	fm_map_options options = { .access = FM_WRITE, .flags = FM_MAP_POPULATE };
	unsigned char resident[64];
	void *view;

	REQUIRE_EQ(fm_view_map_with(section, &options, &view), FM_OK);
	REQUIRE_EQ(mincore(view, 64 * PAGE, resident), 0);
	for (int i = 0; i < 64; i++)
		CHECK_EQ(resident[i] & 1, 1);
	fm_section_close(section);
}

TEST(thousands_of_views_leave_nothing)
{
	fm_section *section = make_file_section(make_file("a", 8 * PAGE), 0);
	static char *views[5000];
	struct fault_world before;

	warm_up();
	before = fault_world();
	for (size_t i = 0; i < ARRAY_SIZE(views); i++)
		views[i] = make_view(section, i % 3 ? FM_WRITE : FM_COPY, i % 8 * PAGE, PAGE);
	for (size_t i = 0; i < ARRAY_SIZE(views); i++) {
		CHECK_EQ(query_of(views[i] + i % PAGE).offset, i % 8 * PAGE);
		CHECK_EQ(fm_view_unmap(views[i] + i % PAGE), FM_OK);
	}
	CHECK_EQ(fault_world().descriptors, before.descriptors);
	CHECK(fault_world().mappings <= before.mappings + 20); /* the heap, once */
	fm_section_close(section);
}
