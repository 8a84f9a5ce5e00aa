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

/* What is done with pages that are all committed; under LOCK_REGION. */
typedef fm_status pages_work(struct region *region, size_t first, size_t count, bool *ret_lost);

static fm_status with_pages(uintptr_t address, size_t size, pages_work *work, bool *ret_lost)
{
	unsigned token = grace_enter();
	fm_status status = FM_E_INVALID_PARAMETER;
	size_t first = 0;
	struct region *region = find_pages(address, size, &first);

	if (region) {
		LOCK_SCOPE(lock_stripe(LOCK_REGION, region));

		if (!region_gone(region) && private_all_committed(region, first, size / OS_PAGE))
			status = work(region, first, size / OS_PAGE, ret_lost);
	}
	grace_leave(token);
	return status;
}

static fm_status offer(struct region *region, size_t first, size_t count, bool *ret_lost)
{
	(void)ret_lost;
	return offer_pages(region, first, count);
}

fm_status vm_offer(uintptr_t address, size_t size)
{
	return with_pages(address, size, offer, NULL);
}

static fm_status reclaim(struct region *region, size_t first, size_t count, bool *ret_lost)
{
	*ret_lost = !offer_take_back(region, first, count);
	return FM_OK;
}

fm_status vm_reclaim(uintptr_t address, size_t size, bool *ret_lost)
{
	return with_pages(address, size, reclaim, ret_lost);
}

static bool all_writable(const struct region *region, uintptr_t base, size_t size)
{
	struct page_run run;

	for (size_t done = 0; done < size; done += run.size) {
		private_run(region, base + done, size - done, &run);
		if (run.protection != (FM_READ | FM_WRITE))
			return false;
	}
	return true;
}

/* Undefined contents may stay as they are: where pages are watched, giving them back would tell of writes. */
static fm_status discard(struct region *region, size_t first, size_t count, bool *ret_lost)
{
	uintptr_t base = region->base + first * OS_PAGE;
	size_t size = count * OS_PAGE;

	(void)ret_lost;
	if (!all_writable(region, base, size))
		return FM_E_INVALID_PARAMETER;
	offer_forget(region, first, count);
	if (!(region->flags & REGION_WRITE_WATCH))
		(void)os.madvise((void *)base, size, MADV_DONTNEED); /* locked pages stay: allowed too */
	return FM_OK;
}

fm_status vm_discard(uintptr_t address, size_t size)
{
	return with_pages(address, size, discard, NULL);
}
