/* SPDX-License-Identifier: MIT */
/* Protections: the nine that mean something, their access sets, and the kernel's PROT_ bits. */
#ifndef FM_CORE_PROTECT_H
#define FM_CORE_PROTECT_H

#include <stdbool.h>
#include <stdint.h>

#include <filemap.h>

#define PROTECT_BASE (FM_READ | FM_WRITE | FM_EXEC | FM_COPY)
#define PROTECT_MODIFIERS (FM_GUARD | FM_NOCACHE | FM_WRITECOMBINE)

/*
 * protect_normalize - the canonical form: FM_WRITE and FM_COPY gain FM_READ
 * FM_E_INVALID_PAGE_PROTECTION for unknown bits, WRITE with COPY, GUARD or a cache modifier with
 * NOACCESS, two modifiers that exclude one another.
 */
fm_status protect_normalize(uint32_t protection, uint32_t *ret_protection);

/* Is the access set of @wanted (canonical) within that of @ceiling? COPY counts as READ. */
bool protect_within(uint32_t wanted, uint32_t ceiling);

/* The rights a handle must grant for a view of this protection (win32-semantics 5.5). */
uint32_t protect_rights(uint32_t protection);

/* PROT_ bits. GUARD and NOACCESS give PROT_NONE. */
int protect_kernel(uint32_t protection);

/* What a written copy-on-write page reports: COPY becomes WRITE. */
static inline uint32_t protect_written(uint32_t protection)
{
	return protection & FM_COPY ? (protection & ~(uint32_t)FM_COPY) | FM_WRITE : protection;
}

#endif
