/* SPDX-License-Identifier: MIT */
/* Memory that others have mapped: the C library's heap, stacks, code. The kernel is asked each time. */
#ifndef FM_CORE_FOREIGN_H
#define FM_CORE_FOREIGN_H

#include "vm.h"

/* What is at the page @base, in which no region of ours lies. */
void foreign_query(uintptr_t base, struct vm_info *ret_info);
/* Change whole pages of mappings that follow one another and are of one kind. As vm_protect(). */
fm_status foreign_protect(uintptr_t base, size_t size, uint32_t protection, uint32_t *ret_old);

#endif
