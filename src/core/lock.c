/* SPDX-License-Identifier: MIT */
#include "lock.h"

#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "image.h"
#include "os.h"
#include "status.h"

/* Three states, as Drepper's: a word with waiters is woken on release, one without costs no call. */
enum { FREE, HELD, CONTENDED };

struct wiped_page {
	_Atomic(int64_t) readers[2];
	_Atomic(uint32_t) fork_word;
	_Atomic(uint32_t) generation; /* 0: just forked */
	_Atomic(uint32_t) words[LOCK_COUNT];
};

_Static_assert(sizeof(struct wiped_page) <= OS_PAGE, "one page is what the kernel wipes");

static _Atomic(struct wiped_page *) page;

fm_status lock_ready(void)
{
	struct wiped_page *expected = NULL;
	intptr_t fresh;
	int error;

	if (atomic_load_explicit(&page, memory_order_acquire))
		return FM_OK;
	if (os_page_size() != OS_PAGE)
		return FM_E_NOT_SUPPORTED;
	fresh = os.mmap(NULL, OS_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (fresh < 0)
		return status_of(OP_MAP, (int)fresh);
	error = os.madvise((void *)fresh, OS_PAGE, MADV_WIPEONFORK);
	if (error < 0 || !atomic_compare_exchange_strong(&page, &expected, (struct wiped_page *)fresh))
		(void)os.munmap((void *)fresh, OS_PAGE); /* a whole mapping of ours: cannot fail */
	return error < 0 ? FM_E_NO_MEMORY : FM_OK;
}

_Atomic(int64_t) *lock_reader_counts(void)
{
	struct wiped_page *locks = atomic_load_explicit(&page, memory_order_acquire);

	return locks ? locks->readers : NULL;
}

uint32_t lock_generation(void)
{
	static _Atomic(uint32_t) last; /* inherited, so that a child goes on from its parent's */
	_Atomic(uint32_t) *word = &atomic_load_explicit(&page, memory_order_acquire)->generation;
	uint32_t present = atomic_load_explicit(word, memory_order_relaxed);
	uint32_t fresh;

	while (!present) {
		fresh = (atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1) & 0xffffff;
		if (fresh && atomic_compare_exchange_strong(word, &present, fresh))
			present = fresh;
	}
	return present;
}

_Atomic(uint32_t) *lock_fork_word(void)
{
	return &atomic_load_explicit(&page, memory_order_acquire)->fork_word;
}

void lock_take(unsigned name)
{
	_Atomic(uint32_t) *word = &atomic_load_explicit(&page, memory_order_relaxed)->words[name];
	uint32_t state = FREE;

	if (os_single_threaded() && atomic_load_explicit(word, memory_order_relaxed) == FREE) {
		atomic_store_explicit(word, HELD, memory_order_relaxed);
		return;
	}
	if (atomic_compare_exchange_strong_explicit(word, &state, HELD, memory_order_acquire,
						    memory_order_relaxed))
		return;
	while (atomic_exchange_explicit(word, CONTENDED, memory_order_acquire) != FREE)
		(void)os.futex((uint32_t *)word, FUTEX_WAIT_PRIVATE, CONTENDED, NULL); /* any return: look again */
}

bool lock_try(unsigned name)
{
	_Atomic(uint32_t) *word = &atomic_load_explicit(&page, memory_order_relaxed)->words[name];
	uint32_t state = FREE;

	return atomic_compare_exchange_strong_explicit(word, &state, HELD, memory_order_acquire, memory_order_relaxed);
}

void lock_drop(unsigned name)
{
	_Atomic(uint32_t) *word = &atomic_load_explicit(&page, memory_order_relaxed)->words[name];

	if (os_single_threaded())
		atomic_store_explicit(word, FREE, memory_order_relaxed); /* whom should it wake? */
	else if (atomic_exchange_explicit(word, FREE, memory_order_release) == CONTENDED)
		(void)os.futex((uint32_t *)word, FUTEX_WAKE_PRIVATE, 1, NULL); /* nobody waiting is fine */
}

unsigned lock_stripe(unsigned first, const void *object)
{
	uint64_t mixed = (uint64_t)(uintptr_t)object * 0x9e3779b97f4a7c15u;

	return first + (unsigned)(mixed >> 59) % LOCK_STRIPES;
}
