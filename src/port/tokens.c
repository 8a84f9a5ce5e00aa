/* SPDX-License-Identifier: MIT */
#include "tokens.h"

#include <linux/futex.h>

#define RECHECK_NS 1000000000u

/* object_page.shared. Killed in between, the next one tells the sleepers again. */
enum { ALONE, SHARED, SHARED_AND_TOLD };

static uint32_t low(uint64_t state)
{
	return (uint32_t)state;
}

static uint32_t high(uint64_t state)
{
	return (uint32_t)(state >> 32);
}

static uint64_t both(uint32_t tokens, uint32_t queued)
{
	return (uint64_t)queued << 32 | tokens;
}

/* ---- sleeping and waking ---- */

void state_wake(struct object *object, uint32_t queued, uint32_t count)
{
	struct object_page *page = object->page;
	uint32_t watchers = atomic_load(&page->watchers);

	if (queued == 0 && watchers == 0)
		return;
	if (watchers > 0 || atomic_load(&page->shared) || count > INT32_MAX)
		count = INT32_MAX;
	(void)os.futex((uint32_t *)&page->state, FUTEX_WAKE, count, NULL); /* cannot fail */
}

void state_watch(struct object *object, struct wait_seat *seat)
{
	if (!seat->watching)
		atomic_fetch_add(&object->page->watchers, 1);
	seat->watching = true;
}

void state_unwatch(struct object *object, struct wait_seat *seat)
{
	if (seat->watching)
		atomic_fetch_sub(&object->page->watchers, 1);
	seat->watching = false;
}

struct wait_point state_point(struct object *object, uint32_t expected)
{
	bool others = object->name || atomic_load(&object->page->shared);

	/* One of them may be killed when it has signaled the object and has not yet woken anybody. */
	return (struct wait_point){ .word = (uint32_t *)&object->page->state, .expected = expected, .fd = -1,
				    .recheck_ns = others ? RECHECK_NS : 0 };
}

void state_share(struct object *object)
{
	struct object_page *page = object->page;

	if (atomic_load(&page->shared) == SHARED_AND_TOLD)
		return;
	atomic_store(&page->shared, SHARED);
	if (object->kind != NAME_MUTEX)
		(void)os.futex((uint32_t *)&page->state, FUTEX_WAKE, INT32_MAX, NULL); /* cannot fail */
	atomic_store(&page->shared, SHARED_AND_TOLD);
}

/* ---- who is queued, by process ---- */

static bool alive(pid_t pid)
{
	struct pollfd end = { .fd = os.pidfd_open(pid), .events = POLLIN };
	bool alive;

	if (end.fd < 0)
		return end.fd != -ESRCH && end.fd != -EINVAL;
	alive = OS_RETRY(os.poll(&end, 1, 0)) == 0;
	os_close(end.fd);
	return alive;
}

static bool claim_slot(object_slot *slot, uint32_t pid)
{
	uint64_t present = atomic_load(slot);

	if (high(present) != 0 && high(present) != pid && alive((pid_t)high(present)))
		return false;
	return atomic_compare_exchange_strong(slot, &present, both(0, pid)); /* of a dead one with our number too */
}

/* This process's slot; NULL: there are more processes than slots. */
static object_slot *find_slot(struct object *object)
{
	struct object_page *page = object->page;
	uint32_t pid = (uint32_t)os_pid(), index;
	PORT_LOCK_SCOPE(LOCK_PORT);

	index = atomic_load_explicit(&object->slot, memory_order_relaxed);
	for (unsigned i = 0; index == 0 && i < OBJECT_SLOTS; i++) /* the number of a dead one may be ours now */
		if (high(atomic_load(&page->slots[i])) == pid && claim_slot(&page->slots[i], pid))
			index = i + 1;
	for (unsigned i = 0; index == 0 && i < OBJECT_SLOTS; i++)
		if (claim_slot(&page->slots[i], pid))
			index = i + 1;
	if (index == 0) {
		atomic_store(&page->crowded, 1);
		return NULL;
	}
	atomic_store_explicit(&object->slot, index, memory_order_relaxed);
	return &page->slots[index - 1];
}

/* Of @queued those whose process lives. At least all of them while one is on its way in or out. */
static uint32_t living(struct object *object, uint32_t queued)
{
	struct object_page *page = object->page;
	uint64_t found = 0;

	if (!atomic_load(&page->shared) || atomic_load(&page->crowded))
		return queued;
	for (unsigned i = 0; i < OBJECT_SLOTS && found < queued; i++) {
		uint64_t slot = atomic_load(&page->slots[i]);

		if (low(slot) == 0)
			continue;
		if (high(slot) == (uint32_t)os_pid() || alive((pid_t)high(slot)))
			found += low(slot);
		else
			(void)atomic_compare_exchange_strong(&page->slots[i], &slot, 0);
	}
	return found < queued ? (uint32_t)found : queued;
}

static void count_slot(struct object *object, bool in)
{
	uint32_t index = atomic_load_explicit(&object->slot, memory_order_relaxed);
	object_slot *slot = index ? &object->page->slots[index - 1] : find_slot(object);

	if (slot && in)
		atomic_fetch_add(slot, 1);
	else if (slot && low(atomic_load(slot)) > 0)
		atomic_fetch_sub(slot, 1);
}

/* ---- waiting ---- */

static void begin(struct wait_seat *seat)
{
	object_note(object_of(seat->handle));
}

static enum taken take(struct wait_seat *seat)
{
	struct object *object = object_of(seat->handle);
	uint64_t state = atomic_load(&object->page->state), wanted;

	do {
		uint32_t tokens = low(state), queued = high(state);

		if (tokens == 0)
			return TAKEN_NOT;
		if (seat->queued)
			wanted = both(tokens - 1, queued ? queued - 1 : 0);
		else if (tokens > queued || tokens > living(object, queued))
			wanted = both(tokens - 1, queued);
		else
			return TAKEN_NOT;
	} while (!atomic_compare_exchange_weak(&object->page->state, &state, wanted));
	if (seat->queued)
		count_slot(object, false);
	seat->queued = false;
	return TAKEN;
}

static bool signaled(struct wait_seat *seat)
{
	struct object *object = object_of(seat->handle);
	uint64_t state = atomic_load(&object->page->state);

	return low(state) > high(state) || low(state) > living(object, high(state));
}

static void give_back(struct wait_seat *seat, enum taken taken)
{
	struct object *object = object_of(seat->handle);
	uint64_t state = atomic_fetch_add(&object->page->state, 1);

	(void)taken;
	state_wake(object, high(state), 1);
}

static bool point_watch(struct object *object, struct wait_seat *seat, struct wait_point *ret_point)
{
	uint32_t expected;

	state_watch(object, seat);
	expected = low(atomic_load(&object->page->state));
	if (signaled(seat))
		return false;
	*ret_point = state_point(object, expected);
	return true;
}

/*
 * Tokens that are there when we come are for who was queued before; so we sleep, and look again only when
 * woken. Not where the one that a token is for may be dead.
 */
static bool point(struct wait_seat *seat, bool claim, struct wait_point *ret_point)
{
	struct object *object = object_of(seat->handle);
	uint64_t state;
	bool come = !seat->queued;

	if (!claim)
		return point_watch(object, seat, ret_point);
	if (come) {
		count_slot(object, true);
		state = atomic_fetch_add(&object->page->state, both(0, 1)) + both(0, 1);
		seat->queued = true;
	} else {
		state = atomic_load(&object->page->state);
	}
	if (low(state) > 0 && (!come || low(state) >= high(state) || atomic_load(&object->page->shared)))
		return false;
	*ret_point = state_point(object, low(state));
	return true;
}

static void leave(struct wait_seat *seat)
{
	struct object *object = object_of(seat->handle);
	uint64_t state = atomic_load(&object->page->state), wanted;

	state_unwatch(object, seat);
	if (!seat->queued)
		return;
	do {
		uint32_t queued = high(state) ? high(state) - 1 : 0, tokens = low(state);

		if (object->kind == NAME_EVENT && tokens > 1 && tokens > queued)
			tokens = queued ? queued : 1; /* it was for us */
		wanted = both(tokens, queued);
	} while (!atomic_compare_exchange_weak(&object->page->state, &state, wanted));
	count_slot(object, false);
	seat->queued = false;
	if (low(wanted) > 0)
		state_wake(object, high(wanted), 1); /* the wake-up may have been ours */
}

const struct waitable tokens_waitable = {
	.access = SYNCHRONIZE,
	.granted = object_granted,
	.begin = begin,
	.take = take,
	.signaled = signaled,
	.give_back = give_back,
	.point = point,
	.leave = leave,
	.queues = true,
};

/* ---- giving ---- */

void tokens_set(struct object *object)
{
	uint64_t state = atomic_load(&object->page->state);

	do {
		if (low(state) > 0 && low(state) >= living(object, high(state)))
			return;
	} while (!atomic_compare_exchange_weak(&object->page->state, &state, state + 1));
	state_wake(object, high(state), 1);
}

void tokens_reset(struct object *object)
{
	uint64_t state = atomic_load(&object->page->state), wanted;

	do {
		uint32_t queued = low(state) ? living(object, high(state)) : 0;

		wanted = both(low(state) < queued ? low(state) : queued, high(state));
	} while (!atomic_compare_exchange_weak(&object->page->state, &state, wanted));
}

void tokens_pulse(struct object *object)
{
	uint64_t state = atomic_load(&object->page->state), wanted;

	do {
		uint32_t queued = living(object, high(state));

		wanted = both(low(state) < queued ? low(state) + 1 : queued, high(state));
	} while (!atomic_compare_exchange_weak(&object->page->state, &state, wanted));
	state_wake(object, high(wanted), 1);
}

fm_status tokens_add(struct object *object, uint32_t count, uint32_t *ret_before)
{
	uint64_t state = atomic_load(&object->page->state);
	uint32_t before;

	do {
		uint32_t queued = low(state) ? living(object, high(state)) : 0;

		before = low(state) > queued ? low(state) - queued : 0;
		if (count > object->limit || before > object->limit - count)
			return FM_E_SEMAPHORE_LIMIT_EXCEEDED;
	} while (!atomic_compare_exchange_weak(&object->page->state, &state, state + count));
	*ret_before = before;
	state_wake(object, high(state), count);
	return FM_OK;
}
