/* SPDX-License-Identifier: MIT */
/* Kinds of secured objects. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <accctrl.h>
#elif !defined(FILEMAP_WIN32_ACCCTRL_H)
#define FILEMAP_WIN32_ACCCTRL_H

#include "windef.h"

typedef enum _SE_OBJECT_TYPE {
	SE_UNKNOWN_OBJECT_TYPE = 0,
	SE_FILE_OBJECT = 1,
	SE_KERNEL_OBJECT = 6
} SE_OBJECT_TYPE;

#endif
