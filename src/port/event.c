/* SPDX-License-Identifier: MIT */
/*
 * A manual-reset event's low half is its state, bit 0, and above it a count of settings: who waited when it
 * was set is released, though it may be reset before that thread has looked. The high half counts sleepers.
 */
#include "event.h"

#include "tokens.h"

#define SET 1u
#define TURN 2u /* one more setting */
#define SLEEPER ((uint64_t)1 << 32)

static uint32_t low_of(const struct object *object)
{
	return (uint32_t)atomic_load(&object->page->state);
}

/* ---- waiting ---- */

static void begin(struct wait_seat *seat)
{
	object_note(object_of(seat->handle));
	if (object_of(seat->handle)->manual)
		seat->seen = low_of(object_of(seat->handle));
}

static enum taken take(struct wait_seat *seat)
{
	struct object *object = object_of(seat->handle);
	uint32_t now;

	if (!object->manual)
		return tokens_waitable.take(seat);
	now = low_of(object);
	return (now & SET) || (now ^ seat->seen) >= TURN ? TAKEN : TAKEN_NOT;
}

static bool signaled(struct wait_seat *seat)
{
	struct object *object = object_of(seat->handle);

	if (!object->manual)
		return tokens_waitable.signaled(seat);
	seat->seen = low_of(object); /* what was set and reset while others were not does not count */
	return seat->seen & SET;
}

static void give_back(struct wait_seat *seat, enum taken taken)
{
	if (!object_of(seat->handle)->manual)
		tokens_waitable.give_back(seat, taken);
}

static bool point(struct wait_seat *seat, bool claim, struct wait_point *ret_point)
{
	struct object *object = object_of(seat->handle);
	uint32_t expected;

	if (!object->manual)
		return tokens_waitable.point(seat, claim, ret_point);
	if (!seat->queued)
		(void)atomic_fetch_add(&object->page->state, SLEEPER);
	seat->queued = true;
	expected = low_of(object);
	if (claim ? take(seat) != TAKEN_NOT : (expected & SET) != 0)
		return false;
	*ret_point = state_point(object, expected);
	return true;
}

static void leave(struct wait_seat *seat)
{
	struct object *object = object_of(seat->handle);

	if (!object->manual)
		tokens_waitable.leave(seat);
	else if (seat->queued)
		(void)atomic_fetch_sub(&object->page->state, SLEEPER);
	seat->queued = false;
}

const struct waitable event_waitable = {
	.queues = true,
	.access = SYNCHRONIZE,
	.granted = object_granted,
	.begin = begin,
	.take = take,
	.signaled = signaled,
	.give_back = give_back,
	.point = point,
	.leave = leave,
};

/* ---- setting ---- */

/* Turn it once, to @state; not if it is set already and shall be. */
static void turn(struct object *object, uint32_t to)
{
	uint64_t state = atomic_load(&object->page->state), wanted;

	do {
		uint32_t now = (uint32_t)state;

		if (to == SET && (now & SET))
			return;
		wanted = (state & ~(uint64_t)UINT32_MAX) | (((now & ~SET) + TURN) | to);
	} while (!atomic_compare_exchange_weak(&object->page->state, &state, wanted));
	state_wake(object, (uint32_t)(state >> 32), UINT32_MAX);
}

void event_set(struct object *object)
{
	if (object->manual)
		turn(object, SET);
	else
		tokens_set(object);
}

static void event_reset(struct object *object)
{
	if (object->manual)
		(void)atomic_fetch_and(&object->page->state, ~(uint64_t)SET);
	else
		tokens_reset(object);
}

static void event_pulse(struct object *object)
{
	if (object->manual)
		turn(object, 0);
	else
		tokens_pulse(object);
}

/* ---- the calls ---- */

static BOOL with_event(HANDLE event, void (*change)(struct object *object))
{
	struct object_handle *handle;
	fm_status status = object_enter(event, &event_kind, EVENT_MODIFY_STATE, &handle);

	if (status_failed(status))
		return finish(status);
	change(handle->object);
	object_leave(handle);
	return TRUE;
}

BOOL WINAPI SetEvent(HANDLE hEvent)
{
	return with_event(hEvent, event_set);
}

BOOL WINAPI ResetEvent(HANDLE hEvent)
{
	return with_event(hEvent, event_reset);
}

BOOL WINAPI PulseEvent(HANDLE hEvent)
{
	return with_event(hEvent, event_pulse);
}

HANDLE event_create(LPSECURITY_ATTRIBUTES security, const char *name, DWORD flags, DWORD access)
{
	const struct object_call call = { .kind = NAME_EVENT, .security = security, .name = name, .limit = 1,
					  .manual = flags & CREATE_EVENT_MANUAL_RESET,
					  .count = flags & CREATE_EVENT_INITIAL_SET ? 1 : 0, .access = access };

	if (flags & ~(DWORD)(CREATE_EVENT_MANUAL_RESET | CREATE_EVENT_INITIAL_SET))
		return finish_pointer(FM_E_INVALID_PARAMETER, NULL);
	return object_create(&call);
}

DWORD event_flags(BOOL manual, BOOL set)
{
	return (manual ? CREATE_EVENT_MANUAL_RESET : 0u) | (set ? CREATE_EVENT_INITIAL_SET : 0u);
}

HANDLE WINAPI CreateEventA(LPSECURITY_ATTRIBUTES lpEventAttributes, BOOL bManualReset, BOOL bInitialState,
			   LPCSTR lpName)
{
	return CreateEventExA(lpEventAttributes, lpName, event_flags(bManualReset, bInitialState), EVENT_ALL_ACCESS);
}

HANDLE WINAPI CreateEventExA(LPSECURITY_ATTRIBUTES lpEventAttributes, LPCSTR lpName, DWORD dwFlags,
			     DWORD dwDesiredAccess)
{
	return object_name_fits(lpName) ? event_create(lpEventAttributes, lpName, dwFlags, dwDesiredAccess) : NULL;
}

HANDLE WINAPI OpenEventA(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCSTR lpName)
{
	return object_name_fits(lpName) ? object_open(NAME_EVENT, dwDesiredAccess, bInheritHandle, lpName) : NULL;
}
