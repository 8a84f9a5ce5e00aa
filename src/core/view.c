/* SPDX-License-Identifier: MIT */
/* Mapping and unmapping. */
#include "view.h"

#include <sys/mman.h>

#include "backing.h"
#include "lock.h"
#include "os.h"
#include "protect.h"
#include "reserve.h"
#include "status.h"

enum { TRIES = 16 };

/* A request made concrete. */
struct plan {
	struct section *section;
	int fd, prot, flags;
	uint64_t offset;    /* in the section, of the first page */
	size_t size;        /* whole pages */
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
	if (!(request->flags & MAP_REQUEST_GROWABLE) && (offset >= size || length > size - offset))
		return FM_E_INVALID_VIEW_SIZE;
	*ret_length = length;
	return FM_OK;
}

static fm_status make_plan(struct fm_section *handle, const struct map_request *request, struct plan *plan)
{
	struct section *section = handle->section;
	uint64_t length = 0;
	fm_status status = check_rights(handle, request);

	if (!status_failed(status))
		status = check_range(handle, request, &length);
	if (!status_failed(status) && (request->protection & FM_COPY))
		status = memory_promise(length);
	if (!status_failed(status))
		status = section_map_fd(handle, &plan->fd);
	if (status_failed(status))
		return status;
	plan->section = section;
	plan->slack = request->offset % OS_PAGE;
	plan->offset = request->offset - plan->slack;
	plan->size = (plan->slack + length + OS_PAGE - 1) & ~(size_t)(OS_PAGE - 1);
	plan->prot = protect_kernel(request->protection);
	plan->flags = (request->protection & FM_COPY ? MAP_PRIVATE : MAP_SHARED) |
		      (request->flags & MAP_REQUEST_POPULATE ? MAP_POPULATE : 0);
	return FM_OK;
}

static intptr_t map_at(const struct plan *plan, uintptr_t address, int flags)
{
	return os.mmap((void *)address, plan->size, plan->prot, plan->flags | flags, plan->fd,
		       plan->section->data_start + plan->offset);
}

/* Is [address, +size) free of the 64 KiB units that our other regions own? */
static bool units_free(uintptr_t address)
{
	unsigned token = grace_enter();
	struct region *before = region_find_before(address);
	bool free = !before || before->base + ((before->size + GRANULARITY - 1) & ~(size_t)(GRANULARITY - 1)) <= address;

	grace_leave(token);
	return free;
}

static intptr_t map_fixed(const struct plan *plan, const struct map_request *request)
{
	uintptr_t address = request->address - (request->flags & MAP_REQUEST_NATIVE ? plan->slack : 0);
	intptr_t at;

	if (address % OS_PAGE)
		return -ERANGE;
	if ((request->flags & MAP_REQUEST_GRANULAR) && !units_free(address))
		return -EEXIST;
	at = map_at(plan, address, MAP_FIXED_NOREPLACE);
	if (at < 0 || (uintptr_t)at == address)
		return at;
	(void)os.munmap((void *)at, plan->size); /* a kernel that took the address for a hint */
	return -EEXIST;
}

/* The kernel's choice, with room to align: for what our own range cannot hold. */
static intptr_t map_in_room(const struct plan *plan)
{
	const uintptr_t step = plan->size >= 2 << 20 ? 2 << 20 : GRANULARITY;
	size_t room = plan->size + 2 * step;
	intptr_t start = os.mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uintptr_t place, end;
	intptr_t at;

	if (start < 0)
		return start;
	place = (((uintptr_t)start + step - 1) & ~(step - 1)) + plan->offset % step;
	at = map_at(plan, place, MAP_FIXED);
	if (at < 0) {
		(void)os.munmap((void *)start, room); /* a whole mapping of ours: cannot fail */
		return at;
	}
	end = (uintptr_t)start + room;
	if (place > (uintptr_t)start) /* a failure leaves reserved addresses, nothing worse */
		(void)os.munmap((void *)start, place - (uintptr_t)start);
	(void)os.munmap((void *)(place + plan->size), end - place - plan->size);
	return at;
}

static intptr_t map_anywhere(const struct plan *plan)
{
	intptr_t at = -ENOMEM;

	for (unsigned i = 0; i < TRIES; i++) {
		uintptr_t place = place_propose(plan->size, plan->offset);

		if (!place)
			break;
		at = map_at(plan, place, MAP_FIXED_NOREPLACE);
		if ((uintptr_t)at == place)
			return at;
		if (at > 0)
			(void)os.munmap((void *)at, plan->size); /* taken for a hint */
		else if (at != -EEXIST)
			return at;
		place_taken(place, plan->size);
	}
	return map_in_room(plan);
}

/* What is mapped goes into the table, or away again. */
static fm_status enter(struct region *region, const struct plan *plan, const struct map_request *request)
{
	fm_status status = FM_OK;

	section_get(plan->section);
	region->section = plan->section;
	region->offset = plan->offset;
	region->flags = (request->flags & MAP_REQUEST_GROWABLE ? REGION_GROWABLE : 0) |
			(plan->section->attributes & SECTION_NO_CHANGE ? REGION_NO_CHANGE : 0);
	if (plan->section->attributes & SECTION_RESERVE)
		status = reserve_guard(region, request->commit);
	if (!status_failed(status))
		status = region_insert(region);
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
	fm_status status = make_plan(handle, request, &plan);
	intptr_t at;

	if (status_failed(status))
		return status;
	if (request->flags & MAP_REQUEST_PLACEHOLDER)
		return FM_E_NOT_SUPPORTED;
	region = region_new(REGION_VIEW, 0, plan.size, reported_protection(plan.section, request->protection));
	if (!region)
		return FM_E_NO_MEMORY;
	at = request->address ? map_fixed(&plan, request) : map_anywhere(&plan);
	if (at < 0) {
		region_free(region);
		return at == -ERANGE ? FM_E_MAPPED_ALIGNMENT : status_of(OP_MAP, (int)at);
	}
	region->base = (uintptr_t)at;
	status = enter(region, &plan, request);
	if (status_failed(status)) {
		(void)os.munmap((void *)at, plan.size); /* not yet merged with a neighbour of ours: best effort */
		region_free(region);
		return status;
	}
	*ret_base = (char *)at + (request->flags & MAP_REQUEST_NATIVE ? plan.slack : 0);
	if (ret_size)
		*ret_size = plan.size;
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
	fm_status status;

	if (!region || region->kind != REGION_VIEW)
		status = FM_E_NOT_MAPPED_VIEW;
	else if (region->flags & REGION_NO_CHANGE)
		status = FM_E_INVALID_PARAMETER;
	else if (keep_placeholder)
		status = FM_E_CONFLICTING_ADDRESSES;
	else
		status = end_unchanging(region);
	grace_leave(token);
	return status;
}
