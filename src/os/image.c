/* SPDX-License-Identifier: MIT */
#include "image.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <sys/auxv.h>

#if defined(DLFO_STRUCT_HAS_EH_DBASE) /* with _dl_find_object() */
bool os_find_image(uintptr_t address, uintptr_t *ret_start, uintptr_t *ret_end)
{
	struct dl_find_object object;

	if (_dl_find_object((void *)address, &object) != 0)
		return false;
	*ret_start = (uintptr_t)object.dlfo_map_start;
	*ret_end = (uintptr_t)object.dlfo_map_end;
	return true;
}
#else
bool os_find_image(uintptr_t address, uintptr_t *ret_start, uintptr_t *ret_end)
{
	(void)address;
	(void)ret_start;
	(void)ret_end;
	return false;
}
#endif

size_t os_page_size(void)
{
	return getauxval(AT_PAGESZ);
}

/* The stack of the first thread lies in the topmost part of it. */
uintptr_t os_address_limit(void)
{
	static _Atomic uintptr_t cached;
	uintptr_t limit = atomic_load_explicit(&cached, memory_order_relaxed);

	if (limit)
		return limit;
	limit = (uintptr_t)1 << (64 - __builtin_clzl((uintptr_t)getauxval(AT_RANDOM) | 1));
	atomic_store_explicit(&cached, limit, memory_order_relaxed);
	return limit;
}
