/* SPDX-License-Identifier: MIT */
/* Native calls with a name in them; compiled for either width of wchar_t. */
#include "nt.h"

#include "os.h"
#include "query.h"
#include "view.h"

/* The path of @attributes as UTF-8; NULL if there is none. os_free(). */
static fm_status path_of(const OBJECT_ATTRIBUTES *attributes, char **ret_path)
{
	const UNICODE_STRING *name = attributes ? attributes->ObjectName : NULL;

	*ret_path = NULL;
	if (!name || name->Length == 0)
		return FM_OK;
	if (name->Length % sizeof(WCHAR))
		return FM_E_NAME_INVALID;
	if (!name->Buffer)
		return FM_E_ACCESS_VIOLATION;
	return text_narrow(name->Buffer, name->Length / sizeof(WCHAR), sizeof(WCHAR), ret_path);
}

NTSTATUS NTAPI NtCreateSection(PHANDLE SectionHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
			       PLARGE_INTEGER MaximumSize, ULONG SectionPageProtection, ULONG AllocationAttributes,
			       HANDLE FileHandle)
{
	struct nt_section_call call = { .access = DesiredAccess, .attributes = ObjectAttributes, .size = MaximumSize,
					.page = SectionPageProtection, .sec = AllocationAttributes, .file = FileHandle };
	char *path;
	fm_status status = SectionHandle ? path_of(ObjectAttributes, &path) : FM_E_ACCESS_VIOLATION;

	if (status_failed(status))
		return status;
	call.path = path;
	status = nt_create_section(&call, SectionHandle);
	os_free(path);
	return status;
}

NTSTATUS NTAPI NtOpenSection(PHANDLE SectionHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes)
{
	struct nt_section_call call = { .access = DesiredAccess, .attributes = ObjectAttributes };
	char *path;
	fm_status status = SectionHandle ? path_of(ObjectAttributes, &path) : FM_E_ACCESS_VIOLATION;

	if (status_failed(status))
		return status;
	call.path = path;
	status = nt_open_section(&call, SectionHandle);
	os_free(path);
	return status;
}

VOID NTAPI RtlInitUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString)
{
	const size_t most = (0xfffe / sizeof(WCHAR) - 1) * sizeof(WCHAR);
	size_t bytes = SourceString ? text_wide_length(SourceString, sizeof(WCHAR)) * sizeof(WCHAR) : 0;

	if (bytes > most)
		bytes = most;
	DestinationString->Length = (USHORT)bytes;
	DestinationString->MaximumLength = SourceString ? (USHORT)(bytes + sizeof(WCHAR)) : 0;
	DestinationString->Buffer = (PWSTR)(uintptr_t)SourceString;
}

/* The string and, behind it, the text. */
static fm_status query_name(const void *address, UNICODE_STRING *string, SIZE_T length, SIZE_T *ret_length)
{
	char path[PATH_MAX];
	WCHAR *text = (WCHAR *)(string + 1);
	fm_status status = view_file_name(address, path);
	size_t characters;

	if (status_failed(status))
		return status;
	characters = text_widened_length(path, sizeof(WCHAR));
	*ret_length = sizeof(*string) + (characters + 1) * sizeof(WCHAR);
	if (length < *ret_length)
		return length < sizeof(*string) ? FM_E_INFO_LENGTH_MISMATCH : FM_E_BUFFER_OVERFLOW;
	(void)text_widen(path, text, characters, sizeof(WCHAR)); /* all of it fits */
	text[characters] = 0;
	string->Length = (USHORT)(characters * sizeof(WCHAR));
	string->MaximumLength = (USHORT)(string->Length + sizeof(WCHAR));
	string->Buffer = text;
	return FM_OK;
}

NTSTATUS NTAPI NtQueryVirtualMemory(HANDLE ProcessHandle, PVOID BaseAddress,
				    MEMORY_INFORMATION_CLASS MemoryInformationClass, PVOID MemoryInformation,
				    SIZE_T MemoryInformationLength, PSIZE_T ReturnLength)
{
	SIZE_T length = 0;
	fm_status status = own_process(ProcessHandle);

	if (status_failed(status))
		return status;
	if (!MemoryInformation)
		return FM_E_ACCESS_VIOLATION;
	switch (MemoryInformationClass) {
	case MemoryBasicInformation:
		length = sizeof(MEMORY_BASIC_INFORMATION);
		status = query_basic(BaseAddress, MemoryInformation, MemoryInformationLength);
		break;
	case MemoryMappedFilenameInformation:
		status = query_name(BaseAddress, MemoryInformation, MemoryInformationLength, &length);
		break;
	case MemoryRegionInformation: /* the Win32 structure is the same, with fewer names for its bits */
		length = sizeof(MEMORY_REGION_INFORMATION);
		status = query_region(BaseAddress, MemoryInformation, MemoryInformationLength);
		break;
	case MemoryWorkingSetExInformation:
		length = MemoryInformationLength;
		status = query_pages(MemoryInformation, MemoryInformationLength);
		break;
	default:
		return FM_E_INVALID_INFO_CLASS;
	}
	if ((!status_failed(status) || status == FM_E_BUFFER_OVERFLOW) && ReturnLength)
		*ReturnLength = length;
	return status;
}
