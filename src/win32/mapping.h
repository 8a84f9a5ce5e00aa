/* SPDX-License-Identifier: MIT */
/* Making and opening sections: what the ANSI, the wide and the native calls share. */
#ifndef FM_WIN32_MAPPING_H
#define FM_WIN32_MAPPING_H

#include "section.h"
#include "security.h"
#include "win32.h"

/* What a call asks for, its text as UTF-8. */
struct mapping_call {
	HANDLE file;                 /* INVALID_HANDLE_VALUE: memory */
	const SECURITY_ATTRIBUTES *security;
	DWORD page;                  /* PAGE_* alone */
	DWORD attributes;            /* SEC_* */
	uint64_t size;
	const char *name;            /* NULL or "": unnamed */
	const DWORD *access;         /* of the handle; NULL: what @page implies */
	const MEM_EXTENDED_PARAMETER *extended;
	ULONG extended_count;
};

/* CreateFileMapping*: the handle and last error 0 or 183, or NULL and the last error. */
HANDLE mapping_create(const struct mapping_call *call);
/* The same with PAGE_* and SEC_* in one word, and the preferred node: a hint. */
HANDLE mapping_create_packed(struct mapping_call *call, DWORD protect, DWORD node);
HANDLE mapping_open(DWORD access, BOOL inherit, const char *name);
/* NULL and the last error of a name that could not be converted. */
HANDLE mapping_failed(fm_status status);

/* ---- for the Nt face too ---- */

/* SEC_* decoded. FM_E_INVALID_PARAMETER_6: no such mixture. *ret_image: an image is asked for. */
fm_status section_attributes_of(DWORD attributes, bool file, uint32_t *ret_attributes, bool *ret_image);
/* What NtQuerySection reports. */
DWORD section_sec_of(const struct section *section);
/* An image section is refused when all else about it is right: never FM_OK. */
fm_status section_refuse_image(const struct section_request *request);
/* Publish a fresh section handle. FM_E_NO_MEMORY: it is closed. */
fm_status section_publish(struct fm_section *section, HANDLE *ret_handle);
/* The descriptor and the rights of a file handle, for a section over it. */
fm_status section_file(HANDLE file, struct section_request *request);

#endif
