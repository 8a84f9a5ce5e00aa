/* SPDX-License-Identifier: MIT */
/* What the sources of libfilemap-port share: results, handles, text. */
#ifndef FM_PORT_PORT_H
#define FM_PORT_PORT_H

#include <windows.h>

#include "internal.h"
#include "internal_win32.h"
#include "number.h"
#include "os.h"

/* The end of every call: TRUE; or FALSE and the last error. A success leaves the last error alone. */
static inline BOOL finish(fm_status status)
{
	if (!status_failed(status))
		return TRUE;
	SetLastError(fm_status_win32(status));
	return FALSE;
}

/* The same for calls that return a handle or an address: NULL on failure. */
static inline void *finish_pointer(fm_status status, void *result)
{
	return finish(status) ? result : NULL;
}

/* As handle_enter(); FM_E_OBJECT_TYPE_MISMATCH for a pseudo handle. Leave with fm_internal_handle_leave(). */
static inline fm_status enter(HANDLE handle, const struct handle_kind *kind, struct handle **ret_handle)
{
	int number = number_of(handle);

	if (is_pseudo(handle))
		return FM_E_OBJECT_TYPE_MISMATCH;
	return number < 0 ? FM_E_INVALID_HANDLE : fm_internal_handle_enter(number, kind, ret_handle);
}

/* The UTF-8 of a terminated wide string of this file's width, to be freed with os_free(); NULL gives NULL. */
static inline fm_status narrow(LPCWSTR wide, char **ret_text)
{
	*ret_text = NULL;
	return wide ? fm_internal_text_narrow(wide, fm_internal_text_wide_length(wide, sizeof(WCHAR)), sizeof(WCHAR),
					      ret_text)
		    : FM_OK;
}

static inline void port_unlock(const unsigned *name)
{
	fm_internal_lock_drop(*name);
}

/* Hold a lock of core/lock.h until the end of the scope; fm_internal_lock_ready() was called. */
#define PORT_LOCK_SCOPE(name)                                                                      \
	__attribute__((cleanup(port_unlock), unused)) const unsigned port_lock_scope_ =             \
		(fm_internal_lock_take(name), (name))

#endif
