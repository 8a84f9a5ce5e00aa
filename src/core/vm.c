/* SPDX-License-Identifier: MIT */
/* Allocating, freeing and protecting memory of any kind: each rule once, then to whom it belongs. */
#include "vm.h"

#include "backing.h"
#include "foreign.h"
#include "lock.h"
#include "os.h"
#include "private.h"
#include "status.h"

#define PLACEHOLDER_TYPES (VM_RESERVE_PLACEHOLDER | VM_REPLACE_PLACEHOLDER)
#define KNOWN_TYPES                                                                                \
	(VM_COMMIT | VM_RESERVE | VM_RESET | VM_TOP_DOWN | VM_WRITE_WATCH | VM_RESET_UNDO | VM_LARGE_PAGES)

/* Pages of one region. */
struct span {
	struct region *region;
	size_t first, count;
};

static uintptr_t page_of(uintptr_t address)
{
	return address & ~(uintptr_t)(OS_PAGE - 1);
}

/* The pages with a byte of [address, +size). */
static struct vm_range pages_of(uintptr_t address, size_t size)
{
	uintptr_t base = page_of(address);

	return (struct vm_range){ base, page_of(address + size - 1) - base + OS_PAGE };
}

/* Within a grace period. False: they are not all in one region; its region, if any, is told anyway. */
static bool locate(uintptr_t address, size_t size, struct span *ret_span)
{
	struct region *region = region_find(address);
	struct vm_range pages = pages_of(address, size);

	ret_span->region = region;
	if (!region || size > region->size - (address - region->base))
		return false;
	ret_span->first = (pages.base - region->base) / OS_PAGE;
	ret_span->count = pages.size / OS_PAGE;
	return true;
}

/* ---- allocate ---- */

static fm_status check_placeholder_type(const struct vm_request *request)
{
	uint32_t type = request->type;

	if (!(type & PLACEHOLDER_TYPES))
		return FM_OK;
	if (!request->extended || !(type & VM_RESERVE) || (type & PLACEHOLDER_TYPES) == PLACEHOLDER_TYPES)
		return FM_E_INVALID_PARAMETER;
	if ((type & VM_RESERVE_PLACEHOLDER) && ((type & (VM_COMMIT | VM_WRITE_WATCH)) || request->protection))
		return FM_E_INVALID_PARAMETER;
	return FM_OK;
}

static fm_status check_type(const struct vm_request *request)
{
	uint32_t type = request->type;
	const uint32_t both = VM_RESERVE | VM_COMMIT;

	if (type & ~(uint32_t)(KNOWN_TYPES | PLACEHOLDER_TYPES))
		return FM_E_INVALID_PARAMETER_5;
	if ((type & (VM_RESET | VM_RESET_UNDO)) && (type & (type - 1)))
		return FM_E_INVALID_PARAMETER_5; /* alone */
	if (!(type & (both | VM_RESET | VM_RESET_UNDO)))
		return FM_E_INVALID_PARAMETER_5;
	if ((type & VM_WRITE_WATCH) && !(type & VM_RESERVE))
		return FM_E_INVALID_PARAMETER_5;
	if ((type & VM_LARGE_PAGES) && ((type & both) != both || (type & VM_WRITE_WATCH)))
		return FM_E_INVALID_PARAMETER_5;
	return check_placeholder_type(request);
}

/* HighestEndingAddress is the last byte of a page, LowestStartingAddress of a unit. */
static fm_status check_bounds(const struct vm_request *request)
{
	if (!request->lowest && !request->highest && !request->alignment)
		return FM_OK;
	if (request->address || !(request->type & (VM_RESERVE | VM_COMMIT)))
		return FM_E_INVALID_PARAMETER;
	if (request->lowest % GRANULARITY || (request->highest && (request->highest + 1) % OS_PAGE))
		return FM_E_INVALID_PARAMETER;
	if (request->highest > vm_highest() || request->lowest > vm_highest())
		return FM_E_INVALID_PARAMETER;
	if (request->highest && request->highest < request->lowest)
		return FM_E_INVALID_PARAMETER;
	if (request->alignment && (request->alignment < GRANULARITY || (request->alignment & (request->alignment - 1))))
		return FM_E_INVALID_PARAMETER;
	return FM_OK;
}

static fm_status check_request(const struct vm_request *request)
{
	fm_status status = check_type(request);

	if (!status_failed(status))
		status = check_bounds(request);
	if (status_failed(status))
		return status;
	if (request->size == 0)
		return FM_E_INVALID_PARAMETER_4;
	if (request->address > vm_highest() || (request->address && request->address < VM_LOWEST))
		return FM_E_INVALID_PARAMETER_2;
	if (request->size - 1 > vm_highest() - request->address)
		return FM_E_INVALID_PARAMETER_3;
	if (request->type & VM_LARGE_PAGES) /* nobody is granted the right to lock memory away in large pages */
		return (request->address | request->size) % VM_LARGE_PAGE ? FM_E_INVALID_PARAMETER
									  : FM_E_PRIVILEGE_NOT_HELD;
	return FM_OK;
}

static fm_status commit(const struct vm_request *request)
{
	struct span span;
	bool whole = locate(request->address, request->size, &span);

	if (!span.region || span.region->kind == REGION_PLACEHOLDER)
		return FM_E_CONFLICTING_ADDRESSES;
	if (span.region->kind == REGION_VIEW)
		return view_commit((void *)request->address, request->size, request->protection);
	if (request->protection & FM_COPY)
		return FM_E_INVALID_PAGE_PROTECTION;
	if (!whole)
		return FM_E_CONFLICTING_ADDRESSES;
	LOCK_SCOPE(lock_stripe(LOCK_REGION, span.region));
	if (region_gone(span.region))
		return FM_E_CONFLICTING_ADDRESSES;
	return private_commit(span.region, span.first, span.count, request->protection);
}

static fm_status reset(const struct vm_request *request)
{
	struct span span;
	bool lost = false;
	fm_status status = FM_OK;

	if (!locate(request->address, request->size, &span) || span.region->kind == REGION_PLACEHOLDER)
		return FM_E_CONFLICTING_ADDRESSES;
	if (span.region->kind == REGION_VIEW) /* memory that others may share is kept */
		return section_is_memory(span.region->section) ? FM_OK : FM_E_USER_MAPPED_FILE;
	LOCK_SCOPE(lock_stripe(LOCK_REGION, span.region));
	if (region_gone(span.region))
		return FM_E_CONFLICTING_ADDRESSES;
	if (request->type & VM_RESET)
		status = offer_pages(span.region, span.first, span.count);
	else
		lost = !offer_take_back(span.region, span.first, span.count);
	return lost ? FM_E_UNSUCCESSFUL : status;
}

fm_status vm_allocate(const struct vm_request *request, struct vm_range *ret_range)
{
	fm_status status = check_request(request);
	bool reserve = (request->type & VM_RESERVE) || (!request->address && (request->type & VM_COMMIT));
	unsigned token;

	if (!status_failed(status))
		status = lock_ready();
	if (status_failed(status))
		return status;
	if (reserve && (request->protection & FM_COPY))
		return FM_E_INVALID_PAGE_PROTECTION;
	if (request->type & VM_REPLACE_PLACEHOLDER)
		return placeholder_fill(request, ret_range);
	if (reserve)
		return private_reserve(request, ret_range);
	token = grace_enter();
	status = request->type & VM_COMMIT ? commit(request) : reset(request);
	grace_leave(token);
	if (!status_failed(status))
		*ret_range = pages_of(request->address, request->size);
	return status;
}

/* ---- free ---- */

static fm_status check_free_type(size_t size, uint32_t type)
{
	const uint32_t hints = VM_COALESCE_PLACEHOLDERS | VM_PRESERVE_PLACEHOLDER;

	if ((type & ~hints) != VM_DECOMMIT && (type & ~hints) != VM_RELEASE)
		return FM_E_INVALID_PARAMETER_4;
	if ((type & hints) && ((type & hints) == hints || !(type & VM_RELEASE)))
		return FM_E_INVALID_PARAMETER_4;
	return (type & hints) && size == 0 ? FM_E_INVALID_PARAMETER_3 : FM_OK;
}

static fm_status keep_placeholder(struct region *region, const struct vm_range *range)
{
	bool whole = range->base == region->base && range->size == region->size;

	if (region->kind == REGION_PLACEHOLDER)
		return placeholder_split(region, range->base, range->size);
	return whole ? placeholder_restore(region) : FM_E_CONFLICTING_ADDRESSES;
}

static fm_status decommit(const struct span *span)
{
	if (span->region->kind == REGION_PLACEHOLDER)
		return FM_E_CONFLICTING_ADDRESSES;
	LOCK_SCOPE(lock_stripe(LOCK_REGION, span->region));
	return region_gone(span->region) ? FM_E_MEMORY_NOT_ALLOCATED
				  : private_decommit(span->region, span->first, span->count);
}

/* What is asked for, as pages of one region. */
static fm_status resolve(uintptr_t address, size_t size, struct span *span, struct vm_range *ret_range)
{
	struct region *region = region_find(address);

	if (!region)
		return FM_E_MEMORY_NOT_ALLOCATED;
	if (region->kind == REGION_VIEW)
		return FM_E_UNABLE_TO_DELETE_SECTION;
	if (size == 0) {
		if (page_of(address) != region->base)
			return FM_E_FREE_VM_NOT_AT_BASE;
		address = region->base;
		size = region->size;
	}
	if (!locate(address, size, span))
		return FM_E_UNABLE_TO_FREE_VM;
	*ret_range = pages_of(address, size);
	return FM_OK;
}

static fm_status free_pages(uintptr_t address, size_t size, uint32_t type, struct vm_range *range)
{
	struct span span;
	fm_status status = resolve(address, size, &span, range);

	if (type & VM_COALESCE_PLACEHOLDERS) {
		*range = (struct vm_range){ address, size };
		return placeholder_coalesce(address, size);
	}
	if (type & VM_PRESERVE_PLACEHOLDER) {
		if (status_failed(status))
			return status == FM_E_UNABLE_TO_FREE_VM ? FM_E_CONFLICTING_ADDRESSES : status;
		return keep_placeholder(span.region, range);
	}
	if (status_failed(status))
		return status;
	return type & VM_DECOMMIT ? decommit(&span) : private_release(span.region, span.first, span.count);
}

fm_status vm_free(uintptr_t address, size_t size, uint32_t type, struct vm_range *ret_range)
{
	fm_status status = check_free_type(size, type);
	struct vm_range range = { 0, 0 };
	unsigned token;

	if (status_failed(status))
		return status;
	if (address == 0 || address > vm_highest())
		return FM_E_INVALID_PARAMETER_2;
	if (size && size - 1 > vm_highest() - address)
		return FM_E_INVALID_PARAMETER_3;
	token = grace_enter();
	status = free_pages(address, size, type, &range);
	grace_leave(token);
	if (!status_failed(status) && ret_range)
		*ret_range = range;
	return status;
}

/* ---- protect ---- */

static fm_status protect_private(const struct span *span, uint32_t protection, uint32_t *ret_old)
{
	LOCK_SCOPE(lock_stripe(LOCK_REGION, span->region));

	return region_gone(span->region) ? FM_E_CONFLICTING_ADDRESSES
				  : private_protect(span->region, span->first, span->count, protection, ret_old);
}

fm_status vm_protect(uintptr_t address, size_t size, uint32_t protection, struct vm_range *ret_range,
		     uint32_t *ret_old)
{
	unsigned token;
	struct span span;
	bool whole;
	fm_status status;

	if (size == 0 || address > vm_highest() || size - 1 > vm_highest() - address)
		return FM_E_INVALID_PARAMETER;
	token = grace_enter();
	whole = locate(address, size, &span);
	if (!span.region)
		status = foreign_protect(page_of(address), pages_of(address, size).size, protection, ret_old);
	else if (!whole)
		status = FM_E_CONFLICTING_ADDRESSES;
	else if (span.region->kind == REGION_VIEW)
		status = view_protect((void *)address, size, protection, ret_old);
	else
		status = protect_private(&span, protection, ret_old);
	grace_leave(token);
	if (!status_failed(status) && ret_range)
		*ret_range = pages_of(address, size);
	return status;
}
