/* SPDX-License-Identifier: MIT */
#include "heap.h"

#include <stdlib.h>

/* Chunk k holds the slots from FIRST * (2^k - 1) on. */
static unsigned chunk_of(uint32_t slot, uint32_t *ret_index)
{
	uint32_t scaled = slot / HEAP_CHUNK_FIRST + 1;
	unsigned chunk = 31u - (unsigned)__builtin_clz(scaled);

	*ret_index = slot - HEAP_CHUNK_FIRST * ((1u << chunk) - 1);
	return chunk;
}

static heap_slot *slot_at(struct heap_blocks *blocks, uint32_t slot)
{
	uint32_t index;
	unsigned chunk = chunk_of(slot, &index);
	heap_slot *slots = chunk < HEAP_CHUNKS ? atomic_load_explicit(&blocks->chunks[chunk], memory_order_acquire)
					       : NULL;

	return slots ? &slots[index] : NULL;
}

static heap_slot *make_slot(struct heap_blocks *blocks, uint32_t slot)
{
	uint32_t index;
	unsigned chunk = chunk_of(slot, &index);
	heap_slot *fresh, *present = NULL;

	if (chunk >= HEAP_CHUNKS)
		return NULL;
	if (atomic_load_explicit(&blocks->chunks[chunk], memory_order_acquire))
		return slot_at(blocks, slot);
	fresh = os_allocate(((size_t)HEAP_CHUNK_FIRST << chunk) * sizeof(*fresh));
	if (fresh && !atomic_compare_exchange_strong(&blocks->chunks[chunk], &present, fresh))
		os_free(fresh);
	return slot_at(blocks, slot);
}

/* A free slot's number plus 1; 0: there is none. */
static uint32_t reuse(struct heap_blocks *blocks)
{
	uint64_t head = atomic_load(&blocks->free);

	while ((uint32_t)head) {
		uint32_t next = (uint32_t)(atomic_load(slot_at(blocks, (uint32_t)head - 1)) >> 1);
		uint64_t fresh = ((head >> 32) + 1) << 32 | next;

		/* Taken by another meanwhile: the slot held something else, and the count has moved. */
		if (atomic_compare_exchange_weak(&blocks->free, &head, fresh))
			return (uint32_t)head;
	}
	return 0;
}

bool heap_blocks_add(struct heap_blocks *blocks, void *block, uint32_t *ret_slot)
{
	uint32_t number = reuse(blocks), slot = number - 1;
	heap_slot *at;

	if (!number)
		slot = atomic_fetch_add(&blocks->count, 1);
	at = make_slot(blocks, slot);
	if (!at)
		return false;
	atomic_store(at, (uintptr_t)block);
	*ret_slot = slot;
	return true;
}

void heap_blocks_remove(struct heap_blocks *blocks, uint32_t slot)
{
	uint64_t head = atomic_load(&blocks->free);
	heap_slot *at = slot_at(blocks, slot);

	do
		atomic_store(at, (uintptr_t)(uint32_t)head << 1 | 1);
	while (!atomic_compare_exchange_weak(&blocks->free, &head, ((head >> 32) + 1) << 32 | (slot + 1)));
}

void heap_blocks_set(struct heap_blocks *blocks, uint32_t slot, void *block)
{
	atomic_store(slot_at(blocks, slot), (uintptr_t)block);
}

void *heap_blocks_get(struct heap_blocks *blocks, uint32_t slot)
{
	heap_slot *at = slot_at(blocks, slot);
	uintptr_t value = at ? atomic_load(at) : 0;

	return value & 1 ? NULL : (void *)value;
}

void heap_blocks_free(struct heap_blocks *blocks)
{
	uint32_t count = atomic_load(&blocks->count);

	for (uint32_t slot = 0; slot < count; slot++)
		free(heap_blocks_get(blocks, slot));
	for (unsigned i = 0; i < HEAP_CHUNKS; i++)
		os_free(atomic_load(&blocks->chunks[i]));
}
