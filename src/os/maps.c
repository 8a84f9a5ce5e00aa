/* SPDX-License-Identifier: MIT */
#include "maps.h"

#include <stdatomic.h>
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
	int result;

	memset(map->path, 0, sizeof(map->path)); /* valgrind does not know that the kernel writes it */
	result = os.ioctl(fd, MAP_QUERY, &q);
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

/* The text file, through a small window: whom a handler asks stands on whatever stack there is. */
struct text {
	int fd;
	uint64_t at; /* in the file, of what the window holds not yet */
	size_t next, filled;
	char window[256];
};

/* -ENOENT: the end of the file. */
static int next_byte(struct text *text)
{
	if (text->next == text->filled) {
		ssize_t got = OS_RETRY(os.pread(text->fd, text->window, sizeof(text->window), text->at));

		if (got <= 0)
			return got < 0 ? (int)got : -ENOENT;
		text->at += (uint64_t)got;
		text->filled = (size_t)got;
		text->next = 0;
	}
	return (unsigned char)text->window[text->next++];
}

/* The field up to @stop: a number, or with @base 0 its up to eight characters. -EIO: no number. */
static int read_field(struct text *text, unsigned base, int stop, uint64_t *ret_value)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t value = 0;
	int byte;

	while ((byte = next_byte(text)) >= 0 && byte != stop) {
		const char *digit = memchr(digits, byte, base);

		if (base && !digit)
			return -EIO;
		value = base ? value * base + (uint64_t)(digit - digits) : value << 8 | (uint64_t)byte;
	}
	*ret_value = value;
	return byte < 0 ? byte : 0;
}

/* Past the blanks before it; a path that is too long does not exist. */
static int read_path(struct text *text, char path[PATH_MAX])
{
	size_t length = 0;
	int byte;

	while ((byte = next_byte(text)) >= 0 && byte != '\n')
		if ((length || byte != ' ') && length < PATH_MAX - 1)
			path[length++] = (char)byte;
	path[length] = 0;
	return byte < 0 ? byte : 0;
}

/* 7f0c8a200000-7f0c8a228000 r--p 00000000 fe:00 1573                       /usr/lib/libc.so.6 */
static int read_line(struct text *text, struct os_map *map)
{
	enum { START, END, FLAGS, OFFSET, MAJOR, MINOR, INODE, FIELDS };
	static const struct { unsigned base; char stop; } kinds[FIELDS] = {
		{ 16, '-' }, { 16, ' ' }, { 0, ' ' }, { 16, ' ' }, { 16, ':' }, { 16, ' ' }, { 10, ' ' },
	};
	uint64_t fields[FIELDS];
	int error = 0;

	for (int i = 0; i < FIELDS && error >= 0; i++)
		error = read_field(text, kinds[i].base, kinds[i].stop, &fields[i]);
	if (error >= 0)
		error = read_path(text, map->path);
	if (error < 0)
		return error;
	map->start = fields[START];
	map->end = fields[END];
	map->prot = ((fields[FLAGS] >> 24 & 0xff) == 'r' ? PROT_READ : 0) |
		    ((fields[FLAGS] >> 16 & 0xff) == 'w' ? PROT_WRITE : 0) |
		    ((fields[FLAGS] >> 8 & 0xff) == 'x' ? PROT_EXEC : 0);
	map->shared = (fields[FLAGS] & 0xff) == 's';
	map->offset = fields[OFFSET];
	map->device = makedev((unsigned)fields[MAJOR], (unsigned)fields[MINOR]);
	map->inode = fields[INODE];
	return 0;
}

static int search(int fd, uintptr_t address, struct os_map *map)
{
	struct text text = { .fd = fd };
	int error;

	do
		error = read_line(&text, map);
	while (error >= 0 && map->end <= address);
	return error;
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
