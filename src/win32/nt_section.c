/* SPDX-License-Identifier: MIT */
/* Native calls on sections: create, open, extend, query, close. */
#include "nt.h"

#include <stdio.h>
#include <string.h>

#include "mapping.h"
#include "os.h"

/* ---- names: paths in NT's object directories ---- */

static bool skip(const char **path, const char *prefix)
{
	size_t length = strlen(prefix);

	if (strncmp(*path, prefix, length) != 0)
		return false;
	*path += length;
	return true;
}

/* "\Sessions\<number>\BaseNamedObjects\": this user's, whatever the number. */
static bool skip_session(const char **path)
{
	const char *at = *path;

	if (!skip(&at, "\\Sessions\\"))
		return false;
	while (*at >= '0' && *at <= '9')
		at++;
	if (!skip(&at, "\\BaseNamedObjects\\"))
		return false;
	*path = at;
	return true;
}

/* The name as the core takes it; os_free() *ret_name. */
static fm_status name_of_path(const char *path, char **ret_name)
{
	const char *prefix = "Local\\", *rest = path;
	size_t size;

	if (path[0] != '\\')
		return FM_E_PATH_SYNTAX_BAD;
	if (skip(&rest, "\\BaseNamedObjects\\")) {
		if (!skip(&rest, "Local\\")) {
			prefix = "Global\\";
			(void)skip(&rest, "Global\\");
		}
	} else if (!skip_session(&rest)) {
		return strchr(path + 1, '\\') ? FM_E_PATH_NOT_FOUND : FM_E_NAME_NOT_FOUND;
	}
	size = strlen(prefix) + strlen(rest) + 1;
	*ret_name = os_allocate(size);
	if (!*ret_name)
		return FM_E_NO_MEMORY;
	(void)snprintf(*ret_name, size, "%s%s", prefix, rest); /* always fits */
	return FM_OK;
}

static fm_status check_root(HANDLE root)
{
	struct handle *handle;
	fm_status status = enter(root, NULL, &handle);

	if (status_failed(status))
		return status;
	handle_leave(handle);
	return FM_E_OBJECT_TYPE_MISMATCH; /* no handle of ours is on a directory of objects */
}

static fm_status check_attributes(const OBJECT_ATTRIBUTES *attributes)
{
	if (!attributes)
		return FM_OK;
	if (attributes->Length != sizeof(*attributes) || (attributes->Attributes & ~(ULONG)OBJ_VALID_ATTRIBUTES))
		return FM_E_INVALID_PARAMETER;
	if (attributes->RootDirectory)
		return check_root(attributes->RootDirectory);
	return attributes->Attributes & OBJ_PERMANENT ? FM_E_PRIVILEGE_NOT_HELD : FM_OK;
}

static bool has_flag(const OBJECT_ATTRIBUTES *attributes, ULONG flag)
{
	return attributes && (attributes->Attributes & flag);
}

/* ---- create and open ---- */

static fm_status fill(const struct nt_section_call *call, struct section_request *request, struct acl *acl,
		      bool *ret_image)
{
	const void *descriptor = call->attributes ? call->attributes->SecurityDescriptor : NULL;
	bool sealed = false;
	fm_status status = section_attributes_of(call->sec, call->file != NULL, &request->attributes, ret_image);

	if (!status_failed(status) && (call->page & ~0xffu || call->page == PAGE_NOACCESS))
		status = FM_E_INVALID_PAGE_PROTECTION;
	if (!status_failed(status))
		status = protection_of(call->page, &request->protection);
	if (!status_failed(status))
		status = check_attributes(call->attributes);
	if (!status_failed(status))
		status = security_acl(descriptor, SECURED_SECTION, call->path, acl, &sealed);
	if (!status_failed(status) && call->file)
		status = section_file(call->file, request);
	request->mode = acl->mode;
	request->acl = acl;
	if (sealed)
		request->attributes |= SECTION_SEALED;
	return status;
}

NTSTATUS nt_create_section(const struct nt_section_call *call, HANDLE *ret_handle)
{
	struct section_request request = { .file = -1 };
	struct fm_section *section;
	struct acl acl = { 0 };
	char *name = NULL;
	bool image = false;
	fm_status made, status = fill(call, &request, &acl, &image);

	if (!status_failed(status) && image)
		status = section_refuse_image(&request);
	if (!status_failed(status) && call->path)
		status = name_of_path(call->path, &name);
	if (status_failed(status))
		return status;
	request.name = name;
	request.size = call->size ? (uint64_t)call->size->QuadPart : 0;
	request.access = section_rights(call->access);
	if (!request.access)
		request.access = READ_CONTROL; /* 0 asks the core for its default */
	request.inheritable = has_flag(call->attributes, OBJ_INHERIT);
	request.must_create = !has_flag(call->attributes, OBJ_OPENIF);
	status = made = section_create(&request, &section);
	os_free(name);
	if (!status_failed(status))
		status = section_publish(section, ret_handle);
	return status_failed(status) ? status : made;
}

NTSTATUS nt_open_section(const struct nt_section_call *call, HANDLE *ret_handle)
{
	struct fm_section *section;
	char *name;
	fm_status status = call->attributes ? check_attributes(call->attributes) : FM_E_INVALID_PARAMETER;

	if (!status_failed(status))
		status = call->path ? name_of_path(call->path, &name) : FM_E_PATH_SYNTAX_BAD;
	if (status_failed(status))
		return status;
	status = section_open(name, section_rights(call->access), has_flag(call->attributes, OBJ_INHERIT), &section);
	os_free(name);
	return status_failed(status) ? status : section_publish(section, ret_handle);
}

/* ---- the others ---- */

NTSTATUS NTAPI NtExtendSection(HANDLE SectionHandle, PLARGE_INTEGER NewSectionSize)
{
	struct handle *handle;
	struct fm_section *section;
	fm_status status = NewSectionSize ? enter(SectionHandle, &section_kind, &handle) : FM_E_ACCESS_VIOLATION;

	if (status_failed(status))
		return status;
	section = (struct fm_section *)handle;
	status = section_extend(section, (uint64_t)NewSectionSize->QuadPart);
	if (!status_failed(status))
		NewSectionSize->QuadPart = (LONGLONG)section_size(section);
	handle_leave(handle);
	return status;
}

static void describe(const struct fm_section *section, SECTION_BASIC_INFORMATION *basic)
{
	memset(basic, 0, sizeof(*basic));
	basic->AllocationAttributes = section_sec_of(section->section);
	basic->MaximumSize.QuadPart = (LONGLONG)section_size(section);
}

/* Bytes of a class of information, 0: no such class. What images alone have, no section has here. */
static size_t class_size(SECTION_INFORMATION_CLASS class)
{
	switch (class) {
	case SectionBasicInformation:
		return sizeof(SECTION_BASIC_INFORMATION);
	case SectionImageInformation:
	case SectionInternalImageInformation:
		return sizeof(SECTION_IMAGE_INFORMATION);
	case SectionRelocationInformation:
	case SectionOriginalBaseInformation:
		return sizeof(PVOID);
	}
	return 0;
}

NTSTATUS NTAPI NtQuerySection(HANDLE SectionHandle, SECTION_INFORMATION_CLASS InformationClass,
			      PVOID SectionInformation, SIZE_T SectionInformationLength, PSIZE_T ReturnLength)
{
	size_t size = class_size(InformationClass);
	struct handle *handle;
	fm_status status = FM_OK;

	if (size == 0)
		return FM_E_INVALID_INFO_CLASS;
	if (SectionInformationLength < size)
		return FM_E_INFO_LENGTH_MISMATCH;
	if (!SectionInformation)
		return FM_E_ACCESS_VIOLATION;
	status = enter(SectionHandle, &section_kind, &handle);
	if (status_failed(status))
		return status;
	if (!(((struct fm_section *)handle)->access & FM_QUERY))
		status = FM_E_ACCESS_DENIED;
	else if (InformationClass != SectionBasicInformation)
		status = FM_E_SECTION_NOT_IMAGE;
	else
		describe((struct fm_section *)handle, SectionInformation);
	handle_leave(handle);
	if (!status_failed(status) && ReturnLength)
		*ReturnLength = size;
	return status;
}

NTSTATUS NTAPI NtClose(HANDLE Handle)
{
	int number = number_of(Handle);

	if (is_pseudo(Handle))
		return FM_OK; /* no effect */
	return number < 0 ? FM_E_INVALID_HANDLE : handle_close(number);
}

/* What is no failure of ours, but a status that programs translate. */
static const struct {
	NTSTATUS status;
	ULONG error;
} others[] = {
	{ 0x00000080, 735 /* ERROR_ABANDONED_WAIT_0 */ },
	{ 0x00000102, ERROR_TIMEOUT },
	{ 0x00000103, ERROR_IO_PENDING },
};

ULONG NTAPI RtlNtStatusToDosError(NTSTATUS Status)
{
	if (((ULONG)Status & 0x20000000) || ((ULONG)Status & 0xffff0000) == 0xc0010000)
		return (ULONG)Status; /* an application's own */
	if (((ULONG)Status & 0xffff0000) == 0xc0070000 || ((ULONG)Status & 0xffff0000) == 0x80070000)
		return (ULONG)Status & 0xffff; /* a Win32 error in NT's clothes */
	for (unsigned i = 0; i < RTL_NUMBER_OF(others); i++)
		if (others[i].status == Status)
			return others[i].error;
	return fm_status_win32(Status);
}
