/* SPDX-License-Identifier: MIT */
/*
 * Guarded copies. The kernel copies within this process and reports a page that cannot be had as a
 * short copy, where a plain access would be a signal. No handler is involved.
 */
#include "os.h"
#include "region.h"
#include "status.h"

typedef ssize_t copier(pid_t pid, const struct iovec *local, const struct iovec *remote);

/* A page of a live view that could not be had has lost its storage; anything else is a wrong address. */
static fm_status reason(const void *at)
{
	unsigned token = grace_enter();
	struct region *region = region_find((uintptr_t)at);
	bool view = region && region->kind == REGION_VIEW;
	uint32_t protection = 0;

	if (view) {
		uint16_t state = region_page(region, ((uintptr_t)at - region->base) / OS_PAGE);

		protection = state & PAGE_CHANGED ? state & PAGE_PROTECTION : region->protection;
	}
	grace_leave(token);
	return view && (protection & FM_READ) && !(protection & FM_GUARD) ? FM_E_IN_PAGE_ERROR : FM_E_ACCESS_VIOLATION;
}

static fm_status copy(copier *call, void *local, const void *view, size_t length, size_t *ret_done)
{
	size_t done = 0;
	fm_status status = FM_OK;

	while (done < length) {
		struct iovec mine = { (char *)local + done, length - done };
		struct iovec theirs = { (char *)(uintptr_t)view + done, length - done };
		ssize_t got = OS_RETRY(call(os_pid(), &mine, &theirs));

		if (got > 0) {
			done += (size_t)got;
			continue;
		}
		status = got == 0 || got == -EFAULT ? reason((const char *)view + done) : status_of(OP_COPY, (int)got);
		break;
	}
	if (ret_done)
		*ret_done = done;
	return status;
}

fm_status fm_read(void *to, const void *view, size_t length, size_t *ret_done)
{
	return copy(os.process_vm_readv, to, view, length, ret_done);
}

/* A read-only view refuses writing before the storage is in question. */
fm_status fm_write(void *view, const void *from, size_t length, size_t *ret_done)
{
	fm_status status = copy(os.process_vm_writev, (void *)(uintptr_t)from, view, length, ret_done);
	unsigned token;
	struct region *region;

	if (status != FM_E_IN_PAGE_ERROR)
		return status;
	token = grace_enter();
	region = region_find((uintptr_t)view);
	if (region && !(region->protection & (FM_WRITE | FM_COPY)))
		status = FM_E_ACCESS_VIOLATION;
	grace_leave(token);
	return status;
}
