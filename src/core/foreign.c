/* SPDX-License-Identifier: MIT */
#include "foreign.h"

#include <sys/mman.h>

#include "image.h"
#include "lock.h"
#include "maps.h"
#include "os.h"
#include "pagemap.h"
#include "protect.h"
#include "region.h"
#include "status.h"

enum { PIECES = 32 };

/* The stretch around @base without regions of ours: mappings may reach into them, the kernel merges. */
static void free_of_regions(uintptr_t base, uintptr_t *ret_start, uintptr_t *ret_end)
{
	unsigned token = grace_enter();
	struct region *before = region_find_before(base), *next = region_find_next(base);

	*ret_start = before ? before->base + before->size : 0;
	*ret_end = next ? next->base : vm_highest() + 1;
	grace_leave(token);
}

static uint32_t protection_of(const struct os_map *map)
{
	uint32_t protection = 0;

	if (map->prot & (PROT_READ | PROT_WRITE))
		protection |= FM_READ;
	if (map->prot & PROT_EXEC)
		protection |= FM_EXEC | FM_READ;
	if (map->prot & PROT_WRITE)
		protection |= !map->shared && map->inode ? FM_COPY : FM_WRITE;
	return protection;
}

/* Written pages of a private mapping of a file are copies, and reported as such. */
static void limit_by_copies(const struct os_map *map, struct vm_info *info)
{
	bool copy;
	size_t pages;

	if (map->shared || !map->inode || os_private_run(info->base, info->size / OS_PAGE, &copy, &pages) < 0)
		return;
	info->size = pages * OS_PAGE;
	if (copy)
		info->protection = protect_written(info->protection);
}

static void describe(const struct os_map *map, uintptr_t start, struct vm_info *info)
{
	uintptr_t image_start, image_end;

	info->state = VM_COMMITTED;
	info->protection = protection_of(map);
	info->allocation_base = map->start > start ? map->start : start;
	info->allocation_protection = info->protection;
	info->kind = map->shared || map->inode ? VM_MAPPED : VM_PRIVATE;
	if (os_find_image(info->base, &image_start, &image_end)) {
		info->kind = VM_IMAGE;
		info->allocation_base = image_start & ~(uintptr_t)(OS_PAGE - 1);
		info->allocation_protection = FM_EXEC | FM_READ | FM_COPY;
	}
	if (info->protection & FM_COPY)
		limit_by_copies(map, info);
}

void foreign_query(uintptr_t base, struct vm_info *ret_info)
{
	struct vm_info info = { .base = base, .state = VM_FREE };
	uintptr_t start, end;
	struct os_map map;
	bool found = os_find_map(base, &map) >= 0;

	free_of_regions(base, &start, &end);
	if (found && map.start <= base) {
		info.size = (map.end < end ? map.end : end) - base;
		describe(&map, start, &info);
	} else {
		info.size = (found && map.start < end ? map.start : end) - base;
	}
	*ret_info = info;
}

/* ---- protection ---- */

struct piece {
	uintptr_t start;
	size_t size;
	int prot;
};

static bool same_kind(const struct os_map *a, const struct os_map *b)
{
	return a->shared == b->shared && a->inode == b->inode && a->device == b->device;
}

/* The mappings in [base, +size): how many, or -1 if they have gaps, differ in kind, or are too many. */
static int pieces_of(uintptr_t base, size_t size, struct piece *pieces, struct os_map *first)
{
	struct os_map map;
	int count = 0;

	for (uintptr_t at = base; at < base + size; at = map.end) {
		uintptr_t end;

		if (count == PIECES || os_find_map(at, &map) < 0 || map.start > at)
			return -1;
		if (count == 0)
			*first = map;
		if (!same_kind(first, &map))
			return -1;
		end = map.end < base + size ? map.end : base + size;
		pieces[count++] = (struct piece){ at, end - at, map.prot };
	}
	return count;
}

static int protect_pieces(const struct piece *pieces, int count, int prot)
{
	int error = 0, done = 0;

	while (done < count && error >= 0) {
		error = os.mprotect((void *)pieces[done].start, pieces[done].size, prot);
		done++;
	}
	while (error < 0 && done-- > 0) /* the best that can be done */
		(void)os.mprotect((void *)pieces[done].start, pieces[done].size, pieces[done].prot);
	return error;
}

/* What a query would tell of it, without asking whose it is. */
static uint32_t protection_at(uintptr_t base, const struct os_map *map)
{
	struct vm_info info = { .base = base, .size = map->end - base, .protection = protection_of(map) };

	if (info.protection & FM_COPY)
		limit_by_copies(map, &info);
	return info.protection;
}

static fm_status protect_others(uintptr_t base, size_t size, uint32_t protection, uint32_t *ret_old)
{
	struct piece pieces[PIECES];
	uint32_t old;
	struct os_map first;
	uintptr_t start, end;
	int count, error;

	free_of_regions(base, &start, &end);
	count = start <= base && size <= end - base ? pieces_of(base, size, pieces, &first) : -1;
	if (count <= 0)
		return FM_E_CONFLICTING_ADDRESSES;
	if (protection & FM_GUARD)
		return FM_E_NOT_SUPPORTED;
	if ((protection & FM_COPY) && (first.shared || !first.inode))
		return first.shared ? FM_E_SECTION_PROTECTION : FM_E_INVALID_PAGE_PROTECTION;
	old = protection_at(base, &first);
	error = protect_pieces(pieces, count, protect_kernel(protection));
	if (error < 0)
		return error == -EACCES ? FM_E_SECTION_PROTECTION : status_of(OP_MAP, error);
	*ret_old = old;
	return FM_OK;
}

/* What is being mapped, and is not in the table yet, is not others'. */
fm_status foreign_protect(uintptr_t base, size_t size, uint32_t protection, uint32_t *ret_old)
{
	fm_status status = lock_ready();

	if (status_failed(status))
		return status;
	for (unsigned stripe = 0; stripe < LOCK_STRIPES; stripe++)
		lock_take(LOCK_PLACING + stripe);
	status = protect_others(base, size, protection, ret_old);
	for (unsigned stripe = LOCK_STRIPES; stripe-- > 0;)
		lock_drop(LOCK_PLACING + stripe);
	return status;
}
