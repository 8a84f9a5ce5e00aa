/* SPDX-License-Identifier: MIT */
#include "handle.h"

#include <stdbool.h>

#include "diskfile.h"
#include "lock.h"
#include "mailbox.h"
#include "names.h"
#include "os.h"
#include "peer.h"
#include "section.h"
#include "status.h"

/*
 * Two levels by descriptor number. A chunk, once made, stays: readers need no lock. A handle in the
 * table has one user for being open; who looks it up within a grace period adds one if it is not yet 0.
 * A closed handle keeps its place until its last user leaves: its descriptor is open so long, and nobody
 * shall adopt the number. Closing the descriptor and adopting the number exclude each other by a lock.
 */
enum { CHUNK = 1024, CHUNKS = 1024 };

typedef _Atomic(struct handle *) slot;

static _Atomic(slot *) chunks[CHUNKS];
static _Atomic(uint64_t) changes; /* numbers taken out so far */

static bool is_closed(const struct handle *handle)
{
	return atomic_load_explicit(&handle->flags, memory_order_acquire) & HANDLE_CLOSED;
}

/* End its being open, unless that has ended. Then the table's user is the caller's to leave. */
static bool end_open(struct handle *handle, uint32_t flags)
{
	if (atomic_fetch_or_explicit(&handle->flags, HANDLE_CLOSED | flags, memory_order_acq_rel) & HANDLE_CLOSED)
		return false;
	atomic_fetch_add_explicit(&changes, 1, memory_order_seq_cst);
	return true;
}

static unsigned lock_of(int number)
{
	return LOCK_HANDLES + (unsigned)number % LOCK_STRIPES;
}

const _Atomic(uint64_t) *handle_changes(void)
{
	return &changes;
}

/* The core's kinds, then those of the libraries above it. Anything open is a file, so that is tried last. */
enum { CORE_KINDS = 3, KINDS = CORE_KINDS + EXTRA_KINDS };

static const struct handle_kind *kinds[KINDS] = { &section_kind, &process_kind, &file_kind };
static atomic_uint kind_count = CORE_KINDS;

void handle_add_kinds(const struct handle_kind *const *more)
{
	unsigned present = atomic_load_explicit(&kind_count, memory_order_relaxed);

	while (*more && present < KINDS)
		kinds[present++] = *more++;
	atomic_store_explicit(&kind_count, present, memory_order_release);
}

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

fm_status handle_reserve(int number)
{
	return make_slot(number) ? FM_OK : FM_E_NO_MEMORY;
}

/* A handle that is still in the table under this number was closed behind our back, with close(2). */
fm_status handle_publish(struct handle *handle, int number)
{
	slot *place = make_slot(number);
	struct handle *stale;

	if (!place)
		return FM_E_NO_MEMORY;
	handle->number = number;
	stale = atomic_exchange_explicit(place, handle, memory_order_acq_rel);
	if (stale && end_open(stale, HANDLE_FORGOTTEN))
		handle_leave(stale);
	return FM_OK;
}

/* One more user, unless the last has gone. */
static bool join(struct handle *handle)
{
	uint32_t users = atomic_load_explicit(&handle->users, memory_order_relaxed);

	if (users && os_single_threaded()) {
		atomic_store_explicit(&handle->users, users + 1, memory_order_relaxed);
		return true;
	}
	while (users)
		if (atomic_compare_exchange_weak_explicit(&handle->users, &users, users + 1, memory_order_acquire,
							  memory_order_relaxed))
			return true;
	return false;
}

static struct handle *find(int number)
{
	slot *place = slot_of(number);
	struct handle *handle;
	unsigned token;

	if (!place)
		return NULL;
	token = grace_enter();
	handle = atomic_load_explicit(place, memory_order_acquire);
	if (handle && (is_closed(handle) || !join(handle)))
		handle = NULL;
	grace_leave(token);
	return handle;
}

struct handle *handle_look(int number, unsigned *ret_token)
{
	slot *place = slot_of(number);
	struct handle *handle = NULL;

	if (!place)
		return NULL;
	*ret_token = grace_enter();
	handle = atomic_load_explicit(place, memory_order_acquire);
	if (!handle || handle->kind->lost || is_closed(handle)) {
		grace_leave(*ret_token);
		return NULL;
	}
	return handle;
}

/* All of ours are memfds, whose seals can be asked for, or lie in a namespace. */
bool handle_is_plain_file(int number)
{
	struct stat st;

	return os.fstat(number, &st) == 0 && S_ISREG(st.st_mode) && (st.st_nlink > 0 || os.get_seals(number) < 0) &&
	       !name_device(st.st_dev);
}

fm_status handle_recognise(int number, bool taken, struct handle **ret_handle)
{
	fm_status status = FM_E_OBJECT_TYPE_MISMATCH;
	const struct handle_kind *kind;

	if (handle_is_plain_file(number))
		return file_kind.adopt(number, ret_handle);
	for (uint32_t i = 0; status == FM_E_OBJECT_TYPE_MISMATCH && (kind = handle_kind_at(i)) != NULL; i++) {
		if (taken && kind->take)
			status = kind->take(number, ret_handle);
		else if (kind->adopt && kind != &file_kind)
			status = kind->adopt(number, ret_handle);
	}
	return status == FM_E_OBJECT_TYPE_MISMATCH ? file_kind.adopt(number, ret_handle) : status;
}

/* A number that nobody has entered: inherited over exec, perhaps. Others may meet it, and use or close it, too. */
static fm_status adopt(int number)
{
	struct handle *handle, *present;
	fm_status status;
	slot *place;
	LOCK_SCOPE(lock_of(number));

	place = slot_of(number);
	present = place ? atomic_load_explicit(place, memory_order_acquire) : NULL;
	if (present)
		return is_closed(present) ? FM_E_INVALID_HANDLE : FM_OK;
	status = handle_recognise(number, false, &handle);
	if (status_failed(status))
		return status;
	handle->number = number;
	place = make_slot(number);
	if (place && atomic_compare_exchange_strong(place, &present, handle))
		return FM_OK;
	handle->kind->forget(handle);
	return place ? FM_OK : FM_E_NO_MEMORY;
}

/* The place is free for what the number means next. */
static void leave_place(struct handle *handle)
{
	struct handle *expected = handle;

	(void)atomic_compare_exchange_strong(slot_of(handle->number), &expected, NULL); /* else it is another's */
}

/* find(), but not what the program has closed behind our back. */
static struct handle *find_open(int number)
{
	struct handle *handle = find(number);

	if (!handle || !handle->kind->lost || !handle->kind->lost(handle))
		return handle;
	if (end_open(handle, 0)) {
		leave_place(handle);
		handle_leave(handle); /* the table's */
	}
	handle_leave(handle);
	return NULL;
}

fm_status handle_enter(int number, const struct handle_kind *kind, struct handle **ret_handle)
{
	struct handle *handle = find_open(number);
	fm_status status;

	if (!handle) {
		status = number < 0 ? FM_E_INVALID_HANDLE : lock_ready();
		if (!status_failed(status)) {
			mailbox_collect();
			handle = find(number);
		}
		if (!status_failed(status) && !handle)
			status = adopt(number);
		if (status_failed(status))
			return status;
		if (!handle)
			handle = find(number);
	}
	if (!handle)
		return FM_E_INVALID_HANDLE; /* closed meanwhile */
	if (kind && handle->kind != kind) {
		handle_leave(handle);
		return FM_E_OBJECT_TYPE_MISMATCH;
	}
	*ret_handle = handle;
	return FM_OK;
}

static void release(struct retired *self)
{
	os_free(self);
}

static void release_forgotten(struct retired *self)
{
	struct handle *handle = (struct handle *)self;

	handle->kind->forget(handle);
}

/* One user less: how many were there? */
static uint32_t part(struct handle *handle)
{
	uint32_t users;

	if (!os_single_threaded())
		return atomic_fetch_sub_explicit(&handle->users, 1, memory_order_acq_rel);
	users = atomic_load_explicit(&handle->users, memory_order_relaxed);
	atomic_store_explicit(&handle->users, users - 1, memory_order_relaxed);
	return users;
}

static void close_descriptors(struct handle *handle)
{
	LOCK_SCOPE(lock_of(handle->number));

	leave_place(handle);
	handle->kind->close(handle);
}

void handle_leave(struct handle *handle)
{
	bool forgotten;

	if (part(handle) > 1)
		return;
	forgotten = atomic_load_explicit(&handle->flags, memory_order_relaxed) & HANDLE_FORGOTTEN;
	if (!forgotten)
		close_descriptors(handle);
	grace_retire(&handle->retired, forgotten ? release_forgotten : release); /* find() may be looking at it */
}

fm_status handle_close(int number)
{
	struct handle *handle;
	fm_status status = handle_enter(number, NULL, &handle);

	if (status_failed(status))
		return status;
	if (atomic_load_explicit(&handle->flags, memory_order_relaxed) & HANDLE_PROTECTED) {
		status = FM_E_HANDLE_NOT_CLOSABLE;
	} else if (end_open(handle, 0)) {
		if (atomic_load_explicit(&handle->users, memory_order_relaxed) > 2) /* the table's and ours */
			(void)os.setfd(number, FD_CLOEXEC); /* who is inside keeps it open, but not in a child */
		handle_leave(handle); /* the table's */
	} else {
		status = FM_E_INVALID_HANDLE; /* another thread was first */
	}
	handle_leave(handle);
	return status;
}

void handle_discard(struct handle *handle)
{
	handle->kind->close(handle);
	os_free(handle);
}

fm_status handle_set_inheritable(struct handle *handle, bool inheritable)
{
	int error;

	if (handle->kind->set_inheritable)
		return handle->kind->set_inheritable(handle, inheritable);
	error = os.setfd(handle->number, inheritable ? 0 : FD_CLOEXEC);
	return error < 0 ? status_of(OP_DESCRIPTOR, error) : FM_OK;
}

fm_status handle_inheritable(const struct handle *handle, bool *ret_inheritable)
{
	int flags = os.getfd(handle->number);

	if (flags < 0)
		return status_of(OP_DESCRIPTOR, flags);
	*ret_inheritable = !(flags & FD_CLOEXEC);
	return FM_OK;
}

fm_status handle_duplicate(struct handle *source, const uint32_t *access, bool inheritable, int *ret_number)
{
	struct handle *copy;
	fm_status status;
	int number;

	if (!source->kind->duplicate)
		return FM_E_NOT_SUPPORTED;
	status = source->kind->duplicate(source, access, &copy, &number);
	if (status_failed(status))
		return status;
	copy->number = number;
	if (inheritable)
		status = handle_set_inheritable(copy, true);
	if (!status_failed(status))
		status = handle_publish(copy, number);
	if (status_failed(status))
		handle_discard(copy);
	else
		*ret_number = number;
	return status;
}

/* A kernel built without kcmp tells no more than the inode. */
static bool same_description(int a, int b)
{
	struct stat first, second;
	int order = os.kcmp_file(a, b);

	if (order >= 0)
		return order == 0;
	return os.fstat(a, &first) == 0 && os.fstat(b, &second) == 0 && first.st_ino == second.st_ino &&
	       first.st_dev == second.st_dev;
}

bool handle_same(const struct handle *a, const struct handle *b)
{
	if (a == b)
		return true;
	if (a->kind != b->kind)
		return false;
	return a->kind->same ? a->kind->same(a, b) : same_description(a->number, b->number);
}

const struct handle_kind *handle_kind_at(uint32_t index)
{
	return index < atomic_load_explicit(&kind_count, memory_order_acquire) ? kinds[index] : NULL;
}

uint32_t handle_kind_index(const struct handle_kind *kind)
{
	uint32_t index = 0;

	while (kinds[index] != kind) /* every kind is in the table */
		index++;
	return index;
}
