/* SPDX-License-Identifier: MIT */
/* Mapping at a place: proposed, given, or searched. The kernel decides whether it is free. */
#include <errno.h>
#include <sys/mman.h>

#include "os.h"
#include "place.h"
#include "region.h"

enum { TRIES = 16 };

#define HUGE_SIZE ((uintptr_t)2 << 20)

intptr_t place_map(const struct place_mapping *mapping, uintptr_t address, int flags)
{
	return os.mmap((void *)address, mapping->size, mapping->prot, mapping->flags | flags, mapping->fd,
		       mapping->file_offset);
}

/* Do the 64 KiB units of the region before @address end there? */
static bool units_free(uintptr_t address)
{
	unsigned token = grace_enter();
	struct region *before = region_find_before(address);
	bool free = !before ||
		    ((before->base + before->size + GRANULARITY - 1) & ~(uintptr_t)(GRANULARITY - 1)) <= address;

	grace_leave(token);
	return free;
}

/* There and nowhere else. -EEXIST */
static intptr_t map_exactly(const struct place_mapping *mapping, uintptr_t address)
{
	intptr_t at = place_map(mapping, address, MAP_FIXED_NOREPLACE);

	if (at < 0 || (uintptr_t)at == address)
		return at;
	(void)os.munmap((void *)at, mapping->size); /* a kernel that took the address for a hint */
	return -EEXIST;
}

intptr_t place_map_fixed(const struct place_mapping *mapping, uintptr_t address, bool whole_units)
{
	if (address % OS_PAGE)
		return -ERANGE;
	if (whole_units && !units_free(address))
		return -EEXIST;
	return map_exactly(mapping, address);
}

/* The kernel's choice, with room to align: for what our own range cannot hold. */
static intptr_t map_in_room(const struct place_mapping *mapping)
{
	const bool large = mapping->size >= HUGE_SIZE;
	const uintptr_t step = large ? HUGE_SIZE : GRANULARITY;
	size_t room = mapping->size + 2 * step; /* no size comes near 2^64 */
	uintptr_t place, end;
	intptr_t start, at;

	start = os.mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (start < 0)
		return start;
	place = (((uintptr_t)start + step - 1) & ~(step - 1)) + (large ? mapping->file_offset % step : 0);
	at = place_map(mapping, place, MAP_FIXED);
	if (at < 0) {
		(void)os.munmap((void *)start, room); /* a whole mapping of ours: cannot fail */
		return at;
	}
	end = (uintptr_t)start + room;
	if (place > (uintptr_t)start) /* a failure leaves reserved addresses, nothing worse */
		(void)os.munmap((void *)start, place - (uintptr_t)start);
	(void)os.munmap((void *)(place + mapping->size), end - place - mapping->size);
	return at;
}

intptr_t place_map_anywhere(const struct place_mapping *mapping)
{
	for (unsigned i = 0; i < TRIES; i++) {
		uintptr_t place = place_propose(mapping->size, mapping->file_offset);
		intptr_t at;

		if (!place)
			break;
		at = map_exactly(mapping, place);
		if (at != -EEXIST)
			return at;
		place_taken(place, mapping->size);
	}
	return map_in_room(mapping);
}

intptr_t place_map_within(const struct place_mapping *mapping, const struct place_bounds *bounds)
{
	for (unsigned i = 0; i < TRIES; i++) {
		uintptr_t place = place_search(mapping->size, bounds);
		intptr_t at = place ? map_exactly(mapping, place) : -ENOMEM;

		if (at != -EEXIST) /* else another thread was first: look again */
			return at;
	}
	return -ENOMEM;
}
