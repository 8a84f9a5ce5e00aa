/* SPDX-License-Identifier: MIT */
/* Pages put right in a signal handler: zeros where storage failed, guards taken away. */
#include <errno.h>
#include <sys/mman.h>

#include <filemap.h>

#include "faulting.h"
#include "lock.h"
#include "os.h"
#include "protect.h"
#include "status.h"
#include "vm.h"

enum { PATIENCE = 10000 };

/*
 * A page of a region that is held still. The states of its pages exist. Never waits for long: the lock may
 * be held by the code that this thread has interrupted.
 */
struct held_page {
	struct region *region;
	size_t page;
	void *start;
	uint16_t state;
	uint32_t protection;  /* now */
};

static bool hold(struct region *region, uintptr_t address, struct held_page *held)
{
	unsigned name = lock_stripe(LOCK_REGION, region);

	for (int tries = 0; !lock_try(name); tries++) {
		if (tries == PATIENCE)
			return false;
		(void)os.sched_yield(); /* cannot fail */
	}
	held->region = region;
	held->page = (address - region->base) / OS_PAGE;
	held->start = (void *)(region->base + held->page * OS_PAGE);
	held->state = region_page(region, held->page);
	held->protection = held->state & PAGE_CHANGED ? held->state & PAGE_PROTECTION : region->protection;
	if (!region_gone(region) && atomic_load_explicit(&region->pages, memory_order_relaxed))
		return true;
	lock_drop(name);
	return false;
}

static void let_go(const struct held_page *held)
{
	lock_drop(lock_stripe(LOCK_REGION, held->region));
}

/* ---- zeros ---- */

static intptr_t map_zeros(const struct held_page *held, void *start, size_t size)
{
	return os.mmap(start, size, protect_kernel(held->protection), MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/*
 * Does the kernel refuse to map over a part of a huge page? Old ones say ENOMEM for that as well; but protecting
 * a part they refuse as all do, and where they do not, the page gets back what it had.
 */
static bool is_huge(const struct held_page *held, int error)
{
	if (error == -EINVAL)
		return true;
	if (error != -ENOMEM)
		return false;
	error = os.mprotect(held->start, OS_PAGE, PROT_NONE);
	if (error >= 0)
		(void)os.mprotect(held->start, OS_PAGE, protect_kernel(held->protection)); /* cannot fail: no new mapping */
	return error == -EINVAL;
}

/* Of huge pages the kernel gives a whole one up, or none. */
static bool put_zeros(const struct held_page *held)
{
	const size_t huge = VM_LARGE_PAGE / OS_PAGE;
	uintptr_t huge_start = (uintptr_t)held->start & ~(uintptr_t)(VM_LARGE_PAGE - 1);
	size_t first = held->page, count = 1;
	intptr_t at = map_zeros(held, held->start, OS_PAGE);

	if (at < 0 && huge_start >= held->region->base &&
	    held->region->size - (huge_start - held->region->base) >= VM_LARGE_PAGE && is_huge(held, (int)at)) {
		first = (huge_start - held->region->base) / OS_PAGE;
		count = huge;
		at = map_zeros(held, (void *)huge_start, VM_LARGE_PAGE);
	}
	if (at < 0)
		return false;
	(void)region_set_pages(held->region, first, count,
			       (uint16_t)(PAGE_CHANGED | PAGE_IS_PRIVATE | PAGE_FAILED | held->protection)); /* exist */
	atomic_fetch_or_explicit(&held->region->flags, REGION_FAILED | REGION_UNTOLD, memory_order_release);
	return true;
}

/* Of two threads at one page the second finds the zeros there, perhaps written already. */
enum repair fault_zero_page(struct region *region, uintptr_t address)
{
	struct held_page held;
	bool done;

	if (!(atomic_load_explicit(&region->flags, memory_order_acquire) & REGION_ZERO_PAGE) ||
	    !hold(region, address, &held))
		return REPAIR_NONE;
	done = (held.state & PAGE_FAILED) || put_zeros(&held);
	let_go(&held);
	return done ? REPAIR_AGAIN : REPAIR_NONE;
}

static fm_status set_policy(struct region *region, unsigned policy)
{
	LOCK_SCOPE(lock_stripe(LOCK_REGION, region));

	if (region_gone(region))
		return FM_E_NOT_MAPPED_VIEW;
	if (policy == FM_FAULT_SIGNAL) {
		atomic_fetch_and_explicit(&region->flags, ~(uint32_t)REGION_ZERO_PAGE, memory_order_release);
		return FM_OK;
	}
	if (status_failed(region_make_pages(region)))
		return FM_E_NO_MEMORY;
	atomic_fetch_or_explicit(&region->flags, REGION_ZERO_PAGE, memory_order_release);
	return FM_OK;
}

fm_status fm_view_set_fault_policy(const void *address, unsigned policy)
{
	fm_status status = policy > FM_FAULT_ZERO_PAGE ? FM_E_INVALID_PARAMETER : lock_ready();
	struct region *region;
	unsigned token;

	if (status_failed(status))
		return status;
	token = grace_enter();
	region = region_find((uintptr_t)address);
	status = region && region->kind == REGION_VIEW ? set_policy(region, policy) : FM_E_NOT_MAPPED_VIEW;
	grace_leave(token);
	return status;
}

/* ---- guards ---- */

static bool set_guard(const struct held_page *held, bool guard)
{
	uint32_t protection = guard ? held->protection | FM_GUARD : held->protection & ~(uint32_t)FM_GUARD;
	uint16_t kept = held->state & PAGE_CHANGED ? held->state & (PAGE_COMMITTED | PAGE_IS_PRIVATE | PAGE_FAILED)
		      : held->region->kind == REGION_PRIVATE ? PAGE_COMMITTED : 0;

	if (os.mprotect(held->start, OS_PAGE, protect_kernel(protection)) < 0)
		return false;
	(void)region_set_pages(held->region, held->page, 1, (uint16_t)(PAGE_CHANGED | kept | protection)); /* exists */
	return true;
}

static bool committed(const struct held_page *held)
{
	return held->region->kind == REGION_VIEW || (held->state & PAGE_COMMITTED) ||
	       (!(held->state & PAGE_CHANGED) && (held->region->flags & REGION_COMMITTED));
}

static bool allowed(const struct held_page *held, enum os_access access)
{
	int prot = protect_kernel(held->protection);

	return prot & (access == OS_ACCESS_WRITE ? PROT_WRITE : access == OS_ACCESS_EXECUTE ? PROT_EXEC : PROT_READ);
}

enum repair fault_take_guard(struct region *region, const struct fault *fault)
{
	enum repair repair = REPAIR_NONE;
	struct held_page held;

	if (!hold(region, fault->address, &held))
		return REPAIR_NONE;
	if (committed(&held) && (held.protection & FM_GUARD))
		repair = set_guard(&held, false) ? REPAIR_GUARD : REPAIR_NONE;
	else if (committed(&held) && allowed(&held, fault->access))
		repair = REPAIR_AGAIN;
	let_go(&held);
	return repair;
}

void fault_return_guard(uintptr_t address)
{
	unsigned token = grace_enter();
	struct region *region = region_find(address);
	struct held_page held;

	if (region && hold(region, address, &held)) {
		(void)set_guard(&held, true); /* without it the access is let through, which is no worse */
		let_go(&held);
	}
	grace_leave(token);
}
