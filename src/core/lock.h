/* SPDX-License-Identifier: MIT */
/*
 * Locks and reader counts that the kernel wipes at fork.
 *
 * They live in one page marked MADV_WIPEONFORK: a child never inherits a lock held by a thread that it
 * does not have. In return everything a lock guards must be whole after each single store, because the
 * child may see any moment of a change that another thread was making.
 */
#ifndef FM_CORE_LOCK_H
#define FM_CORE_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include <filemap/status.h>

/* In lock order: a holder may take only later ones. docs/architecture.md explains. */
enum lock_name {
	LOCK_MAILBOX,   /* mailbox.c: taking handles in */
	LOCK_HANDLES,   /* first of LOCK_STRIPES: handle.c, by number: closing what it is, finding out what it is */
	LOCK_STRIPES = 32,
	LOCK_NAMESPACE = LOCK_HANDLES + LOCK_STRIPES, /* names.c: the opened directories, the sweep cursor */
	LOCK_PLACING,   /* first of LOCK_STRIPES: mapping what enters the table next; all of them: nobody does */
	LOCK_REGION = LOCK_PLACING + LOCK_STRIPES, /* first of LOCK_STRIPES: pages of one region */
	LOCK_SECTION = LOCK_REGION + LOCK_STRIPES, /* first of LOCK_STRIPES: section.c, by section */
	LOCK_RANGES = LOCK_SECTION + LOCK_STRIPES, /* first of LOCK_STRIPES: filelock.c, by open file */
	LOCK_FINDS = LOCK_RANGES + LOCK_STRIPES,   /* port/find.c: the searches under way */
	LOCK_TABLE,                                /* region table and address allocator */
	LOCK_PORT,                                 /* port/object.c: the objects that this process has open */
	LOCK_FAULT,                                /* fault.c, fault_list.c: who handles faults */
	LOCK_GRACE,                                /* grace.c: retired memory */
	LOCK_CHILDREN,                             /* child.c: the processes that this one made */
	LOCK_COUNT
};

/* Ready the page; every public entry that takes a lock calls it first. FM_E_NO_MEMORY; FM_E_NOT_SUPPORTED:
 * the kernel's pages are not ours (OS_PAGE). Cheap when done. */
fm_status lock_ready(void);

void lock_take(unsigned name);
void lock_drop(unsigned name);
/* Take it if it is free; for signal handlers, which must not wait for the thread that they interrupt. */
bool lock_try(unsigned name);

/* The stripe for an object's address. */
unsigned lock_stripe(unsigned first, const void *object);

static inline void lock_drop_pointer(const unsigned *name)
{
	lock_drop(*name);
}

/* Hold @name until the end of the scope. */
#define LOCK_SCOPE(name)                                                                           \
	__attribute__((cleanup(lock_drop_pointer), unused)) const unsigned lock_scope_ =            \
		(lock_take(name), (name))

/* Not 0, the same throughout a process, and another one in a child of it. The page must be ready. */
uint32_t lock_generation(void);

/* A word that is 0 again in a forked child; mailbox.c owns its meaning. NULL before lock_ready(). */
_Atomic(uint32_t) *lock_fork_word(void);

/* Two counters of readers under way, in the same page; grace.c owns their meaning. */
_Atomic(int64_t) *lock_reader_counts(void);

#endif
