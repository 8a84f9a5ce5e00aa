/* SPDX-License-Identifier: MIT */
/* Inserts of FormatMessage: kinds of text, order of arguments, widths. */
#include "support.h"

static DWORD narrow_list(const char *format, char *text, DWORD size, ...)
{
	va_list arguments;
	DWORD length;

	va_start(arguments, size);
	length = FormatMessageA(FORMAT_MESSAGE_FROM_STRING, format, 0, 0, text, size, &arguments);
	va_end(arguments);
	return length;
}

static DWORD wide_list(const WCHAR *format, WCHAR *text, DWORD size, ...)
{
	va_list arguments;
	DWORD length;

	va_start(arguments, size);
	length = FormatMessageW(FORMAT_MESSAGE_FROM_STRING, format, 0, 0, text, size, &arguments);
	va_end(arguments);
	return length;
}

static BOOL same_text(const WCHAR *text, const char *expected)
{
	size_t i = 0;

	while (expected[i] && text[i] == (unsigned char)expected[i])
		i++;
	return !expected[i] && !text[i];
}

TEST(arguments_of_a_list_may_be_used_in_any_order)
{
	char text[64] = "";

	CHECK_EQ(narrow_list("%3 %1!d! %2 %1!u!", text, sizeof(text), 7, "two", "three"), 13);
	CHECK(strcmp(text, "three 7 two 7") == 0);
}

TEST(widths_and_precisions_are_obeyed)
{
	static const struct { const char *name, *format, *text; } cases[] = {
		{ "right", "[%1!6s!]", "[   abc]" }, { "left", "[%1!-6s!]", "[abc   ]" },
		{ "precision", "[%1!.2s!]", "[ab]" }, { "zeros", "[%2!05d!]", "[00042]" },
		{ "sign", "[%2!+d!]", "[+42]" },
	};
	DWORD_PTR arguments[] = { (DWORD_PTR)"abc", 42 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[64] = "";

		check_row("%s", cases[i].name);
		CHECK_EQ(FormatMessageA(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY, cases[i].format, 0, 0,
					text, sizeof(text), (va_list *)arguments),
			 strlen(cases[i].text));
		CHECK(strcmp(text, cases[i].text) == 0);
	}
}

TEST(text_may_be_of_the_other_width)
{
	char text[64] = "";
	WCHAR wide_text[64] = { 0 };

	check_row("wide in narrow");
	CHECK_EQ(narrow_list("%1!ws! %2!S! %3", text, sizeof(text), L"one", L"two", "three"), 13);
	CHECK(strcmp(text, "one two three") == 0);
	check_row("narrow in wide");
	CHECK_EQ(wide_list(L"%1!hs! %2!S! %3", wide_text, 64, "one", "two", L"three"), 13);
	CHECK(same_text(wide_text, "one two three"));
}

TEST(large_numbers_are_whole)
{
	char text[64] = "";

	CHECK_EQ(narrow_list("%1!I64d! %2!I64x!", text, sizeof(text), -5000000000LL, 0x123456789aLL), 22);
	CHECK(strcmp(text, "-5000000000 123456789a") == 0);
}

TEST(ignored_inserts_stay_in_the_text)
{
	char text[64] = "";

	CHECK_EQ(FormatMessageA(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_IGNORE_INSERTS, "of %1 and %2", 0, 0, text,
				sizeof(text), NULL), 12);
	CHECK(strcmp(text, "of %1 and %2") == 0);
}

TEST(system_text_in_an_unknown_language_is_not_found)
{
	char text[64];

	CHECK_FAILS(FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, 5, MAKELANGID(0x6f, 1),
				   text, sizeof(text), NULL), ERROR_RESOURCE_LANG_NOT_FOUND);
}
