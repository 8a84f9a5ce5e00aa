/* SPDX-License-Identifier: MIT */
/*
 * Views of reserved sections: a page that nobody has committed faults, in every process, and becomes
 * usable everywhere at once when somebody commits it. The kernel does it: the view is registered with a
 * userfaultfd in SIGBUS mode, where a page without storage is a fault and one with storage is not.
 */
#ifndef FM_CORE_RESERVE_H
#define FM_CORE_RESERVE_H

#include "region.h"

/*
 * reserve_guard - ready a view of a reserved section, just mapped, not yet in the table
 * @commit: bytes from its start to commit at once
 * Without userfaultfd (an older or closed kernel) untouched pages are readable instead of faulting.
 */
fm_status reserve_guard(struct region *region, uint64_t commit);

#endif
