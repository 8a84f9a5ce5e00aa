/* SPDX-License-Identifier: MIT */
#include "message.h"
#include "os.h"

DWORD WINAPI FormatMessageW(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId, DWORD dwLanguageId, LPWSTR lpBuffer,
			    DWORD nSize, va_list *Arguments)
{
	struct message_call call = { .flags = dwFlags, .module = lpSource, .id = dwMessageId, .language = dwLanguageId,
				     .width = sizeof(WCHAR), .buffer = lpBuffer, .arguments = Arguments };
	char *string = NULL, *text;
	WCHAR *to = lpBuffer;
	size_t length;
	BOOL done;

	if ((dwFlags & FORMAT_MESSAGE_FROM_STRING) && !finish(narrow(lpSource, &string)))
		return 0;
	call.string = string;
	done = message_format(&call, &text);
	os_free(string);
	if (!done)
		return 0;
	length = text_widened_length(text, sizeof(WCHAR));
	if (dwFlags & FORMAT_MESSAGE_ALLOCATE_BUFFER) {
		to = message_allocate((length + 1 > nSize ? length + 1 : nSize) * sizeof(WCHAR));
		*(WCHAR **)(void *)lpBuffer = to;
	} else if (length >= nSize) {
		SetLastError(ERROR_INSUFFICIENT_BUFFER);
		to = NULL;
	}
	if (to) {
		(void)text_widen(text, to, length, sizeof(WCHAR)); /* all of it fits */
		to[length] = 0;
	}
	os_free(text);
	return to ? (DWORD)length : 0;
}
