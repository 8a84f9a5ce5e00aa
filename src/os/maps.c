/* SPDX-License-Identifier: MIT */
#include "maps.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>

#include "os.h"

/* PROCMAP_QUERY of Linux 6.11; older headers lack it. */
struct map_query {
	uint64_t size, query_flags, query_addr;
	uint64_t vma_start, vma_end, vma_flags, vma_page_size, vma_offset, inode;
	uint32_t dev_major, dev_minor, vma_name_size, build_id_size;
	uint64_t vma_name_addr, build_id_addr;
};
#define MAP_QUERY _IOWR('f', 17, struct map_query)
enum { QUERY_READ = 1, QUERY_WRITE = 2, QUERY_EXEC = 4, QUERY_SHARED = 8, QUERY_OR_NEXT = 0x10 };

static atomic_bool no_query;

static int query(int fd, uintptr_t address, struct os_map *map)
{
	struct map_query q = { .size = sizeof(q), .query_flags = QUERY_OR_NEXT, .query_addr = address,
			       .vma_name_addr = (uintptr_t)map->path, .vma_name_size = sizeof(map->path) };
	int result = os.ioctl(fd, MAP_QUERY, &q);

	if (result < 0)
		return result;
	if (!q.vma_name_size)
		map->path[0] = 0;
	map->start = q.vma_start;
	map->end = q.vma_end;
	map->prot = (q.vma_flags & QUERY_READ ? PROT_READ : 0) | (q.vma_flags & QUERY_WRITE ? PROT_WRITE : 0) |
		    (q.vma_flags & QUERY_EXEC ? PROT_EXEC : 0);
	map->shared = q.vma_flags & QUERY_SHARED;
	map->offset = q.vma_offset;
	map->inode = q.inode;
	map->device = makedev(q.dev_major, q.dev_minor);
	return 0;
}

static int parse(const char *line, struct os_map *map)
{
	unsigned major, minor;
	char flags[5];
	int path = 0;

	if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s %" SCNx64 " %x:%x %" SCNu64 " %n", &map->start, &map->end,
		   flags, &map->offset, &major, &minor, &map->inode, &path) < 7)
		return -EIO;
	map->prot = (flags[0] == 'r' ? PROT_READ : 0) | (flags[1] == 'w' ? PROT_WRITE : 0) |
		    (flags[2] == 'x' ? PROT_EXEC : 0);
	map->shared = flags[3] == 's';
	map->device = makedev(major, minor);
	(void)snprintf(map->path, sizeof(map->path), "%s", line + path); /* a longer path does not exist */
	return 0;
}

/* The text file, line by line through a window; a line is shorter than it. */
static int search(int fd, uintptr_t address, struct os_map *map)
{
	char window[PATH_MAX + 128];
	size_t filled = 0;
	uint64_t at = 0;

	for (;;) {
		ssize_t got = OS_RETRY(os.pread(fd, window + filled, sizeof(window) - 1 - filled, at));
		char *line = window, *end;

		if (got < 0)
			return (int)got;
		at += (uint64_t)got;
		filled += (size_t)got;
		window[filled] = 0;
		while ((end = strchr(line, '\n')) != NULL) {
			int result;

			*end = 0;
			result = parse(line, map);
			if (result < 0 || map->end > address)
				return result;
			line = end + 1;
		}
		if (got == 0 || line == window)
			return -ENOENT;
		filled -= (size_t)(line - window);
		memmove(window, line, filled);
	}
}

int os_find_map(uintptr_t address, struct os_map *ret_map)
{
	OS_CLEANUP_FD int fd = os_open(AT_FDCWD, "/proc/self/maps", O_RDONLY, 0);
	int result = -ENOTTY;

	if (fd < 0)
		return fd;
	if (!atomic_load_explicit(&no_query, memory_order_relaxed))
		result = query(fd, address, ret_map);
	if (result != -ENOTTY && result != -EINVAL)
		return result;
	atomic_store_explicit(&no_query, true, memory_order_relaxed);
	return search(fd, address, ret_map);
}
