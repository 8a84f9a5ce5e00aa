/* SPDX-License-Identifier: MIT */
/* Security descriptors as text. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <sddl.h>
#elif !defined(FILEMAP_WIN32_SDDL_H)
#define FILEMAP_WIN32_SDDL_H

#include "windef.h"

#define SDDL_REVISION_1 1
#define SDDL_REVISION SDDL_REVISION_1

#define ConvertStringSecurityDescriptorToSecurityDescriptorA FM_WIN32(ConvertStringSecurityDescriptorToSecurityDescriptorA)
#define ConvertStringSecurityDescriptorToSecurityDescriptorW FM_WIN32_WIDE(ConvertStringSecurityDescriptorToSecurityDescriptorW)
#define ConvertStringSecurityDescriptorToSecurityDescriptor FM_WIN32_PAIR(ConvertStringSecurityDescriptorToSecurityDescriptor)

FM_WIN32_BEGIN

/*
 * A descriptor in one block, freed with LocalFree(): owner, group and list of granting or denying entries.
 * Audit lists, labels, conditions and entries for kinds of objects are refused with 50.
 *   87 no text   1305 unknown revision   1336 malformed entries   1337 malformed identifier
 */
WINBASEAPI BOOL WINAPI ConvertStringSecurityDescriptorToSecurityDescriptorA(LPCSTR StringSecurityDescriptor,
	DWORD StringSDRevision, PSECURITY_DESCRIPTOR *SecurityDescriptor, PULONG SecurityDescriptorSize);
WINBASEAPI BOOL WINAPI ConvertStringSecurityDescriptorToSecurityDescriptorW(LPCWSTR StringSecurityDescriptor,
	DWORD StringSDRevision, PSECURITY_DESCRIPTOR *SecurityDescriptor, PULONG SecurityDescriptorSize);

FM_WIN32_END

#endif
