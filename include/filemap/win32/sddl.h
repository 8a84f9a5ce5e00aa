/* SPDX-License-Identifier: MIT */
/* Security descriptors as text. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <sddl.h>
#elif !defined(FILEMAP_WIN32_SDDL_H)
#define FILEMAP_WIN32_SDDL_H

#include "windef.h"

#define SDDL_REVISION_1 1
#define SDDL_REVISION SDDL_REVISION_1

#endif
