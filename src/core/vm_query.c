/* SPDX-License-Identifier: MIT */
/* What is at an address, of whatever kind. */
#include "foreign.h"
#include "grace.h"
#include "image.h"
#include "os.h"
#include "private.h"
#include "status.h"
#include "vm.h"

/* The topmost 64 KiB are nobody's, as on Windows: but without randomisation a stack lies there, so that
 * they can be asked about. */
uintptr_t vm_highest(void)
{
	return os_address_limit() - GRANULARITY - 1;
}

static void run_of(const struct region *region, uintptr_t address, size_t limit, struct page_run *run)
{
	if (region->kind == REGION_VIEW)
		view_run(region, address, limit, run);
	else
		private_run(region, address, limit, run);
}

static void describe(const struct region *region, uintptr_t address, struct vm_info *info)
{
	struct page_run run;

	run_of(region, address, SIZE_MAX, &run);
	*info = (struct vm_info){
		.base = run.base,
		.size = run.size,
		.allocation_base = region->base,
		.allocation_protection = region->protection,
		.protection = run.protection,
		.state = run.committed ? VM_COMMITTED : VM_RESERVED,
		.kind = region->kind == REGION_VIEW ? VM_MAPPED : VM_PRIVATE,
	};
}

fm_status vm_query(uintptr_t address, struct vm_info *ret_info)
{
	unsigned token;
	struct region *region;

	if (address >= os_address_limit() - OS_PAGE)
		return FM_E_INVALID_PARAMETER;
	token = grace_enter();
	region = region_find(address);
	if (region)
		describe(region, address, ret_info);
	grace_leave(token);
	if (!region)
		foreign_query(address & ~(uintptr_t)(OS_PAGE - 1), ret_info);
	return FM_OK;
}

/* Copies of a copy-on-write view are charged as a whole when it is mapped. */
static void describe_region(const struct region *region, struct vm_region_info *info)
{
	bool view = region->kind == REGION_VIEW;

	*info = (struct vm_region_info){
		.base = region->base,
		.size = region->size,
		.committed = view ? (region->protection & FM_COPY ? region->size : 0) : private_committed(region),
		.protection = region->protection,
		.kind = view ? VM_MAPPED : VM_PRIVATE,
		.file = view && !section_is_memory(region->section),
		.placeholder = region->kind == REGION_PLACEHOLDER,
	};
}

/* The runs of one foreign allocation, from its base to where another begins. */
static fm_status foreign_region(uintptr_t address, struct vm_region_info *info)
{
	struct vm_info run;
	uintptr_t base;

	foreign_query(address & ~(uintptr_t)(OS_PAGE - 1), &run);
	if (run.state == VM_FREE)
		return FM_E_INVALID_ADDRESS;
	base = run.allocation_base;
	*info = (struct vm_region_info){ .base = base, .protection = run.allocation_protection, .kind = run.kind,
					 .file = run.kind == VM_MAPPED };
	for (uintptr_t at = base; at < os_address_limit() - OS_PAGE; at += run.size) {
		foreign_query(at, &run);
		if (run.allocation_base != base || run.kind != info->kind)
			break;
		info->size += run.size;
		info->committed += run.kind == VM_PRIVATE || (run.protection & FM_COPY) ? run.size : 0;
	}
	return FM_OK;
}

fm_status vm_query_region(uintptr_t address, struct vm_region_info *ret_info)
{
	unsigned token;
	struct region *region;

	if (address >= os_address_limit() - OS_PAGE)
		return FM_E_INVALID_PARAMETER;
	token = grace_enter();
	region = region_find(address);
	if (region)
		describe_region(region, ret_info);
	grace_leave(token);
	return region ? FM_OK : foreign_region(address, ret_info);
}
