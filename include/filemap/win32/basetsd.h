/* SPDX-License-Identifier: MIT */
/* Integers of fixed and of pointer width. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <basetsd.h>
#elif !defined(FILEMAP_WIN32_BASETSD_H)
#define FILEMAP_WIN32_BASETSD_H

#include "_filemap.h"

FM_WIN32_BEGIN

typedef int8_t INT8, *PINT8;
typedef int16_t INT16, *PINT16;
typedef int32_t INT32, *PINT32;
typedef uint8_t UINT8, *PUINT8;
typedef uint16_t UINT16, *PUINT16;
typedef uint32_t UINT32, *PUINT32;
typedef int32_t LONG32, *PLONG32;
typedef uint32_t ULONG32, *PULONG32;
typedef uint32_t DWORD32, *PDWORD32;

/* As on Windows these are long long, so that %lld and %llu print them. */
typedef long long INT64, *PINT64;
typedef unsigned long long UINT64, *PUINT64;
typedef long long LONG64, *PLONG64;
typedef unsigned long long ULONG64, *PULONG64;
typedef unsigned long long DWORD64, *PDWORD64;

/* These are the types of size_t and its kin, so that C++ takes one for the other. */
typedef intptr_t INT_PTR, *PINT_PTR;
typedef uintptr_t UINT_PTR, *PUINT_PTR;
typedef intptr_t LONG_PTR, *PLONG_PTR;
typedef uintptr_t ULONG_PTR, *PULONG_PTR;
typedef ULONG_PTR DWORD_PTR, *PDWORD_PTR;
typedef ULONG_PTR SIZE_T, *PSIZE_T;
typedef LONG_PTR SSIZE_T, *PSSIZE_T;
typedef ULONG_PTR KAFFINITY, *PKAFFINITY;

#define MAXUINT8 ((UINT8)~((UINT8)0))
#define MAXUINT32 ((UINT32)~((UINT32)0))
#define MAXUINT64 ((UINT64)~((UINT64)0))
#define MAXULONG_PTR ((ULONG_PTR)~((ULONG_PTR)0))
#define MAXSIZE_T ((SIZE_T)~((SIZE_T)0))

#define HandleToULong(handle) ((unsigned int)(uintptr_t)(handle))
#define HandleToLong(handle) ((int)(uintptr_t)(handle))
#define ULongToHandle(number) ((void *)(uintptr_t)(unsigned int)(number))
#define LongToHandle(number) ((void *)(intptr_t)(int)(number))
#define PtrToUlong(pointer) ((unsigned int)(uintptr_t)(pointer))
#define UlongToPtr(number) ((void *)(uintptr_t)(unsigned int)(number))

FM_WIN32_END

#endif
