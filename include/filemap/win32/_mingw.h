/* SPDX-License-Identifier: MIT */
/* Programs built by mingw include it for its helper macros; this is no mingw, and it defines nothing. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <_mingw.h>
#endif
