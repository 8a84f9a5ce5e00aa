/* SPDX-License-Identifier: MIT */
/*
 * Tokens: what semaphores and auto-reset events give to those who wait.
 *
 * One word of 64 bits holds the tokens that are there (low half) and how many are queued for one (high).
 * As on Windows a token goes to who was waiting when it came: who comes later takes one only when there
 * are more than those queued need.
 *
 * Waiters that were killed stay counted. So where an object is shared, a count that matters is checked
 * against the processes that still live (object_page.slots).
 */
#ifndef FM_PORT_TOKENS_H
#define FM_PORT_TOKENS_H

#include "object.h"
#include "waitable.h"

extern const struct waitable tokens_waitable;

/* One more token, unless there are enough for who is queued, and at least one. */
void tokens_set(struct object *object);
/* Take away what nobody queued for. */
void tokens_reset(struct object *object);
/* One more for somebody who is queued, if there is one; take away what nobody queued for. */
void tokens_pulse(struct object *object);
/* @count more, up to the object's limit; *ret_before: free tokens. FM_E_SEMAPHORE_LIMIT_EXCEEDED. */
fm_status tokens_add(struct object *object, uint32_t count, uint32_t *ret_before);

/* ---- shared with event.c ---- */

/* Wake @count sleepers on the low half; all where a process may be killed between wake-up and deed. */
void state_wake(struct object *object, uint32_t queued, uint32_t count);
/* A wait for all has begun or is over: it is woken like who is queued, but gets no token. */
void state_watch(struct object *object, struct wait_seat *seat);
void state_unwatch(struct object *object, struct wait_seat *seat);
/* The point to sleep on while the low half is @expected; for a second at most where processes share the object. */
struct wait_point state_point(struct object *object, uint32_t expected);
/* Another process uses it now: who sleeps since before does not look again by himself, so he is woken once. */
void state_share(struct object *object);

#endif
