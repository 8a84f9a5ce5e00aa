/* SPDX-License-Identifier: MIT */
/* Access control lists of objects. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <aclapi.h>
#elif !defined(FILEMAP_WIN32_ACLAPI_H)
#define FILEMAP_WIN32_ACLAPI_H

#include "accctrl.h"

#endif
