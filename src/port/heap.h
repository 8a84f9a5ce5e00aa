/* SPDX-License-Identifier: MIT */
/*
 * The blocks of a private heap, so that they can be freed with it: a growing array of slots.
 *
 * No locks: every change is one atomic store or exchange, so a child forked in the middle of one has a
 * whole list, less at most the slot that was on its way.
 */
#ifndef FM_PORT_HEAP_H
#define FM_PORT_HEAP_H

#include <stdatomic.h>

#include "port.h"

enum { HEAP_CHUNKS = 26, HEAP_CHUNK_FIRST = 64 };

/* An address, or where the next free slot is: twice its number plus one. */
typedef _Atomic(uintptr_t) heap_slot;

struct heap_blocks {
	_Atomic(heap_slot *) chunks[HEAP_CHUNKS]; /* each twice as long as the one before */
	_Atomic(uint64_t) free;                   /* high: a count against ABA; low: slot number plus 1, 0: none */
	_Atomic(uint32_t) count;                  /* slots that ever were in use */
};

/* Note @block. False: no memory. */
bool heap_blocks_add(struct heap_blocks *blocks, void *block, uint32_t *ret_slot);
void heap_blocks_remove(struct heap_blocks *blocks, uint32_t slot);
/* The block moved. */
void heap_blocks_set(struct heap_blocks *blocks, uint32_t slot, void *block);
/* NULL: none is there, or no such slot. */
void *heap_blocks_get(struct heap_blocks *blocks, uint32_t slot);
/* Free all blocks and the list itself. Nobody else uses it. */
void heap_blocks_free(struct heap_blocks *blocks);

#endif
