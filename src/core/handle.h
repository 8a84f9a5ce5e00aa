/* SPDX-License-Identifier: MIT */
/* Numbers to handles: descriptor number -> struct fm_section, for faces whose handles are numbers. */
#ifndef FM_CORE_HANDLE_H
#define FM_CORE_HANDLE_H

#include "section.h"

/* Enter an open handle under its number. FM_E_NO_MEMORY. */
fm_status handle_publish(struct fm_section *handle);

/* Use a handle by number; release with handle_leave(). Inherited numbers are recognised (adopted).
 * FM_E_INVALID_HANDLE: not open; FM_E_OBJECT_TYPE_MISMATCH: open, but no section. */
fm_status handle_enter(int number, struct fm_section **ret_handle);
void handle_leave(struct fm_section *handle);

/* Take the number out and close the handle when its last user leaves. Errors as handle_enter(). */
fm_status handle_close(int number);

#endif
