/* SPDX-License-Identifier: MIT */
/*
 * waitable: what a kind of handle tells WaitForSingleObject and its relatives.
 *
 * A wait goes: begin; then take until something is taken, sleeping in between on what point gives;
 * leave. A wait that takes at once, or may not sleep, is begin and take alone. wait.c has the list of kinds.
 */
#ifndef FM_PORT_WAITABLE_H
#define FM_PORT_WAITABLE_H

#include "port.h"

enum taken { TAKEN_NOT, TAKEN, TAKEN_ABANDONED, TAKEN_REFUSED /* see FM_E_ in struct wait_seat.error */ };

/* One object's part of one wait. */
struct wait_seat {
	struct handle *handle;
	const struct waitable *waitable;
	uint32_t seen;    /* the kind's: what it saw when the wait began */
	bool queued;      /* the kind's: point() has counted the waiter in; leave() counts it out */
	bool among;       /* one of several objects */
	bool watching;    /* the kind's: counted in as one who only looks */
	fm_status error;  /* TAKEN_REFUSED: why */
};

/* What to sleep on: a word that is not @expected any more when it is worth looking again, or a
 * descriptor that becomes readable. */
struct wait_point {
	uint32_t *word;   /* NULL: @fd */
	uint32_t expected;
	int fd;
	bool private;     /* nobody in another process wakes this word */
	uint64_t recheck_ns; /* look again after so long all the same; 0: no need */
};

struct waitable {
	bool queues;      /* who points at it first is served first: SignalObjectAndWait does so before it signals */
	uint32_t access;  /* right that the handle must have; tested by wait.c through granted() */
	uint32_t (*granted)(const struct handle *handle);
	/* The wait begins; may be NULL. */
	void (*begin)(struct wait_seat *seat);
	/* Is it signaled? Take it, in the one step by which others see it taken. */
	enum taken (*take)(struct wait_seat *seat);
	/* Would take() take it? Changes nothing. For waits for all. */
	bool (*signaled)(struct wait_seat *seat);
	/* Undo a take(), before anything else is taken: for waits for all, when another object turned out not to be signaled. NULL: taking
	 * changes nothing. */
	void (*give_back)(struct wait_seat *seat, enum taken taken);
	/* Get ready to sleep. @claim: what comes next is for this waiter (a wait for one or any); else it only
	 * wants to look again (a wait for all). False: look again at once. */
	bool (*point)(struct wait_seat *seat, bool claim, struct wait_point *ret_point);
	/* The wait is over without this object; may be NULL. Only if point() was called. */
	void (*leave)(struct wait_seat *seat);
};

/* take() of a process: its descriptor @pidfd becomes readable when it ends. */
static inline enum taken taken_by_end(struct wait_seat *seat, int pidfd)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	int ready = OS_RETRY(os.poll(&end, 1, 0));

	if (ready < 0)
		seat->error = fm_internal_status_of(OP_DESCRIPTOR, ready);
	return ready < 0 ? TAKEN_REFUSED : ready > 0 ? TAKEN : TAKEN_NOT;
}

#endif
