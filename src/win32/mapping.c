/* SPDX-License-Identifier: MIT */
/* CreateFileMapping and OpenFileMapping. */
#include "mapping.h"

#include <string.h>

#include "diskfile.h"
#include "mailbox.h"
#include "protect.h"

#define SEC_IN_PROTECT                                                                             \
	(SEC_FILE | SEC_IMAGE | SEC_PROTECTED_IMAGE | SEC_RESERVE | SEC_COMMIT | SEC_NOCACHE |      \
	 SEC_WRITECOMBINE | SEC_LARGE_PAGES)

fm_status section_attributes_of(DWORD attributes, bool file, uint32_t *ret_attributes, bool *ret_image)
{
	DWORD kind = attributes & (SEC_COMMIT | SEC_RESERVE);
	DWORD known = SEC_COMMIT | SEC_RESERVE | SEC_NOCACHE | SEC_WRITECOMBINE | SEC_LARGE_PAGES | SEC_NO_CHANGE;

	*ret_image = attributes == SEC_IMAGE || attributes == SEC_IMAGE_NO_EXECUTE;
	*ret_attributes = 0;
	if (*ret_image)
		return FM_OK;
	if ((attributes & ~known) || kind == 0 || kind == (SEC_COMMIT | SEC_RESERVE))
		return FM_E_INVALID_PARAMETER_6;
	if ((attributes & SEC_LARGE_PAGES) && (file || kind == SEC_RESERVE))
		return FM_E_INVALID_PARAMETER_6;
	if ((attributes & SEC_NOCACHE) && (attributes & SEC_WRITECOMBINE))
		return FM_E_INVALID_PARAMETER_6;
	*ret_attributes = (kind == SEC_RESERVE && !file ? SECTION_RESERVE : 0) |
			  (attributes & SEC_NOCACHE ? SECTION_NOCACHE : 0) |
			  (attributes & SEC_WRITECOMBINE ? SECTION_WRITECOMBINE : 0) |
			  (attributes & SEC_NO_CHANGE ? SECTION_NO_CHANGE : 0);
	/* Large pages are reserved by an administrator on Windows too; nobody here holds that privilege. */
	return attributes & SEC_LARGE_PAGES ? FM_E_PRIVILEGE_NOT_HELD : FM_OK;
}

DWORD section_sec_of(const struct section *section)
{
	uint32_t attributes = section->attributes;
	DWORD sec = !section_is_memory(section) ? SEC_FILE : attributes & SECTION_RESERVE ? SEC_RESERVE : SEC_COMMIT;

	return sec | (attributes & SECTION_NOCACHE ? SEC_NOCACHE : 0) |
	       (attributes & SECTION_WRITECOMBINE ? SEC_WRITECOMBINE : 0) |
	       (attributes & SECTION_NO_CHANGE ? SEC_NO_CHANGE : 0);
}

/* FILE_MAP_* asked of OpenFileMapping and CreateFileMapping2: COPY alone means READ, EXECUTE another bit. */
static uint32_t rights_of_map(DWORD access)
{
	if (access == FILE_MAP_COPY)
		return SECTION_MAP_READ;
	if (access & FILE_MAP_EXECUTE)
		access = (access & ~(DWORD)FILE_MAP_EXECUTE) | SECTION_MAP_EXECUTE;
	return section_rights(access);
}

/* What CreateFileMapping grants (win32-semantics 4.3): never SECTION_EXTEND_SIZE. */
static uint32_t rights_of_protection(uint32_t protection)
{
	return STANDARD_RIGHTS_REQUIRED | SECTION_QUERY | (protection & (FM_READ | FM_WRITE | FM_EXEC));
}

fm_status section_publish(struct fm_section *section, HANDLE *ret_handle)
{
	fm_status status = handle_publish(&section->handle, section->fd);

	if (status_failed(status)) {
		section_close(section);
		return status;
	}
	mailbox_ready();
	*ret_handle = handle_of(section->fd);
	return FM_OK;
}

fm_status section_file(HANDLE file, struct section_request *request)
{
	request->file = number_of(file);
	request->file_rights_known = true;
	request->portable = true;
	if (is_pseudo(file))
		return FM_E_OBJECT_TYPE_MISMATCH;
	if (request->file < 0)
		return FM_E_INVALID_HANDLE;
	return diskfile_rights(request->file, &request->file_access);
}

fm_status section_refuse_image(const struct section_request *request)
{
	uint64_t size;

	if (request->file < 0)
		return FM_E_INVALID_FILE_FOR_SECTION;
	if (!(request->file_access & DISKFILE_READ))
		return FM_E_ACCESS_DENIED;
	return status_failed(diskfile_size(request->file, &size)) || size == 0 ? FM_E_INVALID_FILE_FOR_SECTION
										: FM_E_INVALID_IMAGE_NOT_MZ;
}

static bool valid_protection(DWORD page)
{
	return page == PAGE_READONLY || page == PAGE_READWRITE || page == PAGE_WRITECOPY || page == PAGE_EXECUTE_READ ||
	       page == PAGE_EXECUTE_READWRITE || page == PAGE_EXECUTE_WRITECOPY;
}

/* Only a preferred node may be asked for, once; memory comes from where it is first touched. */
static fm_status check_extended(const struct mapping_call *call)
{
	if (call->extended_count == 0)
		return FM_OK;
	if (!call->extended || call->extended_count > 1 || call->extended[0].Type != MemExtendedParameterNumaNode)
		return FM_E_INVALID_PARAMETER;
	return FM_OK;
}

/* In the order of win32-semantics 4.5, as far as it does not need the file itself. */
static fm_status request_of(const struct mapping_call *call, struct section_request *request, struct acl *acl)
{
	bool file = call->file != INVALID_HANDLE_VALUE, image, sealed;
	const void *descriptor = call->security ? call->security->lpSecurityDescriptor : NULL;
	fm_status status = check_extended(call);

	request->file = -1;
	request->size = call->size;
	request->name = call->name && call->name[0] ? call->name : NULL;
	request->inheritable = call->security && call->security->bInheritHandle;
	if (!status_failed(status))
		status = security_acl(descriptor, SECURED_SECTION, request->name, acl, &sealed);
	if (!status_failed(status) && !valid_protection(call->page))
		status = FM_E_INVALID_PAGE_PROTECTION;
	if (!status_failed(status))
		status = section_attributes_of(call->attributes, file, &request->attributes, &image);
	if (!status_failed(status))
		status = protection_of(call->page, &request->protection);
	if (!status_failed(status) && file)
		status = section_file(call->file, request);
	if (status_failed(status))
		return status;
	request->mode = acl->mode;
	request->acl = acl;
	if (sealed)
		request->attributes |= SECTION_SEALED;
	request->access = call->access ? rights_of_map(*call->access) : rights_of_protection(request->protection);
	if (!request->access)
		request->access = READ_CONTROL; /* 0 asks the core for its default */
	return image ? section_refuse_image(request) : FM_OK;
}

HANDLE mapping_create(const struct mapping_call *call)
{
	struct section_request request = { 0 };
	struct fm_section *section;
	struct acl acl;
	fm_status made, status = request_of(call, &request, &acl);
	HANDLE handle = NULL;

	if (!status_failed(status)) {
		status = made = section_create(&request, &section);
		if (!status_failed(status))
			status = section_publish(section, &handle);
	}
	if (status_failed(status))
		return mapping_failed(status);
	SetLastError(fm_status_win32(made)); /* 0 or 183: also a success says which */
	return handle;
}

HANDLE mapping_create_packed(struct mapping_call *call, DWORD protect, DWORD node)
{
	(void)node; /* a hint; the kernel places pages where they are first touched */
	call->page = protect & ~(DWORD)SEC_IN_PROTECT;
	call->attributes = protect & SEC_IN_PROTECT;
	if (!(protect & SEC_IN_PROTECT))
		call->attributes = SEC_COMMIT;
	return mapping_create(call);
}

HANDLE mapping_open(DWORD access, BOOL inherit, const char *name)
{
	struct fm_section *section;
	fm_status status = FM_OK;
	HANDLE handle = NULL;

	if (!name)
		status = FM_E_INVALID_PARAMETER;
	else if (!name[0])
		status = FM_E_OBJECT_TYPE_MISMATCH; /* the directory itself */
	if (!status_failed(status))
		status = section_open(name, rights_of_map(access), inherit, &section);
	if (status == FM_E_ACCESS_DENIED && access == MAXIMUM_ALLOWED)
		status = section_open(name, rights_of_map(GENERIC_READ), inherit, &section);
	if (!status_failed(status))
		status = section_publish(section, &handle);
	return finish_pointer(status, handle);
}

HANDLE mapping_failed(fm_status status)
{
	return finish_pointer(status, NULL);
}

/* ---- ANSI names are UTF-8, of at most MAX_PATH characters ---- */

static bool name_fits(LPCSTR name)
{
	if (!name || text_widened_length(name, 2) <= MAX_PATH)
		return true;
	SetLastError(ERROR_FILENAME_EXCED_RANGE);
	return false;
}

HANDLE WINAPI CreateFileMappingNumaA(HANDLE hFile, LPSECURITY_ATTRIBUTES lpFileMappingAttributes, DWORD flProtect,
				     DWORD dwMaximumSizeHigh, DWORD dwMaximumSizeLow, LPCSTR lpName, DWORD nndPreferred)
{
	struct mapping_call call = { .file = hFile, .security = lpFileMappingAttributes,
				     .size = (uint64_t)dwMaximumSizeHigh << 32 | dwMaximumSizeLow, .name = lpName };

	return name_fits(lpName) ? mapping_create_packed(&call, flProtect, nndPreferred) : NULL;
}

HANDLE WINAPI CreateFileMappingA(HANDLE hFile, LPSECURITY_ATTRIBUTES lpFileMappingAttributes, DWORD flProtect,
				 DWORD dwMaximumSizeHigh, DWORD dwMaximumSizeLow, LPCSTR lpName)
{
	return CreateFileMappingNumaA(hFile, lpFileMappingAttributes, flProtect, dwMaximumSizeHigh, dwMaximumSizeLow,
				      lpName, NUMA_NO_PREFERRED_NODE);
}

HANDLE WINAPI OpenFileMappingA(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCSTR lpName)
{
	return name_fits(lpName) ? mapping_open(dwDesiredAccess, bInheritHandle, lpName) : NULL;
}
