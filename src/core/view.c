/* SPDX-License-Identifier: MIT */
/* Mapping and unmapping. */
#include "view.h"

#include <sys/mman.h>

#include "backing.h"
#include "lock.h"
#include "os.h"
#include "private.h"
#include "protect.h"
#include "reserve.h"
#include "status.h"

/* A request made concrete. */
struct plan {
	struct section *section;
	struct place_mapping mapping;
	size_t slack;       /* of the byte asked for in the first page */
};

static fm_status check_rights(const struct fm_section *handle, const struct map_request *request)
{
	if (protect_rights(request->protection) & ~handle->access)
		return FM_E_ACCESS_DENIED;
	if ((request->flags & MAP_REQUEST_GRANULAR) && ((request->address | request->offset) % GRANULARITY))
		return FM_E_MAPPED_ALIGNMENT;
	if (!protect_within(request->protection, handle->section->protection))
		return FM_E_SECTION_PROTECTION;
	if (handle->section->protection == FM_EXEC && (request->protection & FM_READ))
		return FM_E_SECTION_PROTECTION; /* execute-only sections have execute-only views */
	if ((request->flags & MAP_REQUEST_GROWABLE) && !(handle->section->protection & FM_WRITE))
		return FM_E_SECTION_PROTECTION; /* nobody could make its file grow */
	return FM_OK;
}

/* The bytes to map. The size that other processes may have raised is asked for only when it matters. */
static fm_status check_range(struct fm_section *handle, const struct map_request *request, uint64_t *ret_length)
{
	uint64_t size = atomic_load_explicit(&handle->section->size, memory_order_relaxed);
	uint64_t offset = request->offset, length = request->length;

	if (length > INT64_MAX && !(request->flags & MAP_REQUEST_NATIVE))
		return FM_E_INVALID_PARAMETER_3;
	if (length > INT64_MAX || offset > INT64_MAX)
		return FM_E_INVALID_VIEW_SIZE;
	if (length == 0 || offset >= size || length > size - offset)
		size = section_size(handle);
	if (length == 0 && offset < size)
		length = size - offset;
	if (length == 0 || (!(request->flags & MAP_REQUEST_GROWABLE) && (offset >= size || length > size - offset)))
		return FM_E_INVALID_VIEW_SIZE;
	*ret_length = length;
	return FM_OK;
}

static fm_status make_plan(struct fm_section *handle, const struct map_request *request, struct plan *plan)
{
	struct section *section = handle->section;
	uint64_t length = 0;
	int fd = -1;
	fm_status status = check_rights(handle, request);

	if (!status_failed(status))
		status = check_range(handle, request, &length);
	if (!status_failed(status) && (request->protection & FM_COPY))
		status = memory_promise(length);
	if (!status_failed(status))
		status = section_map_fd(handle, &fd);
	if (status_failed(status))
		return status;
	plan->section = section;
	plan->slack = request->offset % OS_PAGE;
	plan->mapping = (struct place_mapping){
		.size = (plan->slack + length + OS_PAGE - 1) & ~(size_t)(OS_PAGE - 1),
		.prot = protect_kernel(request->protection),
		.flags = (request->protection & FM_COPY ? MAP_PRIVATE : MAP_SHARED) |
			 (request->flags & MAP_REQUEST_POPULATE ? MAP_POPULATE : 0),
		.fd = fd,
		.file_offset = section->data_start + request->offset - plan->slack,
		.offset = request->offset - plan->slack,
	};
	return FM_OK;
}

static intptr_t map_somewhere(const struct plan *plan, const struct map_request *request)
{
	const struct place_bounds bounds = { .lowest = request->lowest, .highest = request->highest,
					     .top_down = request->flags & MAP_REQUEST_TOP_DOWN };

	if (request->address)
		return place_map_fixed(&plan->mapping,
				       request->address - (request->flags & MAP_REQUEST_NATIVE ? plan->slack : 0),
				       request->flags & MAP_REQUEST_GRANULAR);
	if (request->flags & (MAP_REQUEST_BOUNDED | MAP_REQUEST_TOP_DOWN))
		return place_map_within(&plan->mapping, &bounds);
	return place_map_anywhere(&plan->mapping);
}

static void describe(struct region *region, const struct plan *plan, const struct map_request *request)
{
	section_get(plan->section);
	region->section = plan->section;
	region->offset = plan->mapping.offset;
	region->failures = atomic_load_explicit(&plan->section->failures, memory_order_relaxed);
	region->flags = (request->flags & MAP_REQUEST_GROWABLE ? REGION_GROWABLE : 0) |
			(plan->section->attributes & SECTION_NO_CHANGE ? REGION_NO_CHANGE : 0);
}

static fm_status guard(struct region *region, const struct map_request *request)
{
	return region->section->attributes & SECTION_RESERVE ? reserve_guard(region, request->commit) : FM_OK;
}

/* What is mapped goes into the table, or away again. */
static fm_status enter(struct region *region, const struct map_request *request)
{
	fm_status status = guard(region, request);

	return status_failed(status) ? status : region_insert(region);
}

struct replacement {
	const struct plan *plan;
	const struct map_request *request;
	struct region *region;
};

/* Over the placeholder's memory; on failure that is as it was. */
static fm_status map_over(void *context)
{
	const struct replacement *replacement = context;
	struct region *region = replacement->region;
	intptr_t at = place_map(&replacement->plan->mapping, region->base, MAP_FIXED);
	fm_status status = at < 0 ? status_of(OP_MAP, (int)at) : guard(region, replacement->request);

	if (status_failed(status))
		(void)private_blank(region->base, region->size); /* the best that can be done */
	return status;
}

static fm_status replace_placeholder(const struct plan *plan, const struct map_request *request, struct region *region)
{
	struct replacement replacement = { plan, request, region };
	unsigned token = grace_enter();
	struct region *old = placeholder_exact(request->address, region->size);
	fm_status status = FM_E_CONFLICTING_ADDRESSES;

	if (old) {
		region->base = request->address;
		region->flags |= REGION_FROM_PLACEHOLDER;
		status = placeholder_replace(old, region, map_over, &replacement);
	}
	grace_leave(token);
	return status;
}

/* Once entered, the region is no longer ours to look at. */
static fm_status map_and_enter(const struct plan *plan, const struct map_request *request, struct region *region,
			       uintptr_t *ret_base)
{
	LOCK_SCOPE(lock_stripe(LOCK_PLACING, region));
	intptr_t at = map_somewhere(plan, request);
	fm_status status;

	if (at < 0)
		return at == -ERANGE ? FM_E_MAPPED_ALIGNMENT : status_of(OP_MAP, (int)at);
	region->base = (uintptr_t)at;
	status = enter(region, request);
	if (status_failed(status))
		(void)os.munmap((void *)at, plan->mapping.size); /* it may have been merged with a neighbour: best effort */
	else
		*ret_base = (uintptr_t)at;
	return status;
}

static uint32_t reported_protection(const struct section *section, uint32_t protection)
{
	if (!(protection & PROTECT_BASE))
		return protection;
	if (section->attributes & SECTION_NOCACHE)
		protection |= FM_NOCACHE;
	if (section->attributes & SECTION_WRITECOMBINE)
		protection |= FM_WRITECOMBINE;
	return protection;
}

fm_status view_map(struct fm_section *handle, const struct map_request *request, void **ret_base, size_t *ret_size)
{
	struct plan plan;
	struct region *region;
	uintptr_t base = request->address;
	fm_status status = make_plan(handle, request, &plan);

	if (status_failed(status))
		return status;
	region = region_new(REGION_VIEW, 0, plan.mapping.size,
			    reported_protection(plan.section, request->protection));
	if (!region)
		return FM_E_NO_MEMORY;
	describe(region, &plan, request);
	status = request->flags & MAP_REQUEST_PLACEHOLDER ? replace_placeholder(&plan, request, region)
							  : map_and_enter(&plan, request, region, &base);
	if (status_failed(status)) {
		region_free(region);
		return status;
	}
	*ret_base = (char *)base + (request->flags & MAP_REQUEST_NATIVE ? plan.slack : 0);
	if (ret_size)
		*ret_size = plan.mapping.size;
	return FM_OK;
}

/* Not while its pages are being mapped in another way: that would reach into what comes to lie there next. */
static fm_status end_unchanging(struct region *region)
{
	LOCK_SCOPE(lock_stripe(LOCK_REGION, region));

	return region_end(region);
}

fm_status view_unmap(const void *address, bool keep_placeholder)
{
	unsigned token = grace_enter();
	struct region *region = region_find((uintptr_t)address);
	bool holds = false; /* memory, or the mark of a file, through a descriptor that goes with the region */
	fm_status status;

	if (region && region->kind == REGION_VIEW)
		holds = region->section->attributes & (SECTION_RESERVE | SECTION_PAGED) || section_only_viewed(region->section);
	if (!region || region->kind != REGION_VIEW)
		status = FM_E_NOT_MAPPED_VIEW;
	else if (region->flags & REGION_NO_CHANGE)
		status = FM_E_INVALID_PARAMETER;
	else if (keep_placeholder)
		status = placeholder_restore(region);
	else
		status = end_unchanging(region);
	grace_leave(token);
	if (holds)
		grace_settle();
	return status;
}
