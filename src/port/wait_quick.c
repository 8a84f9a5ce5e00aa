/* SPDX-License-Identifier: MIT */
#include "wait.h"

#include "event.h"
#include "mutex.h"
#include "tokens.h"

/* The kinds whose objects are retired, not freed, when they are closed in the middle of this. */
static const struct waitable *waitable_of(const struct handle_kind *kind)
{
	if (kind == &mutex_kind)
		return &mutex_waitable;
	if (kind == &event_kind)
		return &event_waitable;
	return kind == &semaphore_kind ? &tokens_waitable : NULL;
}

bool wait_quick(HANDLE handle, DWORD *ret_result)
{
	struct wait_seat seat = { .queued = false };
	uint64_t changes = mutex_handles();
	enum taken taken = TAKEN_NOT;
	int number = number_of(handle);
	unsigned token;

	seat.handle = number < 0 ? NULL : fm_internal_handle_look(number, &token);
	if (!seat.handle)
		return false;
	seat.waitable = waitable_of(seat.handle->kind);
	if (seat.waitable && (object_granted(seat.handle) & SYNCHRONIZE)) {
		seat.waitable->begin(&seat);
		taken = seat.waitable->take(&seat);
		if (taken != TAKEN_NOT && seat.handle->kind == &mutex_kind && taken != TAKEN_REFUSED)
			mutex_remember(handle, object_of(seat.handle), changes);
	}
	fm_internal_grace_leave(token);
	if (taken == TAKEN_NOT || taken == TAKEN_REFUSED)
		return false;
	*ret_result = taken == TAKEN ? WAIT_OBJECT_0 : WAIT_ABANDONED;
	return true;
}
