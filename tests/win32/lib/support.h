/* SPDX-License-Identifier: MIT */
/*
 * What the conformance tests share. The tests themselves use Windows' headers and these names only, so
 * that one source is built natively and, with mingw, for Windows.
 */
#ifndef SUPPORT_H
#define SUPPORT_H

#define WIN32_NO_STATUS
#include <windows.h>
#undef WIN32_NO_STATUS
#include <winternl.h>
#include <ntstatus.h>
#include <psapi.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "modern.h"

#define PAGE 0x1000u
#define GRANULE 0x10000u
#define GENERIC_RW (GENERIC_READ | GENERIC_WRITE)
#define GENERIC_RWX (GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE)
#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
#define UNTOUCHED 0xdeadbeef /* a last error no call sets */
/* Numbers that are no handles: of the first 4, and of the last multiple of 4 below 2^16. */
#define GARBAGE_HANDLE ((HANDLE)(ULONG_PTR)0xbad8)

/* The expression is false or NULL and leaves exactly this last error. */
#define CHECK_FAILS(expression, error)                                                             \
	do {                                                                                        \
		SetLastError(UNTOUCHED);                                                            \
		if (expression)                                                                     \
			check_failed(__FILE__, __LINE__, "%s succeeded, expected error %u",         \
				     #expression, (unsigned)(error));                               \
		else if (GetLastError() != (DWORD)(error))                                          \
			check_failed(__FILE__, __LINE__, "%s: error %u, expected %u", #expression,  \
				     (unsigned)GetLastError(), (unsigned)(error));                  \
	} while (0)
/* The expression is true; else its last error is told. */
#define CHECK_WORKS(expression)                                                                    \
	do {                                                                                        \
		SetLastError(UNTOUCHED);                                                            \
		if (!(expression))                                                                  \
			check_failed(__FILE__, __LINE__, "%s: error %u", #expression,               \
				     (unsigned)GetLastError());                                     \
	} while (0)
#define REQUIRE_WORKS(expression)                                                                  \
	do {                                                                                        \
		SetLastError(UNTOUCHED);                                                            \
		if (!(expression))                                                                  \
			check_fatal(__FILE__, __LINE__, "%s: error %u", #expression,                \
				    (unsigned)GetLastError());                                      \
	} while (0)
/* An NTSTATUS, shown in hexadecimal. */
#define CHECK_STATUS(expression, status)                                                           \
	do {                                                                                        \
		NTSTATUS status_ = (expression);                                                    \
		if (status_ != (status))                                                            \
			check_failed(__FILE__, __LINE__, "%s: %08x, expected %s = %08x", #expression, \
				     (unsigned)status_, #status, (unsigned)(status));               \
	} while (0)

/* STATUS_SUCCESS, or the exception that one byte read or written (the byte it holds) there raises. */
NTSTATUS touch_read(const volatile void *address);
NTSTATUS touch_write(volatile void *address);

/* Can this process tell uncommitted pages of a reserved section from committed ones by touching them? */
bool reserved_pages_fault(void);
#define NEEDS_RESERVED_FAULTS()                                                                    \
	do {                                                                                        \
		if (!reserved_pages_fault())                                                        \
			check_skip("the kernel denies userfaultfd to this process");                \
	} while (0)

/* A sanitizer replaces mlock by nothing and keeps most addresses for itself. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif
#define NEEDS_PLAIN_MEMORY()                                                                       \
	do {                                                                                        \
		if (SANITIZED)                                                                      \
			check_skip("a sanitizer owns the memory of this process");                  \
	} while (0)

/* From here on this process may lock a few pages only: Windows' limit is the smallest working set. */
void limit_locked_memory(void);

/* The name as a path in this test's directory; static ring of buffers. */
const char *path_of(const char *name);
/* Make the file with @size bytes, byte n being n % 251, and open it so, sharing everything. */
HANDLE file_of(const char *name, DWORD size, DWORD access);
HANDLE file_open(const char *name, DWORD access, DWORD share);
ULONGLONG file_length(HANDLE file);
/* A byte of the file by ReadFile. */
unsigned char file_byte(HANDLE file, DWORD offset);
#define pattern(n) ((unsigned char)((n) % 251))

/* An unnamed section of memory; never NULL. */
HANDLE memory_section(DWORD protection, DWORD size);
/* A view of the whole section; never NULL. */
unsigned char *map_all(HANDLE section, DWORD access);
/* 0, or the last error of mapping it so; the view is unmapped. */
DWORD map_error(HANDLE section, DWORD access);
MEMORY_BASIC_INFORMATION query(const void *address);
/* Of NtQuerySection. */
ULONGLONG section_size(HANDLE section);
ULONG section_attributes(HANDLE section);
/* Wide and back; ASCII or the two-byte part of UTF-8; static ring of buffers. */
const WCHAR *wide(const char *text);

/*
 * Another process of this program: CHILD(name). Each side may send the other single bytes; a child's
 * end of the pipe is its standard input and output.
 */
struct child;
struct child *child_start(const char *name, const char *first, const char *second);
char child_hear(struct child *child); /* 0: it has ended */
void child_tell(struct child *child, char byte);
DWORD child_id(const struct child *child);
int child_end(struct child *child);   /* wait; its exit code */
void child_kill(struct child *child); /* at once, and wait */
char parent_hear(void);
void parent_tell(char byte);

/* A handle on a command line, and back. */
const char *handle_text(HANDLE handle);
HANDLE handle_of(const char *text);

#endif
