/* SPDX-License-Identifier: MIT */
/*
 * Where views go. The kernel packs mappings page by page; views need whole 64 KiB units, and large ones
 * a place congruent to their offset. So places are proposed from a range of our own below the kernel's,
 * nothing is reserved there, and MAP_FIXED_NOREPLACE says if somebody else was first.
 */
#include <sys/mman.h>

#include "lock.h"
#include "os.h"
#include "place.h"
#include "region.h"

#define HUGE_SIZE ((uintptr_t)2 << 20)
#define ARENA_SIZE ((uintptr_t)256 << 30)
#define ARENA_GAP ((uintptr_t)64 << 30) /* what the kernel's own mappings may take before they meet ours */

enum { HOLES = 32 };

struct hole {
	uintptr_t place;
	size_t size;
};

/* All under LOCK_TABLE. */
static uintptr_t arena_start, arena_end, cursor;
static struct hole holes[HOLES]; /* places freed, in no order; size 0: none */
static unsigned next_hole;       /* the one given up when there are too many */
static uintptr_t skip; /* doubles with each occupied proposal, so that a large foreign mapping is passed quickly */

static size_t units(size_t size)
{
	return (size + GRANULARITY - 1) & ~(size_t)(GRANULARITY - 1);
}

/* Of the last unit; a part of a placeholder may begin within one. */
static uintptr_t end_of(uintptr_t base, size_t size)
{
	return (base + size + GRANULARITY - 1) & ~(uintptr_t)(GRANULARITY - 1);
}

static uintptr_t aligned(uintptr_t at, size_t size, uint64_t offset)
{
	uintptr_t residue = size >= HUGE_SIZE ? offset % HUGE_SIZE : 0;
	uintptr_t step = size >= HUGE_SIZE ? HUGE_SIZE : GRANULARITY;
	uintptr_t place = (at & ~(step - 1)) + residue;

	return place < at ? place + step : place;
}

static bool open_arena(void)
{
	intptr_t probe;

	if (arena_end)
		return true;
	probe = os.mmap(NULL, OS_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (probe < 0)
		return false;
	(void)os.munmap((void *)probe, OS_PAGE); /* a whole mapping of ours: cannot fail */
	if ((uintptr_t)probe > 4 * ARENA_SIZE) {
		arena_start = (((uintptr_t)probe - ARENA_GAP) & ~(HUGE_SIZE - 1)) - ARENA_SIZE;
		arena_end = arena_start + ARENA_SIZE;
	} else { /* a small address space */
		arena_start = ((uintptr_t)probe / 2) & ~(HUGE_SIZE - 1);
		arena_end = ((uintptr_t)probe / 8 * 7) & ~(HUGE_SIZE - 1);
	}
	cursor = arena_start;
	/*
	 * A neighbour for the first view. The kernel's tree of mappings is rebalanced by each map and unmap
	 * in the middle of an empty stretch, which makes both much dearer than beside a mapping.
	 * Nothing depends on it: a failure costs time only.
	 */
	(void)os.mmap((void *)(arena_start - OS_PAGE), OS_PAGE, PROT_NONE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
	return true;
}

/* The lowest that fits: beside a neighbour, where the kernel's tree of mappings is quickest. */
static uintptr_t from_holes(size_t size, uint64_t offset)
{
	struct hole *best = NULL;
	uintptr_t found = 0;

	for (unsigned i = 0; i < HOLES; i++) {
		uintptr_t place = aligned(holes[i].place, size, offset);

		if (!holes[i].size || place - holes[i].place > holes[i].size ||
		    holes[i].size - (place - holes[i].place) < units(size) || (best && place >= found))
			continue;
		best = &holes[i];
		found = place;
	}
	if (best) { /* what lies before the place is given up */
		best->size -= found + units(size) - best->place;
		best->place = found + units(size);
	}
	return found;
}

/* The next free place at or after the cursor by our own table; foreign mappings show on mapping. */
static uintptr_t from_cursor(size_t size, uint64_t offset)
{
	for (bool wrapped = false;;) {
		uintptr_t place = aligned(cursor, size, offset);
		struct region *last;

		if (units(size) > arena_end - arena_start || place > arena_end - units(size)) {
			if (wrapped || units(size) > arena_end - arena_start)
				return 0;
			wrapped = true;
			cursor = arena_start;
			continue;
		}
		last = region_find_before(place + units(size) - 1);
		if (!last || end_of(last->base, last->size) <= place) {
			cursor = place + units(size);
			return place;
		}
		cursor = end_of(last->base, last->size);
	}
}

uintptr_t place_propose(size_t size, uint64_t offset)
{
	uintptr_t place;
	LOCK_SCOPE(LOCK_TABLE);

	if (size > ARENA_SIZE || !open_arena())
		return 0;
	place = from_holes(size, offset);
	return place ? place : from_cursor(size, offset);
}

void place_taken(uintptr_t place, size_t size)
{
	LOCK_SCOPE(LOCK_TABLE);

	skip = skip ? skip * 2 : HUGE_SIZE;
	if (skip > ARENA_SIZE / 8)
		skip = HUGE_SIZE;
	if (place + units(size) == cursor)
		cursor += skip;
}

/* Under LOCK_TABLE already: called by region_end(). */
void place_freed(uintptr_t place, size_t size)
{
	uintptr_t start = end_of(place, 0), end = end_of(place, size);

	if (place < arena_start || place >= arena_end || start == end)
		return;
	skip = 0;
	for (unsigned i = 0; i < HOLES; i++) { /* one larger hole with its neighbours */
		if (!holes[i].size || (holes[i].place + holes[i].size != start && holes[i].place != end))
			continue;
		start = holes[i].place < start ? holes[i].place : start;
		end = holes[i].place == end ? end + holes[i].size : end;
		holes[i].size = 0;
	}
	if (end == cursor) {
		cursor = start;
		return;
	}
	holes[next_hole++ % HOLES] = (struct hole){ start, end - start };
}
