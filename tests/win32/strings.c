/* SPDX-License-Identifier: MIT */
/* Windows' functions on terminated strings; the names of machine and user. */
#include "support.h"

TEST(lengths_of_strings)
{
	static const struct { const char *text; int length; } cases[] = { { "", 0 }, { "x", 1 }, { "four", 4 } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].text);
		CHECK_EQ(lstrlenA(cases[i].text), cases[i].length);
		CHECK_EQ(lstrlenW(wide(cases[i].text)), cases[i].length);
	}
	check_row("none");
	CHECK_EQ(lstrlenA(NULL), 0);
	CHECK_EQ(lstrlenW(NULL), 0);
}

TEST(strings_are_copied_and_joined)
{
	char narrow_room[16];
	WCHAR room[16];

	CHECK(lstrcpyA(narrow_room, "one") == narrow_room);
	CHECK(lstrcatA(narrow_room, "two") == narrow_room);
	CHECK_EQ(memcmp(narrow_room, "onetwo", 7), 0);
	CHECK(lstrcpyW(room, wide("one")) == room);
	CHECK(lstrcatW(room, wide("two")) == room);
	CHECK_EQ(memcmp(room, wide("onetwo"), 7 * sizeof(WCHAR)), 0);
}

TEST(copies_end_in_time)
{
	static const struct { int most; const char *text; } cases[] = {
		{ 10, "text" }, { 5, "text" }, { 4, "tex" }, { 1, "" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char narrow_room[16] = "................";
		WCHAR room[16];
		size_t size = (size_t)lstrlenA(cases[i].text) + 1;

		check_row("%d", cases[i].most);
		CHECK(lstrcpynA(narrow_room, "text", cases[i].most) == narrow_room);
		CHECK_EQ(memcmp(narrow_room, cases[i].text, size), 0);
		CHECK_EQ(narrow_room[size], '.');
		CHECK(lstrcpynW(room, wide("text"), cases[i].most) == room);
		CHECK_EQ(memcmp(room, wide(cases[i].text), size * sizeof(WCHAR)), 0);
	}
}

TEST(copies_of_no_string)
{
	char room[4] = "x";

	CHECK(lstrcpyA(room, NULL) == NULL);
	CHECK(lstrcpyA(NULL, room) == NULL);
	CHECK(lstrcatA(room, NULL) == NULL);
	CHECK(lstrcatA(NULL, room) == NULL);
	CHECK_EQ(room[0], 'x');
}

/* ---- names ---- */

TEST(computer_has_a_name)
{
	char name[MAX_COMPUTERNAME_LENGTH + 1];
	WCHAR wide_name[MAX_COMPUTERNAME_LENGTH + 1];
	DWORD size = sizeof(name), wide_size = MAX_COMPUTERNAME_LENGTH + 1, least = 1;

	REQUIRE_WORKS(GetComputerNameA(name, &size));
	CHECK_EQ(size, lstrlenA(name));
	CHECK(size > 0);
	REQUIRE_WORKS(GetComputerNameW(wide_name, &wide_size));
	CHECK_EQ(wide_size, lstrlenW(wide_name));
	CHECK_EQ(memcmp(wide_name, wide(name), (wide_size + 1) * sizeof(WCHAR)), 0);
	check_row("no room");
	CHECK_FAILS(GetComputerNameA(name, &least), ERROR_BUFFER_OVERFLOW);
	CHECK(least >= size + 1);
}

TEST(user_has_a_name)
{
	char name[257];
	WCHAR wide_name[257];
	DWORD size = sizeof(name), wide_size = 257, least = 1;

	REQUIRE_WORKS(GetUserNameA(name, &size));
	CHECK_EQ(size, lstrlenA(name) + 1);
	CHECK(size > 1);
	REQUIRE_WORKS(GetUserNameW(wide_name, &wide_size));
	CHECK_EQ(wide_size, size);
	CHECK_EQ(memcmp(wide_name, wide(name), size * sizeof(WCHAR)), 0);
	check_row("no room");
	CHECK_FAILS(GetUserNameA(name, &least), ERROR_INSUFFICIENT_BUFFER);
	CHECK_EQ(least, size);
}
