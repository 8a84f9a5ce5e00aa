/* SPDX-License-Identifier: MIT */
/*
 * Which pages of a reserved section are committed: a byte a page behind the data, in the shared file.
 * A byte only ever turns from 0 to 1, after the page's storage exists, so no lock is needed between
 * processes and a killed committer leaves nothing to repair.
 */
#include <string.h>
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

#define AT_ONCE 256u

/*
 * Whoever may write a named section's file may cut it, and a plain load of the map would be a signal then;
 * unnamed memory is sealed. So bytes of the former are copied by the kernel; what is cut off is not committed.
 */
static void map_copy(const struct section *section, size_t page, uint8_t *to, size_t count)
{
	struct iovec local = { to, count }, remote = { (void *)(section->commit_map + page), count };
	ssize_t got = OS_RETRY(os.process_vm_readv(os_pid(), &local, &remote));

	if (got < 0 && got != -EFAULT) { /* the call itself is not to be had */
		for (size_t i = 0; i < count; i++)
			to[i] = atomic_load_explicit(&section->commit_map[page + i], memory_order_relaxed);
	} else if (got != (ssize_t)count) {
		memset(to, 0, count); /* no storage: as if nobody had committed it */
	}
	atomic_thread_fence(memory_order_acquire);
}

/* The first page from @page on, up to @end, whose state is not the first one's, which is *ret_state. */
static size_t run_by_copies(const struct section *section, size_t page, size_t end, uint8_t *ret_state)
{
	uint8_t states[AT_ONCE];
	bool known = false;

	while (page < end) {
		size_t count = end - page < AT_ONCE ? end - page : AT_ONCE;

		map_copy(section, page, states, count);
		if (!known)
			*ret_state = states[0];
		known = true;
		for (size_t i = 0; i < count; i++, page++)
			if (!states[i] != !*ret_state)
				return page;
	}
	return page;
}

/* Mark pages committed. -errno, -EFAULT: the map was cut off. */
static int map_write(const struct section *section, size_t page, size_t count)
{
	uint8_t ones[AT_ONCE];

	if (!section->named) {
		for (size_t end = page + count; page < end; page++)
			atomic_store_explicit(&section->commit_map[page], 1, memory_order_release);
		return 0;
	}
	memset(ones, 1, sizeof(ones));
	atomic_thread_fence(memory_order_release);
	while (count > 0) {
		size_t part = count < sizeof(ones) ? count : sizeof(ones);
		struct iovec local = { ones, part }, remote = { (void *)(section->commit_map + page), part };
		ssize_t got = OS_RETRY(os.process_vm_writev(os_pid(), &local, &remote));

		if (got <= 0)
			return got < 0 ? (int)got : -EFAULT;
		page += (size_t)got;
		count -= (size_t)got;
	}
	return 0;
}

bool section_committed(const struct section *section, uint64_t offset, uint64_t limit, uint64_t *ret_run)
{
	size_t first = offset / OS_PAGE, page = first;
	size_t end = first + (limit + OS_PAGE - 1) / OS_PAGE;
	uint8_t state = 0;

	if (!section->commit_map) {
		*ret_run = limit;
		return true;
	}
	if (section->named) {
		page = run_by_copies(section, first, end, &state);
	} else {
		state = atomic_load_explicit(&section->commit_map[first], memory_order_acquire);
		while (++page < end && !atomic_load_explicit(&section->commit_map[page], memory_order_relaxed) == !state)
			;
	}
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
	error = map_write(section, first, length / OS_PAGE);
	return error < 0 ? status_of(OP_COPY, error) : FM_OK;
}
