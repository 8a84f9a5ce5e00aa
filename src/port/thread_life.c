/* SPDX-License-Identifier: MIT */
/* When a thread ends: the word of its robust mutex, which the kernel changes. */
#include "thread.h"

#include <linux/futex.h>

#include "object.h"

/* The list is whole after each single store: a child may be forked at any moment. */
static struct thread *threads;

static _Atomic(uint32_t) *word_of(struct thread *thread)
{
	return (_Atomic(uint32_t) *)&thread->life.__data.__lock;
}

static bool is_end(uint32_t word)
{
	return (word & FUTEX_OWNER_DIED) || !(word & FUTEX_TID_MASK);
}

/* Other processes' threads, which a child of fork has the memory of, are not there. */
bool thread_is_dead(struct thread *thread)
{
	if (thread->generation != fm_internal_lock_generation())
		return true;
	if (!atomic_load_explicit(&thread->id, memory_order_acquire))
		return false; /* it has not begun */
	if (!is_end(atomic_load_explicit(word_of(thread), memory_order_acquire)))
		return false;
	(void)atomic_load_explicit(&thread->exit_code, memory_order_acquire); /* after the last it wrote */
	return true;
}

void thread_live(struct thread *thread)
{
	(void)pthread_mutex_lock(&thread->life); /* free, and robust: cannot fail */
}

/* ---- the objects ---- */

/* Forget the dead that nobody has a handle on. LOCK_PORT is held. */
static void sweep(void)
{
	struct thread **link = &threads;

	while (*link) {
		struct thread *thread = *link;

		if (thread->references == 0 && thread_is_dead(thread)) {
			*link = thread->next;
			os_free(thread);
		} else {
			link = &thread->next;
		}
	}
}

static bool make_robust(pthread_mutex_t *mutex)
{
	pthread_mutexattr_t attributes;
	bool made;

	if (pthread_mutexattr_init(&attributes))
		return false;
	made = pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0 &&
	       pthread_mutex_init(mutex, &attributes) == 0;
	(void)pthread_mutexattr_destroy(&attributes); /* initialised: cannot fail */
	return made;
}

struct thread *thread_new(void)
{
	struct thread *thread = os_allocate(sizeof(*thread));

	if (!thread)
		return NULL;
	if (!make_robust(&thread->life)) {
		os_free(thread);
		return NULL;
	}
	thread->generation = fm_internal_lock_generation();
	thread->references = 1;
	PORT_LOCK_SCOPE(LOCK_PORT);
	sweep();
	thread->next = threads;
	threads = thread;
	return thread;
}

void thread_get(struct thread *thread)
{
	PORT_LOCK_SCOPE(LOCK_PORT);
	thread->references++;
}

void thread_put(struct thread *thread)
{
	PORT_LOCK_SCOPE(LOCK_PORT);
	thread->references--;
	sweep();
}

/* ---- waiting ---- */

/* The kernel wakes one; whoever sees the end wakes the others. */
static void pass_on(struct thread *thread)
{
	_Atomic(uint32_t) *word = word_of(thread);
	uint32_t present = atomic_load(word);

	while (is_end(present) && (present & FUTEX_WAITERS)) {
		if (atomic_compare_exchange_weak(word, &present, present & ~(uint32_t)FUTEX_WAITERS)) {
			(void)os.futex((uint32_t *)word, FUTEX_WAKE, INT_MAX, NULL); /* cannot fail */
			return;
		}
	}
}

static const struct thread_handle *handle_of_seat(const struct wait_seat *seat)
{
	return (const struct thread_handle *)seat->handle;
}

static enum taken take(struct wait_seat *seat)
{
	struct thread *thread = handle_of_seat(seat)->thread;

	if (!thread)
		return taken_by_end(seat, handle_of_seat(seat)->fd);
	if (!thread_is_dead(thread))
		return TAKEN_NOT;
	pass_on(thread);
	return TAKEN;
}

static bool signaled(struct wait_seat *seat)
{
	return take(seat) == TAKEN;
}

static bool point(struct wait_seat *seat, bool claim, struct wait_point *ret_point)
{
	struct thread *thread = handle_of_seat(seat)->thread;
	uint32_t present;

	(void)claim;
	if (!thread) {
		*ret_point = (struct wait_point){ .fd = handle_of_seat(seat)->fd };
		return true;
	}
	present = atomic_load(word_of(thread));
	do {
		if (is_end(present))
			return false;
	} while (!atomic_compare_exchange_weak(word_of(thread), &present, present | FUTEX_WAITERS));
	*ret_point = (struct wait_point){ .word = (uint32_t *)word_of(thread), .expected = present | FUTEX_WAITERS,
					  .fd = -1 };
	return true;
}

/* The one that the kernel woke may have taken another object instead. */
static void leave(struct wait_seat *seat)
{
	struct thread *thread = handle_of_seat(seat)->thread;

	if (thread)
		pass_on(thread);
}

static uint32_t granted(const struct handle *handle)
{
	return ((const struct thread_handle *)handle)->access;
}

const struct waitable thread_waitable = {
	.access = SYNCHRONIZE,
	.granted = granted,
	.take = take,
	.signaled = signaled,
	.point = point,
	.leave = leave,
};
