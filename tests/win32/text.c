/* SPDX-License-Identifier: MIT */
/* MultiByteToWideChar and WideCharToMultiByte: lengths, flags, text that is none. */
#include "support.h"

static WCHAR wide_room[64];
static char room[64];

/* Room that shows what was written. */
static void wipe(void)
{
	memset(wide_room, 0x55, sizeof(wide_room));
	memset(room, 0x55, sizeof(room));
}

static int decode(const char *text, int count)
{
	wipe();
	return MultiByteToWideChar(CP_UTF8, 0, text, count, wide_room, ARRAY_SIZE(wide_room));
}

static int encode(const WCHAR *text, int count)
{
	wipe();
	return WideCharToMultiByte(CP_UTF8, 0, text, count, room, ARRAY_SIZE(room), NULL, NULL);
}

TEST(length_of_minus_one_includes_the_terminator)
{
	static const WCHAR text[] = { 'a', 'b', 0 };

	CHECK_EQ(decode("ab", -1), 3);
	CHECK_EQ(wide_room[2], 0);
	CHECK_EQ(encode(text, -1), 3);
	CHECK_EQ(room[2], 0);
}

TEST(counted_text_gets_no_terminator)
{
	static const WCHAR text[] = { 'a', 'b', 'c' };

	CHECK_EQ(decode("abc", 2), 2);
	CHECK(wide_room[2] != 0 && wide_room[2] != 'c');
	CHECK_EQ(encode(text, 2), 2);
	CHECK_EQ(room[2], 0x55);
}

TEST(counted_text_may_hold_terminators)
{
	static const WCHAR text[] = { 'a', 0, 'b' };

	CHECK_EQ(decode("a\0b", 3), 3);
	CHECK_EQ(wide_room[1], 0);
	CHECK_EQ(wide_room[2], 'b');
	CHECK_EQ(encode(text, 3), 3);
	CHECK_EQ(room[2], 'b');
}

TEST(characters_keep_their_values)
{
	static const struct { const char *utf8; unsigned value; } cases[] = {
		{ "A", 'A' }, { "\x7f", 0x7f }, { "\xc2\x80", 0x80 }, { "\xc3\xa9", 0xe9 },
		{ "\xdf\xbf", 0x7ff }, { "\xe0\xa0\x80", 0x800 }, { "\xe2\x82\xac", 0x20ac },
		{ "\xed\x9f\xbf", 0xd7ff }, { "\xee\x80\x80", 0xe000 }, { "\xef\xbf\xbd", 0xfffd },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("U+%04X", cases[i].value);
		CHECK_EQ(decode(cases[i].utf8, -1), 2);
		CHECK_EQ((unsigned)wide_room[0], cases[i].value);

		WCHAR text[] = { (WCHAR)cases[i].value, 0 };

		CHECK_EQ(encode(text, -1), (int)strlen(cases[i].utf8) + 1);
		CHECK_EQ(strcmp(room, cases[i].utf8), 0);
	}
}

TEST(characters_beyond_the_first_plane_return)
{
	static const char text[] = "\xf0\x9f\x98\x80";
	int units = sizeof(WCHAR) == 2 ? 2 : 1;

	CHECK_EQ(decode(text, 4), units);
	WCHAR copy[2] = { wide_room[0], wide_room[1] };

	CHECK_EQ(encode(copy, units), 4);
	CHECK_EQ(memcmp(room, text, 4), 0);
}

TEST(length_is_told_before_it_is_written)
{
	static const WCHAR text[] = { 0x20ac, 'x', 0 };

	CHECK_EQ(MultiByteToWideChar(CP_UTF8, 0, "\xe2\x82\xacx", -1, NULL, 0), 3);
	CHECK_EQ(WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL), 5);
}

TEST(short_buffers_are_refused)
{
	static const WCHAR text[] = { 0x20ac, 'x', 0 };

	CHECK_FAILS(MultiByteToWideChar(CP_UTF8, 0, "abc", -1, wide_room, 3), ERROR_INSUFFICIENT_BUFFER);
	CHECK_FAILS(WideCharToMultiByte(CP_UTF8, 0, text, -1, room, 4, NULL, NULL), ERROR_INSUFFICIENT_BUFFER);
}

TEST(exact_buffers_suffice)
{
	static const WCHAR text[] = { 0x20ac, 'x', 0 };

	CHECK_EQ(MultiByteToWideChar(CP_UTF8, 0, "abc", -1, wide_room, 4), 4);
	CHECK_EQ(WideCharToMultiByte(CP_UTF8, 0, text, -1, room, 5, NULL, NULL), 5);
}

/* One replacement for what could have begun a character, with a second byte that such a lead cannot have. */
TEST(bad_bytes_are_replaced)
{
	static const struct { const char *name, *text; int count, replaced; } cases[] = {
		{ "lone continuation", "\x80", 1, 1 }, { "two of them", "\x80\xbf", 2, 2 },
		{ "overlong slash", "\xc0\xaf", 2, 2 }, { "never a lead", "\xff", 1, 1 },
		{ "cut short", "\xe2\x82", 2, 1 }, { "cut shorter", "\xf0\x9f\x98", 3, 1 },
		{ "surrogate", "\xed\xa0\x80", 3, 2 }, { "overlong of three", "\xe0\x80\x80", 3, 2 },
		{ "too large", "\xf4\x90\x80\x80", 4, 3 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_EQ(decode(cases[i].text, cases[i].count), cases[i].replaced);
		for (int k = 0; k < cases[i].replaced; k++)
			CHECK_EQ((unsigned)wide_room[k], 0xfffd);
		CHECK_FAILS(MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, cases[i].text, cases[i].count, wide_room,
						ARRAY_SIZE(wide_room)), ERROR_NO_UNICODE_TRANSLATION);
	}
}

TEST(half_a_pair_is_replaced)
{
	static const struct { const char *name; WCHAR text[2]; int count, bytes; } cases[] = {
		{ "high", { (WCHAR)0xd83d }, 1, 3 }, { "low", { (WCHAR)0xde00 }, 1, 3 },
		{ "high, letter", { (WCHAR)0xd83d, 'x' }, 2, 4 }, { "two highs", { (WCHAR)0xd83d, (WCHAR)0xd83d }, 2, 6 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_EQ(encode(cases[i].text, cases[i].count), cases[i].bytes);
		CHECK_EQ(memcmp(room, "\xef\xbf\xbd", 3), 0);
		CHECK_FAILS(WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, cases[i].text, cases[i].count, room,
						ARRAY_SIZE(room), NULL, NULL), ERROR_NO_UNICODE_TRANSLATION);
	}
}

TEST(wrong_arguments_are_refused)
{
	static const WCHAR text[] = { 'a', 0 };
	BOOL used;

	check_row("no text");
	CHECK_FAILS(MultiByteToWideChar(CP_UTF8, 0, NULL, 1, wide_room, 4), ERROR_INVALID_PARAMETER);
	CHECK_FAILS(WideCharToMultiByte(CP_UTF8, 0, NULL, 1, room, 4, NULL, NULL), ERROR_INVALID_PARAMETER);
	check_row("no length");
	CHECK_FAILS(MultiByteToWideChar(CP_UTF8, 0, "a", 0, wide_room, 4), ERROR_INVALID_PARAMETER);
	CHECK_FAILS(WideCharToMultiByte(CP_UTF8, 0, text, 0, room, 4, NULL, NULL), ERROR_INVALID_PARAMETER);
	check_row("negative capacity");
	CHECK_FAILS(MultiByteToWideChar(CP_UTF8, 0, "a", 1, wide_room, -1), ERROR_INVALID_PARAMETER);
	CHECK_FAILS(WideCharToMultiByte(CP_UTF8, 0, text, 1, room, -1, NULL, NULL), ERROR_INVALID_PARAMETER);
	check_row("capacity of nothing");
	CHECK_FAILS(MultiByteToWideChar(CP_UTF8, 0, "a", 1, NULL, 4), ERROR_INVALID_PARAMETER);
	CHECK_FAILS(WideCharToMultiByte(CP_UTF8, 0, text, 1, NULL, 4, NULL, NULL), ERROR_INVALID_PARAMETER);
	check_row("unknown code page");
	CHECK_FAILS(MultiByteToWideChar(12345, 0, "a", 1, wide_room, 4), ERROR_INVALID_PARAMETER);
	CHECK_FAILS(WideCharToMultiByte(12345, 0, text, 1, room, 4, NULL, NULL), ERROR_INVALID_PARAMETER);
	check_row("replacement in UTF-8");
	CHECK_FAILS(WideCharToMultiByte(CP_UTF8, 0, text, 1, room, 4, "?", NULL), ERROR_INVALID_PARAMETER);
	CHECK_FAILS(WideCharToMultiByte(CP_UTF8, 0, text, 1, room, 4, NULL, &used), ERROR_INVALID_PARAMETER);
	check_row("unknown flags");
	CHECK_FAILS(MultiByteToWideChar(CP_UTF8, 0x4000, "a", 1, wide_room, 4), ERROR_INVALID_FLAGS);
	CHECK_FAILS(WideCharToMultiByte(CP_UTF8, 0x4000, text, 1, room, 4, NULL, NULL), ERROR_INVALID_FLAGS);
}

TEST(code_page_1252_is_its_table)
{
	static const struct { unsigned char byte; unsigned value; } cases[] = {
		{ 'A', 'A' }, { 0x80, 0x20ac }, { 0x9f, 0x178 }, { 0xa0, 0xa0 }, { 0xff, 0xff },
	};
	BOOL used = TRUE;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%#x", cases[i].byte);
		wipe();
		CHECK_EQ(MultiByteToWideChar(1252, 0, (const char *)&cases[i].byte, 1, wide_room, 4), 1);
		CHECK_EQ((unsigned)wide_room[0], cases[i].value);

		WCHAR text = (WCHAR)cases[i].value;

		CHECK_EQ(WideCharToMultiByte(1252, 0, &text, 1, room, 4, NULL, &used), 1);
		CHECK_EQ((unsigned char)room[0], cases[i].byte);
		CHECK_EQ(used, FALSE);
	}
}

TEST(what_a_code_page_lacks_is_replaced)
{
	static const WCHAR text[] = { 'a', 0x4e2d, 'b' };
	BOOL used = FALSE;

	wipe();
	CHECK_EQ(WideCharToMultiByte(1252, WC_NO_BEST_FIT_CHARS, text, 3, room, 8, "#", &used), 3);
	CHECK_EQ(memcmp(room, "a#b", 3), 0);
	CHECK_EQ(used, TRUE);
	CHECK_EQ(WideCharToMultiByte(1252, WC_NO_BEST_FIT_CHARS, text, 3, room, 8, NULL, NULL), 3);
	CHECK_EQ(memcmp(room, "a?b", 3), 0);
}

TEST(code_pages_exist_by_number)
{
	static const struct { UINT page; BOOL valid; } cases[] = {
		{ 65001, TRUE }, { 1252, TRUE }, { 28591, TRUE }, { 0, FALSE }, { 1, FALSE }, { 12345, FALSE },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%u", (unsigned)cases[i].page);
		CHECK_EQ(IsValidCodePage(cases[i].page), cases[i].valid);
	}
	CHECK_EQ(IsValidCodePage(GetACP()), TRUE);
	CHECK_EQ(IsValidCodePage(GetOEMCP()), TRUE);
}

TEST(version_is_told_in_either_way)
{
	OSVERSIONINFOEXA extended = { .dwOSVersionInfoSize = sizeof(extended) };
	OSVERSIONINFOA plain = { .dwOSVersionInfoSize = sizeof(plain) };
	OSVERSIONINFOW wide_one = { .dwOSVersionInfoSize = sizeof(wide_one) };
	DWORD version = GetVersion();

	CHECK_EQ(version >> 31, 0);
	REQUIRE_WORKS(GetVersionExA(&plain));
	CHECK_EQ(plain.dwPlatformId, VER_PLATFORM_WIN32_NT);
	CHECK_EQ(plain.dwMajorVersion, LOBYTE(version));
	CHECK_EQ(plain.dwMinorVersion, HIBYTE(version));
	CHECK_EQ(plain.dwBuildNumber, version >> 16);
	REQUIRE_WORKS(GetVersionExW(&wide_one));
	CHECK_EQ(wide_one.dwBuildNumber, plain.dwBuildNumber);
	REQUIRE_WORKS(GetVersionExA((OSVERSIONINFOA *)&extended));
	CHECK_EQ(extended.wProductType, VER_NT_WORKSTATION);
}

TEST(version_wants_the_structures_size)
{
	OSVERSIONINFOA plain = { .dwOSVersionInfoSize = 4 };

	CHECK_FAILS(GetVersionExA(&plain), ERROR_INSUFFICIENT_BUFFER);
}
