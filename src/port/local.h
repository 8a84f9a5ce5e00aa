/* SPDX-License-Identifier: MIT */
/* Sleeping on a word of this process alone. */
#ifndef FM_PORT_LOCAL_H
#define FM_PORT_LOCAL_H

#include <stdatomic.h>

#include "port.h"

/* The end of a time that begins now; UINT64_MAX: never. */
uint64_t local_end(DWORD milliseconds);
/* Sleep while *@word is @expected, until woken, @end, or for no reason. False: it is the end. */
bool local_sleep(_Atomic(uint32_t) *word, uint32_t expected, uint64_t end);
void local_wake(_Atomic(uint32_t) *word, unsigned count);

#endif
