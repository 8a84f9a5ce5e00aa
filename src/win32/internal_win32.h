/* SPDX-License-Identifier: MIT */
/* What libfilemap-port may use of the Win32 face; as core/internal.h, which is for the core's part. */
#ifndef FM_WIN32_INTERNAL_WIN32_H
#define FM_WIN32_INTERNAL_WIN32_H

#include <filemap.h>

#include <windows.h>

#include "security.h"

/* A function that GetProcAddress finds. */
struct function {
	const char *name;
	FARPROC function;
	unsigned modules; /* enum module (modules.h) */
};

/*
 * fm_internal_functions - a library's functions, for programs whose wchar_t has @width bytes
 * Called once for each width, when the library is loaded; the table stays the caller's.
 */
FM_API void fm_internal_functions(unsigned width, const struct function *table, unsigned count);
/* Among those; NULL. */
FARPROC more_functions_find(unsigned width, const char *name, unsigned module);

/* module_of_handle() of modules.h: 0 for what never was a module's handle. */
FM_API unsigned fm_internal_module_of_handle(HMODULE handle);

FM_API fm_status fm_internal_text_narrow(const void *wide, size_t count, unsigned width, char **ret_text);
FM_API size_t fm_internal_text_wide_length(const void *wide, unsigned width);
FM_API size_t fm_internal_text_widened_length(const char *text, unsigned width);
FM_API size_t fm_internal_text_widen(const char *text, void *wide, size_t capacity, unsigned width);
FM_API fm_status fm_internal_security_acl(const void *descriptor, enum secured secured, bool named, struct acl *ret_acl,
					  bool *ret_sealed);

#endif
