/* SPDX-License-Identifier: MIT */
/* What the sources of the Win32 face share: handles as numbers, results, protections, text. */
#ifndef FM_WIN32_INTERNAL_H
#define FM_WIN32_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include <windows.h>

#include <filemap.h>

#include "handle.h"
#include "number.h"
#include "status.h"

/* As handle_enter(): FM_E_INVALID_HANDLE, or FM_E_OBJECT_TYPE_MISMATCH for a pseudo handle too. */
fm_status enter(HANDLE handle, const struct handle_kind *kind, struct handle **ret_handle);

/* The end of every call: TRUE; or FALSE and the last error. A success leaves the last error alone. */
BOOL finish(fm_status status);
/* The same for calls that return a handle or an address: NULL on failure. */
void *finish_pointer(fm_status status, void *result);

/*
 * own_process - is @process this one, by pseudo handle or by a real one?
 * FM_E_INVALID_HANDLE, FM_E_OBJECT_TYPE_MISMATCH; FM_E_ACCESS_DENIED: another process, whose memory
 * nobody may map or change here.
 */
fm_status own_process(HANDLE process);

/* ---- protection.c: PAGE_* and FM_* ---- */

/* FM_E_INVALID_PAGE_PROTECTION: no base or several, unknown bits, modifiers that exclude one another. */
fm_status protection_of(DWORD page, uint32_t *ret_protection);
/* PAGE_* with modifiers; PAGE_NOACCESS for 0. */
DWORD page_of(uint32_t protection);
/* The protection of a view mapped with FILE_MAP_* (win32-semantics 5.3). */
uint32_t protection_of_map(DWORD access);

/* ---- text.c: text of either width; @width is sizeof(WCHAR) of who asks ---- */

/*
 * text_narrow - UTF-8 of @count wide characters, terminated; release with os_free()
 * FM_E_NAME_INVALID: half a surrogate pair, or beyond U+10FFFF. FM_E_NO_MEMORY.
 */
fm_status text_narrow(const void *wide, size_t count, unsigned width, char **ret_text);
size_t text_wide_length(const void *wide, unsigned width);
/* Characters of @width that @text needs, without a terminator; what is not UTF-8 counts as U+FFFD. */
size_t text_widened_length(const char *text, unsigned width);
/* Write at most @capacity of them, never half a pair; no terminator. Returns the characters written. */
size_t text_widen(const char *text, void *wide, size_t capacity, unsigned width);

/* The UTF-8 of a terminated wide string of this file's width; NULL gives NULL. */
static inline fm_status narrow(LPCWSTR wide, char **ret_text)
{
	*ret_text = NULL;
	return wide ? text_narrow(wide, text_wide_length(wide, sizeof(WCHAR)), sizeof(WCHAR), ret_text) : FM_OK;
}

#endif
