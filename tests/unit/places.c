/* SPDX-License-Identifier: MIT */
/* Where views go: whole units of their own, congruent when large, around whatever else is mapped. */
#include <stdlib.h>
#include <sys/mman.h>

#include "make.h"

#define UNIT ((size_t)65536)
#define HUGE ((size_t)2 << 20)

static fm_section *lazy(uint64_t size)
{
	fm_section_options options = { .size = size, .flags = FM_SECTION_LAZY };

	return make_section(&options);
}

enum { LIVE = 300, STEPS = 20000 };

static struct {
	uintptr_t base;
	size_t size;
} live[LIVE];

static size_t in_units(size_t size)
{
	return (size + UNIT - 1) & ~(UNIT - 1);
}

TEST(random_views_never_share_a_unit)
{
	fm_section *section = lazy((uint64_t)1 << 30);
	unsigned seed = 99;

	for (int step = 0; step < STEPS; step++) {
		size_t i = (size_t)rand_r(&seed) % LIVE, size = 1 + (size_t)rand_r(&seed) % (step % 5 ? 8 * UNIT : 4 * HUGE);
		uint64_t offset = (uint64_t)rand_r(&seed) % 400 * (step % 2 ? UNIT : PAGE);
		uintptr_t base;

		if (live[i].base) {
			REQUIRE_EQ(fm_view_unmap((void *)live[i].base), FM_OK);
			live[i].base = 0;
			continue;
		}
		base = (uintptr_t)make_view(section, FM_READ, offset, size);
		size = query_of((void *)base).size;
		if (size >= HUGE)
			REQUIRE_EQ(base % HUGE, offset % HUGE);
		else
			REQUIRE_EQ(base % UNIT, 0);
		for (size_t j = 0; j < LIVE; j++)
			REQUIRE(!live[j].base || base >= live[j].base + in_units(live[j].size) ||
				base + in_units(size) <= live[j].base);
		live[i].base = base;
		live[i].size = size;
	}
	fm_section_close(section);
}

TEST(a_place_taken_by_others_is_passed_by)
{
	fm_section *section = lazy(64 * HUGE);

	for (int round = 0; round < 200; round++) {
		size_t size = round % 3 ? PAGE : HUGE;
		char *view = make_view(section, FM_READ, 0, size), *again;

		REQUIRE_EQ(fm_view_unmap(view), FM_OK);
		REQUIRE(mmap(view, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == view);
		again = make_view(section, FM_READ, 0, size);
		CHECK(again != view);
		CHECK_EQ((uintptr_t)again % UNIT, 0);
	}
	fm_section_close(section);
}

TEST(a_large_foreign_mapping_is_passed_by)
{
	fm_section *section = lazy(64 * HUGE);
	char *view = make_view(section, FM_READ, 0, 0), *next;
	size_t size = (size_t)200 << 30;

	REQUIRE_EQ(fm_view_unmap(view), FM_OK);
	if (mmap(view, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0) != view)
		check_skip("no 200 GiB of address space behind a view");
	for (int i = 0; i < 200; i++) {
		next = make_view(section, FM_READ, 0, 0);
		CHECK_EQ((uintptr_t)next % HUGE, 0);
		CHECK(next + 64 * HUGE <= view || next >= view + size);
	}
	fm_section_close(section);
}

TEST(what_is_freed_is_used_again)
{
	fm_section *section = lazy(8 * HUGE);
	uintptr_t low = UINTPTR_MAX, high = 0;

	for (int i = 0; i < 20000; i++) {
		uintptr_t view = (uintptr_t)make_view(section, FM_READ, 0, i % 2 ? PAGE : 3 * HUGE);

		low = view < low ? view : low;
		high = view > high ? view : high;
		REQUIRE_EQ(fm_view_unmap((void *)view), FM_OK);
	}
	CHECK(high - low < 100 * HUGE);
	fm_section_close(section);
}

TEST(views_larger_than_the_own_range_have_a_place_too)
{
	fm_section *section = lazy((uint64_t)600 << 30);
	char *view = make_view(section, FM_READ, PAGE, (size_t)500 << 30);

	CHECK_EQ((uintptr_t)view % HUGE, PAGE);
	CHECK_EQ(view[(size_t)499 << 30], 0);
	CHECK_EQ(query_of(view + ((size_t)400 << 30)).size, (size_t)500 << 30);
	CHECK_EQ(fm_view_unmap(view + ((size_t)300 << 30)), FM_OK);
	fm_section_close(section);
}
