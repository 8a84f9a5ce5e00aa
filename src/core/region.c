/* SPDX-License-Identifier: MIT */
#include "region.h"

#include <sys/mman.h>

#include "lock.h"
#include "os.h"
#include "place.h"
#include "status.h"

/*
 * Six levels of 64 over page numbers: 48-bit addresses. A slot of the lowest level is the region that
 * starts at that page. Nodes stay when they empty and are pruned in batches, so that mapping and
 * unmapping in one place allocates nothing.
 */
enum { BITS = 6, WIDTH = 1 << BITS, LEVELS = 6, EMPTY_LIMIT = 1024 };

struct node {
	struct retired retired;
	_Atomic uint64_t present;
	_Atomic(void *) slots[WIDTH]; /* nodes, or regions at level 0 */
};

static struct node root;        /* LOCK_TABLE for writers */
static int empty_leaves;        /* LOCK_TABLE; a hint when to prune */
static atomic_uint live_regions;
/*
 * Counts what region_replace() enters. A walk may pass a place before a new region is entered there and
 * then find, in front of it, another new one that is shorter than the old: who finds nothing and sees the
 * count changed looks again. A handler that interrupts the writer sees it still, and so never spins.
 */
static atomic_uint replacements;

static unsigned slot_of(uint64_t key, int level)
{
	return (unsigned)(key >> (BITS * level)) & (WIDTH - 1);
}

static void *load_slot(struct node *node, unsigned slot)
{
	return atomic_load_explicit(&node->slots[slot], memory_order_acquire);
}

static uint64_t key_of(uintptr_t address)
{
	return (address / OS_PAGE) & ((1ull << (BITS * LEVELS)) - 1);
}

/* ---- readers ---- */

/* The last region starting at or before @key below @node. A set bit over an emptied slot is passed by. */
static struct region *find_last(struct node *node, int level, uint64_t key)
{
	uint64_t present = atomic_load_explicit(&node->present, memory_order_acquire);
	unsigned slot = slot_of(key, level);

	present &= slot == WIDTH - 1 ? ~0ull : (1ull << (slot + 1)) - 1;
	while (present) {
		unsigned at = 63 - (unsigned)__builtin_clzll(present);
		void *below = load_slot(node, at);
		struct region *found = below;

		if (below && level > 0)
			found = find_last(below, level - 1, at == slot ? key : ~0ull);
		if (found)
			return found;
		present &= ~(1ull << at);
	}
	return NULL;
}

static struct region *find_first(struct node *node, int level, uint64_t key)
{
	uint64_t present = atomic_load_explicit(&node->present, memory_order_acquire);
	unsigned slot = slot_of(key, level);

	present &= ~0ull << slot;
	while (present) {
		unsigned at = (unsigned)__builtin_ctzll(present);
		void *below = load_slot(node, at);
		struct region *found = below;

		if (below && level > 0)
			found = find_first(below, level - 1, at == slot ? key : 0);
		if (found)
			return found;
		present &= ~(1ull << at);
	}
	return NULL;
}

struct region *region_find_before(uintptr_t address)
{
	return find_last(&root, LEVELS - 1, key_of(address));
}

struct region *region_find_next(uintptr_t address)
{
	uintptr_t page = (address + OS_PAGE - 1) & ~(uintptr_t)(OS_PAGE - 1);

	return page < address ? NULL : find_first(&root, LEVELS - 1, key_of(page));
}

struct region *region_find(uintptr_t address)
{
	struct region *region;
	unsigned seen, now = atomic_load_explicit(&replacements, memory_order_acquire);

	if (address >> 48)
		return NULL; /* the key would wrap */
	do {
		seen = now;
		region = region_find_before(address);
		if (region && address - region->base < region->size)
			return region;
		now = atomic_load_explicit(&replacements, memory_order_acquire);
	} while (now != seen);
	return NULL;
}

unsigned region_count(void)
{
	return atomic_load_explicit(&live_regions, memory_order_relaxed);
}

/* ---- writers; all under LOCK_TABLE ---- */

static void release_node(struct retired *self)
{
	os_free(self);
}

static bool prune(struct node *node, int level)
{
	uint64_t present = atomic_load_explicit(&node->present, memory_order_relaxed);

	for (unsigned i = 0; i < WIDTH; i++) {
		struct node *below = level > 0 ? load_slot(node, i) : NULL;

		if (!below || !prune(below, level - 1))
			continue;
		present &= ~(1ull << i);
		atomic_store_explicit(&node->present, present, memory_order_release);
		atomic_store_explicit(&node->slots[i], NULL, memory_order_release);
		grace_retire(&below->retired, release_node);
	}
	return present == 0;
}

/* A locked instruction only where the bit is new. */
static void mark(struct node *node, unsigned slot)
{
	uint64_t present = atomic_load_explicit(&node->present, memory_order_relaxed);

	if (!(present & 1ull << slot)) /* writers hold the lock: a plain store suffices */
		atomic_store_explicit(&node->present, present | 1ull << slot, memory_order_release);
}

/* The slot for @key, with the nodes on the way to it. NULL: no memory, and nothing is in the way. */
static struct node *leaf_for(uint64_t key)
{
	struct node *node = &root;

	for (int level = LEVELS - 1; level > 0; level--) {
		unsigned slot = slot_of(key, level);
		struct node *below = load_slot(node, slot);

		if (!below) {
			below = os_allocate(sizeof(*below));
			if (!below)
				return NULL;
			if (level == 1)
				empty_leaves++;
			atomic_store_explicit(&node->slots[slot], below, memory_order_release);
		}
		mark(node, slot);
		node = below;
	}
	return node;
}

static void enter(struct node *leaf, struct region *region)
{
	unsigned slot = slot_of(key_of(region->base), 0);

	atomic_store_explicit(&leaf->slots[slot], region, memory_order_release);
	if (atomic_load_explicit(&leaf->present, memory_order_relaxed) == 0)
		empty_leaves--;
	mark(leaf, slot);
	atomic_fetch_add_explicit(&live_regions, 1, memory_order_relaxed);
}

/* The nodes from the root to the leaf of @key, as deep as they exist. Returns how many. */
static int path_to(uint64_t key, struct node *path[LEVELS])
{
	int depth = 0;

	for (struct node *node = &root; node && depth < LEVELS; depth++) {
		path[depth] = node;
		node = depth < LEVELS - 1 ? load_slot(node, slot_of(key, LEVELS - 1 - depth)) : NULL;
	}
	return depth;
}

/* Empty the region's slot, and take away the bits above that lead to nothing now; the nodes stay. */
static void clear(const struct region *region)
{
	uint64_t key = key_of(region->base);
	struct node *path[LEVELS];
	unsigned slot = slot_of(key, 0);
	bool empty = path_to(key, path) == LEVELS && load_slot(path[LEVELS - 1], slot) == region;

	if (empty)
		atomic_store_explicit(&path[LEVELS - 1]->slots[slot], NULL, memory_order_release);
	for (int at = LEVELS - 1; empty && at >= 0; at--) {
		uint64_t bit = 1ull << slot_of(key, LEVELS - 1 - at);
		uint64_t present = atomic_load_explicit(&path[at]->present, memory_order_relaxed) & ~bit;

		atomic_store_explicit(&path[at]->present, present, memory_order_release);
		empty = present == 0;
		empty_leaves += empty && at == LEVELS - 1;
	}
}

static void leave(struct region *region)
{
	atomic_store_explicit(&region->gone, true, memory_order_release);
	clear(region);
	atomic_fetch_sub_explicit(&live_regions, 1, memory_order_relaxed);
	if (empty_leaves > EMPTY_LIMIT) {
		empty_leaves = 0;
		(void)prune(&root, LEVELS - 1); /* whether all is empty does not matter */
	}
}

static void release_region(struct retired *self)
{
	region_free((struct region *)self);
}

static bool drop_overlapping(const struct region *region)
{
	struct region *other;
	bool dropped = false;

	while ((other = region_find_before(region->base + region->size - 1)) != NULL &&
	       other->base + other->size > region->base) {
		leave(other);
		grace_retire(&other->retired, release_region);
		dropped = true;
	}
	return dropped;
}

fm_status region_insert(struct region *region)
{
	struct node *leaf;
	LOCK_SCOPE(LOCK_TABLE);

	leaf = leaf_for(key_of(region->base));
	if (!leaf)
		return FM_E_NO_MEMORY;
	if (drop_overlapping(region))
		leaf = leaf_for(key_of(region->base)); /* it may have been pruned */
	if (!leaf)
		return FM_E_NO_MEMORY;
	enter(leaf, region);
	return FM_OK;
}

fm_status region_end(struct region *region)
{
	int error;

	{
		LOCK_SCOPE(LOCK_TABLE);
		if (atomic_load_explicit(&region->gone, memory_order_relaxed))
			return FM_E_NOT_MAPPED_VIEW;
		error = os.munmap((void *)region->base, region->size);
		if (error < 0)
			return status_of(OP_MAP, error);
		leave(region);
		place_freed(region->base, region->size);
	}
	grace_retire(&region->retired, release_region);
	return FM_OK;
}

/*
 * Later ones first: an address of a new later region finds it behind the old earlier one, and the old
 * later ones go only when the new first one covers them.
 */
fm_status region_replace(const struct region_change *change)
{
	fm_status status = FM_OK;

	{
		LOCK_SCOPE(LOCK_TABLE);
		for (unsigned i = 0; i < change->old_count; i++)
			if (atomic_load_explicit(&change->old[i]->gone, memory_order_relaxed))
				return FM_E_CONFLICTING_ADDRESSES;
		for (unsigned i = 0; i < change->with_count; i++)
			if (!leaf_for(key_of(change->with[i]->base)))
				return FM_E_NO_MEMORY;
		if (change->remap)
			status = change->remap(change->context);
		if (status_failed(status))
			return status;
		for (unsigned i = change->with_count; i-- > 0;) {
			atomic_fetch_add_explicit(&replacements, 1, memory_order_release);
			enter(leaf_for(key_of(change->with[i]->base)), change->with[i]);
		}
		for (unsigned i = 0; i < change->old_count; i++)
			leave(change->old[i]);
	}
	for (unsigned i = 0; i < change->old_count; i++)
		grace_retire(&change->old[i]->retired, release_region);
	return FM_OK;
}

/* ---- regions and their pages ---- */

/* Large arrays are mapped: a page of states costs memory only when one of its 2,048 pages differs. */
static size_t states_size(const struct region *region)
{
	size_t size = region->size / OS_PAGE * sizeof(uint16_t);

	return size < OS_PAGE * 16 ? size : (size + OS_PAGE - 1) & ~(size_t)(OS_PAGE - 1);
}

static _Atomic uint16_t *states_new(const struct region *region)
{
	size_t size = states_size(region);
	intptr_t states;

	if (size < OS_PAGE * 16)
		return os_allocate(size);
	states = os.mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return states < 0 ? NULL : (_Atomic uint16_t *)states;
}

/*
 * Guards go and reserved pages are committed, in fault handlers too, where nothing can be allocated: what is
 * small has its states from the start. Large arrays are mapped, which a handler may do.
 */
static bool sure_to_change(const struct region *region)
{
	return (region->protection & FM_GUARD) ||
	       (region->kind == REGION_PRIVATE && states_size(region) < OS_PAGE * 16);
}

struct region *region_new(enum region_kind kind, uintptr_t base, size_t size, uint32_t protection)
{
	struct region *region = os_allocate(sizeof(*region));

	if (!region)
		return NULL;
	region->kind = kind;
	region->base = base;
	region->size = size;
	region->protection = protection;
	if (sure_to_change(region) && status_failed(region_make_pages(region))) {
		os_free(region);
		return NULL;
	}
	return region;
}

void region_free(struct region *region)
{
	_Atomic uint16_t *states = atomic_load_explicit(&region->pages, memory_order_relaxed);
	size_t size = states_size(region);

	if (size < OS_PAGE * 16)
		os_free((void *)states);
	else if (states)
		(void)os.munmap((void *)states, size); /* a whole mapping of ours: cannot fail */
	if (region->section)
		section_put(region->section);
	os_free(region->extra);
	os_free(region);
}

uint16_t region_page(const struct region *region, size_t page)
{
	_Atomic uint16_t *states = atomic_load_explicit(&region->pages, memory_order_acquire);

	return states ? atomic_load_explicit(&states[page], memory_order_relaxed) : 0;
}

/* What a page of state 0 is like. */
static uint16_t state_of_others(const struct region *region)
{
	if (region->kind != REGION_PRIVATE)
		return PAGE_CHANGED | (uint16_t)region->protection;
	if (atomic_load_explicit(&region->flags, memory_order_relaxed) & REGION_COMMITTED)
		return PAGE_CHANGED | PAGE_COMMITTED | (uint16_t)region->protection;
	return PAGE_CHANGED;
}

fm_status region_make_pages(struct region *region)
{
	_Atomic uint16_t *states = atomic_load_explicit(&region->pages, memory_order_relaxed);

	if (states)
		return FM_OK;
	states = states_new(region);
	if (!states)
		return FM_E_NO_MEMORY;
	atomic_store_explicit(&region->pages, states, memory_order_release);
	return FM_OK;
}

fm_status region_set_pages(struct region *region, size_t first, size_t count, uint16_t state)
{
	_Atomic uint16_t *states = atomic_load_explicit(&region->pages, memory_order_relaxed);

	if (!states && !state)
		return FM_OK;
	if (status_failed(region_make_pages(region)))
		return FM_E_NO_MEMORY;
	states = atomic_load_explicit(&region->pages, memory_order_relaxed);
	if (state == state_of_others(region))
		state = 0;
	if (state && atomic_load_explicit(&region->pages_end, memory_order_relaxed) < first + count)
		atomic_store_explicit(&region->pages_end, first + count, memory_order_release);
	for (size_t i = first; i < first + count; i++)
		atomic_store_explicit(&states[i], state, memory_order_relaxed);
	return FM_OK;
}

/* A huge reservation of which little is committed must not be walked to its end. */
size_t region_page_run(const struct region *region, size_t first, size_t limit)
{
	_Atomic uint16_t *states = atomic_load_explicit(&region->pages, memory_order_acquire);
	size_t end = atomic_load_explicit(&region->pages_end, memory_order_acquire);
	size_t stop = end - first < limit ? end - first : limit, run = 1;
	uint16_t state;

	if (!states || first >= end)
		return limit;
	state = atomic_load_explicit(&states[first], memory_order_relaxed);
	while (run < stop && atomic_load_explicit(&states[first + run], memory_order_relaxed) == state)
		run++;
	return run == stop && state == 0 ? limit : run;
}
