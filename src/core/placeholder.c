/* SPDX-License-Identifier: MIT */
/* Placeholders: addresses kept for what will replace them; cut, joined, replaced and brought back. */
#include <sys/mman.h>

#include "backing.h"
#include "lock.h"
#include "os.h"
#include "private.h"
#include "protect.h"
#include "status.h"

enum { PIECES_AT_ONCE = 64 };

struct region *placeholder_exact(uintptr_t base, size_t size)
{
	struct region *region = region_find(base);

	return region && region->kind == REGION_PLACEHOLDER && region->base == base && region->size == size ? region
													  : NULL;
}

static void free_all(struct region *const *regions, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		region_free(regions[i]);
}

fm_status placeholder_split(struct region *region, uintptr_t base, size_t size)
{
	uintptr_t ends[3] = { base, base + size, region->base + region->size };
	uintptr_t at = region->base;
	struct region *pieces[3];
	struct region_change change = { .old = &region, .old_count = 1, .with = pieces };
	fm_status status;

	if (size == region->size)
		return FM_E_CONFLICTING_ADDRESSES;
	for (unsigned i = 0; i < 3; at = ends[i++]) {
		if (ends[i] == at)
			continue;
		pieces[change.with_count] = region_new(REGION_PLACEHOLDER, at, ends[i] - at, FM_NOACCESS);
		if (!pieces[change.with_count]) {
			free_all(pieces, change.with_count);
			return FM_E_NO_MEMORY;
		}
		change.with_count++;
	}
	status = region_replace(&change);
	if (status_failed(status))
		free_all(pieces, change.with_count);
	return status;
}

/* The placeholders that exactly cover [base, +size): how many, or 0. @pieces has room for @limit. */
static unsigned cover(uintptr_t base, size_t size, struct region **pieces, unsigned limit)
{
	unsigned count = 0;

	for (uintptr_t at = base; at - base < size;) {
		struct region *region = region_find(at);

		if (!region || region->kind != REGION_PLACEHOLDER || region->base != at ||
		    region->size > size - (at - base))
			return 0;
		if (count < limit)
			pieces[count] = region;
		count++;
		at += region->size;
	}
	return count;
}

fm_status placeholder_coalesce(uintptr_t base, size_t size)
{
	struct region *few[PIECES_AT_ONCE], **pieces = few, *whole;
	unsigned count = cover(base, size, few, PIECES_AT_ONCE), found = count;
	struct region_change change = { .with = &whole, .with_count = 1 };
	fm_status status = FM_E_NO_MEMORY;

	if (count < 2)
		return FM_E_CONFLICTING_ADDRESSES;
	if (count > PIECES_AT_ONCE) {
		pieces = os_allocate(count * sizeof(struct region *));
		if (!pieces)
			return FM_E_NO_MEMORY;
		found = cover(base, size, pieces, count);
	}
	whole = region_new(REGION_PLACEHOLDER, base, size, FM_NOACCESS);
	if (whole && found == count) {
		change.old = pieces;
		change.old_count = count;
		status = region_replace(&change);
	} else if (whole) {
		status = FM_E_CONFLICTING_ADDRESSES; /* another thread is at them */
	}
	if (status_failed(status) && whole)
		region_free(whole);
	if (pieces != few)
		os_free(pieces);
	return status;
}

fm_status placeholder_replace(struct region *old, struct region *with, fm_status (*remap)(void *context),
			      void *context)
{
	struct region_change change = { &old, 1, &with, 1, remap, context };
	LOCK_SCOPE(lock_stripe(LOCK_REGION, old));

	return region_replace(&change);
}

static fm_status blank(void *context)
{
	const struct region *region = context;

	return private_blank(region->base, region->size);
}

fm_status placeholder_restore(struct region *region)
{
	struct region *with;
	fm_status status;

	if (!(atomic_load_explicit(&region->flags, memory_order_relaxed) & REGION_FROM_PLACEHOLDER))
		return FM_E_CONFLICTING_ADDRESSES;
	with = region_new(REGION_PLACEHOLDER, region->base, region->size, FM_NOACCESS);
	if (!with)
		return FM_E_NO_MEMORY;
	status = placeholder_replace(region, with, blank, with);
	if (status_failed(status))
		region_free(with);
	return status;
}

/* The memory of a placeholder is what reserved memory is like: only committing changes it. */
static fm_status ready(void *context)
{
	const struct region *region = context;
	bool commit = region->flags & REGION_COMMITTED;
	fm_status status = FM_OK;
	int error;

	if (region->flags & REGION_WRITE_WATCH)
		status = watch_begin(region->base, region->size);
	if (!status_failed(status) && commit && (region->flags & REGION_WRITE_WATCH))
		status = watch_clear(region->base, region->size);
	if (status_failed(status) || !commit)
		return status;
	error = os.mprotect((void *)region->base, region->size, protect_kernel(region->protection));
	if (error < 0)
		(void)os.mprotect((void *)region->base, region->size, PROT_NONE); /* the best that can be done */
	return error < 0 ? status_of(OP_STORAGE_MEMORY, error) : FM_OK;
}

fm_status placeholder_fill(const struct vm_request *request, struct vm_range *ret_range)
{
	bool commit = request->type & VM_COMMIT;
	fm_status status = commit ? memory_promise(request->size) : FM_OK;
	unsigned token = grace_enter();
	struct region *old = placeholder_exact(request->address, request->size), *with = NULL;

	if (!status_failed(status) && !old)
		status = FM_E_CONFLICTING_ADDRESSES;
	if (!status_failed(status)) {
		with = region_new(REGION_PRIVATE, old->base, old->size, request->protection);
		status = with ? FM_OK : FM_E_NO_MEMORY;
	}
	if (with) {
		with->flags = REGION_FROM_PLACEHOLDER | (commit ? REGION_COMMITTED : 0) |
			      (request->type & VM_WRITE_WATCH ? REGION_WRITE_WATCH : 0);
		status = placeholder_replace(old, with, ready, with);
		if (status_failed(status))
			region_free(with);
	}
	grace_leave(token);
	if (!status_failed(status))
		*ret_range = (struct vm_range){ request->address, request->size };
	return status;
}
