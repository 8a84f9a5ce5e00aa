/* SPDX-License-Identifier: MIT */
/* Regions without memory: nothing is mapped at their addresses, and nothing unmapped there. */
#ifndef REGIONS_H
#define REGIONS_H

#include "lock.h"
#include "make.h"
#include "os.h"
#include "region.h"

#define START ((uintptr_t)0x100000000000)
#define STRIDE ((uintptr_t)0x30000)

static inline int unmap_nothing(void *at, size_t size)
{
	(void)at, (void)size;
	return 0;
}

static inline void ready(void)
{
	os.munmap = unmap_nothing;
	REQUIRE_EQ(lock_ready(), FM_OK);
}

static inline struct region *enter(uintptr_t base, size_t pages)
{
	struct region *region = region_new(REGION_PRIVATE, base, pages * PAGE, FM_READ);

	REQUIRE(region != NULL);
	REQUIRE_EQ(region_insert(region), FM_OK);
	return region;
}

static inline void end(uintptr_t base)
{
	unsigned token = grace_enter();
	struct region *region = region_find(base);

	REQUIRE(region != NULL);
	REQUIRE_EQ(region->base, base);
	REQUIRE_EQ(region_end(region), FM_OK);
	grace_leave(token);
}

/* Where the region around @address begins; 0: there is none. */
static inline uintptr_t base_at(uintptr_t address)
{
	unsigned token = grace_enter();
	struct region *region = region_find(address);
	uintptr_t base = region ? region->base : 0;

	grace_leave(token);
	return base;
}

#endif
