/* SPDX-License-Identifier: MIT */
/* Making semaphores, for either width of text. */
#ifndef FM_PORT_SEMAPHORE_H
#define FM_PORT_SEMAPHORE_H

#include "port.h"

HANDLE semaphore_create(LPSECURITY_ATTRIBUTES security, LONG count, LONG limit, const char *name, DWORD flags,
			DWORD access);

#endif
