/* SPDX-License-Identifier: MIT */
/* Heaps: sizes to the byte, private heaps, limits; local memory; aligned memory. */
#include <errno.h>
#include <malloc.h>

#include "support.h"

/* How many of @size bytes are not @byte. */
static size_t others(const void *memory, size_t size, unsigned char byte)
{
	const unsigned char *at = memory;
	size_t count = 0;

	for (size_t i = 0; i < size; i++)
		count += at[i] != byte;
	return count;
}

TEST(process_has_one_heap)
{
	CHECK(GetProcessHeap() != NULL);
	CHECK(GetProcessHeap() == GetProcessHeap());
}

TEST(size_is_told_to_the_byte)
{
	static const SIZE_T sizes[] = { 0, 1, 7, 8, 15, 16, 17, 100, 4096, 70001, 1 << 20 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		check_row("%u", (unsigned)sizes[i]);
		void *memory = HeapAlloc(GetProcessHeap(), 0, sizes[i]);

		REQUIRE(memory != NULL);
		CHECK_EQ((uintptr_t)memory % 16, 0);
		CHECK_EQ(HeapSize(GetProcessHeap(), 0, memory), sizes[i]);
		memset(memory, 0xee, sizes[i]);
		CHECK(HeapValidate(GetProcessHeap(), 0, memory));
		CHECK(HeapFree(GetProcessHeap(), 0, memory));
	}
}

TEST(memory_is_zero_when_asked)
{
	HANDLE heap = HeapCreate(0, 0, 0);
	unsigned char *memory = HeapAlloc(heap, 0, 1000);

	memset(memory, 0xee, 1000);
	CHECK(HeapFree(heap, 0, memory));
	memory = HeapAlloc(heap, HEAP_ZERO_MEMORY, 1000);
	CHECK_EQ(others(memory, 1000, 0), 0);
	CHECK(HeapDestroy(heap));
}

TEST(larger_blocks_keep_their_bytes)
{
	HANDLE heap = HeapCreate(0, 0, 0);
	unsigned char *memory = HeapAlloc(heap, 0, 100), *larger;

	memset(memory, 0xee, 100);
	larger = HeapReAlloc(heap, HEAP_ZERO_MEMORY, memory, 100000);
	REQUIRE(larger != NULL);
	CHECK_EQ(others(larger, 100, 0xee), 0);
	CHECK_EQ(others(larger + 100, 99900, 0), 0);
	CHECK_EQ(HeapSize(heap, 0, larger), 100000);
	larger = HeapReAlloc(heap, 0, larger, 10);
	CHECK_EQ(others(larger, 10, 0xee), 0);
	CHECK_EQ(HeapSize(heap, 0, larger), 10);
	CHECK(HeapDestroy(heap));
}

TEST(blocks_do_not_move_when_forbidden)
{
	unsigned char *memory = HeapAlloc(GetProcessHeap(), 0, 1000);

	CHECK(HeapReAlloc(GetProcessHeap(), HEAP_REALLOC_IN_PLACE_ONLY, memory, 500) == memory);
	CHECK_EQ(HeapSize(GetProcessHeap(), 0, memory), 500);
	CHECK_FAILS(HeapReAlloc(GetProcessHeap(), HEAP_REALLOC_IN_PLACE_ONLY, memory, 100 << 20),
		    ERROR_NOT_ENOUGH_MEMORY);
	CHECK_EQ(HeapSize(GetProcessHeap(), 0, memory), 500);
	CHECK(HeapFree(GetProcessHeap(), 0, memory));
}

TEST(nothing_may_be_freed)
{
	CHECK_WORKS(HeapFree(GetProcessHeap(), 0, NULL));
}

TEST(absurd_sizes_fail)
{
	NEEDS_PLAIN_MEMORY();
	CHECK_FAILS(HeapAlloc(GetProcessHeap(), 0, ~(SIZE_T)0), ERROR_NOT_ENOUGH_MEMORY);
	CHECK_FAILS(HeapAlloc(GetProcessHeap(), 0, (SIZE_T)1 << 62), ERROR_NOT_ENOUGH_MEMORY);
}

TEST(private_heap_frees_its_blocks)
{
	for (unsigned round = 0; round < 20; round++) {
		HANDLE heap = HeapCreate(0, 0, 0);
		void *kept[1000];

		REQUIRE(heap != NULL);
		for (unsigned i = 0; i < 1000; i++)
			REQUIRE(kept[i] = HeapAlloc(heap, 0, 1000 + i));
		for (unsigned i = 0; i < 1000; i += 2)
			CHECK(HeapFree(heap, 0, kept[i]));
		for (unsigned i = 0; i < 1000; i += 4)
			REQUIRE(HeapAlloc(heap, 0, 10) != NULL);
		CHECK(HeapValidate(heap, 0, NULL));
		CHECK(HeapDestroy(heap));
	}
}

TEST(fixed_heap_has_an_end)
{
	HANDLE heap = HeapCreate(0, 0x1000, 0x40000);
	unsigned count = 0;
	void *last = NULL, *next;

	REQUIRE(heap != NULL);
	while (count < 10000 && (next = HeapAlloc(heap, 0, 0x1000)) != NULL) {
		last = next;
		count++;
	}
	CHECK(count > 0x20 && count < 0x40);
	CHECK(HeapFree(heap, 0, last));
	CHECK(HeapAlloc(heap, 0, 0x800) != NULL);
	CHECK(HeapDestroy(heap));
}

TEST(local_memory_is_freed_by_address)
{
	unsigned char *memory = LocalAlloc(LPTR, 100);

	REQUIRE(memory != NULL);
	CHECK_EQ(others(memory, 100, 0), 0);
	CHECK(LocalSize(memory) >= 100);
	memset(memory, 0xee, 100);
	memory = LocalReAlloc(memory, 100000, LMEM_MOVEABLE);
	REQUIRE(memory != NULL);
	CHECK_EQ(others(memory, 100, 0xee), 0);
	CHECK(LocalFree(memory) == NULL);
	CHECK(LocalFree(NULL) == NULL);
}

TEST(global_memory_is_freed_by_address)
{
	unsigned char *memory = GlobalAlloc(GPTR, 100);

	REQUIRE(memory != NULL);
	CHECK_EQ(others(memory, 100, 0), 0);
	CHECK(GlobalSize(memory) >= 100);
	CHECK(GlobalFree(memory) == NULL);
}

TEST(aligned_memory_is_aligned)
{
	for (size_t alignment = 1; alignment <= 1 << 20; alignment *= 2) {
		check_row("%u", (unsigned)alignment);
		unsigned char *memory = _aligned_malloc(1000, alignment);

		REQUIRE(memory != NULL);
		CHECK_EQ((uintptr_t)memory % alignment, 0);
		memset(memory, 0xee, 1000);
		memory = _aligned_realloc(memory, 50000, alignment);
		REQUIRE(memory != NULL);
		CHECK_EQ((uintptr_t)memory % alignment, 0);
		CHECK_EQ(others(memory, 1000, 0xee), 0);
		_aligned_free(memory);
	}
	_aligned_free(NULL);
}

TEST(alignment_is_a_power_of_two)
{
	errno = 0;
	CHECK(_aligned_malloc(100, 24) == NULL);
	CHECK_EQ(errno, EINVAL);
}
