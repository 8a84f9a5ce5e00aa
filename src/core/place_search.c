/* SPDX-License-Identifier: MIT */
/* A free place within bounds, from below or from above, by what the kernel has mapped. */
#include <string.h>
#include <sys/resource.h>

#include "maps.h"
#include "os.h"
#include "place.h"
#include "region.h"
#include "vm.h"

#define STACK_ROOM ((uintptr_t)128 << 20)

/* Where a mapping begins for us: the stack grows down to its limit, and what is put there would stop it. */
static uintptr_t start_of(const struct os_map *map)
{
	struct rlimit limit;
	uintptr_t room = STACK_ROOM, start;

	if (strcmp(map->path, "[stack]") != 0)
		return map->start;
	if (os.getrlimit(RLIMIT_STACK, &limit) >= 0 && limit.rlim_cur > room && limit.rlim_cur < map->start / 2)
		room = limit.rlim_cur;
	start = map->end - room;
	return start < map->start ? start : map->start;
}

/* The region that reaches into @place from below, with its last 64 KiB unit. */
static bool in_units(uintptr_t place, uintptr_t *ret_start, uintptr_t *ret_end)
{
	unsigned token = grace_enter();
	struct region *before = region_find_before(place);
	uintptr_t end = before ? (before->base + before->size + GRANULARITY - 1) & ~(uintptr_t)(GRANULARITY - 1) : 0;

	if (end > place) {
		*ret_start = before->base;
		*ret_end = end;
	}
	grace_leave(token);
	return end > place;
}

/* Is [place, +size) free? Else where something in it begins and ends. */
static bool is_free(uintptr_t place, size_t size, uintptr_t *ret_start, uintptr_t *ret_end)
{
	struct os_map map;

	if (in_units(place, ret_start, ret_end))
		return false;
	if (os_find_map(place, &map) < 0)
		return true; /* nothing above; or nobody to ask, and the kernel will say */
	*ret_start = start_of(&map);
	*ret_end = map.end;
	return *ret_start >= place && *ret_start - place >= size;
}

static uintptr_t from_below(size_t size, uintptr_t lowest, uintptr_t last, uintptr_t alignment)
{
	uintptr_t place = (lowest + alignment - 1) & ~(alignment - 1), start, end;

	while (place <= last) {
		if (is_free(place, size, &start, &end))
			return place;
		place = (end + alignment - 1) & ~(alignment - 1);
	}
	return 0;
}

/* Every place from the one tried down to @size below the obstacle's start overlaps it too. */
static uintptr_t from_above(size_t size, uintptr_t lowest, uintptr_t last, uintptr_t alignment)
{
	uintptr_t place = last & ~(alignment - 1), start, end;

	while (place >= lowest) {
		if (is_free(place, size, &start, &end))
			return place;
		if (start < lowest + size)
			return 0;
		place = (start - size) & ~(alignment - 1);
	}
	return 0;
}

uintptr_t place_search(size_t size, const struct place_bounds *bounds)
{
	uintptr_t alignment = bounds->alignment ? bounds->alignment : GRANULARITY;
	uintptr_t lowest = bounds->lowest ? bounds->lowest : VM_LOWEST;
	uintptr_t highest = bounds->highest ? bounds->highest : vm_highest();
	uintptr_t last;

	if (highest > vm_highest())
		highest = vm_highest();
	if (lowest > highest || size - 1 > highest - lowest)
		return 0;
	last = highest - (size - 1);
	return bounds->top_down ? from_above(size, lowest, last, alignment)
				: from_below(size, lowest, last, alignment);
}
