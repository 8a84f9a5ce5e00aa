/* SPDX-License-Identifier: MIT */
/*
 * What every header of this directory rests on: how Win32 names become symbols of the library.
 *
 * A Win32 function is declared under its own name after a macro has renamed it, so the shared object
 * exports fm_win32_CloseHandle and never CloseHandle: nothing collides with another program's shim.
 *
 *   #define CloseHandle FM_WIN32(CloseHandle)           one symbol:  fm_win32_CloseHandle
 *   #define CreateFileW FM_WIN32_WIDE(CreateFileW)      two symbols: fm_win32_CreateFileW32 where wchar_t
 *                                                       has 32 bits, ...W16 under -fshort-wchar
 *
 * WIDE is every function that takes or gives wide text, W in its name or not (CreateFileMapping2,
 * NtCreateSection with its UNICODE_STRING, NtQueryVirtualMemory with a mapped name), and GetProcAddress,
 * whose answers must fit the caller's width.
 *
 * For the library's own sources (src/win32):
 *  - include <windows.h> (this directory is first in their path), and define the function by its Win32
 *    name as declared here: the macro renames the definition too. Do not write the prefixed name.
 *  - a file named *_w.c is compiled twice, with either width of wchar_t, and defines WIDE functions only;
 *    what is not WIDE, and every helper with external linkage, lives in another file. Wide text is
 *    converted to UTF-8 at once; the C library's wcs* functions are of one width and may not be used.
 *
 * A name that is declared is implemented. A function these headers lack fails when a port is compiled.
 */
#ifndef FILEMAP_WIN32_FILEMAP_H
#define FILEMAP_WIN32_FILEMAP_H

#if !defined(__linux__) || !defined(__LP64__)
#error "filemap/win32 serves 64-bit Linux; on Windows use the system's own headers"
#endif

#include <stddef.h>
#include <stdint.h>

#define FM_WIN32(name) fm_win32_##name
#if __SIZEOF_WCHAR_T__ == 2
#define FM_WIN32_WIDE(name) fm_win32_##name##16
#else
#define FM_WIN32_WIDE(name) fm_win32_##name##32
#endif

#ifdef __cplusplus
#define FM_WIN32_BEGIN extern "C" {
#define FM_WIN32_END }
#else
#define FM_WIN32_BEGIN
#define FM_WIN32_END
#endif

/* Generic names of a pair: CreateFile is CreateFileW with UNICODE, CreateFileA without. */
#ifdef UNICODE
#define FM_WIN32_PAIR(name) name##W
#else
#define FM_WIN32_PAIR(name) name##A
#endif

/* Before every declaration of a function. */
#define WINBASEAPI __attribute__((visibility("default")))
#define NTSYSAPI WINBASEAPI
#define NTSYSCALLAPI WINBASEAPI

/* Microsoft's spellings of the compiler. All calls use the one calling convention there is. */
#ifndef __stdcall
#define __stdcall
#endif
#ifndef __cdecl
#define __cdecl
#endif
#ifndef _cdecl
#define _cdecl
#endif
#ifndef __fastcall
#define __fastcall
#endif
#ifndef __forceinline
#define __forceinline static __inline__ __attribute__((always_inline))
#endif
#ifndef __int64
#define __int8 char
#define __int16 short
#define __int32 int
#define __int64 long long
#endif
#ifndef __ptr64
#define __ptr64
#define __ptr32
#endif
#ifndef __unaligned
#define __unaligned
#endif
#ifndef __w64
#define __w64
#endif

/* __declspec(x): each x by itself, so that one may be the storage class `thread`. */
#ifndef __declspec
#define __declspec(x) FM_DECLSPEC_##x
#endif
#define FM_DECLSPEC_align(n) __attribute__((aligned(n)))
#define FM_DECLSPEC_allocate(section_name) __attribute__((section(section_name)))
#define FM_DECLSPEC_dllexport __attribute__((visibility("default")))
#define FM_DECLSPEC_dllimport
#define FM_DECLSPEC_deprecated __attribute__((deprecated))
#define FM_DECLSPEC_naked __attribute__((naked))
#define FM_DECLSPEC_noalias
#define FM_DECLSPEC_noinline __attribute__((noinline))
#define FM_DECLSPEC_noreturn __attribute__((noreturn))
#define FM_DECLSPEC_nothrow __attribute__((nothrow))
#define FM_DECLSPEC_novtable
#define FM_DECLSPEC_restrict __attribute__((malloc))
#define FM_DECLSPEC_selectany __attribute__((weak))
#define FM_DECLSPEC_thread __thread
#define FM_DECLSPEC_uuid(text)

#endif
