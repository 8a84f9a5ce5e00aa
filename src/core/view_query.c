/* SPDX-License-Identifier: MIT */
/* What a page of a view is like, and how far that holds. */
#include "lock.h"
#include "os.h"
#include "pagemap.h"
#include "protect.h"
#include "view.h"

static bool mapped_private(const struct region *region, uint16_t state)
{
	return (region->protection & FM_COPY) || (state & PAGE_IS_PRIVATE);
}

/* A view that is longer than its file: what lies behind the end is reserved until the file grows. */
static void limit_by_end(const struct region *region, uint64_t offset, struct page_run *run)
{
	uint64_t size = atomic_load_explicit(&region->section->size, memory_order_relaxed);
	uint64_t end = (size + OS_PAGE - 1) & ~(uint64_t)(OS_PAGE - 1);

	run->committed = offset < end;
	if (run->committed && end - offset < run->size)
		run->size = end - offset;
}

static void limit_by_commit(const struct region *region, uint64_t offset, struct page_run *run)
{
	uint64_t bytes;

	run->committed = section_committed(region->section, offset, run->size, &bytes);
	if (bytes < run->size)
		run->size = bytes;
}

/* Without /proc nothing is known of copies, and the protection that was asked for is reported. */
static void limit_by_copies(struct page_run *run)
{
	size_t pages;

	if (os_private_run(run->base, run->size / OS_PAGE, &run->private_copy, &pages) < 0)
		return;
	run->size = pages * OS_PAGE;
	if (run->private_copy)
		run->protection = protect_written(run->protection);
}

void view_run(const struct region *region, uintptr_t address, size_t limit, struct page_run *ret_run)
{
	uintptr_t base = address & ~(uintptr_t)(OS_PAGE - 1);
	size_t page = (base - region->base) / OS_PAGE;
	uint16_t state = region_page(region, page);
	uint64_t offset = region->offset + (base - region->base);
	struct page_run run = { .base = base, .committed = true };

	run.size = region->size - page * OS_PAGE;
	if (limit < run.size)
		run.size = limit;
	run.size = region_page_run(region, page, run.size / OS_PAGE) * OS_PAGE;
	run.protection = state & PAGE_CHANGED ? state & PAGE_PROTECTION : region->protection;
	if (region->flags & REGION_GROWABLE)
		limit_by_end(region, offset, &run);
	if (region->section->attributes & SECTION_RESERVE)
		limit_by_commit(region, offset, &run);
	if (!run.committed)
		run.protection = 0;
	else if (mapped_private(region, state))
		limit_by_copies(&run);
	*ret_run = run;
}

static void describe(const struct region *region, uintptr_t address, fm_view_info *info)
{
	struct page_run run;

	view_run(region, address, SIZE_MAX, &run);
	*info = (fm_view_info){
		.base = (void *)region->base,
		.size = region->size,
		.offset = region->offset,
		.map_access = region->protection,
		.backing = section_is_memory(region->section) ? FM_BACKING_MEMORY : FM_BACKING_FILE,
		.run_base = (void *)run.base,
		.run_size = run.size,
		.protection = run.protection,
		.committed = run.committed,
		.private_copy = run.private_copy,
		.failed = atomic_load_explicit(&region->flags, memory_order_acquire) & REGION_FAILED,
	};
}

fm_status fm_view_query(const void *address, fm_view_info *ret_info)
{
	unsigned token;
	struct region *region;

	if (!ret_info)
		return FM_E_ACCESS_VIOLATION;
	token = grace_enter();
	region = region_find((uintptr_t)address);
	if (region && region->kind != REGION_VIEW)
		region = NULL;
	if (region)
		describe(region, (uintptr_t)address, ret_info);
	grace_leave(token);
	return region ? FM_OK : FM_E_NOT_MAPPED_VIEW;
}

/* One view at a time, outside the grace period while the visitor runs: it may unmap. */
fm_status fm_view_list(fm_view_visitor *visit, void *context)
{
	uintptr_t address = 0;

	if (!visit)
		return FM_E_INVALID_PARAMETER;
	for (;;) {
		fm_view_info info;
		unsigned token = grace_enter();
		struct region *region = region_find_next(address);
		bool view = region && region->kind == REGION_VIEW;

		if (view)
			describe(region, region->base, &info);
		if (region)
			address = region->base + region->size;
		grace_leave(token);
		if (!region || (view && !visit(&info, context)))
			return FM_OK;
	}
}
