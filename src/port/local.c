/* SPDX-License-Identifier: MIT */
#include "local.h"

#include <linux/futex.h>

#define SECOND 1000000000u

uint64_t local_end(DWORD milliseconds)
{
	return milliseconds == INFINITE ? UINT64_MAX : os_monotonic_ns() + milliseconds * (uint64_t)1000000;
}

bool local_sleep(_Atomic(uint32_t) *word, uint32_t expected, uint64_t end)
{
	uint64_t now, left = 0;
	struct timespec time;

	if (end != UINT64_MAX) {
		now = os_monotonic_ns();
		if (now >= end)
			return false;
		left = end - now;
	}
	time = (struct timespec){ .tv_sec = (time_t)(left / SECOND), .tv_nsec = (long)(left % SECOND) };
	/* Any return: the caller looks again. */
	(void)os.futex((uint32_t *)word, FUTEX_WAIT_PRIVATE, expected, end == UINT64_MAX ? NULL : &time);
	return true;
}

void local_wake(_Atomic(uint32_t) *word, unsigned count)
{
	(void)os.futex((uint32_t *)word, FUTEX_WAKE_PRIVATE, count, NULL); /* cannot fail */
}
