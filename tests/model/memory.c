/* SPDX-License-Identifier: MIT */
/*
 * Private memory and placeholders against a model: random calls on a window of addresses, each with the
 * status the model expects, and after each call every page of the window asked for.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "check.h"
#include "fault.h"
#include "vm.h"

#define PAGE ((size_t)4096)
#define UNIT ((size_t)65536)
enum { PAGES = 128, UNIT_PAGES = 16, STEPS = 4000 };

/* One page of the model. */
struct page {
	bool used, placeholder, from_placeholder, committed;
	unsigned first, count;  /* of its allocation */
	uint32_t made, now;     /* protections */
	bool written;           /* the test has written its number there */
};

static struct page model[PAGES];
static char *window;
static uint64_t seed;

static unsigned draw(unsigned limit)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % limit;
}

static const uint32_t protections[] = { FM_NOACCESS, FM_READ, FM_READ | FM_WRITE, FM_READ | FM_WRITE | FM_GUARD,
					FM_EXEC | FM_READ };

static uint32_t draw_protection(void)
{
	return protections[draw(ARRAY_SIZE(protections))];
}

static void give(unsigned first, unsigned count, struct page like)
{
	like.first = first;
	like.count = count;
	like.used = true;
	for (unsigned i = first; i < first + count; i++)
		model[i] = like;
}

/* ---- the calls: each does it in the model, and returns the status expected of the library ---- */

static fm_status reserve(unsigned first, unsigned count, uint32_t type, uint32_t protection)
{
	unsigned start = first / UNIT_PAGES * UNIT_PAGES;

	for (unsigned i = start; i < first + count; i++)
		if (model[i].used)
			return FM_E_CONFLICTING_ADDRESSES;
	give(start, first + count - start,
	     (struct page){ .made = protection, .now = protection, .committed = type & VM_COMMIT,
			    .placeholder = type & VM_RESERVE_PLACEHOLDER });
	return FM_OK;
}

static bool within(unsigned first, unsigned count)
{
	return model[first].used && first + count <= model[first].first + model[first].count;
}

static fm_status commit(unsigned first, unsigned count, uint32_t protection)
{
	if (!within(first, count) || model[first].placeholder)
		return FM_E_CONFLICTING_ADDRESSES;
	for (unsigned i = first; i < first + count; i++) {
		model[i].committed = true;
		model[i].now = protection;
	}
	return FM_OK;
}

static fm_status decommit(unsigned first, unsigned count)
{
	if (!model[first].used)
		return FM_E_MEMORY_NOT_ALLOCATED;
	if (!within(first, count))
		return FM_E_UNABLE_TO_FREE_VM;
	if (model[first].placeholder)
		return FM_E_CONFLICTING_ADDRESSES;
	for (unsigned i = first; i < first + count; i++)
		model[i].committed = model[i].written = false;
	return FM_OK;
}

static fm_status protect(unsigned first, unsigned count, uint32_t protection)
{
	if (!within(first, count))
		return FM_E_CONFLICTING_ADDRESSES;
	for (unsigned i = first; i < first + count; i++)
		if (!model[i].committed)
			return FM_E_NOT_COMMITTED;
	for (unsigned i = first; i < first + count; i++)
		model[i].now = protection;
	return FM_OK;
}

/* The allocation keeps what lies before and behind as allocations of their own. */
static void cut(unsigned first, unsigned count)
{
	unsigned start = model[first].first, end = start + model[first].count;

	for (unsigned i = start; i < first; i++)
		model[i].count = first - start;
	for (unsigned i = first + count; i < end; i++) {
		model[i].first = first + count;
		model[i].count = end - first - count;
	}
}

static fm_status release(unsigned first, unsigned count)
{
	if (!model[first].used)
		return FM_E_MEMORY_NOT_ALLOCATED;
	if (!within(first, count))
		return FM_E_UNABLE_TO_FREE_VM;
	cut(first, count);
	memset(&model[first], 0, count * sizeof(model[0]));
	return FM_OK;
}

static fm_status preserve(unsigned first, unsigned count)
{
	bool whole = model[first].first == first && model[first].count == count;

	if (!model[first].used)
		return FM_E_MEMORY_NOT_ALLOCATED;
	if (!within(first, count))
		return FM_E_CONFLICTING_ADDRESSES;
	if (model[first].placeholder ? whole : !whole || !model[first].from_placeholder)
		return FM_E_CONFLICTING_ADDRESSES;
	cut(first, count);
	give(first, count, (struct page){ .placeholder = true });
	return FM_OK;
}

static fm_status coalesce(unsigned first, unsigned count)
{
	unsigned pieces = 0;

	for (unsigned i = first; i < first + count; i += model[i].count, pieces++)
		if (!model[i].used || !model[i].placeholder || model[i].first != i || i + model[i].count > first + count)
			return FM_E_CONFLICTING_ADDRESSES;
	if (pieces < 2)
		return FM_E_CONFLICTING_ADDRESSES;
	give(first, count, (struct page){ .placeholder = true });
	return FM_OK;
}

static fm_status replace(unsigned first, unsigned count, uint32_t type, uint32_t protection)
{
	if (!model[first].placeholder || model[first].first != first || model[first].count != count)
		return FM_E_CONFLICTING_ADDRESSES;
	give(first, count, (struct page){ .made = protection, .now = protection, .committed = type & VM_COMMIT,
					  .from_placeholder = true });
	return FM_OK;
}

/* ---- the same calls of the library ---- */

static fm_status allocate(unsigned first, unsigned count, uint32_t type, uint32_t protection)
{
	struct vm_request request = { .address = (uintptr_t)window + first * PAGE, .size = count * PAGE, .type = type,
				      .protection = protection, .extended = true };
	struct vm_range range;

	return vm_allocate(&request, &range);
}

static fm_status change(unsigned first, unsigned count, uint32_t type)
{
	return vm_free((uintptr_t)window + first * PAGE, count * PAGE, type, NULL);
}

static void step(unsigned call, unsigned first, unsigned count)
{
	uint32_t protection = draw_protection(), commit_too = draw(2) ? VM_COMMIT : 0, old;

	switch (call) {
	case 0:
		CHECK_EQ(allocate(first, count, VM_RESERVE | commit_too, protection),
			 reserve(first, count, VM_RESERVE | commit_too, protection));
		break;
	case 1:
		CHECK_EQ(allocate(first, count, VM_RESERVE | VM_RESERVE_PLACEHOLDER, FM_NOACCESS),
			 reserve(first, count, VM_RESERVE | VM_RESERVE_PLACEHOLDER, FM_NOACCESS));
		break;
	case 2:
		CHECK_EQ(allocate(first, count, VM_COMMIT, protection), commit(first, count, protection));
		break;
	case 3:
		CHECK_EQ(change(first, count, VM_DECOMMIT), decommit(first, count));
		break;
	case 4:
		CHECK_EQ(vm_protect((uintptr_t)window + first * PAGE, count * PAGE, protection, NULL, &old),
			 protect(first, count, protection));
		break;
	case 5:
		CHECK_EQ(change(first, count, VM_RELEASE), release(first, count));
		break;
	case 6:
		CHECK_EQ(change(first, count, VM_RELEASE | VM_PRESERVE_PLACEHOLDER), preserve(first, count));
		break;
	case 7:
		CHECK_EQ(change(first, count, VM_RELEASE | VM_COALESCE_PLACEHOLDERS), coalesce(first, count));
		break;
	default:
		CHECK_EQ(allocate(first, count, VM_RESERVE | VM_REPLACE_PLACEHOLDER | commit_too, protection),
			 replace(first, count, VM_RESERVE | commit_too, protection));
		break;
	}
}

/* ---- comparing ---- */

static bool alike(const struct page *a, const struct page *b)
{
	return a->used == b->used && a->first == b->first && a->committed == b->committed &&
	       (!a->committed || a->now == b->now);
}

static unsigned run_from(unsigned first)
{
	unsigned end = first + 1;

	while (end < PAGES && alike(&model[first], &model[end]))
		end++;
	return end - first;
}

static void compare_page(unsigned i)
{
	const struct page *page = &model[i];
	struct vm_info info;

	REQUIRE_EQ(vm_query((uintptr_t)window + i * PAGE, &info), FM_OK);
	REQUIRE_EQ(info.base, (uintptr_t)window + i * PAGE);
	REQUIRE_EQ(info.state, page->used ? page->committed ? VM_COMMITTED : VM_RESERVED : VM_FREE);
	if (page->used || i + run_from(i) < PAGES)
		REQUIRE_EQ(info.size, run_from(i) * PAGE);
	if (!page->used)
		return;
	REQUIRE_EQ(info.allocation_base, (uintptr_t)window + page->first * PAGE);
	REQUIRE_EQ(info.allocation_protection, page->made);
	REQUIRE_EQ(info.kind, VM_PRIVATE);
	if (page->committed)
		REQUIRE_EQ(info.protection, page->now);
}

/* What was written stays, what was decommitted comes as zeros. Seldom, as it costs faults. */
static void compare_contents(void)
{
	for (unsigned i = 0; i < PAGES; i++) {
		unsigned char *at = (unsigned char *)window + i * PAGE;

		if (!model[i].committed || model[i].now != (FM_READ | FM_WRITE))
			continue;
		REQUIRE_EQ(*at, model[i].written ? i + 1 : 0);
		*at = (unsigned char)(i + 1);
		model[i].written = true;
	}
}

static void clear(void)
{
	for (unsigned i = 0; i < PAGES; i++)
		if (model[i].used && model[i].first == i)
			CHECK_EQ(vm_free((uintptr_t)window + i * PAGE, 0, VM_RELEASE, NULL), FM_OK);
	memset(model, 0, sizeof(model));
}

/* The end of a range: often an allocation's, else anything. */
static unsigned draw_count(unsigned first)
{
	unsigned rest = PAGES - first;

	if (model[first].used && draw(2))
		return model[first].first + model[first].count - first;
	if (draw(4) == 0) { /* through the next allocation */
		unsigned next = first + run_from(first);

		return next < PAGES && model[next].used ? model[next].first + model[next].count - first : rest;
	}
	return 1 + draw(rest < 24 ? rest : 24);
}

static void run(uint64_t from)
{
	struct vm_request request = { .size = PAGES * PAGE + 2 * UNIT, .type = VM_RESERVE };
	struct vm_range range;

	seed = from;
	REQUIRE_EQ(vm_allocate(&request, &range), FM_OK);
	REQUIRE_EQ(vm_free(range.base, 0, VM_RELEASE, NULL), FM_OK);
	window = (char *)range.base + UNIT;
	for (unsigned i = 0; i < STEPS; i++) {
		unsigned call = draw(9), first = draw(PAGES);

		if (draw(3) == 0 && model[first].used)
			first = model[first].first;
		check_row("seed %llu step %u call %u page %u", (unsigned long long)from, i, call, first);
		step(call, first, draw_count(first));
		for (unsigned k = 0; k < PAGES; k++)
			compare_page(k);
		if (i % 16 == 0)
			compare_contents();
	}
	clear();
}

/* In parts, each with a time limit of its own: a sanitizer needs long for every step. */
static void run_seeds(uint64_t first, uint64_t last)
{
	struct fault_world before = fault_world();

	for (uint64_t from = first; from <= last; from++)
		run(from);
	CHECK_EQ(fault_world().descriptors, before.descriptors);
}

TEST(memory_is_as_in_the_model)
{
	run_seeds(1, 2);
}

TEST(memory_is_as_in_the_model_from_other_beginnings)
{
	run_seeds(3, 4);
}

TEST(memory_is_as_in_the_model_from_yet_others)
{
	run_seeds(5, 6);
}
