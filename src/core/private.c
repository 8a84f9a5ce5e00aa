/* SPDX-License-Identifier: MIT */
/* Private allocations: pages reserved, committed, protected and given back. */
#include "private.h"

#include <sys/mman.h>

#include "backing.h"
#include "lock.h"
#include "os.h"
#include "protect.h"
#include "status.h"

#define BLANK_FLAGS (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

static bool watched(const struct region *region)
{
	return atomic_load_explicit(&region->flags, memory_order_relaxed) & REGION_WRITE_WATCH;
}

static void *page_at(const struct region *region, size_t page)
{
	return (void *)(region->base + page * OS_PAGE);
}

fm_status private_blank(uintptr_t base, size_t size)
{
	intptr_t at = os.mmap((void *)base, size, PROT_NONE, BLANK_FLAGS | MAP_FIXED, -1, 0);

	return at < 0 ? status_of(OP_MAP, (int)at) : FM_OK;
}

/* ---- looking ---- */

void private_run(const struct region *region, uintptr_t address, size_t limit, struct page_run *ret_run)
{
	uintptr_t base = address & ~(uintptr_t)(OS_PAGE - 1);
	size_t page = (base - region->base) / OS_PAGE;
	size_t size = region->size - page * OS_PAGE;
	uint16_t state = region_page(region, page);
	struct page_run run = { .base = base };

	if (limit < size)
		size = limit;
	run.size = region_page_run(region, page, size / OS_PAGE) * OS_PAGE;
	if (state & PAGE_CHANGED) {
		run.committed = state & PAGE_COMMITTED;
		run.protection = state & PAGE_PROTECTION;
	} else {
		run.committed = atomic_load_explicit(&region->flags, memory_order_relaxed) & REGION_COMMITTED;
		run.protection = run.committed ? region->protection : 0;
	}
	run.private_copy = run.committed;
	*ret_run = run;
}

size_t private_committed(const struct region *region)
{
	size_t committed = 0;
	struct page_run run;

	for (size_t done = 0; done < region->size; done += run.size) {
		private_run(region, region->base + done, SIZE_MAX, &run);
		committed += run.committed ? run.size : 0;
	}
	return committed;
}

bool private_all_committed(const struct region *region, size_t first, size_t count)
{
	struct page_run run;

	for (size_t done = 0; done < count; done += run.size / OS_PAGE) {
		private_run(region, region->base + (first + done) * OS_PAGE, (count - done) * OS_PAGE, &run);
		if (!run.committed)
			return false;
	}
	return true;
}

/* ---- changing; under LOCK_REGION ---- */

/* Make room for states before anything changes, so that noting the change cannot fail. */
static fm_status states_ready(struct region *region, size_t first)
{
	struct page_run run;

	if (atomic_load_explicit(&region->pages, memory_order_relaxed))
		return FM_OK;
	private_run(region, region->base + first * OS_PAGE, OS_PAGE, &run);
	return region_set_pages(region, first, 1,
				PAGE_CHANGED | (run.committed ? PAGE_COMMITTED : 0) | (uint16_t)run.protection);
}

/* Put the kernel's protections back to what the table says, over what a failed change has reached. */
static void undo(const struct region *region, size_t first, size_t count)
{
	struct page_run run;

	for (size_t done = 0; done < count; done += run.size / OS_PAGE) {
		private_run(region, region->base + (first + done) * OS_PAGE, (count - done) * OS_PAGE, &run);
		(void)os.mprotect((void *)run.base, run.size, protect_kernel(run.protection)); /* nothing better */
	}
}

static int change(const struct region *region, size_t first, size_t count, int prot)
{
	int error = os.mprotect(page_at(region, first), count * OS_PAGE, prot);

	if (error < 0)
		undo(region, first, count);
	return error;
}

/* Pages that come into being are unwritten. */
static fm_status clear_watch(const struct region *region, size_t first, size_t count)
{
	fm_status status = FM_OK;
	struct page_run run;

	for (size_t done = 0; done < count && !status_failed(status); done += run.size / OS_PAGE) {
		private_run(region, region->base + (first + done) * OS_PAGE, (count - done) * OS_PAGE, &run);
		if (!run.committed)
			status = watch_clear(run.base, run.size);
	}
	return status;
}

fm_status private_commit(struct region *region, size_t first, size_t count, uint32_t protection)
{
	fm_status status = memory_promise(count * OS_PAGE);
	int error;

	if (!status_failed(status))
		status = states_ready(region, first);
	if (!status_failed(status) && watched(region))
		status = clear_watch(region, first, count);
	if (status_failed(status))
		return status;
	error = change(region, first, count, protect_kernel(protection));
	if (error < 0)
		return status_of(OP_STORAGE_MEMORY, error);
	return region_set_pages(region, first, count,
				PAGE_CHANGED | PAGE_COMMITTED | (uint16_t)protection); /* states exist */
}

/* A watched page keeps its mapping, which is what is watched. */
static int give_back(const struct region *region, size_t first, size_t count)
{
	int error;

	if (!watched(region)) {
		intptr_t at = os.mmap(page_at(region, first), count * OS_PAGE, PROT_NONE, BLANK_FLAGS | MAP_FIXED, -1, 0);

		return at < 0 ? (int)at : 0;
	}
	error = change(region, first, count, PROT_NONE);
	if (error >= 0) {
		(void)os.munlock(page_at(region, first), count * OS_PAGE); /* what was not locked is none the worse */
		error = os.madvise(page_at(region, first), count * OS_PAGE, MADV_DONTNEED);
		if (error < 0)
			undo(region, first, count);
	}
	return error;
}

fm_status private_decommit(struct region *region, size_t first, size_t count)
{
	fm_status status = states_ready(region, first);
	int error;

	if (status_failed(status))
		return status;
	error = give_back(region, first, count);
	if (error < 0)
		return status_of(OP_MAP, error);
	offer_forget(region, first, count);
	return region_set_pages(region, first, count, PAGE_CHANGED); /* states exist */
}

fm_status private_protect(struct region *region, size_t first, size_t count, uint32_t protection,
			  uint32_t *ret_old)
{
	struct page_run run;
	fm_status status;
	int error;

	if (protection & FM_COPY)
		return FM_E_INVALID_PAGE_PROTECTION;
	if (!private_all_committed(region, first, count))
		return FM_E_NOT_COMMITTED;
	private_run(region, region->base + first * OS_PAGE, OS_PAGE, &run);
	status = states_ready(region, first);
	if (status_failed(status))
		return status;
	error = change(region, first, count, protect_kernel(protection));
	if (error < 0)
		return status_of(OP_MAP, error);
	(void)region_set_pages(region, first, count,
			       PAGE_CHANGED | PAGE_COMMITTED | (uint16_t)protection); /* states exist */
	*ret_old = run.protection;
	return FM_OK;
}

/* ---- reserving ---- */

static intptr_t map_somewhere(const struct place_mapping *mapping, const struct vm_request *request)
{
	struct place_bounds bounds = { .lowest = request->lowest, .highest = request->highest,
				       .alignment = request->alignment,
				       .top_down = request->type & VM_TOP_DOWN };

	if (request->address)
		return place_map_fixed(mapping, request->address & ~(uintptr_t)(GRANULARITY - 1), true);
	if (bounds.lowest || bounds.highest || bounds.alignment > GRANULARITY || bounds.top_down)
		return place_map_within(mapping, &bounds);
	return place_map_anywhere(mapping);
}

static size_t reserved_size(const struct vm_request *request)
{
	size_t slack = request->address % GRANULARITY;

	return (slack + request->size + OS_PAGE - 1) & ~(size_t)(OS_PAGE - 1);
}

static fm_status watch(const struct region *region, bool committed)
{
	fm_status status = watch_begin(region->base, region->size);

	return status_failed(status) || !committed ? status : watch_clear(region->base, region->size);
}

/* Once entered, the region is no longer ours to look at. */
static fm_status map_and_enter(const struct place_mapping *mapping, const struct vm_request *request, struct region *region,
			       struct vm_range *ret_range)
{
	LOCK_SCOPE(lock_stripe(LOCK_PLACING, region));
	intptr_t at = map_somewhere(mapping, request);
	fm_status status = FM_OK;

	if (at < 0)
		return status_of(OP_MAP, (int)at);
	region->base = (uintptr_t)at;
	if (watched(region))
		status = watch(region, request->type & VM_COMMIT);
	if (!status_failed(status))
		status = region_insert(region);
	if (status_failed(status))
		(void)os.munmap((void *)at, mapping->size); /* it may have been merged with a neighbour: best effort */
	else
		*ret_range = (struct vm_range){ (uintptr_t)at, mapping->size };
	return status;
}

fm_status private_reserve(const struct vm_request *request, struct vm_range *ret_range)
{
	bool commit = request->type & VM_COMMIT;
	struct place_mapping mapping = { .size = reserved_size(request), .flags = BLANK_FLAGS, .fd = -1,
					 .prot = commit ? protect_kernel(request->protection) : PROT_NONE };
	fm_status status = commit ? memory_promise(mapping.size) : FM_OK;
	struct region *region;

	if (!status_failed(status) && (request->type & VM_WRITE_WATCH))
		status = watch_ready(); /* not while the place is held */
	if (status_failed(status))
		return status;
	region = region_new(request->type & VM_RESERVE_PLACEHOLDER ? REGION_PLACEHOLDER : REGION_PRIVATE, 0,
			    mapping.size, request->protection);
	if (!region)
		return FM_E_NO_MEMORY;
	region->flags = (commit ? REGION_COMMITTED : 0) | (request->type & VM_WRITE_WATCH ? REGION_WRITE_WATCH : 0);
	status = map_and_enter(&mapping, request, region, ret_range);
	if (status_failed(status))
		region_free(region);
	return status;
}
