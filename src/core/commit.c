/* SPDX-License-Identifier: MIT */
/*
 * Which pages of a reserved section are committed: a byte a page behind the data, in the shared file.
 * A byte only ever turns from 0 to 1, after the page's storage exists, so no lock is needed between
 * processes and a killed committer leaves nothing to repair.
 */
#include <sys/mman.h>

#include "backing.h"
#include "os.h"
#include "status.h"

fm_status section_map_commit(struct section *section, int fd, bool writable)
{
	size_t pages = section->size / OS_PAGE;
	struct stat st;
	int prot = PROT_READ | (writable ? PROT_WRITE : 0);
	intptr_t map = os.fstat(fd, &st);

	if (map >= 0)
		map = os.mmap(NULL, commit_map_size(pages), prot, MAP_SHARED, fd, section->data_start + section->size);
	if (map < 0)
		return status_of(OP_MAP, (int)map);
	section->commit_map = (_Atomic uint8_t *)map;
	section->commit_pages = pages;
	section->device = st.st_dev;
	section->inode = st.st_ino;
	section->commit_writable = writable;
	return FM_OK;
}

bool section_committed(const struct section *section, uint64_t offset, uint64_t limit, uint64_t *ret_run)
{
	size_t first = offset / OS_PAGE, page = first;
	size_t end = first + (limit + OS_PAGE - 1) / OS_PAGE;
	uint8_t state;

	if (!section->commit_map) {
		*ret_run = limit;
		return true;
	}
	state = atomic_load_explicit(&section->commit_map[first], memory_order_acquire);
	while (++page < end && !atomic_load_explicit(&section->commit_map[page], memory_order_relaxed) == !state)
		;
	*ret_run = (uint64_t)(page - first) * OS_PAGE;
	return state;
}

fm_status section_commit(struct section *section, uint64_t offset, uint64_t length)
{
	int fd = atomic_load_explicit(&section->map_fd, memory_order_acquire); /* open as long as the section */
	size_t first = offset / OS_PAGE;
	int error;

	if (!section->commit_writable)
		return FM_E_ACCESS_DENIED;
	for (uint64_t done = 0, run; done < length; done += run) {
		if (section_committed(section, offset + done, length - done, &run))
			continue;
		if (!section_owns(section, fd))
			return FM_E_FILE_INVALID;
		error = os_allocate_storage(fd, section->data_start + offset + done, run);
		if (error < 0)
			return status_of(OP_STORAGE_MEMORY, error);
	}
	for (size_t page = first; page < first + length / OS_PAGE; page++)
		atomic_store_explicit(&section->commit_map[page], 1, memory_order_release);
	return FM_OK;
}
