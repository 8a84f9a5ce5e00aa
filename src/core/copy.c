/* SPDX-License-Identifier: MIT */
/*
 * Guarded copies. Where faults are handled, a copy that the handler knows. Else the kernel copies within this
 * process and reports a page that cannot be had as a short copy, where a plain access would be a signal.
 */
#include "copy.h"
#include "faulting.h"
#include "os.h"
#include "status.h"
#include "view.h"

typedef ssize_t copier(pid_t pid, const struct iovec *local, const struct iovec *remote);

/* A page of a view that its protection allows to use, and that cannot be had, has lost its storage. */
static bool storage_lost(const void *at, uint32_t wanted)
{
	unsigned token = grace_enter();
	struct region *region = region_find((uintptr_t)at);
	struct page_run run = { .protection = 0 };

	if (region && region->kind == REGION_VIEW)
		view_run(region, (uintptr_t)at, OS_PAGE, &run);
	grace_leave(token);
	return (run.protection & wanted) && !(run.protection & FM_GUARD);
}

/* Returns the bytes copied; *ret_error is why not all, 0 or -errno. */
static size_t copy(copier *call, void *local, const void *view, size_t length, int *ret_error)
{
	size_t done = 0;

	*ret_error = 0;
	while (done < length) {
		struct iovec mine = { (char *)local + done, length - done };
		struct iovec theirs = { (char *)(uintptr_t)view + done, length - done };
		ssize_t got = OS_RETRY(call(os_pid(), &mine, &theirs));

		if (got <= 0) {
			*ret_error = got < 0 ? (int)got : -EFAULT;
			break;
		}
		done += (size_t)got;
	}
	return done;
}

static size_t copy_here(void *to, const void *from, size_t length, int *ret_error)
{
	size_t left = os_copy(to, from, length);

	*ret_error = left ? -EFAULT : 0;
	return length - left;
}

static bool handled(void)
{
	return atomic_load_explicit(&fault_guards_copies, memory_order_acquire);
}

static fm_status reason(int error, bool buffer_bad, const void *at, uint32_t wanted)
{
	if (error == -EHWPOISON)
		return FM_E_IN_PAGE_ERROR;
	if (error != -EFAULT)
		return error < 0 ? status_of(OP_COPY, error) : FM_OK;
	return !buffer_bad && storage_lost(at, wanted) ? FM_E_IN_PAGE_ERROR : FM_E_ACCESS_VIOLATION;
}

fm_status fm_read(void *to, const void *view, size_t length, size_t *ret_done)
{
	int error;
	size_t done = handled() ? copy_here(to, view, length, &error)
				: copy(os.process_vm_readv, to, view, length, &error);
	const char *at = (const char *)view + done;

	if (ret_done)
		*ret_done = done;
	return reason(error, error == -EFAULT && fault_had((uintptr_t)at, false), at, FM_READ);
}

fm_status fm_write(void *view, const void *from, size_t length, size_t *ret_done)
{
	int error;
	size_t done = handled() ? copy_here(view, from, length, &error)
				: copy(os.process_vm_writev, (void *)(uintptr_t)from, view, length, &error);

	if (ret_done)
		*ret_done = done;
	return reason(error, error == -EFAULT && !fault_had((uintptr_t)from + done, false), (char *)view + done,
		      FM_WRITE | FM_COPY);
}
