/* SPDX-License-Identifier: MIT */
/* Compiled for either width of wchar_t. */
#include <sddl.h>

#include "sid.h"

BOOL WINAPI ConvertStringSecurityDescriptorToSecurityDescriptorW(LPCWSTR StringSecurityDescriptor,
								 DWORD StringSDRevision,
								 PSECURITY_DESCRIPTOR *SecurityDescriptor,
								 PULONG SecurityDescriptorSize)
{
	char *text;
	BOOL done = finish(narrow(StringSecurityDescriptor, &text));

	if (done)
		done = sddl_convert(text, StringSDRevision, SecurityDescriptor, SecurityDescriptorSize);
	os_free(text);
	return done;
}
