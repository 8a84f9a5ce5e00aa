/* SPDX-License-Identifier: MIT */
/* The calling thread: its number, without a system call but the first time. */
#ifndef FM_PORT_SELF_H
#define FM_PORT_SELF_H

#include "port.h"

struct robust_list_head;

struct object;

struct self {
	uint32_t generation;           /* of the process; 0: not asked yet */
	uint32_t id;                   /* the kernel's, another one after a fork */
	struct robust_list_head *list; /* libc's, for the kernel; NULL: there is none */
	/* The mutex taken last: what handle it was, as long as no number has changed its meaning. */
	struct object *owned;
	HANDLE handle;
	uint64_t changes;
};

extern _Thread_local struct self self_ __attribute__((tls_model("initial-exec")));

/* Ask anew. */
void self_refresh(void);

/* fm_internal_lock_ready() was called. */
static inline struct self *self(void)
{
	if (self_.generation != fm_internal_lock_generation())
		self_refresh();
	return &self_;
}

#endif
