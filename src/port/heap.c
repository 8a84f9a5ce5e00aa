/* SPDX-License-Identifier: MIT */
/*
 * Heaps over malloc. Each block has a head that knows its size, as HeapSize must tell it to the byte, and
 * its heap. The process's heap keeps no list of its blocks.
 */
#include "heap.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define HEAP_MAGIC 0x70616548u
#define BLOCK_MAGIC 0x6b636c42u

struct heap {
	uint32_t magic;
	uint64_t maximum;         /* bytes; 0: no limit. Immutable */
	_Atomic(uint64_t) used;   /* counted where there is a limit */
	struct heap_blocks blocks;
};

struct block {
	struct heap *heap;
	size_t size;              /* as asked for */
	uint32_t slot;            /* in a private heap */
	uint32_t magic;           /* BLOCK_MAGIC; 0: freed */
	uint64_t pad;             /* what follows is aligned to 16 bytes */
};

_Static_assert(sizeof(struct block) == 32, "blocks are aligned to 16 bytes");

static struct heap process_heap = { .magic = HEAP_MAGIC };

static void *fail(DWORD error)
{
	SetLastError(error);
	return NULL;
}

static struct heap *heap_of(HANDLE handle)
{
	struct heap *heap = handle;

	if (!heap || (uintptr_t)heap % _Alignof(struct heap) || is_pseudo(handle) || heap->magic != HEAP_MAGIC)
		return fail(ERROR_INVALID_HANDLE);
	return heap;
}

static struct block *block_of(struct heap *heap, const void *memory)
{
	struct block *block;

	if (!memory || (uintptr_t)memory % 16)
		return fail(ERROR_INVALID_PARAMETER);
	block = (struct block *)((uintptr_t)memory - sizeof(*block));
	if (block->magic != BLOCK_MAGIC || block->heap != heap)
		return fail(ERROR_INVALID_PARAMETER);
	return block;
}

/* Count @size in, less @before. False: beyond the heap's limit. */
static bool charge(struct heap *heap, uint64_t size, uint64_t before)
{
	uint64_t used = atomic_load_explicit(&heap->used, memory_order_relaxed);

	if (!heap->maximum)
		return true;
	do {
		if (size > before && size - before > heap->maximum - used)
			return false;
	} while (!atomic_compare_exchange_weak(&heap->used, &used, used + size - before));
	return true;
}

static bool refused(DWORD flags)
{
	if (!(flags & HEAP_GENERATE_EXCEPTIONS))
		return false;
	SetLastError(ERROR_NOT_SUPPORTED);
	return true;
}

/* ---- heaps ---- */

HANDLE WINAPI GetProcessHeap(VOID)
{
	return &process_heap;
}

HANDLE WINAPI HeapCreate(DWORD flOptions, SIZE_T dwInitialSize, SIZE_T dwMaximumSize)
{
	struct heap *heap;

	if (flOptions & (HEAP_GENERATE_EXCEPTIONS | HEAP_CREATE_ENABLE_EXECUTE))
		return fail(ERROR_NOT_SUPPORTED);
	if (dwMaximumSize && dwInitialSize > dwMaximumSize)
		return fail(ERROR_INVALID_PARAMETER);
	heap = os_allocate(sizeof(*heap));
	if (!heap)
		return fail(ERROR_NOT_ENOUGH_MEMORY);
	heap->magic = HEAP_MAGIC;
	heap->maximum = dwMaximumSize;
	return heap;
}

BOOL WINAPI HeapDestroy(HANDLE hHeap)
{
	struct heap *heap = heap_of(hHeap);

	if (!heap)
		return FALSE;
	if (heap == &process_heap)
		return finish(FM_E_INVALID_HANDLE);
	heap_blocks_free(&heap->blocks);
	heap->magic = 0;
	os_free(heap);
	return TRUE;
}

/* ---- blocks ---- */

static struct block *new_block(struct heap *heap, size_t size, bool zero)
{
	size_t whole = size + sizeof(struct block);
	struct block *block;

	if (whole < size || !charge(heap, whole, 0))
		return NULL;
	block = zero ? calloc(1, whole) : malloc(whole);
	if (!block)
		goto err_charge;
	*block = (struct block){ .heap = heap, .size = size, .magic = BLOCK_MAGIC };
	if (heap != &process_heap && !heap_blocks_add(&heap->blocks, block, &block->slot))
		goto err_block;
	return block;
err_block:
	free(block);
err_charge:
	(void)charge(heap, 0, whole); /* less is always within the limit */
	return NULL;
}

LPVOID WINAPI HeapAlloc(HANDLE hHeap, DWORD dwFlags, SIZE_T dwBytes)
{
	struct heap *heap = heap_of(hHeap);
	struct block *block;

	if (!heap || refused(dwFlags))
		return NULL;
	block = new_block(heap, dwBytes, dwFlags & HEAP_ZERO_MEMORY);
	return block ? block + 1 : fail(ERROR_NOT_ENOUGH_MEMORY);
}

BOOL WINAPI HeapFree(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem)
{
	struct heap *heap = heap_of(hHeap);
	struct block *block;

	(void)dwFlags;
	if (!heap)
		return FALSE;
	if (!lpMem)
		return TRUE;
	block = block_of(heap, lpMem);
	if (!block)
		return FALSE;
	if (heap != &process_heap)
		heap_blocks_remove(&heap->blocks, block->slot);
	(void)charge(heap, 0, block->size + sizeof(*block)); /* less is always within the limit */
	block->magic = 0;
	free(block);
	return TRUE;
}

/* With room for @size bytes, moved if need be and allowed. NULL: the block is as it was. */
static struct block *resize(struct block *block, size_t size, bool in_place)
{
	size_t whole = size + sizeof(*block);

	if (whole < size)
		return NULL;
	if (in_place)
		return whole <= malloc_usable_size(block) ? block : NULL;
	return realloc(block, whole);
}

LPVOID WINAPI HeapReAlloc(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem, SIZE_T dwBytes)
{
	struct heap *heap = heap_of(hHeap);
	struct block *block = heap && !refused(dwFlags) ? block_of(heap, lpMem) : NULL, *fresh;
	size_t before = block ? block->size : 0;

	if (!block)
		return NULL;
	if (!charge(heap, dwBytes, before))
		return fail(ERROR_NOT_ENOUGH_MEMORY);
	fresh = resize(block, dwBytes, dwFlags & HEAP_REALLOC_IN_PLACE_ONLY);
	if (!fresh) {
		(void)charge(heap, before, dwBytes); /* as it was: within the limit, or less */
		return fail(ERROR_NOT_ENOUGH_MEMORY);
	}
	fresh->size = dwBytes;
	if (heap != &process_heap)
		heap_blocks_set(&heap->blocks, fresh->slot, fresh);
	if ((dwFlags & HEAP_ZERO_MEMORY) && dwBytes > before)
		memset((char *)(fresh + 1) + before, 0, dwBytes - before);
	return fresh + 1;
}

SIZE_T WINAPI HeapSize(HANDLE hHeap, DWORD dwFlags, LPCVOID lpMem)
{
	struct heap *heap = heap_of(hHeap);
	const struct block *block = heap ? block_of(heap, lpMem) : NULL;

	(void)dwFlags;
	return block ? block->size : (SIZE_T)-1;
}

BOOL WINAPI HeapValidate(HANDLE hHeap, DWORD dwFlags, LPCVOID lpMem)
{
	struct heap *heap = heap_of(hHeap);
	uint32_t count;

	(void)dwFlags;
	if (!heap)
		return FALSE;
	if (lpMem)
		return block_of(heap, lpMem) != NULL;
	count = atomic_load(&heap->blocks.count);
	for (uint32_t slot = 0; slot < count; slot++) {
		struct block *block = heap_blocks_get(&heap->blocks, slot);

		if (block && !block_of(heap, block + 1))
			return FALSE;
	}
	return TRUE;
}

SIZE_T WINAPI HeapCompact(HANDLE hHeap, DWORD dwFlags)
{
	(void)dwFlags;
	if (!heap_of(hHeap))
		return 0;
	(void)malloc_trim(0); /* whether there was something to give back */
	SetLastError(NO_ERROR);
	return mallinfo2().keepcost;
}
