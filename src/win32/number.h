/* SPDX-License-Identifier: MIT */
/* HANDLEs as descriptor numbers, for this face and for libfilemap-port. */
#ifndef FM_WIN32_NUMBER_H
#define FM_WIN32_NUMBER_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include <windows.h>

/* A HANDLE is a descriptor's number in disguise: never NULL, never -1, a multiple of four. -1: no number. */
static inline int number_of(HANDLE handle)
{
	uintptr_t value = (uintptr_t)handle;

	return value == 0 || value % 4 || value >> 2 > INT_MAX ? -1 : (int)(value >> 2) - 1;
}

static inline HANDLE handle_of(int number)
{
	return (HANDLE)(((uintptr_t)(unsigned)number + 1) << 2);
}

#define CURRENT_PROCESS ((HANDLE)(intptr_t)-1)
#define CURRENT_THREAD ((HANDLE)(intptr_t)-2)

static inline bool is_pseudo(HANDLE handle)
{
	return handle == CURRENT_PROCESS || handle == CURRENT_THREAD;
}

#endif
