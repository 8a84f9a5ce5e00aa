/* SPDX-License-Identifier: MIT */
/* Offer, reclaim and discard: contents of private pages that the caller can do without. */
#include <sys/mman.h>

#include "lock.h"
#include "os.h"
#include "private.h"
#include "status.h"

/* The private region of whole, committed pages [address, +size). Within a grace period. */
static struct region *find_pages(uintptr_t address, size_t size, size_t *ret_first)
{
	struct region *region = region_find(address);

	if (size == 0 || (address | size) % OS_PAGE)
		return NULL;
	if (!region || region->kind != REGION_PRIVATE || size > region->size - (address - region->base))
		return NULL;
	*ret_first = (address - region->base) / OS_PAGE;
	return region;
}

fm_status vm_offer(uintptr_t address, size_t size)
{
	unsigned token = grace_enter();
	fm_status status = FM_E_INVALID_PARAMETER;
	size_t first = 0;
	struct region *region = find_pages(address, size, &first);

	if (region) {
		LOCK_SCOPE(lock_stripe(LOCK_REGION, region));

		if (!region_gone(region) && private_all_committed(region, first, size / OS_PAGE))
			status = offer_pages(region, first, size / OS_PAGE);
	}
	grace_leave(token);
	return status;
}

fm_status vm_reclaim(uintptr_t address, size_t size, bool *ret_lost)
{
	unsigned token = grace_enter();
	fm_status status = FM_E_INVALID_PARAMETER;
	size_t first = 0;
	struct region *region = find_pages(address, size, &first);

	if (region) {
		LOCK_SCOPE(lock_stripe(LOCK_REGION, region));

		if (!region_gone(region) && private_all_committed(region, first, size / OS_PAGE)) {
			*ret_lost = !offer_take_back(region, first, size / OS_PAGE);
			status = FM_OK;
		}
	}
	grace_leave(token);
	return status;
}

static bool all_writable(const struct region *region, uintptr_t address, size_t size)
{
	struct page_run run;

	for (size_t done = 0; done < size; done += run.size) {
		private_run(region, address + done, size - done, &run);
		if (!run.committed || run.protection != (FM_READ | FM_WRITE))
			return false;
	}
	return true;
}

/* Undefined contents may stay as they are: where pages are watched, giving them back would tell of writes. */
fm_status vm_discard(uintptr_t address, size_t size)
{
	unsigned token = grace_enter();
	fm_status status = FM_E_INVALID_PARAMETER;
	size_t first = 0;
	struct region *region = find_pages(address, size, &first);

	if (region) {
		LOCK_SCOPE(lock_stripe(LOCK_REGION, region));

		if (!region_gone(region) && all_writable(region, address, size)) {
			offer_forget(region, first, size / OS_PAGE);
			if (!(region->flags & REGION_WRITE_WATCH))
				(void)os.madvise((void *)address, size, MADV_DONTNEED); /* locked pages stay: allowed too */
			status = FM_OK;
		}
	}
	grace_leave(token);
	return status;
}
