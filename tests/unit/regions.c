/* SPDX-License-Identifier: MIT */
/* The region table by itself, one thread. */
#include <stdlib.h>

#include "fault.h"
#include "regions.h"

TEST(hundred_thousand_regions_are_found)
{
	enum { COUNT = 100000 };

	ready();
	for (uintptr_t i = 0; i < COUNT; i++)
		(void)enter(START + i * 7919 % COUNT * STRIDE, 1 + i % 4); /* not in order */
	CHECK_EQ(region_count(), COUNT);
	for (uintptr_t i = 0; i < COUNT; i++) {
		uintptr_t base = START + i * STRIDE;

		REQUIRE_EQ(base_at(base), base);
		REQUIRE_EQ(base_at(base + PAGE - 1), base);
		REQUIRE_EQ(base_at(base + 4 * PAGE), 0);
	}
	for (uintptr_t i = 0; i < COUNT; i += 2)
		end(START + i * STRIDE);
	CHECK_EQ(region_count(), COUNT / 2);
	for (uintptr_t i = 0; i < COUNT; i++)
		REQUIRE_EQ(base_at(START + i * STRIDE), i % 2 ? START + i * STRIDE : 0);
	for (uintptr_t i = 1; i < COUNT; i += 2)
		end(START + i * STRIDE);
	CHECK_EQ(region_count(), 0);
	CHECK(region_find_next(0) == NULL);
	CHECK(region_find_before(UINTPTR_MAX) == NULL);
}

TEST(addresses_beyond_the_table_are_in_no_region)
{
	ready();
	(void)enter(PAGE, 1);
	(void)enter(((uintptr_t)1 << 47) - PAGE, 1);
	CHECK_EQ(base_at(PAGE), PAGE);
	CHECK_EQ(base_at(0), 0);
	CHECK_EQ(base_at(((uintptr_t)1 << 47) - 1), ((uintptr_t)1 << 47) - PAGE);
	CHECK_EQ(base_at((uintptr_t)1 << 47), 0);
	CHECK_EQ(base_at(((uintptr_t)1 << 48) + PAGE), 0);
	CHECK_EQ(base_at(UINTPTR_MAX), 0);
	CHECK(region_find_next(UINTPTR_MAX) == NULL);
	CHECK(region_find_next(UINTPTR_MAX - PAGE) == NULL);
}

/* The model: a sorted array. */
enum { SLOTS = 512 };
static struct {
	uintptr_t base;
	size_t size;
} model[SLOTS];
static size_t model_count;

static size_t model_after(uintptr_t address) /* index of the first with base > address */
{
	size_t i = 0;

	while (i < model_count && model[i].base <= address)
		i++;
	return i;
}

static void compare(uintptr_t address)
{
	size_t after = model_after(address);
	unsigned token = grace_enter();
	struct region *in = region_find(address), *before = region_find_before(address), *next = region_find_next(address);
	uintptr_t last = after ? model[after - 1].base : 0;
	bool exact = after && last == address;

	REQUIRE_EQ(before ? before->base : 0, last);
	REQUIRE_EQ(in ? in->base : 0, after && address - last < model[after - 1].size ? last : 0);
	REQUIRE_EQ(next ? next->base : 0, exact ? address : after < model_count ? model[after].base : 0);
	grace_leave(token);
}

/* Put a region over whatever overlaps it: what does goes, as after a fork that cut a change short. */
static void model_insert(uintptr_t base, size_t size)
{
	size_t at, kept = 0;

	for (size_t i = 0; i < model_count; i++)
		if (model[i].base + model[i].size <= base || model[i].base >= base + size)
			model[kept++] = model[i];
	model_count = kept;
	at = model_after(base);
	memmove(&model[at + 1], &model[at], (model_count - at) * sizeof(model[0]));
	model[at].base = base;
	model[at].size = size;
	model_count++;
}

TEST(random_changes_agree_with_a_sorted_array)
{
	unsigned seed = 12345;

	ready();
	for (int step = 0; step < 60000; step++) {
		uintptr_t spread = step % 3 ? 1000 : 1 << 24; /* dense ones, and ones far apart */
		uintptr_t address = START + (uintptr_t)rand_r(&seed) % spread * PAGE;
		size_t pages = 1 + (size_t)rand_r(&seed) % 20;

		if (model_count < SLOTS - 1 && rand_r(&seed) % 2) {
			(void)enter(address, pages);
			model_insert(address, pages * PAGE);
		} else if (model_count > 0) {
			size_t i = (size_t)rand_r(&seed) % model_count;

			end(model[i].base);
			memmove(&model[i], &model[i + 1], (--model_count - i) * sizeof(model[0]));
		}
		REQUIRE_EQ(region_count(), model_count);
		compare(address);
		compare(address + PAGE * 3);
		compare(START + (uintptr_t)rand_r(&seed) % (1 << 24) * PAGE);
	}
}

TEST(emptied_nodes_are_given_back)
{
	enum { COUNT = 3000 };
	uintptr_t apart = (uintptr_t)1 << 18; /* each in a leaf of its own */

	ready();
	for (int round = 0; round < 3; round++) {
		for (uintptr_t i = 0; i < COUNT; i++)
			(void)enter(START + i * apart, 1);
		for (uintptr_t i = 0; i < COUNT; i++)
			REQUIRE_EQ(base_at(START + i * apart), START + i * apart);
		for (uintptr_t i = 0; i < COUNT; i++) {
			end(START + i * apart);
			REQUIRE_EQ(base_at(START + i * apart), 0);
			if (i + 1 < COUNT)
				REQUIRE_EQ(base_at(START + (i + 1) * apart), START + (i + 1) * apart);
		}
	}
}

TEST(insert_without_memory_changes_nothing)
{
	struct region *region;

	ready();
	(void)enter(START, 1);
	region = region_new(REGION_PRIVATE, START + ((uintptr_t)1 << 40), PAGE, 0);
	for (unsigned nth = 1;; nth++) {
		fm_status status;

		fault_arm_allocation(nth, FAULT_ONCE);
		status = region_insert(region);
		if (!fault_disarm()) {
			CHECK_EQ(status, FM_OK);
			CHECK(nth > 1);
			break;
		}
		CHECK_EQ(status, FM_E_NO_MEMORY);
		CHECK_EQ(region_count(), 1);
		CHECK_EQ(base_at(region->base), 0);
		CHECK_EQ(base_at(START), START);
	}
	CHECK_EQ(base_at(region->base), region->base);
}
