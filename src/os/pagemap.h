/* SPDX-License-Identifier: MIT */
/* Which pages of a private mapping are this process's own copies: asked of the kernel, never guessed. */
#ifndef FM_OS_PAGEMAP_H
#define FM_OS_PAGEMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the page at @address is a private copy, and for how many pages (at most @limit) that holds.
 * -errno when /proc is missing. */
int os_private_run(uintptr_t address, size_t limit, bool *ret_private, size_t *ret_pages);

struct os_page {
	bool present;   /* in memory and mapped here */
	bool file;      /* of a file or of shared memory */
	bool exclusive; /* mapped by nobody else */
};

int os_query_page(uintptr_t address, struct os_page *ret_page);

#endif
