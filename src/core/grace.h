/* SPDX-License-Identifier: MIT */
/*
 * Readers without locks: memory that a reader may still look at is retired, not freed, and freed once
 * every reader that was under way has left.
 */
#ifndef FM_CORE_GRACE_H
#define FM_CORE_GRACE_H

/* Head of anything that can be retired; the first member of its type. */
struct retired {
	struct retired *next;
	void (*release)(struct retired *self);
};

/* A reader's stay; may nest, may be in a signal handler, never blocks. @token goes back to grace_leave(). */
unsigned grace_enter(void);
void grace_leave(unsigned token);

/* Release @object, with its function, after all present readers. The caller has made it unreachable. */
void grace_retire(struct retired *object, void (*release)(struct retired *self));

/* Release now whatever no reader is under way with; for what holds more than memory. */
void grace_settle(void);

#endif
