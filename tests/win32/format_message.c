/* SPDX-License-Identifier: MIT */
/* FormatMessage and LocalFree: a text for every error these tests name. */
#include "support.h"

#define SYSTEM (FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS)

static const DWORD errors[] = { 0, 1, 2, 3, 4, 5, 6, 8, 14, 17, 19, 24, 31, 32, 33, 38, 50, 59, 80, 87, 112, 121,
				122, 123, 126, 127, 131, 158, 161, 170, 183, 193, 206, 223, 234, 317, 487, 998,
				999, 1006, 1117, 1132, 1224, 1300, 1313, 1314, 1359, 1392, 1450, 1453, 1454, 1455, 1656,
				1722 };

TEST(every_error_has_a_line_of_text)
{
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		char text[512] = "";
		DWORD length = FormatMessageA(SYSTEM, NULL, errors[i], 0, text, sizeof(text), NULL);

		check_row("%u", (unsigned)errors[i]);
		CHECK(length > 3 && length == strlen(text));
		CHECK(length > 3 && strcmp(text + length - 2, "\r\n") == 0);
	}
}

TEST(wide_text_is_the_same)
{
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		char text[512];
		WCHAR wide_text[512];
		DWORD length = FormatMessageA(SYSTEM, NULL, errors[i], 0, text, sizeof(text), NULL);
		DWORD wide_length = FormatMessageW(SYSTEM, NULL, errors[i], 0, wide_text, 512, NULL);

		check_row("%u", (unsigned)errors[i]);
		CHECK_EQ(wide_length, length);
		for (DWORD k = 0; k <= length && wide_length == length; k++)
			CHECK_EQ(wide_text[k], (unsigned char)text[k]);
	}
}

TEST(buffer_is_allocated)
{
	char *text = NULL, expected[512];
	WCHAR *wide_text = NULL;
	DWORD length = FormatMessageA(SYSTEM, NULL, 5, 0, expected, sizeof(expected), NULL);

	check_row("narrow");
	CHECK_EQ(FormatMessageA(SYSTEM | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL, 5, 0, (LPSTR)&text, 0, NULL), length);
	CHECK(text && strcmp(text, expected) == 0);
	CHECK(LocalFree(text) == NULL);
	check_row("wide");
	CHECK_EQ(FormatMessageW(SYSTEM | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL, 5, 0, (LPWSTR)&wide_text, 0, NULL), length);
	CHECK(wide_text && wide_text[0] == (unsigned char)expected[0] && wide_text[length] == 0);
	CHECK(LocalFree(wide_text) == NULL);
	check_row("LocalFree of NULL");
	CHECK(LocalFree(NULL) == NULL);
}

TEST(width_mask_leaves_no_line_ends)
{
	char text[512];
	DWORD length = FormatMessageA(SYSTEM | FORMAT_MESSAGE_MAX_WIDTH_MASK, NULL, 5, 0, text, sizeof(text), NULL);

	CHECK(length > 0 && length == strlen(text));
	CHECK(strpbrk(text, "\r\n") == NULL);
}

TEST(unknown_numbers_have_no_text)
{
	static const DWORD unknown[] = { 0x20000000, 0xdeadbeef };
	char text[64];

	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++) {
		check_row("%#x", (unsigned)unknown[i]);
		CHECK_FAILS(FormatMessageA(SYSTEM, NULL, unknown[i], 0, text, sizeof(text), NULL), ERROR_MR_MID_NOT_FOUND);
	}
}

TEST(short_buffer_is_refused)
{
	char text[4];
	WCHAR wide_text[4];

	check_row("narrow");
	CHECK_FAILS(FormatMessageA(SYSTEM, NULL, 5, 0, text, sizeof(text), NULL), ERROR_INSUFFICIENT_BUFFER);
	check_row("wide");
	CHECK_FAILS(FormatMessageW(SYSTEM, NULL, 5, 0, wide_text, 4, NULL), ERROR_INSUFFICIENT_BUFFER);
}

TEST(strings_are_formatted)
{
	static const struct { const char *name, *format, *text; } cases[] = {
		{ "plain", "no inserts", "no inserts" }, { "strings", "%1 and %2", "one and two" },
		{ "order", "%2, %1", "two, one" }, { "percent", "100%% of %1", "100% of one" },
		{ "exclamation", "%1%!", "one!" }, { "new line", "a%nb", "a\r\nb" }, { "cut", "ab%0cd", "ab" },
		{ "number", "%3!u! bytes", "42 bytes" }, { "hexadecimal", "%3!08x!", "0000002a" },
	};
	DWORD_PTR arguments[] = { (DWORD_PTR)"one", (DWORD_PTR)"two", 42 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[64] = "";

		check_row("%s", cases[i].name);
		CHECK_EQ(FormatMessageA(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY, cases[i].format,
					0, 0, text, sizeof(text), (va_list *)arguments), strlen(cases[i].text));
		CHECK(strcmp(text, cases[i].text) == 0);
	}
}

TEST(wrong_arguments_are_refused)
{
	char text[64];

	check_row("no source");
	CHECK_FAILS(FormatMessageA(0, NULL, 5, 0, text, sizeof(text), NULL), ERROR_INVALID_PARAMETER);
	check_row("buffer NULL");
	CHECK_FAILS(FormatMessageA(SYSTEM | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL, 5, 0, NULL, 0, NULL),
		    ERROR_NOT_ENOUGH_MEMORY);
}
