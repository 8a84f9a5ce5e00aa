/* SPDX-License-Identifier: MIT */
#include "port.h"

#define SECOND 1000000000u

VOID WINAPI Sleep(DWORD dwMilliseconds)
{
	uint64_t end = os_monotonic_ns() + dwMilliseconds * (uint64_t)1000000, now;

	if (dwMilliseconds == 0)
		(void)os.sched_yield(); /* cannot fail */
	while (dwMilliseconds > 0 && (dwMilliseconds == INFINITE || (now = os_monotonic_ns()) < end)) {
		uint64_t left = dwMilliseconds == INFINITE ? 3600 * (uint64_t)SECOND : end - now;
		struct timespec time = { .tv_sec = (time_t)(left / SECOND), .tv_nsec = (long)(left % SECOND) };

		(void)os.nanosleep(&time); /* a signal: the rest of the time is computed anew */
	}
}

/* Nothing can be queued to a thread, so an alertable sleep is as long as any other. */
DWORD WINAPI SleepEx(DWORD dwMilliseconds, BOOL bAlertable)
{
	(void)bAlertable;
	Sleep(dwMilliseconds);
	return 0;
}

/* Did another thread run? The kernel counts it as a switch that this one did not ask for. */
BOOL WINAPI SwitchToThread(VOID)
{
	struct rusage before, after;
	int error = os.getrusage(RUSAGE_THREAD, &before);

	(void)os.sched_yield(); /* cannot fail */
	if (error < 0 || os.getrusage(RUSAGE_THREAD, &after) < 0)
		return FALSE;
	return after.ru_nivcsw + after.ru_nvcsw != before.ru_nivcsw + before.ru_nvcsw;
}
