/* SPDX-License-Identifier: MIT */
/* Semaphores, which tokens.h explains. */
#ifndef FM_PORT_SEMAPHORE_H
#define FM_PORT_SEMAPHORE_H

#include "port.h"

/* CreateSemaphoreEx, for either width of text. */
HANDLE semaphore_create(LPSECURITY_ATTRIBUTES security, LONG count, LONG limit, const char *name, DWORD flags,
			DWORD access);

#endif
