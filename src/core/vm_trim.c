/* SPDX-License-Identifier: MIT */
/* Hints about residency: read ahead, or let go. */
#include <sys/mman.h>

#include "lock.h"
#include "maps.h"
#include "os.h"
#include "region.h"
#include "vm.h"

#ifndef MADV_COLD
#define MADV_COLD 20
#endif

/* Mapping by mapping: the kernel stops at a gap. */
void vm_prefetch(uintptr_t address, size_t size)
{
	uintptr_t at = address & ~(uintptr_t)(OS_PAGE - 1), end;
	struct os_map map;

	if (address > vm_highest())
		return;
	end = size > vm_highest() - address ? vm_highest() + 1 : address + size;
	if (os.madvise((void *)at, (end - at + OS_PAGE - 1) & ~(size_t)(OS_PAGE - 1), MADV_WILLNEED) != -ENOMEM)
		return;
	for (; at < end && os_find_map(at, &map) >= 0 && map.start < end; at = map.end) {
		uintptr_t start = map.start > at ? map.start : at;
		uintptr_t stop = map.end < end ? map.end : (end + OS_PAGE - 1) & ~(uintptr_t)(OS_PAGE - 1);

		(void)os.madvise((void *)start, stop - start, MADV_WILLNEED); /* a hint */
	}
}

/* Where all pages are the section's, they can be unmapped: they stay in memory until it is short. */
static bool all_shared(const struct region *region)
{
	size_t pages = region->size / OS_PAGE;

	if (region->kind != REGION_VIEW || (region->protection & FM_COPY))
		return false;
	for (size_t page = 0; page < pages; page += region_page_run(region, page, pages - page))
		if (region_page(region, page) & PAGE_IS_PRIVATE)
			return false;
	return true;
}

static void trim(struct region *region)
{
	LOCK_SCOPE(lock_stripe(LOCK_REGION, region)); /* no page turns private meanwhile */

	if (region_gone(region))
		return;
	/* Refused for locked pages, as it should be. */
	(void)os.madvise((void *)region->base, region->size, all_shared(region) ? MADV_DONTNEED : MADV_COLD);
}

void vm_trim(void)
{
	uintptr_t address = 0;
	struct region *region;

	do {
		unsigned token = grace_enter();

		region = region_find_next(address);
		if (region) {
			address = region->base + region->size;
			if (region->kind != REGION_PLACEHOLDER)
				trim(region);
		}
		grace_leave(token);
	} while (region);
}
