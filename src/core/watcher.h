/* SPDX-License-Identifier: MIT */
/* Userfaultfd descriptors: one a process and purpose, opened when first wanted. */
#ifndef FM_CORE_WATCHER_H
#define FM_CORE_WATCHER_H

#include <stdatomic.h>
#include <stdint.h>

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

/* What is open, for which process. Static and zero at first. */
struct watcher {
	_Atomic uint64_t bound; /* generation of the process << 32 | descriptor + 1 */
	_Atomic uint64_t inode; /* of that descriptor */
};

/*
 * watcher_open - the descriptor with these UFFD_FEATURE_ bits, or -errno where the kernel has none
 * A forked child's copy would act on its parent's memory, so the child opens its own and closes that; regions
 * registered before the fork are not watched in the child.
 */
int watcher_open(struct watcher *watcher, uint64_t features);

#endif
