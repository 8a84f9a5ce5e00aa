/* SPDX-License-Identifier: MIT */
/* Views: what the Win32 and the Nt calls share. */
#ifndef FM_WIN32_MAP_H
#define FM_WIN32_MAP_H

#include "extended.h"
#include "view.h"
#include "win32.h"

struct map_call {
	HANDLE section;
	uint32_t protection;   /* canonical */
	uint64_t offset, length, commit;
	void *base;
	ULONG type;            /* MEM_RESERVE, MEM_REPLACE_PLACEHOLDER, MEM_LARGE_PAGES, MEM_TOP_DOWN */
	struct extended extended;
};

#define MAP_TYPES (MEM_RESERVE | MEM_REPLACE_PLACEHOLDER | MEM_LARGE_PAGES | MEM_TOP_DOWN)

/* Map into this process. @ret_size may be NULL. FM_E_INVALID_PARAMETER_9: unknown type bits;
 * FM_E_INVALID_PARAMETER_3: an address or a length beyond the address space. */
fm_status map_section(const struct map_call *call, void **ret_base, size_t *ret_size);
/* @flags: MEM_UNMAP_WITH_TRANSIENT_BOOST (a hint), MEM_PRESERVE_PLACEHOLDER. */
fm_status unmap_section(const void *address, ULONG flags);

#endif
