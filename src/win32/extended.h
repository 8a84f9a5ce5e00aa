/* SPDX-License-Identifier: MIT */
/* MEM_EXTENDED_PARAMETER arrays, of VirtualAlloc2, MapViewOfFile3 and their sisters. */
#ifndef FM_WIN32_EXTENDED_H
#define FM_WIN32_EXTENDED_H

#include "win32.h"

struct extended {
	bool required;             /* address requirements were given, and are not all zero */
	uintptr_t lowest, highest; /* as given; 0: none */
	size_t alignment;
};

/*
 * extended_of - read the parameters; a preferred node is a hint and accepted
 * FM_E_INVALID_PARAMETER: NULL with a count, a type unknown, given twice or not supported.
 * FM_E_ACCESS_VIOLATION: requirements NULL. What the numbers mean is the core's to check.
 */
fm_status extended_of(const MEM_EXTENDED_PARAMETER *parameters, ULONG count, struct extended *ret_extended);

#endif
