/* SPDX-License-Identifier: MIT */
/* One wait, and how it sleeps. */
#ifndef FM_PORT_WAIT_H
#define FM_PORT_WAIT_H

#include "waitable.h"

struct wait {
	struct wait_seat *seats;
	unsigned count;
	DWORD milliseconds;
	uint64_t end;      /* on the monotonic clock, once it has slept; UINT64_MAX: never */
	uint64_t slice_ns; /* wait_sleep()'s: the next short sleep where the kernel cannot wait for all it should */
};

/*
 * wait_quick - take a mutex, an event or a semaphore that is signaled, without becoming a user of its handle
 * False: nothing was taken; ask again in the usual way.
 */
bool wait_quick(HANDLE handle, DWORD *ret_result);

/*
 * wait_sleep - until one of @points is worth a look, the end, or for no reason at all
 * One word: futex. Several: futex_waitv (Linux 5.16). Descriptors: poll. Words and descriptors, or several
 * words on an older kernel: short sleeps, 0.1 to 4 ms, for there is no call that waits for all of them.
 */
fm_status wait_sleep(struct wait *wait, const struct wait_point *points, unsigned count);

#endif
