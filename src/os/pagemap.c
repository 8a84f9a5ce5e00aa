/* SPDX-License-Identifier: MIT */
#include "pagemap.h"

#include "os.h"

#define ENTRY_PRESENT (1ull << 63)
#define ENTRY_SWAPPED (1ull << 62)
#define ENTRY_EXCLUSIVE (1ull << 56)
#define ENTRY_FILE (1ull << 61) /* page of a file, or of shared memory */

/* A copy is anonymous memory: present or swapped out, and not the file's. */
static bool is_copy(uint64_t entry)
{
	return (entry & (ENTRY_PRESENT | ENTRY_SWAPPED)) && !(entry & ENTRY_FILE);
}

int os_private_run(uintptr_t address, size_t limit, bool *ret_private, size_t *ret_pages)
{
	OS_CLEANUP_FD int fd = os_open(AT_FDCWD, "/proc/self/pagemap", O_RDONLY, 0);
	uint64_t entries[512];
	size_t pages = 0, window = 8; /* most questions end within a few pages */
	bool private = false;

	if (fd < 0)
		return fd;
	while (pages < limit) {
		size_t count = limit - pages < window ? limit - pages : window;
		int error = os_pread_all(fd, entries, count * sizeof(entries[0]),
					 (address / OS_PAGE + pages) * sizeof(entries[0]));

		if (error < 0)
			return error;
		if (pages == 0)
			private = is_copy(entries[0]);
		for (size_t i = 0; i < count && pages < limit; i++) {
			if (is_copy(entries[i]) != private)
				limit = pages;
			else
				pages++;
		}
		window = sizeof(entries) / sizeof(entries[0]);
	}
	*ret_private = private;
	*ret_pages = pages;
	return 0;
}

int os_query_page(uintptr_t address, struct os_page *ret_page)
{
	OS_CLEANUP_FD int fd = os_open(AT_FDCWD, "/proc/self/pagemap", O_RDONLY, 0);
	uint64_t entry = 0;
	int error = fd < 0 ? fd : os_pread_all(fd, &entry, sizeof(entry), address / OS_PAGE * sizeof(entry));

	if (error < 0)
		return error;
	*ret_page = (struct os_page){
		.present = entry & ENTRY_PRESENT,
		.file = entry & ENTRY_FILE,
		.exclusive = entry & ENTRY_EXCLUSIVE,
	};
	return 0;
}
