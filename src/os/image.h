/* SPDX-License-Identifier: MIT */
/* What the program loader has loaded, and where the address space ends. */
#ifndef FM_OS_IMAGE_H
#define FM_OS_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The whole of the program or library that contains @address. False: none, or the C library cannot say
 * without taking locks (glibc before 2.35, others). Safe in a signal handler. */
bool os_find_image(uintptr_t address, uintptr_t *ret_start, uintptr_t *ret_end);

/* Of the kernel's pages; the library is made for OS_PAGE. */
size_t os_page_size(void);

/* The size of the user's part of the address space: a power of two. */
uintptr_t os_address_limit(void);

#endif
