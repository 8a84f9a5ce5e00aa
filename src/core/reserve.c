/* SPDX-License-Identifier: MIT */
#include "reserve.h"

#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

#include "os.h"
#include "status.h"
#include "watcher.h"

static struct watcher guard;

fm_status reserve_guard(struct region *region, uint64_t commit)
{
	struct uffdio_register range = { .range = { region->base, region->size }, .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = watcher_open(&guard, UFFD_FEATURE_SIGBUS | UFFD_FEATURE_MISSING_SHMEM);

	if (fd >= 0) /* a refusal leaves the pages readable, as without userfaultfd */
		(void)os.ioctl(fd, UFFDIO_REGISTER, &range);
	if (!commit)
		return FM_OK;
	commit = (commit + OS_PAGE - 1) & ~(uint64_t)(OS_PAGE - 1);
	return section_commit(region->section, region->offset, commit < region->size ? commit : region->size);
}
