/* SPDX-License-Identifier: MIT */
/* FormatMessage behind its two faces. All text here is UTF-8. */
#ifndef FM_WIN32_MESSAGE_H
#define FM_WIN32_MESSAGE_H

#include "win32.h"

/* The sentence for an error number, without a line end; NULL: none. message_text.c. */
const char *message_text(DWORD error);

struct message_call {
	DWORD flags;           /* FORMAT_MESSAGE_* */
	const void *module;    /* FROM_HMODULE */
	const char *string;    /* FROM_STRING */
	DWORD id, language;
	unsigned width;        /* of the caller's characters: 1, or sizeof(WCHAR) */
	bool buffer;           /* the caller gave one, or a place for its address */
	va_list *arguments;    /* or an array, by the flags; NULL: none */
};

/* The formatted message in *ret_text (os_free()), or 0 and the last error. */
BOOL message_format(const struct message_call *call, char **ret_text);
/* Memory that LocalFree() takes, or NULL and the last error. */
void *message_allocate(size_t size);

#endif
