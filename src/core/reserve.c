/* SPDX-License-Identifier: MIT */
#include "reserve.h"

#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

#include "lock.h"
#include "os.h"
#include "status.h"

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

/*
 * One descriptor a process. A forked child's copy would act on the parent's memory, so it is bound to
 * the process that opened it, and a child opens its own; its inherited views are then not guarded.
 */
static _Atomic uint64_t guard; /* process id << 32 | descriptor + 1 */

static int open_guard(void)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_SIGBUS | UFFD_FEATURE_MISSING_SHMEM };
	uint64_t known = atomic_load_explicit(&guard, memory_order_acquire);
	uint64_t pid = (uint32_t)os_pid();
	int fd, error;

	if (known >> 32 == pid)
		return (int)(uint32_t)known - 1;
	fd = os.userfaultfd(O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
	if (fd < 0)
		return fd;
	error = os.ioctl(fd, UFFDIO_API, &api);
	if (error >= 0 && atomic_compare_exchange_strong(&guard, &known, pid << 32 | (uint32_t)(fd + 1)))
		return fd;
	os_close(fd);
	return error < 0 ? error : (int)(uint32_t)known - 1; /* another thread was first */
}

fm_status reserve_guard(struct region *region, uint64_t commit)
{
	struct uffdio_register range = { .range = { region->base, region->size }, .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = open_guard();

	if (fd >= 0) /* a refusal leaves the pages readable, as without userfaultfd */
		(void)os.ioctl(fd, UFFDIO_REGISTER, &range);
	if (!commit)
		return FM_OK;
	commit = (commit + OS_PAGE - 1) & ~(uint64_t)(OS_PAGE - 1);
	return section_commit(region->section, region->offset, commit < region->size ? commit : region->size);
}
