/* SPDX-License-Identifier: MIT */
#include "protect.h"

#include <sys/mman.h>

/* R, W and X of a canonical protection: what win32-semantics 14.2 compares. */
static uint32_t access_set(uint32_t protection)
{
	uint32_t set = protection & (FM_READ | FM_WRITE | FM_EXEC);

	return protection & FM_EXEC ? set | FM_READ : set; /* PAGE_EXECUTE counts as {R,X} */
}

static bool modifiers_valid(uint32_t base, uint32_t modifiers)
{
	if (modifiers && !base)
		return false;
	return (modifiers & (modifiers - 1)) == 0; /* each excludes the others */
}

fm_status protect_normalize(uint32_t protection, uint32_t *ret_protection)
{
	uint32_t base = protection & PROTECT_BASE;

	if (protection & ~(uint32_t)(PROTECT_BASE | PROTECT_MODIFIERS))
		return FM_E_INVALID_PAGE_PROTECTION;
	if ((base & FM_WRITE) && (base & FM_COPY))
		return FM_E_INVALID_PAGE_PROTECTION;
	if (!modifiers_valid(base, protection & PROTECT_MODIFIERS))
		return FM_E_INVALID_PAGE_PROTECTION;
	if (base & (FM_WRITE | FM_COPY))
		protection |= FM_READ;
	*ret_protection = protection;
	return FM_OK;
}

bool protect_within(uint32_t wanted, uint32_t ceiling)
{
	return (access_set(wanted) & ~access_set(ceiling)) == 0;
}

uint32_t protect_rights(uint32_t protection)
{
	uint32_t rights = protection & FM_EXEC;

	if (protection & FM_WRITE)
		return rights | FM_WRITE;
	if (rights && !(protection & FM_READ))
		return rights; /* execute only */
	return rights | FM_READ; /* inaccessible pages ask for it too */
}

int protect_kernel(uint32_t protection)
{
	int prot = PROT_NONE;

	if (protection & FM_GUARD)
		return PROT_NONE;
	if (protection & FM_READ)
		prot |= PROT_READ;
	if (protection & (FM_WRITE | FM_COPY))
		prot |= PROT_WRITE;
	if (protection & FM_EXEC)
		prot |= PROT_EXEC | PROT_READ;
	return prot;
}
