/* SPDX-License-Identifier: MIT */
/*
 * Write watch: which pages of a region have been written. The kernel notes it: pages are write-protected
 * by userfaultfd in its asynchronous mode (Linux 6.7), where a write takes the protection away without
 * anybody being told, and PAGEMAP_SCAN finds, and protects again, the pages without it as one step. Older
 * kernels have nothing that loses no write between looking and resetting, so there it is refused.
 */
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

#include "lock.h"
#include "os.h"
#include "private.h"
#include "status.h"
#include "watcher.h"

#define WATCH_UNPOPULATED (1u << 13) /* UFFD_FEATURE_WP_UNPOPULATED */
#define WATCH_ASYNC (1u << 15)       /* UFFD_FEATURE_WP_ASYNC */

/* PAGEMAP_SCAN of Linux 6.7; older headers lack it. */
struct scan_range {
	uint64_t start, end, categories;
};
struct scan {
	uint64_t size, flags, start, end, walk_end, ranges, ranges_length, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};
#define SCAN _IOWR('f', 16, struct scan)
enum { SCAN_PROTECT = 1, SCAN_CHECK = 2, SCAN_WRITTEN = 2, RANGES = 64 };

static struct watcher watcher;

static int open_watcher(void)
{
	return watcher_open(&watcher, WATCH_UNPOPULATED | WATCH_ASYNC);
}

fm_status watch_ready(void)
{
	int fd = open_watcher();

	return fd == -ENOMEM ? FM_E_NO_MEMORY : fd < 0 ? FM_E_NOT_SUPPORTED : FM_OK;
}

fm_status watch_begin(uintptr_t base, size_t size)
{
	struct uffdio_register range = { .range = { base, size }, .mode = UFFDIO_REGISTER_MODE_WP };
	int fd = open_watcher();
	int error = fd < 0 ? fd : os.ioctl(fd, UFFDIO_REGISTER, &range);

	if (error == -ENOMEM)
		return FM_E_NO_MEMORY;
	return error < 0 ? FM_E_NOT_SUPPORTED : FM_OK;
}

fm_status watch_clear(uintptr_t base, size_t size)
{
	struct uffdio_writeprotect range = { .range = { base, size }, .mode = UFFDIO_WRITEPROTECT_MODE_WP };
	int fd = open_watcher();
	int error = fd < 0 ? fd : OS_RETRY(os.ioctl(fd, UFFDIO_WRITEPROTECT, &range));

	if (error != -ENOENT)
		return error < 0 ? FM_E_NO_MEMORY : FM_OK;
	if (status_failed(watch_begin(base, size))) /* a forked child's copy is not registered yet */
		return FM_E_NO_MEMORY;
	return os.ioctl(fd, UFFDIO_WRITEPROTECT, &range) < 0 ? FM_E_NO_MEMORY : FM_OK;
}

/* ---- looking ---- */

struct search {
	int fd;               /* of the page map */
	const struct region *region;
	void **pages;
	size_t count, room;
	bool reset;
};

static int scan(const struct search *search, uintptr_t start, uintptr_t end, struct scan_range *ranges,
		uintptr_t *ret_end)
{
	struct scan arguments = {
		.size = sizeof(arguments), .flags = SCAN_CHECK | (search->reset ? SCAN_PROTECT : 0),
		.start = start, .end = end, .ranges = (uintptr_t)ranges, .ranges_length = RANGES,
		.max_pages = search->room - search->count,
		.category_mask = SCAN_WRITTEN, .return_mask = SCAN_WRITTEN,
	};
	int found = OS_RETRY(os.ioctl(search->fd, SCAN, &arguments));

	if (found == -EPERM && !status_failed(watch_begin(search->region->base, search->region->size)))
		found = OS_RETRY(os.ioctl(search->fd, SCAN, &arguments)); /* a forked child: all pages count as written */
	*ret_end = arguments.walk_end;
	return found;
}

static void note_range(struct search *search, const struct scan_range *range)
{
	for (uint64_t at = range->start; at < range->end && search->count < search->room; at += OS_PAGE)
		search->pages[search->count++] = (void *)(uintptr_t)at;
}

/* The written pages of [start, end), all committed. */
static fm_status search_run(struct search *search, uintptr_t start, uintptr_t end)
{
	struct scan_range ranges[RANGES];

	while (start < end && search->count < search->room) {
		uintptr_t next = end;
		int found = scan(search, start, end, ranges, &next);

		if (found < 0)
			return status_of(OP_MAP, found);
		for (int i = 0; i < found; i++)
			note_range(search, &ranges[i]);
		start = next > start ? next : end;
	}
	return FM_OK;
}

/* The watched region that contains [address, +size). Within a grace period. */
static struct region *watched_region(uintptr_t address, size_t size)
{
	struct region *region = region_find(address);

	if (!region || !(atomic_load_explicit(&region->flags, memory_order_relaxed) & REGION_WRITE_WATCH))
		return NULL;
	return size > 0 && size <= region->size - (address - region->base) ? region : NULL;
}

/* Call @each with the committed runs of the pages of [address, +size). Under LOCK_REGION. */
static fm_status each_committed(const struct region *region, uintptr_t address, size_t size,
				fm_status (*each)(struct search *search, uintptr_t start, uintptr_t end),
				struct search *search)
{
	uintptr_t end = (address + size + OS_PAGE - 1) & ~(uintptr_t)(OS_PAGE - 1);
	fm_status status = region_gone(region) ? FM_E_INVALID_PARAMETER : FM_OK;
	struct page_run run;

	for (uintptr_t at = address & ~(uintptr_t)(OS_PAGE - 1); at < end && !status_failed(status); at += run.size) {
		private_run(region, at, end - at, &run);
		if (run.committed)
			status = each(search, run.base, run.base + run.size);
	}
	return status;
}

fm_status vm_written(uintptr_t address, size_t size, bool reset, void **pages, size_t *count)
{
	OS_CLEANUP_FD int fd = os_open(AT_FDCWD, "/proc/self/pagemap", O_RDONLY, 0);
	unsigned token = grace_enter();
	struct region *region = watched_region(address, size);
	struct search search = { .fd = fd, .region = region, .pages = pages, .room = *count, .reset = reset };
	fm_status status = FM_E_INVALID_PARAMETER;

	if (region && *count > 0) {
		LOCK_SCOPE(lock_stripe(LOCK_REGION, region));

		status = fd < 0 ? status_of(OP_DESCRIPTOR, fd) : each_committed(region, address, size, search_run, &search);
	}
	grace_leave(token);
	if (!status_failed(status))
		*count = search.count;
	return status;
}

static fm_status clear_run(struct search *search, uintptr_t start, uintptr_t end)
{
	(void)search;
	return watch_clear(start, end - start);
}

fm_status vm_reset_written(uintptr_t address, size_t size)
{
	unsigned token = grace_enter();
	struct region *region = watched_region(address, size);
	fm_status status = FM_E_INVALID_PARAMETER;

	if (region) {
		LOCK_SCOPE(lock_stripe(LOCK_REGION, region));

		status = each_committed(region, address, size, clear_run, NULL);
	}
	grace_leave(token);
	return status;
}
