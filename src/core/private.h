/* SPDX-License-Identifier: MIT */
/*
 * Private allocations and placeholders: regions of anonymous memory.
 *
 * Reserved pages are inaccessible to the kernel too (PROT_NONE, MAP_NORESERVE); committing is mprotect().
 * A page that is decommitted is given back and comes again as zeros. Callers of what takes a region are
 * in a grace period and, where said, hold LOCK_REGION of it.
 */
#ifndef FM_CORE_PRIVATE_H
#define FM_CORE_PRIVATE_H

#include "region.h"
#include "view.h"
#include "vm.h"

/* Reserve, and commit if asked, memory or a placeholder; types as checked by vm_allocate(). */
fm_status private_reserve(const struct vm_request *request, struct vm_range *ret_range);

/* Under LOCK_REGION; pages [first, first + count) of a private region. On failure nothing has changed. */
fm_status private_commit(struct region *region, size_t first, size_t count, uint32_t protection);
fm_status private_decommit(struct region *region, size_t first, size_t count);
fm_status private_protect(struct region *region, size_t first, size_t count, uint32_t protection,
			  uint32_t *ret_old);

/* Give pages back for good: all, or a part, whose neighbours become allocations of their own. Takes
 * LOCK_REGION. */
fm_status private_release(struct region *region, size_t first, size_t count);

/* As view_run(), of a private region or a placeholder. */
void private_run(const struct region *region, uintptr_t address, size_t limit, struct page_run *ret_run);
size_t private_committed(const struct region *region); /* bytes */
/* Are all the pages committed? */
bool private_all_committed(const struct region *region, size_t first, size_t count);

/* Anonymous memory without access over [base, +size), which is ours. */
fm_status private_blank(uintptr_t base, size_t size);

/* ---- placeholder.c; all take what locks they need ---- */

/* The placeholder that is exactly [base, +size), or NULL. */
struct region *placeholder_exact(uintptr_t base, size_t size);
/* Cut [base, +size) out of the placeholder @region. FM_E_CONFLICTING_ADDRESSES: it is all of it. */
fm_status placeholder_split(struct region *region, uintptr_t base, size_t size);
/* Make one of the two or more that exactly cover [base, +size). */
fm_status placeholder_coalesce(uintptr_t base, size_t size);
/* Turn a view or an allocation that replaced a placeholder back into one. */
fm_status placeholder_restore(struct region *region);
/* Put @with in the place of @old; @remap changes the memory. */
fm_status placeholder_replace(struct region *old, struct region *with, fm_status (*remap)(void *context),
			      void *context);
/* Replace a placeholder by private memory. */
fm_status placeholder_fill(const struct vm_request *request, struct vm_range *ret_range);

/* ---- watch.c ---- */

/* What watches is open; watch_begin() opens it as well. Its errors, and FM_E_NO_MEMORY. */
fm_status watch_ready(void);
/* Watch writes to [base, +size), anonymous memory of ours. FM_E_NOT_SUPPORTED: this kernel cannot. */
fm_status watch_begin(uintptr_t base, size_t size);
/* Call pages unwritten that nobody has touched yet, or no longer. */
fm_status watch_clear(uintptr_t base, size_t size);

/* ---- offer.c; under LOCK_REGION ---- */

void offer_forget(struct region *region, size_t first, size_t count);
fm_status offer_copy(const struct region *from, size_t first, struct region *to);
fm_status offer_pages(struct region *region, size_t first, size_t count);
bool offer_take_back(struct region *region, size_t first, size_t count); /* false: something was lost */

#endif
