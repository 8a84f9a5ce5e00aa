/* SPDX-License-Identifier: MIT */
/* Windows names protections one by one; the core composes them of bits. */
#include "protect.h"
#include "win32.h"

static const struct {
	DWORD page;
	uint32_t protection;
} bases[] = {
	{ PAGE_NOACCESS, FM_NOACCESS },
	{ PAGE_READONLY, FM_READ },
	{ PAGE_READWRITE, FM_READ | FM_WRITE },
	{ PAGE_WRITECOPY, FM_READ | FM_COPY },
	{ PAGE_EXECUTE, FM_EXEC },
	{ PAGE_EXECUTE_READ, FM_EXEC | FM_READ },
	{ PAGE_EXECUTE_READWRITE, FM_EXEC | FM_READ | FM_WRITE },
	{ PAGE_EXECUTE_WRITECOPY, FM_EXEC | FM_READ | FM_COPY },
};

#define BASE_MASK 0xffu
/* GUARD, NOCACHE and WRITECOMBINE have the same bits on both sides. */
#define MODIFIER_MASK (PAGE_GUARD | PAGE_NOCACHE | PAGE_WRITECOMBINE)

_Static_assert(MODIFIER_MASK == PROTECT_MODIFIERS, "modifiers are passed through");

fm_status protection_of(DWORD page, uint32_t *ret_protection)
{
	DWORD base = page & BASE_MASK;

	if (page & ~(BASE_MASK | MODIFIER_MASK))
		return FM_E_INVALID_PAGE_PROTECTION;
	for (unsigned i = 0; i < RTL_NUMBER_OF(bases); i++)
		if (bases[i].page == base)
			return protect_normalize(bases[i].protection | (page & MODIFIER_MASK), ret_protection);
	return FM_E_INVALID_PAGE_PROTECTION;
}

DWORD page_of(uint32_t protection)
{
	for (unsigned i = 0; i < RTL_NUMBER_OF(bases); i++)
		if (bases[i].protection == (protection & PROTECT_BASE))
			return bases[i].page | (protection & MODIFIER_MASK);
	return PAGE_NOACCESS;
}

uint32_t protection_of_map(DWORD access)
{
	uint32_t execute = access & FILE_MAP_EXECUTE ? FM_EXEC : 0;
	DWORD rest = access & ~(DWORD)FILE_MAP_EXECUTE;

	if (rest == FILE_MAP_COPY)
		return FM_READ | FM_COPY | execute;
	if (rest & FILE_MAP_WRITE)
		return FM_READ | FM_WRITE | execute;
	return rest & FILE_MAP_READ ? FM_READ | execute : FM_NOACCESS;
}
