/* SPDX-License-Identifier: MIT */
#include "handle.h"

#include "grace.h"
#include "lock.h"
#include "os.h"
#include "status.h"

/*
 * Two levels by descriptor number. A chunk, once made, stays: readers need no lock. A handle in the
 * table has one user for being open; who looks it up within a grace period adds one if it is not yet 0.
 */
enum { CHUNK = 1024, CHUNKS = 1024 };

typedef _Atomic(struct fm_section *) slot;

static _Atomic(slot *) chunks[CHUNKS];

static slot *slot_of(int number)
{
	slot *chunk;

	if (number < 0 || number >= CHUNK * CHUNKS)
		return NULL;
	chunk = atomic_load_explicit(&chunks[number / CHUNK], memory_order_acquire);
	return chunk ? &chunk[number % CHUNK] : NULL;
}

static slot *make_slot(int number)
{
	slot *present = NULL, *fresh;

	if (number < 0 || number >= CHUNK * CHUNKS)
		return NULL;
	if (!slot_of(number)) {
		fresh = os_allocate(CHUNK * sizeof(slot));
		if (!fresh)
			return NULL;
		if (!atomic_compare_exchange_strong(&chunks[number / CHUNK], &present, fresh))
			os_free((void *)fresh);
	}
	return slot_of(number);
}

fm_status handle_publish(struct fm_section *handle)
{
	slot *place = make_slot(handle->fd);

	if (!place)
		return FM_E_NO_MEMORY;
	atomic_store_explicit(place, handle, memory_order_release);
	return FM_OK;
}

/* One more user, unless the last has gone. */
static bool join(struct fm_section *handle)
{
	uint32_t users = atomic_load_explicit(&handle->users, memory_order_relaxed);

	while (users)
		if (atomic_compare_exchange_weak_explicit(&handle->users, &users, users + 1, memory_order_acquire,
							  memory_order_relaxed))
			return true;
	return false;
}

static struct fm_section *find(int number)
{
	slot *place = slot_of(number);
	struct fm_section *handle;
	unsigned token;

	if (!place)
		return NULL;
	token = grace_enter();
	handle = atomic_load_explicit(place, memory_order_acquire);
	if (handle && !join(handle))
		handle = NULL;
	grace_leave(token);
	return handle;
}

/* A number that nobody has entered: inherited over exec, perhaps. Two threads may meet here. */
static fm_status adopt(int number)
{
	struct fm_section *handle;
	fm_status status = section_adopt(number, &handle);
	slot *place;
	LOCK_SCOPE(LOCK_HANDLES);

	if (status_failed(status))
		return status;
	place = make_slot(number);
	if (!place || atomic_load_explicit(place, memory_order_relaxed)) {
		section_forget(handle);
		return place ? FM_OK : FM_E_NO_MEMORY;
	}
	atomic_store_explicit(place, handle, memory_order_release);
	return FM_OK;
}

fm_status handle_enter(int number, struct fm_section **ret_handle)
{
	struct fm_section *handle = find(number);
	fm_status status;

	if (!handle) {
		status = lock_ready();
		if (!status_failed(status))
			status = adopt(number);
		if (status_failed(status))
			return status;
		handle = find(number);
	}
	if (!handle)
		return FM_E_INVALID_HANDLE; /* closed meanwhile */
	*ret_handle = handle;
	return FM_OK;
}

static void release(struct retired *self)
{
	os_free((char *)self - offsetof(struct fm_section, retired));
}

void handle_leave(struct fm_section *handle)
{
	if (atomic_fetch_sub_explicit(&handle->users, 1, memory_order_acq_rel) > 1)
		return;
	section_close_keeping(handle);
	grace_retire(&handle->retired, release); /* find() may still be looking at it */
}

fm_status handle_close(int number)
{
	struct fm_section *handle;
	fm_status status = handle_enter(number, &handle);
	slot *place = slot_of(number);
	struct fm_section *expected = handle;

	if (status_failed(status))
		return status;
	if (atomic_compare_exchange_strong(place, &expected, NULL))
		handle_leave(handle); /* the table's */
	else
		status = FM_E_INVALID_HANDLE; /* another thread was first */
	handle_leave(handle);
	return status;
}
