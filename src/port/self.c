/* SPDX-License-Identifier: MIT */
#include "self.h"

#include <linux/futex.h>

_Thread_local struct self self_;

void self_refresh(void)
{
	struct robust_list_head *list = NULL;
	size_t size = 0;
	int error = os.get_robust_list(&list, &size);

	self_.list = error < 0 || size != sizeof(*list) ? NULL : list;
	self_.owned = NULL;
	self_.id = (uint32_t)os_tid();
	self_.generation = fm_internal_lock_generation();
}
