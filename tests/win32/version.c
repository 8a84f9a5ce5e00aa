/* SPDX-License-Identifier: MIT */
/* Is the system of at least that version? Against what GetVersionEx tells, whichever that is. */
#include "support.h"

static OSVERSIONINFOEXA here(void)
{
	OSVERSIONINFOEXA info;

	memset(&info, 0, sizeof(info));
	info.dwOSVersionInfoSize = sizeof(info);
	REQUIRE_WORKS(GetVersionExA((OSVERSIONINFOA *)&info));
	REQUIRE(info.dwMajorVersion > 1);
	return info;
}

static ULONGLONG condition(BYTE major, BYTE minor)
{
	return VerSetConditionMask(VerSetConditionMask(0, VER_MAJORVERSION, major), VER_MINORVERSION, minor);
}

TEST(version_is_one_number)
{
	static const struct { int major, minor; BYTE condition; BOOL holds; } cases[] = {
		{ 0, 0, VER_EQUAL, TRUE }, { 0, 0, VER_GREATER_EQUAL, TRUE }, { 0, 0, VER_LESS_EQUAL, TRUE },
		{ 0, 0, VER_GREATER, FALSE }, { 0, 0, VER_LESS, FALSE },
		{ -1, 5, VER_GREATER_EQUAL, TRUE }, { -1, 5, VER_GREATER, TRUE }, { -1, 0, VER_EQUAL, FALSE },
		{ 1, 0, VER_GREATER_EQUAL, FALSE }, { 1, 0, VER_LESS, TRUE }, { 0, 1, VER_GREATER_EQUAL, FALSE },
		{ 0, 1, VER_LESS_EQUAL, TRUE }, { 0, 1, VER_EQUAL, FALSE },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		OSVERSIONINFOEXA info = here();

		check_row("%d.%d condition %d", cases[i].major, cases[i].minor, cases[i].condition);
		info.dwMajorVersion += (DWORD)cases[i].major;
		info.dwMinorVersion += (DWORD)cases[i].minor;
		if (cases[i].holds)
			CHECK_WORKS(VerifyVersionInfoA(&info, VER_MAJORVERSION | VER_MINORVERSION,
						       condition(cases[i].condition, cases[i].condition)));
		else
			CHECK_FAILS(VerifyVersionInfoA(&info, VER_MAJORVERSION | VER_MINORVERSION,
						       condition(cases[i].condition, cases[i].condition)), ERROR_OLD_WIN_VERSION);
	}
}

TEST(other_facts_are_looked_at_one_by_one)
{
	OSVERSIONINFOEXA info = here();
	ULONGLONG build = VerSetConditionMask(0, VER_BUILDNUMBER, VER_GREATER_EQUAL);

	check_row("build");
	CHECK_WORKS(VerifyVersionInfoA(&info, VER_BUILDNUMBER, build));
	info.dwBuildNumber++;
	CHECK_FAILS(VerifyVersionInfoA(&info, VER_BUILDNUMBER, build), ERROR_OLD_WIN_VERSION);
	check_row("platform");
	CHECK_WORKS(VerifyVersionInfoA(&info, VER_PLATFORMID, VerSetConditionMask(0, VER_PLATFORMID, VER_EQUAL)));
	check_row("product");
	CHECK_WORKS(VerifyVersionInfoA(&info, VER_PRODUCT_TYPE, VerSetConditionMask(0, VER_PRODUCT_TYPE, VER_EQUAL)));
	info.wProductType++;
	CHECK_FAILS(VerifyVersionInfoA(&info, VER_PRODUCT_TYPE, VerSetConditionMask(0, VER_PRODUCT_TYPE, VER_EQUAL)),
		    ERROR_OLD_WIN_VERSION);
}

TEST(facts_need_conditions)
{
	OSVERSIONINFOEXA info = here();

	check_row("none at all");
	CHECK_FAILS(VerifyVersionInfoA(&info, 0, condition(VER_EQUAL, VER_EQUAL)), ERROR_BAD_ARGUMENTS);
	check_row("without");
	CHECK_FAILS(VerifyVersionInfoA(&info, VER_MAJORVERSION, 0), ERROR_BAD_ARGUMENTS);
	check_row("another's");
	CHECK_FAILS(VerifyVersionInfoA(&info, VER_BUILDNUMBER, condition(VER_EQUAL, VER_EQUAL)), ERROR_BAD_ARGUMENTS);
}

TEST(wide_structure_is_the_same)
{
	OSVERSIONINFOEXW info;
	ULONGLONG conditions = condition(VER_GREATER_EQUAL, VER_GREATER_EQUAL);

	memset(&info, 0, sizeof(info));
	info.dwOSVersionInfoSize = sizeof(info);
	info.dwMajorVersion = here().dwMajorVersion;
	CHECK_WORKS(VerifyVersionInfoW(&info, VER_MAJORVERSION | VER_MINORVERSION, conditions));
	info.dwMajorVersion++;
	CHECK_FAILS(VerifyVersionInfoW(&info, VER_MAJORVERSION | VER_MINORVERSION, conditions), ERROR_OLD_WIN_VERSION);
}
