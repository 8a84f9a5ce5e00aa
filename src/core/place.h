/* SPDX-License-Identifier: MIT */
/* Where regions go: proposals from a range of our own, searches within bounds, and mapping there. */
#ifndef FM_CORE_PLACE_H
#define FM_CORE_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GRANULARITY 0x10000u

/*
 * A place of @size bytes, 64 KiB-aligned and congruent to @offset modulo 2 MiB if it is that large; the
 * whole 64 KiB units belong to the place. Only a proposal: map it with MAP_FIXED_NOREPLACE and call
 * place_taken() when that says EEXIST.
 */
uintptr_t place_propose(size_t size, uint64_t offset);
void place_taken(uintptr_t place, size_t size);
/* Under LOCK_TABLE. */
void place_freed(uintptr_t place, size_t size);

/* What to map: arguments of mmap. */
struct place_mapping {
	size_t size;          /* whole pages */
	int prot, flags, fd;
	uint64_t file_offset;
	uint64_t offset;      /* what a large place shall be congruent to modulo 2 MiB */
};

struct place_bounds {
	uintptr_t lowest, highest; /* of the bytes; @highest inclusive; 0: none */
	size_t alignment;          /* a power of two >= GRANULARITY, or 0 */
	bool top_down;
};

/* All return the address or -errno. */
intptr_t place_map(const struct place_mapping *mapping, uintptr_t address, int flags);
intptr_t place_map_anywhere(const struct place_mapping *mapping);
/* Exactly there, over nothing. @whole_units: nor into a unit of another region. -EEXIST */
intptr_t place_map_fixed(const struct place_mapping *mapping, uintptr_t address, bool whole_units);
/* The lowest or highest free place within the bounds. -ENOMEM: there is none. */
intptr_t place_map_within(const struct place_mapping *mapping, const struct place_bounds *bounds);

/* A free place within the bounds, or 0. */
uintptr_t place_search(size_t size, const struct place_bounds *bounds);

#endif
