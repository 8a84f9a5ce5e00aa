/* SPDX-License-Identifier: MIT */
/* Waiting for one object, for any of several, for all of them. */
#include "wait.h"

#include <assert.h>

#include "event.h"
#include "mutex.h"
#include "object.h"
#include "thread.h"
#include "tokens.h"

/* ---- what can be waited for ---- */

/* A process: its descriptor becomes readable when it ends. */
static uint32_t process_granted(const struct handle *handle)
{
	return ((const struct peer *)handle)->access;
}

static enum taken process_take(struct wait_seat *seat)
{
	return taken_by_end(seat, ((const struct peer *)seat->handle)->fd);
}

static bool process_signaled(struct wait_seat *seat)
{
	return process_take(seat) == TAKEN;
}

static bool process_point(struct wait_seat *seat, bool claim, struct wait_point *ret_point)
{
	(void)claim;
	*ret_point = (struct wait_point){ .fd = ((const struct peer *)seat->handle)->fd };
	return true;
}

static const struct waitable process_waitable = {
	.access = SYNCHRONIZE,
	.granted = process_granted,
	.take = process_take,
	.signaled = process_signaled,
	.point = process_point,
};

/* This process, this thread: whoever asks runs. */
static enum taken never_take(struct wait_seat *seat)
{
	(void)seat;
	return TAKEN_NOT;
}

static bool never_signaled(struct wait_seat *seat)
{
	(void)seat;
	return false;
}

static bool never_point(struct wait_seat *seat, bool claim, struct wait_point *ret_point)
{
	static uint32_t never;

	(void)seat, (void)claim;
	*ret_point = (struct wait_point){ .word = &never, .fd = -1, .private = true };
	return true;
}

static const struct waitable never_waitable = {
	.take = never_take,
	.signaled = never_signaled,
	.point = never_point,
};

static const struct waitable *waitable_of(const struct handle_kind *kind)
{
	if (kind == &mutex_kind)
		return &mutex_waitable;
	if (kind == &event_kind)
		return &event_waitable;
	if (kind == &semaphore_kind)
		return &tokens_waitable;
	if (kind == &thread_kind)
		return &thread_waitable;
	return kind == fm_internal_process_kind() ? &process_waitable : NULL;
}

/* ---- seats ---- */

static fm_status seat_take(HANDLE handle, struct wait_seat *seat)
{
	fm_status status;

	*seat = (struct wait_seat){ .waitable = &never_waitable };
	if (is_pseudo(handle))
		return FM_OK;
	status = enter(handle, NULL, &seat->handle);
	if (status_failed(status))
		return status;
	assert(seat->handle);
	seat->waitable = waitable_of(seat->handle->kind);
	if (!seat->waitable)
		status = FM_E_OBJECT_TYPE_MISMATCH;
	else if ((seat->waitable->granted(seat->handle) & seat->waitable->access) != seat->waitable->access)
		status = FM_E_ACCESS_DENIED;
	if (status_failed(status))
		fm_internal_handle_leave(seat->handle);
	else if (seat->waitable->begin)
		seat->waitable->begin(seat);
	return status;
}

static void seat_leave(struct wait_seat *seat)
{
	if (seat->handle)
		fm_internal_handle_leave(seat->handle);
}

static void leave_points(struct wait *wait)
{
	for (unsigned i = 0; i < wait->count; i++)
		if (wait->seats[i].waitable->leave)
			wait->seats[i].waitable->leave(&wait->seats[i]);
}

/* Is the time over? The clock is read when something has to be waited for only. */
static bool expired(struct wait *wait)
{
	if (wait->milliseconds == INFINITE || wait->milliseconds == 0)
		return wait->milliseconds == 0;
	if (wait->end != UINT64_MAX)
		return os_monotonic_ns() >= wait->end;
	wait->end = os_monotonic_ns() + wait->milliseconds * (uint64_t)1000000;
	return false;
}

/* ---- any ---- */

/* The index of what was taken, or the count: nothing was. */
static unsigned take_any(struct wait *wait, enum taken *ret_taken)
{
	unsigned index = 0;

	*ret_taken = TAKEN_NOT;
	for (; index < wait->count; index++) {
		*ret_taken = wait->seats[index].waitable->take(&wait->seats[index]);
		if (*ret_taken != TAKEN_NOT)
			break;
	}
	return index;
}

static fm_status sleep_any(struct wait *wait)
{
	struct wait_point points[MAXIMUM_WAIT_OBJECTS];

	for (unsigned i = 0; i < wait->count; i++) {
		points[i] = (struct wait_point){ .fd = -1 };
		if (!wait->seats[i].waitable->point(&wait->seats[i], true, &points[i]))
			return FM_OK;
	}
	return wait_sleep(wait, points, wait->count);
}

static fm_status wait_any(struct wait *wait, DWORD *ret_result)
{
	fm_status status = FM_OK;
	enum taken taken;
	unsigned index;

	for (;;) {
		index = take_any(wait, &taken);
		if (taken != TAKEN_NOT || expired(wait))
			break;
		status = sleep_any(wait);
		if (status_failed(status))
			break;
	}
	leave_points(wait);
	if (taken == TAKEN_REFUSED)
		return wait->seats[index].error;
	*ret_result = taken == TAKEN ? WAIT_OBJECT_0 + index : taken == TAKEN_ABANDONED ? WAIT_ABANDONED_0 + index
											: (DWORD)WAIT_TIMEOUT;
	return status;
}

/* ---- all ---- */

static bool same_object(const struct wait_seat *a, const struct wait_seat *b)
{
	bool objects = a->handle && b->handle && a->waitable->granted == object_granted &&
		       b->waitable->granted == object_granted;

	return a->handle == b->handle || (objects && object_of(a->handle) == object_of(b->handle));
}

static bool any_twice(const struct wait *wait)
{
	for (unsigned i = 0; i < wait->count; i++)
		for (unsigned k = 0; k < i; k++)
			if (same_object(&wait->seats[i], &wait->seats[k]))
				return true;
	return false;
}

static void give_back(struct wait *wait, const enum taken *taken, unsigned count)
{
	while (count-- > 0)
		if (wait->seats[count].waitable->give_back)
			wait->seats[count].waitable->give_back(&wait->seats[count], taken[count]);
}

/* All were signaled a moment ago. One that is not any more: nothing is taken, and look again. */
static enum taken take_all(struct wait *wait, fm_status *ret_error)
{
	enum taken taken[MAXIMUM_WAIT_OBJECTS], all = TAKEN;

	for (unsigned i = 0; i < wait->count; i++) {
		taken[i] = wait->seats[i].waitable->take(&wait->seats[i]);
		if (taken[i] == TAKEN_NOT || taken[i] == TAKEN_REFUSED) {
			*ret_error = wait->seats[i].error;
			give_back(wait, taken, i);
			return taken[i];
		}
		if (taken[i] == TAKEN_ABANDONED)
			all = TAKEN_ABANDONED;
	}
	return all;
}

static struct wait_seat *first_unsignaled(struct wait *wait)
{
	for (unsigned i = 0; i < wait->count; i++)
		if (!wait->seats[i].waitable->signaled(&wait->seats[i]))
			return &wait->seats[i];
	return NULL;
}

/* Asleep on the first that is not signaled alone: the others do not matter until it is. */
static fm_status wait_all(struct wait *wait, DWORD *ret_result)
{
	enum taken taken = TAKEN_NOT;
	fm_status status = FM_OK;
	struct wait_point point;
	struct wait_seat *seat;

	while (taken == TAKEN_NOT && !status_failed(status)) {
		seat = first_unsignaled(wait);
		if (!seat) {
			taken = take_all(wait, &status);
			continue;
		}
		if (expired(wait))
			break;
		point = (struct wait_point){ .fd = -1 };
		if (seat->waitable->point(seat, false, &point))
			status = wait_sleep(wait, &point, 1);
	}
	leave_points(wait);
	*ret_result = taken == TAKEN ? WAIT_OBJECT_0 : taken == TAKEN_ABANDONED ? WAIT_ABANDONED_0 : (DWORD)WAIT_TIMEOUT;
	return status;
}

/* ---- the calls ---- */

static DWORD result_of(fm_status status, DWORD result)
{
	return finish(status) ? result : WAIT_FAILED;
}

DWORD WINAPI WaitForSingleObject(HANDLE hHandle, DWORD dwMilliseconds)
{
	struct wait_seat seat;
	struct wait wait = { .seats = &seat, .count = 1, .milliseconds = dwMilliseconds, .end = UINT64_MAX };
	DWORD result = WAIT_FAILED;
	fm_status status;

	if (wait_quick(hHandle, &result))
		return result;
	status = seat_take(hHandle, &seat);
	if (status_failed(status))
		return result_of(status, result);
	status = wait_any(&wait, &result);
	seat_leave(&seat);
	return result_of(status, result);
}

/* Nothing can be queued to a thread, so an alertable wait ends as any other. */
DWORD WINAPI WaitForSingleObjectEx(HANDLE hHandle, DWORD dwMilliseconds, BOOL bAlertable)
{
	(void)bAlertable;
	return WaitForSingleObject(hHandle, dwMilliseconds);
}

DWORD WINAPI WaitForMultipleObjects(DWORD nCount, const HANDLE *lpHandles, BOOL bWaitAll, DWORD dwMilliseconds)
{
	struct wait_seat seats[MAXIMUM_WAIT_OBJECTS];
	struct wait wait = { .seats = seats, .milliseconds = dwMilliseconds, .end = UINT64_MAX };
	DWORD result = WAIT_FAILED;
	fm_status status = nCount == 0 || nCount > MAXIMUM_WAIT_OBJECTS ? FM_E_INVALID_PARAMETER
			   : lpHandles					? FM_OK
									: FM_E_ACCESS_VIOLATION;

	while (!status_failed(status) && wait.count < nCount) {
		status = seat_take(lpHandles[wait.count], &seats[wait.count]);
		if (status_failed(status))
			break;
		seats[wait.count++].among = nCount > 1;
	}
	if (!status_failed(status) && bWaitAll && any_twice(&wait))
		status = FM_E_INVALID_PARAMETER_MIX;
	if (!status_failed(status))
		status = (bWaitAll ? wait_all : wait_any)(&wait, &result);
	for (unsigned i = 0; i < wait.count; i++)
		seat_leave(&seats[i]);
	return result_of(status, result);
}

DWORD WINAPI WaitForMultipleObjectsEx(DWORD nCount, const HANDLE *lpHandles, BOOL bWaitAll, DWORD dwMilliseconds,
				      BOOL bAlertable)
{
	(void)bAlertable;
	return WaitForMultipleObjects(nCount, lpHandles, bWaitAll, dwMilliseconds);
}

static fm_status signal_object(HANDLE handle)
{
	struct object_handle *signaled;
	struct handle *entered;
	uint32_t before;
	fm_status status = enter(handle, NULL, &entered);

	if (status_failed(status))
		return status;
	signaled = (struct object_handle *)entered;
	if (entered->kind == &mutex_kind) {
		status = mutex_release(signaled->object);
	} else if (entered->kind != &event_kind && entered->kind != &semaphore_kind) {
		status = FM_E_OBJECT_TYPE_MISMATCH;
	} else if (!(signaled->access & EVENT_MODIFY_STATE)) {
		status = FM_E_ACCESS_DENIED;
	} else {
		object_note(signaled->object);
		if (entered->kind == &event_kind)
			event_set(signaled->object);
		else
			status = tokens_add(signaled->object, 1, &before);
	}
	fm_internal_handle_leave(entered);
	return status;
}

/* Who may queue for the second object does so before the first is signaled: no pulse comes too early. */
DWORD WINAPI SignalObjectAndWait(HANDLE hObjectToSignal, HANDLE hObjectToWaitOn, DWORD dwMilliseconds, BOOL bAlertable)
{
	struct wait_seat seat;
	struct wait wait = { .seats = &seat, .count = 1, .milliseconds = dwMilliseconds, .end = UINT64_MAX };
	struct wait_point point;
	DWORD result = WAIT_FAILED;
	fm_status status = seat_take(hObjectToWaitOn, &seat);

	(void)bAlertable;
	if (status_failed(status))
		return result_of(status, result);
	if (seat.waitable->queues && dwMilliseconds)
		(void)seat.waitable->point(&seat, true, &point);
	status = signal_object(hObjectToSignal);
	if (!status_failed(status))
		status = wait_any(&wait, &result);
	else
		leave_points(&wait);
	seat_leave(&seat);
	return result_of(status, result);
}
