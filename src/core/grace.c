/* SPDX-License-Identifier: MIT */
#include "grace.h"

#include <stdatomic.h>
#include <stddef.h>

#include "lock.h"
#include "os.h"

#define EARLY 2u
#define GENERATION_SHIFT 2

/*
 * Two counters, so that a steady stream of readers cannot hold everything for ever: new readers enter
 * through the current one, and a batch is released once each counter has been seen at zero since the
 * batch was closed. A reader of before the batch shows in one of them until it leaves; a later one has
 * no way to reach what is in the batch.
 */
static atomic_uint current;
static _Atomic(int64_t) early[2];  /* readers of before the wiped page exists */
static struct retired *gathering;  /* LOCK_GRACE */
static struct retired *waiting;    /* LOCK_GRACE: the closed batch ... */
static unsigned seen_idle;         /* LOCK_GRACE: ... and the counters seen at zero since, as bits */

static void count(_Atomic(int64_t) *counter, int64_t change)
{
	if (os_single_threaded())
		atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + change,
				      memory_order_relaxed);
	else
		atomic_fetch_add_explicit(counter, change, memory_order_seq_cst);
}

/*
 * The token tells the process too: the counters are wiped at fork, and a reader that forked within its stay
 * (in a handler, say) must not take another one's count away when it leaves in the child.
 */
unsigned grace_enter(void)
{
	_Atomic(int64_t) *counts = lock_reader_counts();
	unsigned token = atomic_load_explicit(&current, memory_order_relaxed) & 1;

	if (counts)
		token |= lock_generation() << GENERATION_SHIFT;
	else
		token |= EARLY;
	count(&(counts ? counts : early)[token & 1], 1);
	return token;
}

void grace_leave(unsigned token)
{
	if (token & EARLY)
		count(&early[token & 1], -1);
	else if (token >> GENERATION_SHIFT == lock_generation())
		count(&lock_reader_counts()[token & 1], -1);
}

static void look_at_counters(void)
{
	_Atomic(int64_t) *counts = lock_reader_counts();

	for (unsigned i = 0; i < 2; i++)
		if (atomic_load_explicit(&counts[i], memory_order_seq_cst) == 0 &&
		    atomic_load_explicit(&early[i], memory_order_seq_cst) == 0)
			seen_idle |= 1u << i;
	atomic_fetch_xor_explicit(&current, 1, memory_order_relaxed);
}

/* The next batch, once the one before it may go: that is returned. Under LOCK_GRACE. */
static struct retired *next_batch(void)
{
	struct retired *ready = NULL;

	look_at_counters();
	if (!waiting || seen_idle == 3) {
		ready = waiting;
		waiting = gathering;
		gathering = NULL;
		seen_idle = 0;
	}
	return ready;
}

static void release_all(struct retired *ready)
{
	while (ready) {
		struct retired *next = ready->next;

		ready->release(ready);
		ready = next;
	}
}

void grace_retire(struct retired *object, void (*release)(struct retired *self))
{
	struct retired *ready;

	object->release = release;
	{
		LOCK_SCOPE(LOCK_GRACE);
		object->next = gathering;
		gathering = object;
		ready = next_batch();
	}
	release_all(ready);
}

void grace_settle(void)
{
	for (int batch = 0; batch < 3; batch++) { /* the waiting one, what gathered behind it, and that once idle */
		struct retired *ready;

		{
			LOCK_SCOPE(LOCK_GRACE);
			ready = next_batch();
		}
		release_all(ready);
	}
}
