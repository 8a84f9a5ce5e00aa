/* SPDX-License-Identifier: MIT */
/* Protections: which mean something, what contains what, what the kernel and a handle are asked for. */
#include <sys/mman.h>

#include "check.h"
#include "protect.h"

#define R FM_READ
#define W (FM_READ | FM_WRITE)
#define C (FM_READ | FM_COPY)
#define X FM_EXEC
#define XR (FM_READ | FM_EXEC)
#define XW (FM_READ | FM_WRITE | FM_EXEC)
#define XC (FM_READ | FM_COPY | FM_EXEC)

TEST(only_protections_that_mean_something_are_taken)
{
	static const struct {
		uint32_t given, canonical; /* UINT32_MAX: refused */
	} cases[] = {
		{ 0, 0 }, { FM_READ, R }, { FM_WRITE, W }, { FM_READ | FM_WRITE, W }, { FM_COPY, C }, { FM_EXEC, X },
		{ FM_EXEC | FM_READ, XR }, { FM_EXEC | FM_WRITE, XW }, { FM_EXEC | FM_COPY, XC },
		{ FM_READ | FM_GUARD, R | FM_GUARD }, { FM_WRITE | FM_NOCACHE, W | FM_NOCACHE },
		{ FM_COPY | FM_WRITECOMBINE, C | FM_WRITECOMBINE },
		{ FM_WRITE | FM_COPY, UINT32_MAX }, { XW | FM_COPY, UINT32_MAX },
		{ FM_GUARD, UINT32_MAX }, { FM_NOCACHE, UINT32_MAX }, { FM_WRITECOMBINE, UINT32_MAX },
		{ FM_READ | FM_GUARD | FM_NOCACHE, UINT32_MAX }, { FM_READ | FM_NOCACHE | FM_WRITECOMBINE, UINT32_MAX },
		{ FM_QUERY, UINT32_MAX }, { FM_READ | FM_EXTEND, UINT32_MAX }, { 0x80000000u, UINT32_MAX },
		{ FM_READ | 0x20, UINT32_MAX }, { FM_READ | 0x80, UINT32_MAX }, { FM_READ | 0x800, UINT32_MAX },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t canonical = UINT32_MAX;
		fm_status status = protect_normalize(cases[i].given, &canonical);

		CHECK_EQ(canonical, cases[i].canonical);
		CHECK_EQ(status, cases[i].canonical == UINT32_MAX ? FM_E_INVALID_PAGE_PROTECTION : FM_OK);
	}
}

TEST(ceiling_contains_by_access_sets)
{
	static const uint32_t wanted[] = { 0, R, C, W, X, XR, XC, XW };
	static const struct {
		uint32_t ceiling;
		unsigned contains; /* bit n: wanted[n] */
	} rows[] = { { 0, 0x01 }, { R, 0x07 }, { C, 0x07 }, { W, 0x0f }, { X, 0x77 }, { XR, 0x77 }, { XC, 0x77 }, { XW, 0xff } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t j = 0; j < ARRAY_SIZE(wanted); j++)
			CHECK_EQ(protect_within(wanted[j], rows[i].ceiling), rows[i].contains >> j & 1);
}

TEST(each_protection_asks_for_its_rights_and_bits)
{
	static const struct {
		uint32_t protection, rights;
		int prot;
	} cases[] = {
		{ 0, FM_READ, PROT_NONE },
		{ R, FM_READ, PROT_READ },
		{ W, FM_WRITE, PROT_READ | PROT_WRITE },
		{ C, FM_READ, PROT_READ | PROT_WRITE },
		{ X, FM_EXEC, PROT_READ | PROT_EXEC },
		{ XR, FM_READ | FM_EXEC, PROT_READ | PROT_EXEC },
		{ XW, FM_WRITE | FM_EXEC, PROT_READ | PROT_WRITE | PROT_EXEC },
		{ XC, FM_READ | FM_EXEC, PROT_READ | PROT_WRITE | PROT_EXEC },
		{ W | FM_GUARD, FM_WRITE, PROT_NONE },
		{ W | FM_NOCACHE, FM_WRITE, PROT_READ | PROT_WRITE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CHECK_EQ(protect_rights(cases[i].protection), cases[i].rights);
		CHECK_EQ(protect_kernel(cases[i].protection), cases[i].prot);
	}
}

TEST(written_copies_become_writable)
{
	CHECK_EQ(protect_written(C), W);
	CHECK_EQ(protect_written(XC), XW);
	CHECK_EQ(protect_written(R), R);
	CHECK_EQ(protect_written(W), W);
	CHECK_EQ(protect_written(0), 0);
}
