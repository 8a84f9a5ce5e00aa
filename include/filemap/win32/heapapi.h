/* SPDX-License-Identifier: MIT */
/* Heaps: memory of the C library, with its size known and private ones freed as a whole. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <heapapi.h>
#elif !defined(FILEMAP_WIN32_HEAPAPI_H)
#define FILEMAP_WIN32_HEAPAPI_H

#include "minwinbase.h"

#define HEAP_NO_SERIALIZE 0x00000001
#define HEAP_GROWABLE 0x00000002
#define HEAP_GENERATE_EXCEPTIONS 0x00000004
#define HEAP_ZERO_MEMORY 0x00000008
#define HEAP_REALLOC_IN_PLACE_ONLY 0x00000010
#define HEAP_CREATE_ENABLE_EXECUTE 0x00040000

#define GetProcessHeap FM_WIN32(GetProcessHeap)
#define HeapCreate FM_WIN32(HeapCreate)
#define HeapDestroy FM_WIN32(HeapDestroy)
#define HeapAlloc FM_WIN32(HeapAlloc)
#define HeapReAlloc FM_WIN32(HeapReAlloc)
#define HeapFree FM_WIN32(HeapFree)
#define HeapSize FM_WIN32(HeapSize)
#define HeapValidate FM_WIN32(HeapValidate)
#define HeapCompact FM_WIN32(HeapCompact)

FM_WIN32_BEGIN

/* Not CloseHandle()'s. All heaps serve any thread, whatever HEAP_NO_SERIALIZE says. */
WINBASEAPI HANDLE WINAPI GetProcessHeap(VOID);
/*
 * A private heap; @dwMaximumSize 0: it grows. Exceptions and executable memory are refused with 50, here
 * and below. HeapDestroy frees all its blocks; of the process's heap, or of what is no heap: 6.
 */
WINBASEAPI HANDLE WINAPI HeapCreate(DWORD flOptions, SIZE_T dwInitialSize, SIZE_T dwMaximumSize);
WINBASEAPI BOOL WINAPI HeapDestroy(HANDLE hHeap);
/* Blocks are aligned to 16 bytes. Failures: NULL and 8. */
WINBASEAPI LPVOID WINAPI HeapAlloc(HANDLE hHeap, DWORD dwFlags, SIZE_T dwBytes);
WINBASEAPI LPVOID WINAPI HeapReAlloc(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem, SIZE_T dwBytes);
/* What is no block of this heap is found out where that can be told: 87, (SIZE_T)-1, FALSE. */
WINBASEAPI BOOL WINAPI HeapFree(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem);
WINBASEAPI SIZE_T WINAPI HeapSize(HANDLE hHeap, DWORD dwFlags, LPCVOID lpMem);
/* @lpMem NULL: all blocks of a private heap. */
WINBASEAPI BOOL WINAPI HeapValidate(HANDLE hHeap, DWORD dwFlags, LPCVOID lpMem);
/* Gives free memory back to the system. The size of a block that is surely free; may be 0, error 0. */
WINBASEAPI SIZE_T WINAPI HeapCompact(HANDLE hHeap, DWORD dwFlags);

FM_WIN32_END

#endif
