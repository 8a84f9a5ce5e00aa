/* SPDX-License-Identifier: MIT */
/*
 * The process's table of regions: address -> view, private allocation or placeholder.
 *
 * A 64-ary trie over page numbers. Readers take no lock and may be signal handlers: they enter a grace
 * period (grace.h), walk, and may use the region found until they leave. Writers hold LOCK_TABLE; each
 * change is one store, so that a child forked in the midst of it has a whole table.
 */
#ifndef FM_CORE_REGION_H
#define FM_CORE_REGION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "grace.h"
#include "section.h"

enum region_kind { REGION_VIEW = 1, REGION_PRIVATE, REGION_PLACEHOLDER };

enum region_flags {
	REGION_FROM_PLACEHOLDER = 0x1, /* may go back to one */
	REGION_NO_CHANGE = 0x2,        /* SEC_NO_CHANGE: neither protect nor unmap */
	REGION_GROWABLE = 0x4,         /* view longer than its file (MEM_RESERVE) */
	REGION_WRITE_WATCH = 0x8,
	REGION_COMMITTED = 0x20,       /* REGION_PRIVATE: committed as a whole when made */
	REGION_ZERO_PAGE = 0x40,       /* a page whose storage fails becomes zeros (fault_repair.c) */
	REGION_FAILED = 0x80,          /* that has happened ... */
	REGION_UNTOLD = 0x100,         /* ... and no flush has told since */
};

/* State of one page, when it differs from the region's start: 0 = as mapped. */
enum page_state {
	PAGE_PROTECTION = 0x7ff, /* FM_* protection now */
	PAGE_COMMITTED = 0x0800, /* REGION_PRIVATE only: backed */
	PAGE_IS_PRIVATE = 0x1000,/* mapped MAP_PRIVATE although the view is shared */
	PAGE_TURNED = 0x2000,    /* private or shared only since the change under way; LOCK_REGION is held */
	PAGE_FAILED = 0x4000,    /* zeros lie there in place of storage that failed */
	PAGE_CHANGED = 0x8000,   /* the other bits hold */
};

struct region {
	struct retired retired;   /* first: regions are retired, not freed */
	uintptr_t base;           /* page-aligned; immutable */
	size_t size;              /* whole pages; immutable */
	uint32_t kind;            /* immutable */
	uint32_t protection;      /* when mapped; canonical with modifiers; immutable */
	_Atomic uint32_t flags;   /* enum region_flags */
	struct section *section;  /* REGION_VIEW: one reference; immutable */
	uint64_t offset;          /* REGION_VIEW: in the section, of base; immutable */
	atomic_uint failures;     /* REGION_VIEW: its section's count, as far as it has been told */
	_Atomic(_Atomic uint16_t *) pages; /* size / OS_PAGE states, or NULL: all 0; grown under LOCK_REGION */
	_Atomic size_t pages_end; /* states from here on are 0; LOCK_REGION */
	_Atomic bool gone;        /* taken out of the table; LOCK_TABLE */
	void *extra;              /* REGION_PRIVATE: witnesses of offered pages (offer.c); LOCK_REGION */
};

/* NULL when memory is exhausted. Not yet in the table. Of guards and small private memory the states exist. */
struct region *region_new(enum region_kind kind, uintptr_t base, size_t size, uint32_t protection);
/* Free one that never was in the table; puts its section. */
void region_free(struct region *region);

/*
 * region_insert - enter a region whose memory has just been mapped over nothing
 * An entry that overlaps is left from a change that fork cut short; it is dropped. FM_E_NO_MEMORY.
 */
fm_status region_insert(struct region *region);

/*
 * region_end - take the memory away and the region out, as one step for other writers
 * FM_E_NO_MEMORY (the kernel had to split a mapping and could not): nothing has changed. FM_E_NOT_MAPPED_VIEW:
 * another thread was first. The region is retired; do not touch it outside a grace period of before.
 */
fm_status region_end(struct region *region);

/*
 * region_replace - put @with in the place of @old: same addresses, as one change for who reads one of them
 * Both ascending and gapless. @remap is called under the lock before the table changes, to change the
 * memory; when it fails, nothing has changed. FM_E_CONFLICTING_ADDRESSES: some @old is gone. The old ones
 * are retired.
 */
struct region_change {
	struct region *const *old;
	unsigned old_count;
	struct region *const *with;
	unsigned with_count;
	fm_status (*remap)(void *context); /* may be NULL */
	void *context;
};
fm_status region_replace(const struct region_change *change);

/* Readers; within grace_enter() .. grace_leave(), which the caller does. */
struct region *region_find(uintptr_t address);              /* the one containing it, or NULL */
struct region *region_find_next(uintptr_t address);         /* the first with base >= address, or NULL */
struct region *region_find_before(uintptr_t address);       /* the last with base <= address, or NULL */

/* Page states. The setter needs LOCK_REGION of the region; a state that says no more than the region itself
 * is kept as 0, so that equal pages have equal states. */
uint16_t region_page(const struct region *region, size_t page);
fm_status region_make_pages(struct region *region); /* so that setting one cannot fail */
fm_status region_set_pages(struct region *region, size_t first, size_t count, uint16_t state);
size_t region_page_run(const struct region *region, size_t first, size_t limit); /* pages with first's state */

unsigned region_count(void);

/* Taken out of the table since it was found there? Whoever changes its memory asks once LOCK_REGION is held. */
static inline bool region_gone(const struct region *region)
{
	return atomic_load_explicit(&region->gone, memory_order_acquire);
}

#endif
