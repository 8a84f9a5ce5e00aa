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

/*
 * What the device answered. The kernel tells each open file description once that a write-back has failed; one
 * lies behind all views of a section, and each of them shall be told: the lost pages may be its own.
 */
static fm_status heard(const struct part *part, int error)
{
	fm_status status = error < 0 ? status_of(OP_FLUSH, error) : FM_OK;

	if (error < 0 && error != -EINTR && error != -ENOMEM) { /* else it was not asked */
		atomic_store_explicit(&part->section->failure, status, memory_order_relaxed);
		atomic_fetch_add_explicit(&part->section->failures, 1, memory_order_release);
	}
	return status;
}

/*
 * msync() asks the description that the view was mapped through, also when no descriptor leads to it any more.
 * A new description is told nothing that anybody has been told already, so it can only be a supplement.
 */
static fm_status sync_view(const struct part *part)
{
	return heard(part, OS_RETRY(os.msync((void *)part->start, part->size, MS_SYNC)));
}

/* Takes @fd. */
static fm_status write_range(const struct part *part, int fd, unsigned flags)
{
	int error = OS_RETRY(os.sync_file_range(fd, part->section->data_start + part->offset, part->size, flags));

	if (error == -ENOSYS || error == -EINVAL || error == -ESPIPE)
		error = OS_RETRY(os.fdatasync(fd));
	os_close(fd);
	return heard(part, error);
}

/* The data through the view where that is not the same, and then what else there is. */
static fm_status sync_all(const struct part *part)
{
	int fd, error;
	fm_status status = section_live_fd(part->section, &fd);

	if (status == FM_E_FILE_INVALID) {
		status = sync_view(part);
		if (!status_failed(status))
			status = section_borrow_fd(part->section, (void *)part->start, O_RDONLY, &fd);
	}
	if (status_failed(status))
		return status;
	error = OS_RETRY(os.fsync(fd));
	os_close(fd);
	return heard(part, error);
}

static fm_status flush_part(const struct part *part, unsigned level)
{
	const unsigned wait = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
	int fd;

	switch (level) {
	case FM_FLUSH_START:
		if (!status_failed(section_borrow_fd(part->section, (void *)part->start, O_RDONLY, &fd)))
			return write_range(part, fd, SYNC_FILE_RANGE_WRITE);
		return sync_view(part); /* no descriptor: the stronger level */
	case FM_FLUSH_WRITE:
		return status_failed(section_live_fd(part->section, &fd)) ? sync_view(part) : write_range(part, fd, wait);
	case FM_FLUSH_DATA:
		return sync_view(part);
	default:
		return sync_all(part);
	}
}

/*
 * What the view has not been told yet: a failed write-back, or zeros in place of storage (the first flush of several
 * at once, which has written what could be written). A failure of which another view's flush hears at
 * this moment may come with the next flush.
 */
static fm_status tell(const void *address, const struct part *part)
{
	unsigned token = grace_enter(), failures = atomic_load_explicit(&part->section->failures, memory_order_acquire);
	struct region *region = region_find((uintptr_t)address);
	fm_status status = FM_OK;

	if (region && region->section == part->section) {
		if (part->failed && atomic_fetch_and_explicit(&region->flags, ~(uint32_t)REGION_UNTOLD,
							      memory_order_acq_rel) & REGION_UNTOLD)
			status = FM_E_IN_PAGE_ERROR;
		if (atomic_exchange_explicit(&region->failures, failures, memory_order_relaxed) != failures)
			status = atomic_load_explicit(&part->section->failure, memory_order_relaxed);
	}
	grace_leave(token);
	return status;
}

fm_status view_flush(const void *address, size_t length, unsigned level)
{
	struct part part;
	fm_status status = level > FM_FLUSH_ALL ? FM_E_INVALID_PARAMETER : part_of(address, length, &part), told;

	if (status_failed(status))
		return status;
	if (!section_is_memory(part.section))
		status = flush_part(&part, level);
	told = tell(address, &part);
	section_put(part.section);
	return status_failed(told) ? told : status;
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
