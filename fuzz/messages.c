/* SPDX-License-Identifier: MIT */
/* Templates of FormatMessage: a byte of flags, one of width, then the template. */
#include "fuzz.h"

#include <string.h>
#include <windows.h>

enum { IGNORE = 1, SMALL = 2, WIDTH = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Whatever an insert asks for, narrow or wide text or a number, this is one. */
	static const WCHAR text[16] = { 0x61626364, 0x65 };
	DWORD_PTR arguments[99];
	struct feed feed = { data, size };
	unsigned how = feed_byte(&feed), width = feed_byte(&feed);
	DWORD flags = FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY, length;
	char *source = malloc(feed.size + 1), *result = NULL, small[16];

	ENSURE(source);
	if (feed.size)
		memcpy(source, feed.data, feed.size);
	source[feed.size] = '\0';
	for (size_t i = 0; i < sizeof(arguments) / sizeof(*arguments); i++)
		arguments[i] = (DWORD_PTR)text;
	flags |= (how & IGNORE ? FORMAT_MESSAGE_IGNORE_INSERTS : 0) | (how & WIDTH ? width : 0);
	if (how & SMALL) {
		length = FormatMessageA(flags, source, 0, 0, small, sizeof(small), (va_list *)arguments);
		ENSURE(length < sizeof(small));
		ENSURE(length == 0 || strlen(small) == length);
	} else {
		length = FormatMessageA(flags | FORMAT_MESSAGE_ALLOCATE_BUFFER, source, 0, 0, (char *)&result, 0,
					(va_list *)arguments);
		ENSURE(length == 0 || strlen(result) == length);
		LocalFree(result);
	}
	free(source);
	return 0;
}
