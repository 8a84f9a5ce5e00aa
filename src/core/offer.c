/* SPDX-License-Identifier: MIT */
/*
 * Contents that may be lost: offered pages, and pages that were reset. They are freed lazily (MADV_FREE):
 * the kernel drops a page as a whole, unless it is written first, and then it reads as zeros.
 *
 * Whether it was dropped must be told truly, and the kernel does not say. So each offered page has a
 * witness: the place of a word in it that is not zero. Taking a page back writes that word's own value
 * to it, atomically, after which the page stays; if the word is zero then, the page had been dropped. A
 * page of zeros needs no witness: dropped or not, it is the same.
 */
#include <sys/mman.h>

#include "lock.h"
#include "os.h"
#include "private.h"
#include "status.h"

#ifndef MADV_COLD
#define MADV_COLD 20
#endif

/* 0: not offered. */
enum { ALL_ZERO = 0xffff, WORDS = OS_PAGE / sizeof(uint64_t) };

static uint16_t *witnesses(struct region *region)
{
	if (!region->extra)
		region->extra = os_allocate(region->size / OS_PAGE * sizeof(uint16_t));
	return region->extra;
}

void offer_forget(struct region *region, size_t first, size_t count)
{
	uint16_t *witness = region->extra;

	for (size_t page = first; witness && page < first + count; page++)
		witness[page] = 0;
}

fm_status offer_copy(const struct region *from, size_t first, struct region *to)
{
	const uint16_t *source = from->extra;
	uint16_t *witness = source ? witnesses(to) : NULL;

	if (source && !witness)
		return FM_E_NO_MEMORY;
	for (size_t page = 0; source && page < to->size / OS_PAGE; page++)
		witness[page] = source[first + page];
	return FM_OK;
}

static _Atomic uint64_t *words_of(const struct region *region, size_t page)
{
	return (_Atomic uint64_t *)(region->base + page * OS_PAGE);
}

static uint16_t find_witness(const struct region *region, size_t page)
{
	_Atomic uint64_t *words = words_of(region, page);

	for (unsigned i = 0; i < WORDS; i++)
		if (atomic_load_explicit(&words[i], memory_order_relaxed))
			return (uint16_t)(i + 1);
	return ALL_ZERO;
}

/* Pages that can be read and written, so that witnesses can be. Others, and watched ones, are kept. */
static bool can_drop(const struct region *region, const struct page_run *run)
{
	if (atomic_load_explicit(&region->flags, memory_order_relaxed) & REGION_WRITE_WATCH)
		return false;
	return run->committed && (run->protection & FM_WRITE) && !(run->protection & FM_GUARD);
}

fm_status offer_pages(struct region *region, size_t first, size_t count)
{
	uint16_t *witness = witnesses(region);
	struct page_run run;

	if (!witness)
		return FM_E_NO_MEMORY;
	for (size_t done = 0; done < count; done += run.size / OS_PAGE) {
		size_t start = first + done;

		private_run(region, region->base + start * OS_PAGE, (count - done) * OS_PAGE, &run);
		(void)os.munlock((void *)run.base, run.size); /* a locked page could not be dropped */
		if (!can_drop(region, &run)) {
			(void)os.madvise((void *)run.base, run.size, MADV_COLD); /* a hint */
			continue;
		}
		for (size_t page = start; page < start + run.size / OS_PAGE; page++)
			if (!witness[page])
				witness[page] = find_witness(region, page);
		(void)os.madvise((void *)run.base, run.size, MADV_FREE); /* refused: nothing is dropped */
	}
	return FM_OK;
}

/* Write the word's own value. Not fetch_or(0): compilers make that a load. */
static bool keep(_Atomic uint64_t *word)
{
	uint64_t value = atomic_load_explicit(word, memory_order_relaxed);

	while (value && !atomic_compare_exchange_strong(word, &value, value))
		;
	return value != 0;
}

bool offer_take_back(struct region *region, size_t first, size_t count)
{
	uint16_t *witness = region->extra;
	bool intact = true;
	struct page_run run;

	for (size_t done = 0; witness && done < count; done += run.size / OS_PAGE) {
		size_t start = first + done;

		private_run(region, region->base + start * OS_PAGE, (count - done) * OS_PAGE, &run);
		if (!can_drop(region, &run))
			continue;
		for (size_t page = start; page < start + run.size / OS_PAGE; page++) {
			uint16_t word = witness[page];

			if (word && word != ALL_ZERO && !keep(&words_of(region, page)[word - 1]))
				intact = false;
			witness[page] = 0;
		}
	}
	return intact;
}
