/* SPDX-License-Identifier: MIT */
/*
 * Byte-range locks that are waited for by overlapped calls.
 *
 * No kernel tells when a lock is free without a thread that sleeps for it. So there is one, for all of them
 * and as long as there are any: it tries each in turn, in pauses of up to 10 ms, and at once after an unlock
 * in this process. It takes no signals. A forked child has none of the calls that its parent has pending.
 */
#ifndef FM_PORT_PENDING_H
#define FM_PORT_PENDING_H

#include "file.h"

/* What one of them wants. */
struct pending_lock {
	uint64_t offset, length;
	unsigned flags; /* enum filelock_flags */
};

/*
 * pending_add - wait for a lock that LockFileEx could not have at once
 * The result comes into @overlapped, STATUS_PENDING until then, and its event is set. FM_E_NO_MEMORY,
 * FM_E_INSUFFICIENT_RESOURCES (no thread): nothing is pending.
 */
fm_status pending_add(HANDLE file, const struct pending_lock *lock, LPOVERLAPPED overlapped);
/* Cancel what is pending on @file: @overlapped alone, unless NULL; of @own: of this thread alone. True: there was something. */
bool pending_cancel(HANDLE file, const OVERLAPPED *overlapped, bool own);
/* Sleep until @overlapped is not pending any more; not at all if it is not one of these. */
void pending_wait(const OVERLAPPED *overlapped);
/* A lock was given back. */
void pending_retry(void);

#endif
