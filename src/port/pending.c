/* SPDX-License-Identifier: MIT */
#include "pending.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "event.h"
#include "local.h"
#include "object.h"

#define FIRST_PAUSE 100000u    /* ns; doubled up to */
#define LONGEST_PAUSE 10000000u

struct pending {
	struct pending *next;          /* of the list */
	HANDLE number;
	struct handle *file;           /* in use until the end, so that its number is no other's */
	struct object_handle *event;   /* the same; NULL: none */
	LPOVERLAPPED overlapped;       /* the program's, until its result is stored */
	struct pending_lock lock;
	DWORD thread;                  /* which called */
	atomic_bool cancelled;
};

/* LOCK_FINDS guards the list; the thread alone takes out of it. */
static _Atomic(struct pending *) pending;
static bool serving;                   /* there is the thread */
static uint32_t generation;            /* of the process that both are of */
static _Atomic(uint32_t) turn;         /* what thread and waiters sleep on: changes with the list */

static void next_turn(void)
{
	atomic_fetch_add(&turn, 1);
	local_wake(&turn, UINT32_MAX);
}

static void leave_event(struct pending *request)
{
	if (request->event)
		object_leave(request->event);
	os_free(request);
}

static void leave(struct pending *request)
{
	fm_internal_handle_leave(request->file);
	leave_event(request);
}

/* ---- the thread ---- */

/* Is its handle still in the table? Closing it ends what is pending. */
static bool is_open(const struct pending *request)
{
	struct handle *now;

	if (status_failed(enter(request->number, fm_internal_file_kind(), &now)))
		return false;
	fm_internal_handle_leave(now);
	return now == request->file;
}

static fm_status try_once(const struct pending *request)
{
	if (atomic_load(&request->cancelled) || !is_open(request))
		return FM_E_CANCELLED;
	return fm_internal_file_lock(number_of(request->number), request->lock.offset, request->lock.length,
				     request->lock.flags & ~(unsigned)FILELOCK_WAIT);
}

/* Together, so that who does not find the one finds the other. */
static void take_out(struct pending *request, fm_status status)
{
	struct pending *before;
	PORT_LOCK_SCOPE(LOCK_FINDS);

	before = atomic_load(&pending);
	if (before == request) {
		atomic_store(&pending, request->next);
	} else {
		while (before->next != request)
			before = before->next;
		before->next = request->next;
	}
	__atomic_store_n(&request->overlapped->Internal, (ULONG_PTR)(uint32_t)status, __ATOMIC_RELEASE);
}

/* A file that was closed meanwhile is so before that is told; then the structure is the program's again. */
static void complete(struct pending *request, fm_status status)
{
	fm_internal_handle_leave(request->file);
	take_out(request, status);
	if (request->event)
		event_set(request->event->object);
	leave_event(request);
	next_turn();
}

/* Try all; what is added meanwhile is before the first of them. True: one of them has ended. */
static bool pass(void)
{
	bool ended = false;

	for (struct pending *request = atomic_load(&pending), *next; request; request = next) {
		fm_status status = try_once(request);

		next = request->next; /* this thread alone takes out */
		if (status == FM_E_LOCK_NOT_GRANTED)
			continue;
		complete(request, status);
		ended = true;
	}
	return ended;
}

/* Nothing is pending: who adds the next one starts another thread. */
static bool stops(void)
{
	PORT_LOCK_SCOPE(LOCK_FINDS);

	serving = atomic_load(&pending) != NULL;
	return !serving;
}

static void *serve(void *unused)
{
	uint64_t pause = FIRST_PAUSE;

	(void)unused;
	for (;;) {
		uint32_t seen = atomic_load(&turn);

		if (pass())
			pause = FIRST_PAUSE;
		if (stops())
			return NULL;
		if (!local_sleep(&turn, seen, os_monotonic_ns() + pause) && pause < LONGEST_PAUSE)
			pause *= 2;
	}
}

/* Without signals, so that no handler of the program runs in it. */
static fm_status start(void)
{
	sigset_t all, old;
	pthread_t thread;
	int error;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&thread, NULL, serve, NULL);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (error)
		return FM_E_INSUFFICIENT_RESOURCES;
	(void)pthread_detach(thread);
	return FM_OK;
}

/* ---- the callers ---- */

/* What a forked child finds is its parent's. */
static void begin(void)
{
	uint32_t now = fm_internal_lock_generation();

	if (generation == now)
		return;
	for (struct pending *request = atomic_exchange(&pending, NULL), *next; request; request = next) {
		next = request->next;
		leave(request);
	}
	serving = false;
	generation = now;
}

static fm_status enlist(struct pending *request)
{
	fm_status status;
	PORT_LOCK_SCOPE(LOCK_FINDS);

	begin();
	status = serving ? FM_OK : start();
	if (status_failed(status))
		return status;
	serving = true;
	request->next = atomic_load(&pending);
	atomic_store(&pending, request);
	return FM_OK;
}

fm_status pending_add(HANDLE file, const struct pending_lock *lock, LPOVERLAPPED overlapped)
{
	HANDLE event = (HANDLE)((uintptr_t)overlapped->hEvent & ~(uintptr_t)1);
	struct pending *request = os_allocate(sizeof(*request));
	fm_status status = request ? enter(file, fm_internal_file_kind(), &request->file) : FM_E_NO_MEMORY;

	if (status_failed(status)) {
		os_free(request);
		return status;
	}
	request->number = file;
	request->overlapped = overlapped;
	request->lock = *lock;
	request->thread = GetCurrentThreadId();
	if (event && status_failed(object_enter(event, &event_kind, EVENT_MODIFY_STATE, &request->event)))
		request->event = NULL; /* what is no event is told nothing */
	if (request->event)
		(void)ResetEvent(event);
	overlapped->InternalHigh = 0;
	__atomic_store_n(&overlapped->Internal, STATUS_PENDING, __ATOMIC_RELEASE);
	status = enlist(request);
	if (status_failed(status))
		leave(request);
	else
		next_turn();
	return status;
}

bool pending_cancel(HANDLE file, const OVERLAPPED *overlapped, bool own)
{
	DWORD thread = own ? GetCurrentThreadId() : 0;
	bool found = false;

	if (!atomic_load(&pending))
		return false;
	{
		PORT_LOCK_SCOPE(LOCK_FINDS);

		begin();
		for (struct pending *request = atomic_load(&pending); request; request = request->next)
			if (request->number == file && (!overlapped || request->overlapped == overlapped) &&
			    (!own || request->thread == thread)) {
				atomic_store(&request->cancelled, true);
				found = true;
			}
	}
	if (found)
		next_turn();
	return found;
}

static bool is_pending(const OVERLAPPED *overlapped)
{
	PORT_LOCK_SCOPE(LOCK_FINDS);

	begin();
	for (struct pending *request = atomic_load(&pending); request; request = request->next)
		if (request->overlapped == overlapped)
			return true;
	return false;
}

void pending_wait(const OVERLAPPED *overlapped)
{
	uint32_t seen = atomic_load(&turn);

	while (atomic_load(&pending) && is_pending(overlapped)) {
		(void)local_sleep(&turn, seen, UINT64_MAX);
		seen = atomic_load(&turn);
	}
}

void pending_retry(void)
{
	if (atomic_load_explicit(&pending, memory_order_relaxed))
		next_turn();
}
