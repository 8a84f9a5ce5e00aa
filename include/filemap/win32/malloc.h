/* SPDX-License-Identifier: MIT */
/* The C library's own. */
#pragma GCC system_header
#include_next <malloc.h>
