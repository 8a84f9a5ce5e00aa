/* SPDX-License-Identifier: MIT */
/* Placeholders under views: replaced, kept, restored, and what a failure leaves. */
#include <errno.h>

#include "fault.h"
#include "os.h"
#include "view.h"
#include "vm_make.h"

static uint64_t commit; /* of the next view of a reserved section */

static fm_status map_over(fm_section *section, char *at, uint64_t offset, size_t length, uint32_t protection)
{
	struct map_request request = { .protection = protection, .flags = MAP_REQUEST_PLACEHOLDER, .offset = offset,
				       .length = length, .address = (uintptr_t)at, .commit = commit };
	void *base = NULL;
	fm_status status = view_map(section, &request, &base, NULL);

	CHECK(base == (status == FM_OK ? at : NULL));
	return status;
}

static void split(char *at, size_t size)
{
	REQUIRE_EQ(free_at(at, size, VM_RELEASE | VM_PRESERVE_PLACEHOLDER), FM_OK);
}

TEST(a_view_takes_the_place_of_a_placeholder_page_by_page)
{
	fm_section *section = make_memory(4 * PAGE, 0);
	char *base = make_placeholder(4 * PAGE);

	for (unsigned i = 0; i < 3; i++)
		split(base + i * PAGE, PAGE);
	for (unsigned i = 0; i < 4; i++) /* in the opposite order */
		REQUIRE_EQ(map_over(section, base + i * PAGE, (3 - i) * PAGE, PAGE, RW), FM_OK);
	for (unsigned i = 0; i < 4; i++)
		base[i * PAGE] = (char)(i + 1);
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(fm_view_unmap(base + i * PAGE), FM_OK);
	CHECK_EQ(make_view(section, FM_READ, 0, 0)[0], 4);
	fm_section_close(section);
}

TEST(only_exactly_a_placeholder_is_replaced)
{
	fm_section *section = make_memory(4 * UNIT, 0);
	char *base = make_placeholder(2 * UNIT), *plain = make_private(UNIT, VM_RESERVE, RW);
	const struct { const char *name; char *at; size_t length; fm_status status; } cases[] = {
		{ "smaller", base, UNIT, FM_E_CONFLICTING_ADDRESSES },
		{ "larger", base, 3 * UNIT, FM_E_CONFLICTING_ADDRESSES },
		{ "inside", base + UNIT, UNIT, FM_E_CONFLICTING_ADDRESSES },
		{ "a reservation", plain, UNIT, FM_E_CONFLICTING_ADDRESSES },
		{ "nothing", (char *)((uintptr_t)1 << 40), UNIT, FM_E_CONFLICTING_ADDRESSES },
		{ "exactly", base, 2 * UNIT, FM_OK },
		{ "a view", base, 2 * UNIT, FM_E_CONFLICTING_ADDRESSES },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_EQ(map_over(section, cases[i].at, 0, cases[i].length, RW), cases[i].status);
	}
	CHECK_EQ(fm_view_unmap(base), FM_OK);
	CHECK_EQ(free_at(plain, 0, VM_RELEASE), FM_OK);
	fm_section_close(section);
}

TEST(a_kept_placeholder_may_be_replaced_again)
{
	fm_section *section = make_memory(UNIT, 0);
	char *base = make_placeholder(UNIT);

	for (unsigned i = 0; i < 3; i++) {
		REQUIRE_EQ(map_over(section, base, 0, UNIT, RW), FM_OK);
		base[i] = (char)(i + 1);
		CHECK_EQ(view_unmap(base + PAGE, true), FM_OK);
		CHECK_EQ(touch(base, false), SIGSEGV);
		CHECK_EQ(state_at(base), VM_RESERVED);
		REQUIRE_EQ(allocate_at(base, UNIT, VM_RESERVE | VM_COMMIT | VM_REPLACE_PLACEHOLDER, RW), FM_OK);
		CHECK_EQ(base[i], 0);
		CHECK_EQ(free_at(base, UNIT, VM_RELEASE | VM_PRESERVE_PLACEHOLDER), FM_OK);
	}
	REQUIRE_EQ(map_over(section, base, 0, UNIT, FM_READ), FM_OK);
	CHECK(base[0] == 1 && base[1] == 2 && base[2] == 3);
	CHECK_EQ(view_unmap(base, false), FM_OK);
	CHECK_EQ(state_at(base), VM_FREE);
	fm_section_close(section);
}

TEST(a_plain_view_keeps_no_placeholder)
{
	fm_section *section = make_memory(UNIT, 0);
	char *view = make_view(section, FM_WRITE, 0, 0);

	CHECK_EQ(view_unmap(view, true), FM_E_CONFLICTING_ADDRESSES);
	CHECK_EQ(state_at(view), VM_COMMITTED);
	CHECK_EQ(fm_view_unmap(view), FM_OK);
	fm_section_close(section);
}

TEST(many_placeholders_become_one)
{
	char *base = make_placeholder(200 * PAGE);

	for (unsigned i = 0; i < 199; i++)
		split(base + i * PAGE, PAGE);
	CHECK_EQ(free_at(base, 200 * PAGE, VM_RELEASE | VM_COALESCE_PLACEHOLDERS), FM_OK);
	CHECK_EQ(vm_info_of(base + 100 * PAGE).allocation_base, (uintptr_t)base);
	CHECK_EQ(vm_info_of(base).size, 200 * PAGE);
	CHECK_EQ(free_at(base, 0, VM_RELEASE), FM_OK);
}

TEST(views_go_where_bounds_let_them)
{
	fm_section *section = make_memory(UNIT, 0);
	uintptr_t window = free_window(2 * UNIT);
	struct map_request request = { .protection = RW, .flags = MAP_REQUEST_GRANULAR | MAP_REQUEST_BOUNDED,
				       .lowest = window, .highest = window + 2 * UNIT - 1 };
	void *low, *high, *none = NULL;

	REQUIRE_EQ(view_map(section, &request, &low, NULL), FM_OK);
	request.flags |= MAP_REQUEST_TOP_DOWN;
	REQUIRE_EQ(view_map(section, &request, &high, NULL), FM_OK);
	CHECK_EQ((uintptr_t)low, request.lowest);
	CHECK_EQ((uintptr_t)high, request.lowest + UNIT);
	CHECK_EQ(view_map(section, &request, &none, NULL), FM_E_NO_MEMORY);
	CHECK(!none && fm_view_unmap(low) == FM_OK && fm_view_unmap(high) == FM_OK);
	fm_section_close(section);
}

/* ---- every call fails cleanly ---- */

static fm_section *shared, *reserved;
static char *base;

static fm_status do_split(void)
{
	return free_at(base + UNIT, UNIT, VM_RELEASE | VM_PRESERVE_PLACEHOLDER);
}

static fm_status do_fill(void)
{
	return allocate_at(base, 4 * UNIT, VM_RESERVE | VM_COMMIT | VM_REPLACE_PLACEHOLDER, RW);
}

static fm_status do_map(void)
{
	return map_over(shared, base, 0, 4 * UNIT, RW);
}

/* Pages not committed before, each time: making their storage may fail when the view is mapped already. */
static fm_status do_map_reserved(void)
{
	commit += PAGE;
	return map_over(reserved, base, 0, 4 * UNIT, RW);
}

static int (*real_mprotect)(void *at, size_t size, int prot);
static bool half_failed;

/* As the kernel, when it runs out of mappings midway. */
static int mprotect_half(void *at, size_t size, int prot)
{
	if (half_failed)
		return real_mprotect(at, size, prot);
	half_failed = true;
	(void)real_mprotect(at, size / 2, prot);
	return -ENOMEM;
}

static void check_placeholder(void)
{
	struct vm_info info = vm_info_of(base);

	CHECK(info.allocation_base == (uintptr_t)base && info.size == 4 * UNIT && info.state == VM_RESERVED);
	CHECK_EQ(touch(base, false), SIGSEGV);
}

static void clear(void)
{
	for (size_t at = 0; at < 4 * UNIT; at += vm_info_of(base + at).size) {
		if (vm_info_of(base + at).kind == VM_MAPPED)
			CHECK_EQ(fm_view_unmap(base + at), FM_OK);
		else if (state_at(base + at) != VM_FREE)
			CHECK_EQ(free_at(base + at, 0, VM_RELEASE), FM_OK);
	}
}

static void each_failure(const char *name, fm_status (*call)(void), bool allocations)
{
	bool fired = true;

	for (unsigned nth = 1; fired; nth++) {
		fm_status status;

		check_row("%s, %s %u", name, allocations ? "allocation" : "system call", nth);
		base = make_placeholder(4 * UNIT);
		if (allocations)
			fault_arm_allocation(nth, FAULT_ONCE);
		else
			fault_arm("*", nth, FAULT_ONCE, ENOMEM);
		status = call();
		fired = fault_disarm();
		if (status != FM_OK)
			check_placeholder();
		clear();
	}
}

TEST(a_failed_call_keeps_the_placeholder)
{
	static const struct { const char *name; fm_status (*call)(void); } cases[] = {
		{ "split", do_split }, { "fill", do_fill }, { "map", do_map }, { "map reserved", do_map_reserved },
	};
	fm_section_options options = { .size = 4 * UNIT, .flags = FM_SECTION_RESERVE };

	shared = make_memory(4 * UNIT, 0);
	reserved = make_section(&options);
	base = make_placeholder(4 * UNIT); /* what is opened once in a process */
	REQUIRE_EQ(do_map_reserved(), FM_OK);
	clear();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		each_failure(cases[i].name, cases[i].call, false);
		each_failure(cases[i].name, cases[i].call, true);
	}
	fm_section_close(shared);
	fm_section_close(reserved);
}

TEST(a_placeholder_filled_by_half_is_empty_again)
{
	base = make_placeholder(4 * UNIT);
	real_mprotect = os.mprotect;
	os.mprotect = mprotect_half;
	CHECK_EQ(do_fill(), FM_E_COMMITMENT_LIMIT);
	os.mprotect = real_mprotect;
	check_placeholder();
	clear();
}

TEST(a_failed_unmap_keeps_the_view)
{
	for (unsigned nth = 1, kept = 1; kept; nth++) {
		bool fired;

		shared = make_memory(4 * UNIT, 0);
		base = make_placeholder(4 * UNIT);
		REQUIRE_EQ(do_map(), FM_OK);
		base[0] = 7;
		fault_arm("*", nth, FAULT_ONCE, ENOMEM);
		kept = view_unmap(base, true) != FM_OK;
		fired = fault_disarm();
		CHECK_EQ(fired, kept);
		if (kept)
			CHECK_EQ(base[0], 7);
		clear();
		fm_section_close(shared);
	}
}
