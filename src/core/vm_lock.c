/* SPDX-License-Identifier: MIT */
/* Keeping pages resident. The kernel knows which pages are locked, so nothing is remembered here. */
#include <sys/mman.h>

#include "maps.h"
#include "os.h"
#include "pagemap.h"
#include "protect.h"
#include "status.h"
#include "vm.h"

#ifndef MADV_COLD
#define MADV_COLD 20
#endif

static fm_status check_range(uintptr_t address, size_t size, uintptr_t *ret_end)
{
	if (size == 0 || size - 1 > vm_highest() - address || address > vm_highest())
		return FM_E_INVALID_PARAMETER_3;
	*ret_end = (address + size + OS_PAGE - 1) & ~(uintptr_t)(OS_PAGE - 1);
	return FM_OK;
}

/* As if each page were touched: the first one that cannot be decides. A guard is gone after that. */
static fm_status touchable(const struct vm_info *info)
{
	uint32_t old;

	if (info->state == VM_FREE)
		return FM_E_ACCESS_VIOLATION;
	if (info->state == VM_RESERVED)
		return FM_E_NOT_COMMITTED;
	if (!(info->protection & PROTECT_BASE))
		return FM_E_ACCESS_VIOLATION;
	if (!(info->protection & FM_GUARD))
		return FM_OK;
	if (status_failed(vm_protect(info->base, OS_PAGE, info->protection & ~(uint32_t)FM_GUARD, NULL, &old)))
		return FM_E_ACCESS_VIOLATION;
	return FM_E_GUARD_PAGE;
}

static fm_status lock_error(int error)
{
	switch (error) {
	case -ENOMEM:
	case -EPERM:
	case -EAGAIN:
		return FM_E_WORKING_SET_QUOTA;
	case -EFAULT:
		return FM_E_IN_PAGE_ERROR;
	default:
		return status_of(OP_MAP, error);
	}
}

fm_status vm_lock(uintptr_t address, size_t size)
{
	uintptr_t base = address & ~(uintptr_t)(OS_PAGE - 1), end;
	fm_status status = check_range(address, size, &end);
	struct vm_info info;
	int error;

	for (uintptr_t at = base; !status_failed(status) && at < end; at = info.base + info.size) {
		(void)vm_query(at, &info); /* within the address space: cannot fail */
		status = touchable(&info);
	}
	if (status_failed(status))
		return status;
	error = OS_RETRY(os.mlock((void *)base, end - base));
	return error < 0 ? lock_error(error) : FM_OK;
}

/*
 * Is the mapping around @address locked? The kernel tells nobody but by the slow smaps; yet it refuses to
 * call locked pages cold, and calling others so is what unlocking them does on Windows too.
 */
static bool is_locked(uintptr_t address)
{
	return os.madvise((void *)(address & ~(uintptr_t)(OS_PAGE - 1)), OS_PAGE, MADV_COLD) == -EINVAL;
}

static bool all_locked(uintptr_t base, uintptr_t end)
{
	struct os_map map;

	for (uintptr_t at = base; at < end; at = map.end) /* locked and other pages are never of one mapping */
		if (os_find_map(at, &map) < 0 || map.start > at || !is_locked(at))
			return false;
	return true;
}

fm_status vm_unlock(uintptr_t address, size_t size)
{
	uintptr_t base = address & ~(uintptr_t)(OS_PAGE - 1), end;
	fm_status status = check_range(address, size, &end);
	int error;

	if (status_failed(status))
		return status;
	if (!all_locked(base, end))
		return FM_E_NOT_LOCKED;
	error = os.munlock((void *)base, end - base);
	return error < 0 ? status_of(OP_MAP, error) : FM_OK;
}

fm_status vm_allow_lock(size_t size)
{
	struct rlimit limit;
	int error = os.getrlimit(RLIMIT_MEMLOCK, &limit);

	if (error < 0)
		return status_of(OP_MAP, error);
	if (limit.rlim_cur >= size)
		return FM_OK;
	limit.rlim_cur = size;
	if (limit.rlim_max < size)
		limit.rlim_max = size; /* with the privilege only */
	error = os.setrlimit(RLIMIT_MEMLOCK, &limit);
	return error < 0 ? FM_E_PRIVILEGE_NOT_HELD : FM_OK;
}

void vm_query_page(uintptr_t address, struct vm_page *ret_page)
{
	struct vm_info info;
	struct os_page page = { 0 };

	*ret_page = (struct vm_page){ 0 };
	if (status_failed(vm_query(address, &info)) || info.state != VM_COMMITTED)
		return;
	ret_page->protection = info.protection;
	if (os_query_page(address, &page) < 0)
		return;
	ret_page->resident = page.present;
	ret_page->shared = page.present ? page.file : info.kind != VM_PRIVATE;
	ret_page->exclusive = page.exclusive;
	ret_page->locked = page.present && is_locked(address);
}
