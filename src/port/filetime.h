/* SPDX-License-Identifier: MIT */
/* File times: 100 ns since 1601, universal time. */
#ifndef FM_PORT_FILETIME_H
#define FM_PORT_FILETIME_H

#include "port.h"

#define TICKS_PER_SECOND 10000000u
#define SECONDS_1601_1970 11644473600u

static inline uint64_t ticks_of(const FILETIME *time)
{
	return (uint64_t)time->dwHighDateTime << 32 | time->dwLowDateTime;
}

static inline FILETIME filetime_of_ticks(uint64_t ticks)
{
	return (FILETIME){ .dwLowDateTime = (DWORD)ticks, .dwHighDateTime = (DWORD)(ticks >> 32) };
}

/* The present moment. */
static inline uint64_t ticks_now(void)
{
	return os_realtime_ns() / 100 + (uint64_t)SECONDS_1601_1970 * TICKS_PER_SECOND;
}

#endif
