/* SPDX-License-Identifier: MIT */
/*
 * A copy that may be interrupted by a fault: its instructions are known, and a fault handler that finds the
 * program counter among them moves it to where the copy goes on byte by byte, or ends. One file a processor.
 */
#ifndef FM_OS_COPY_H
#define FM_OS_COPY_H

#include <stddef.h>
#include <stdint.h>

/* memcpy() with an end: the number of bytes that were not copied. All in front of them were. */
size_t os_copy(void *to, const void *from, size_t size);

/* Where to go on after a fault at @pc, or 0: that is not in os_copy(). */
uintptr_t os_copy_fixup(uintptr_t pc);

#endif
