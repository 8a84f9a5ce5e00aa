/* SPDX-License-Identifier: MIT */
/* Giving private memory back: whole, or a part, which leaves one or two allocations of their own. */
#include "lock.h"
#include "os.h"
#include "private.h"
#include "status.h"

struct cut {
	uintptr_t base;
	size_t size;
};

static fm_status unmap(void *context)
{
	const struct cut *cut = context;
	int error = os.munmap((void *)cut->base, cut->size);

	return error < 0 ? status_of(OP_MAP, error) : FM_OK;
}

/* An allocation of its own of @count pages of @region. NULL: no memory. */
static struct region *rest_of(struct region *region, size_t first, size_t count)
{
	struct region *rest = region_new(region->kind, region->base + first * OS_PAGE, count * OS_PAGE,
					 region->protection);
	fm_status status;

	if (!rest)
		return NULL;
	rest->flags = atomic_load_explicit(&region->flags, memory_order_relaxed);
	status = offer_copy(region, first, rest);
	for (size_t page = 0; page < count && !status_failed(status);) {
		size_t run = region_page_run(region, first + page, count - page);

		status = region_set_pages(rest, page, run, region_page(region, first + page));
		page += run;
	}
	if (!status_failed(status))
		return rest;
	region_free(rest);
	return NULL;
}

static fm_status release_part(struct region *region, size_t first, size_t count)
{
	size_t behind = region->size / OS_PAGE - first - count;
	struct cut cut = { region->base + first * OS_PAGE, count * OS_PAGE };
	struct region *rests[2];
	struct region_change change = { .old = &region, .old_count = 1, .with = rests, .remap = unmap, .context = &cut };
	fm_status status = FM_OK;

	if (first && !(rests[change.with_count++] = rest_of(region, 0, first)))
		return FM_E_NO_MEMORY;
	if (behind && !(rests[change.with_count++] = rest_of(region, first + count, behind))) {
		change.with_count--;
		status = FM_E_NO_MEMORY;
	}
	if (!status_failed(status))
		status = region_replace(&change);
	if (status_failed(status))
		for (unsigned i = 0; i < change.with_count; i++)
			region_free(rests[i]);
	return status;
}

fm_status private_release(struct region *region, size_t first, size_t count)
{
	fm_status status;
	LOCK_SCOPE(lock_stripe(LOCK_REGION, region));

	if (region_gone(region))
		return FM_E_MEMORY_NOT_ALLOCATED;
	status = count == region->size / OS_PAGE ? region_end(region) : release_part(region, first, count);
	return status == FM_E_NOT_MAPPED_VIEW || status == FM_E_CONFLICTING_ADDRESSES ? FM_E_MEMORY_NOT_ALLOCATED
										      : status;
}
