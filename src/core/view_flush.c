/* SPDX-License-Identifier: MIT */
/* Write-back by levels, and the hints. */
#include <sys/mman.h>

#include "backing.h"
#include "lock.h"
#include "os.h"
#include "status.h"
#include "view.h"

/* Part of a view, held while calls that may block work on it. */
struct part {
	struct section *section;
	uintptr_t start;      /* whole pages */
	size_t size;
	uint64_t offset;      /* in the section */
	uint32_t protection;
	bool failed;          /* zeros took the place of storage, and nobody has been told */
};

static fm_status part_of(const void *address, size_t length, struct part *part)
{
	uintptr_t at = (uintptr_t)address, end;
	unsigned token = grace_enter();
	struct region *region = region_find(at);
	fm_status status = FM_OK;

	if (!region || region->kind != REGION_VIEW) {
		status = FM_E_NOT_MAPPED_VIEW;
	} else if (length > region->size - (at - region->base)) {
		status = FM_E_NOT_MAPPED_VIEW;
	} else {
		end = length ? at + length : region->base + region->size;
		part->start = at & ~(uintptr_t)(OS_PAGE - 1);
		part->size = ((end + OS_PAGE - 1) & ~(uintptr_t)(OS_PAGE - 1)) - part->start;
		part->offset = region->offset + (part->start - region->base);
		part->protection = region->protection;
		part->section = region->section;
		section_get(part->section);
		part->failed = atomic_load_explicit(&region->flags, memory_order_acquire) & REGION_UNTOLD;
	}
	grace_leave(token);
	return status;
}

/* Hand the pages to the device; @flags says whether to wait. */
static int write_out(const struct part *part, unsigned flags)
{
	bool opened;
	int fd, error;

	if (status_failed(section_borrow_fd(part->section, (void *)part->start, O_RDONLY, &fd, &opened)))
		return os.msync((void *)part->start, part->size, MS_SYNC); /* no descriptor: the stronger level */
	error = OS_RETRY(os.sync_file_range(fd, part->section->data_start + part->offset, part->size, flags));
	if (error == -ENOSYS || error == -EINVAL || error == -ESPIPE)
		error = OS_RETRY(os.fdatasync(fd));
	if (opened)
		os_close(fd);
	return error;
}

static int sync_all(const struct part *part)
{
	bool opened;
	int fd, error;
	fm_status status = section_borrow_fd(part->section, (void *)part->start, O_RDONLY, &fd, &opened);

	if (status_failed(status))
		return status == FM_E_FILE_INVALID ? -ESTALE : status == FM_E_NO_MEMORY ? -ENOMEM : -EMFILE;
	error = OS_RETRY(os.fsync(fd));
	if (opened)
		os_close(fd);
	return error;
}

static int flush_part(const struct part *part, unsigned level)
{
	switch (level) {
	case FM_FLUSH_START:
		return write_out(part, SYNC_FILE_RANGE_WRITE);
	case FM_FLUSH_WRITE:
		return write_out(part, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
	case FM_FLUSH_DATA:
		return OS_RETRY(os.msync((void *)part->start, part->size, MS_SYNC));
	default:
		return sync_all(part);
	}
}

/* Told once: the first flush of several at once, which has written what could be written. */
static bool tell_failure(const void *address)
{
	unsigned token = grace_enter();
	struct region *region = region_find((uintptr_t)address);
	bool untold = region && (atomic_fetch_and_explicit(&region->flags, ~(uint32_t)REGION_UNTOLD,
							  memory_order_acq_rel) & REGION_UNTOLD);

	grace_leave(token);
	return untold;
}

fm_status view_flush(const void *address, size_t length, unsigned level)
{
	struct part part;
	fm_status status = level > FM_FLUSH_ALL ? FM_E_INVALID_PARAMETER : part_of(address, length, &part);
	int error = 0;

	if (status_failed(status))
		return status;
	if (part.section->backing == FM_BACKING_FILE)
		error = flush_part(&part, level);
	section_put(part.section);
	if (error == -ESTALE)
		return FM_E_FILE_INVALID;
	if (error < 0)
		return status_of(OP_FLUSH, error);
	return part.failed && tell_failure(address) ? FM_E_IN_PAGE_ERROR : FM_OK;
}

fm_status fm_view_flush(const void *address, size_t length, unsigned level)
{
	return view_flush(address, length, level);
}

static fm_status advise(const void *address, size_t length, int advice)
{
	struct part part;
	fm_status status = part_of(address, length, &part);
	int error;

	if (status_failed(status))
		return status;
	error = os.madvise((void *)part.start, part.size, advice);
	section_put(part.section);
	return error < 0 && error != -EINVAL ? status_of(OP_MAP, error) : FM_OK; /* an unknown hint is no failure */
}

fm_status fm_view_prefetch(const void *address, size_t length)
{
	return advise(address, length, MADV_WILLNEED);
}

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

fm_status fm_view_page_out(const void *address, size_t length)
{
	return advise(address, length, MADV_PAGEOUT);
}

fm_status fm_view_advise(const void *address, size_t length, unsigned advice)
{
	static const int advices[] = { MADV_NORMAL, MADV_SEQUENTIAL, MADV_RANDOM };

	return advice < sizeof(advices) / sizeof(advices[0]) ? advise(address, length, advices[advice])
							     : FM_E_INVALID_PARAMETER;
}
