/* SPDX-License-Identifier: MIT */
/* Security identifiers and lists, for those who make descriptors. */
#ifndef FM_PORT_SID_H
#define FM_PORT_SID_H

#include "port.h"

static inline size_t sid_size(unsigned parts)
{
	return offsetof(SID, SubAuthority) + parts * sizeof(DWORD);
}

static inline BOOL security_fail(DWORD error)
{
	SetLastError(error);
	return FALSE;
}

/* Append a granting or denying entry to @list, which has room for @AclSize bytes. An error, or 0. */
DWORD list_append(ACL *list, BYTE type, BYTE flags, DWORD mask, const SID *sid);

/* sddl.c: the descriptor of @text, UTF-8; see ConvertStringSecurityDescriptorToSecurityDescriptor(). */
BOOL sddl_convert(const char *text, DWORD revision, PSECURITY_DESCRIPTOR *ret_descriptor, ULONG *ret_size);

#endif
