/* SPDX-License-Identifier: MIT */
/* The Nt face: what its files share. An NTSTATUS is an fm_status. */
#ifndef FM_WIN32_NT_H
#define FM_WIN32_NT_H

#include "win32.h"

#include <winternl.h>

/* What NtCreateSection and NtOpenSection ask for, the path as UTF-8. */
struct nt_section_call {
	ACCESS_MASK access;
	const OBJECT_ATTRIBUTES *attributes; /* its name is in @path */
	const char *path;                    /* NULL: none given */
	const LARGE_INTEGER *size;
	ULONG page, sec;
	HANDLE file;
};

NTSTATUS nt_create_section(const struct nt_section_call *call, HANDLE *ret_handle);
NTSTATUS nt_open_section(const struct nt_section_call *call, HANDLE *ret_handle);

#endif
