/* SPDX-License-Identifier: MIT */
/* Why storage failed. The kernel only says SIGBUS, so its file is asked: safe in a signal handler. */
#include <filemap.h>
#include <linux/magic.h>

#include "backing.h"
#include "faulting.h"
#include "os.h"
#include "protect.h"
#include "status.h"
#include "view.h"

/* Is the file's page at @offset behind its end, or its file system full? Of a file that was the section's. */
static fm_status cause_of_file(int fd, const struct section *section, uint64_t offset)
{
	struct statfs fs;
	struct stat st;

	if (os.fstat(fd, &st) < 0 || (section->backing == FM_BACKING_FILE &&
				      (st.st_dev != section->device || st.st_ino != section->inode)))
		return FM_E_UNSUCCESSFUL;
	if ((offset & ~(uint64_t)(OS_PAGE - 1)) >= (uint64_t)st.st_size)
		return FM_E_END_OF_FILE;
	if (os.fstatfs(fd, &fs) < 0)
		return FM_E_IO_DEVICE_ERROR;
	if (fs.f_type == HUGETLBFS_MAGIC)
		return FM_E_INSUFFICIENT_RESOURCES;
	return fs.f_bavail == 0 && fs.f_blocks ? FM_E_DISK_FULL : FM_E_IO_DEVICE_ERROR;
}

/* Through the live description, which another thread may be closing; else by the path the kernel knows. */
static fm_status cause_in(const struct region *region, uintptr_t address)
{
	struct section *section = region->section;
	uint64_t offset = section->data_start + region->offset + (address - region->base);
	int fd = atomic_load_explicit(&section->map_fd, memory_order_acquire);
	bool unnamed_memory = section->backing == FM_BACKING_MEMORY && !section->named;
	fm_status cause = fd < 0 ? FM_E_UNSUCCESSFUL : cause_of_file(fd, section, offset);

	if (cause != FM_E_UNSUCCESSFUL)
		return cause;
	if (unnamed_memory) /* it is sealed, and has no limit of its own */
		return FM_E_IO_DEVICE_ERROR;
	fd = file_reopen_mapped(section, (void *)address, O_RDONLY);
	if (fd < 0) /* a file without a name can be asked no more, and was most likely cut */
		return FM_E_END_OF_FILE;
	cause = cause_of_file(fd, section, offset);
	os_close(fd);
	return cause == FM_E_UNSUCCESSFUL ? FM_E_IO_DEVICE_ERROR : cause;
}

fm_status fault_cause(const struct fault *fault)
{
	fm_status cause = FM_E_END_OF_FILE; /* the usual one, of memory that others have mapped */
	unsigned token = grace_enter();
	struct region *region = region_find(fault->address);

	if (fault->poisoned)
		cause = FM_E_IO_DEVICE_ERROR;
	else if (region && region->kind == REGION_VIEW)
		cause = cause_in(region, fault->address);
	grace_leave(token);
	/* A page that reads and cannot be written is a hole for which there is no room, or no quota. */
	if (cause == FM_E_IO_DEVICE_ERROR && !fault->poisoned && fault->access == OS_ACCESS_WRITE &&
	    fault_had(fault->address, false))
		cause = FM_E_DISK_FULL;
	return cause;
}

fm_status fm_fault_cause(const void *address)
{
	struct fault fault = { .address = (uintptr_t)address, .access = OS_ACCESS_WRITE };
	struct page_run run = { .protection = 0 };
	unsigned token = grace_enter();
	struct region *region = region_find((uintptr_t)address);
	bool view = region && region->kind == REGION_VIEW;

	if (view)
		view_run(region, (uintptr_t)address, OS_PAGE, &run);
	grace_leave(token);
	if (!view)
		return FM_E_NOT_MAPPED_VIEW;
	if (fault_had((uintptr_t)address, run.protection & (FM_WRITE | FM_COPY)))
		return FM_OK;
	return fault_cause(&fault);
}
