/* SPDX-License-Identifier: MIT */
/* Security descriptors as text: what is taken is a valid descriptor of the length told, and usable as one. */
#include "fuzz.h"

#include <string.h>
#include <windows.h>
#include <sddl.h>
#include <securitybaseapi.h>

static void use(PSECURITY_DESCRIPTOR descriptor, ULONG size)
{
	SECURITY_ATTRIBUTES attributes = { sizeof(attributes), descriptor, FALSE };
	BOOL present = FALSE, defaulted = FALSE;
	PACL list = NULL;
	HANDLE mapping;

	ENSURE(IsValidSecurityDescriptor(descriptor));
	ENSURE(GetSecurityDescriptorLength(descriptor) == size);
	ENSURE(GetSecurityDescriptorDacl(descriptor, &present, &list, &defaulted));
	ENSURE(!present || !list || IsValidAcl(list));
	mapping = CreateFileMappingA(INVALID_HANDLE_VALUE, &attributes, PAGE_READWRITE, 0, 4096, "Global\\sddl");
	if (mapping) /* a list that permission bits cannot express is refused */
		ENSURE(CloseHandle(mapping));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PSECURITY_DESCRIPTOR descriptor = NULL;
	ULONG length = 0;
	char *text = malloc(size + 1);

	fuzz_root();
	ENSURE(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	SetLastError(0);
	if (ConvertStringSecurityDescriptorToSecurityDescriptorA(text, SDDL_REVISION_1, &descriptor, &length)) {
		use(descriptor, length);
		ENSURE(!LocalFree(descriptor));
	} else {
		ENSURE(!descriptor && GetLastError() != 0);
	}
	free(text);
	return 0;
}
