/* SPDX-License-Identifier: MIT */
/* The C library's own, and aligned memory as Microsoft's has it. */
#pragma GCC system_header
#include_next <malloc.h>
#if !(defined(_WIN32) && !defined(__linux__)) && !defined(FILEMAP_WIN32_MALLOC_H)
#define FILEMAP_WIN32_MALLOC_H

#include "_filemap.h"

#define _aligned_malloc FM_WIN32(_aligned_malloc)
#define _aligned_realloc FM_WIN32(_aligned_realloc)
#define _aligned_free FM_WIN32(_aligned_free)

FM_WIN32_BEGIN

/* NULL and errno: EINVAL (no power of two), ENOMEM. A size of 0 frees, when there is something. */
WINBASEAPI void *__cdecl _aligned_malloc(size_t size, size_t alignment);
WINBASEAPI void *__cdecl _aligned_realloc(void *memory, size_t size, size_t alignment);
WINBASEAPI void __cdecl _aligned_free(void *memory);

FM_WIN32_END

#endif
