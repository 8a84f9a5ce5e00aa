/* SPDX-License-Identifier: MIT */
/* Facts of open files by class, told and set; some are names. Compiled for either width of wchar_t. */
#include <string.h>

#include "file.h"

static LARGE_INTEGER integer_of(FILETIME time)
{
	LARGE_INTEGER result = { .QuadPart = (LONGLONG)((uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime) };

	return result;
}

static void basic(const struct statx *st, FILE_BASIC_INFO *info)
{
	*info = (FILE_BASIC_INFO){ .CreationTime = integer_of(filetime_of(st->stx_btime)),
				   .LastAccessTime = integer_of(filetime_of(st->stx_atime)),
				   .LastWriteTime = integer_of(filetime_of(st->stx_mtime)),
				   .ChangeTime = integer_of(filetime_of(st->stx_ctime)),
				   .FileAttributes = attributes_of(st) };
}

static void standard(const struct statx *st, FILE_STANDARD_INFO *info)
{
	memset(info, 0, sizeof(*info));
	info->AllocationSize.QuadPart = (LONGLONG)(st->stx_blocks * 512);
	info->EndOfFile.QuadPart = S_ISDIR(st->stx_mode) ? 0 : (LONGLONG)st->stx_size;
	info->NumberOfLinks = st->stx_nlink;
	info->DeletePending = st->stx_nlink == 0;
	info->Directory = S_ISDIR(st->stx_mode);
}

static void identity(const struct statx *st, FILE_ID_INFO *info)
{
	memset(info, 0, sizeof(*info));
	info->VolumeSerialNumber = (uint64_t)st->stx_dev_major << 32 | st->stx_dev_minor;
	memcpy(info->FileId.Identifier, &st->stx_ino, sizeof(st->stx_ino));
}

/* The path as the kernel knows it now. FM_E_BUFFER_OVERFLOW: as much of it as there is room for. */
static fm_status name(int fd, FILE_NAME_INFO *info, DWORD size)
{
	char path[PATH_MAX];
	size_t room = (size - offsetof(FILE_NAME_INFO, FileName)) / sizeof(WCHAR), length;
	ssize_t got = os_fd_link(fd, path, sizeof(path));

	if (got < 0)
		return fm_internal_status_of(OP_DESCRIPTOR, (int)got);
	length = fm_internal_text_widened_length(path, sizeof(WCHAR));
	info->FileNameLength = (DWORD)(length * sizeof(WCHAR));
	(void)fm_internal_text_widen(path, info->FileName, room, sizeof(WCHAR));
	return room < length ? FM_E_BUFFER_OVERFLOW : FM_OK;
}

static DWORD size_of(FILE_INFO_BY_HANDLE_CLASS class)
{
	switch (class) {
	case FileBasicInfo:
		return sizeof(FILE_BASIC_INFO);
	case FileStandardInfo:
		return sizeof(FILE_STANDARD_INFO);
	case FileNameInfo:
		return sizeof(FILE_NAME_INFO);
	case FileAttributeTagInfo:
		return sizeof(FILE_ATTRIBUTE_TAG_INFO);
	case FileIdInfo:
		return sizeof(FILE_ID_INFO);
	default:
		return 0; /* with FileRemoteProtocolInfo: no file here is remote */
	}
}

static fm_status query(const struct handle *file, FILE_INFO_BY_HANDLE_CLASS class, void *info, DWORD size)
{
	struct statx st;
	fm_status status = handle_facts(file->number, &st);

	if (status_failed(status))
		return status;
	switch (class) {
	case FileBasicInfo:
		basic(&st, info);
		return FM_OK;
	case FileStandardInfo:
		standard(&st, info);
		((FILE_STANDARD_INFO *)info)->DeletePending |= fm_internal_file_disposed(file);
		return FM_OK;
	case FileAttributeTagInfo:
		*(FILE_ATTRIBUTE_TAG_INFO *)info = (FILE_ATTRIBUTE_TAG_INFO){ attributes_of(&st), 0 };
		return FM_OK;
	case FileIdInfo:
		identity(&st, info);
		return FM_OK;
	default:
		return name(file->number, info, size);
	}
}

BOOL WINAPI GetFileInformationByHandleEx(HANDLE hFile, FILE_INFO_BY_HANDLE_CLASS FileInformationClass,
					 LPVOID lpFileInformation, DWORD dwBufferSize)
{
	struct handle *handle;
	fm_status status = size_of(FileInformationClass) ? FM_OK : FM_E_INVALID_PARAMETER;

	if (!status_failed(status) && dwBufferSize < size_of(FileInformationClass))
		status = FM_E_INFO_LENGTH_MISMATCH;
	if (!status_failed(status) && !lpFileInformation)
		status = FM_E_ACCESS_VIOLATION;
	if (!status_failed(status))
		status = file_enter(hFile, 0, &handle);
	if (status_failed(status))
		return finish(status);
	status = query(handle, FileInformationClass, lpFileInformation, dwBufferSize);
	fm_internal_handle_leave(handle);
	return finish(status);
}

/* ---- set ---- */

/* 0: no class that can be set. */
static DWORD size_to_set(FILE_INFO_BY_HANDLE_CLASS class)
{
	switch (class) {
	case FileBasicInfo:
		return sizeof(FILE_BASIC_INFO);
	case FileRenameInfo:
	case FileRenameInfoEx:
		return sizeof(FILE_RENAME_INFO);
	case FileDispositionInfo:
		return sizeof(FILE_DISPOSITION_INFO);
	case FileDispositionInfoEx:
		return sizeof(FILE_DISPOSITION_INFO_EX);
	case FileAllocationInfo:
	case FileEndOfFileInfo:
		return sizeof(LARGE_INTEGER);
	default:
		return 0;
	}
}

/* The name ends where it says or at a NUL, as programs write either. */
static fm_status set_name(HANDLE file, const FILE_RENAME_INFO *info, DWORD size, unsigned flags)
{
	const DWORD known = FILE_RENAME_FLAG_REPLACE_IF_EXISTS | FILE_RENAME_FLAG_POSIX_SEMANTICS |
			    FILE_RENAME_IGNORE_READONLY_ATTRIBUTE;
	size_t count = 0;
	fm_status status;
	char *to;

	if (info->FileNameLength == 0 || info->FileNameLength % sizeof(WCHAR) || info->RootDirectory || (flags & ~known) ||
	    info->FileNameLength > size - offsetof(FILE_RENAME_INFO, FileName))
		return FM_E_INVALID_PARAMETER;
	while (count < info->FileNameLength / sizeof(WCHAR) && info->FileName[count])
		count++;
	status = fm_internal_text_narrow(info->FileName, count, sizeof(WCHAR), &to);
	if (status_failed(status))
		return status;
	status = fm_internal_file_rename(number_of(file), to, flags);
	os_free(to);
	return status;
}

static fm_status set_disposition(HANDLE file, DWORD flags)
{
	const DWORD known = FILE_DISPOSITION_FLAG_DELETE | FILE_DISPOSITION_FLAG_POSIX_SEMANTICS |
			    FILE_DISPOSITION_FLAG_FORCE_IMAGE_SECTION_CHECK | FILE_DISPOSITION_FLAG_ON_CLOSE |
			    FILE_DISPOSITION_FLAG_IGNORE_READONLY_ATTRIBUTE;

	return flags & ~known ? FM_E_INVALID_PARAMETER : fm_internal_file_dispose(number_of(file), flags);
}

static fm_status set(HANDLE file, FILE_INFO_BY_HANDLE_CLASS class, const void *info, DWORD size)
{
	const FILE_RENAME_INFO *name = info;
	int64_t number;

	switch (class) {
	case FileBasicInfo:
		return file_set_basic(file, info);
	case FileRenameInfo:
		return set_name(file, name, size, name->ReplaceIfExists ? FILE_RENAME_FLAG_REPLACE_IF_EXISTS : 0);
	case FileRenameInfoEx:
		return set_name(file, name, size, name->Flags);
	case FileDispositionInfo:
		return set_disposition(file, ((const FILE_DISPOSITION_INFO *)info)->DeleteFile ? FILE_DISPOSITION_FLAG_DELETE : 0);
	case FileDispositionInfoEx:
		return set_disposition(file, ((const FILE_DISPOSITION_INFO_EX *)info)->Flags);
	default:
		number = ((const LARGE_INTEGER *)info)->QuadPart;
		if (number < 0)
			return FM_E_INVALID_PARAMETER;
		return class == FileAllocationInfo ? file_set_allocation(file, (uint64_t)number)
						   : fm_internal_file_set_size(number_of(file), (uint64_t)number);
	}
}

BOOL WINAPI SetFileInformationByHandle(HANDLE hFile, FILE_INFO_BY_HANDLE_CLASS FileInformationClass,
				       LPVOID lpFileInformation, DWORD dwBufferSize)
{
	DWORD needed = size_to_set(FileInformationClass);

	if (!needed)
		return finish(FM_E_INVALID_PARAMETER);
	if (dwBufferSize < needed)
		return finish(FM_E_INFO_LENGTH_MISMATCH);
	if (!lpFileInformation)
		return finish(FM_E_ACCESS_VIOLATION);
	return finish(set(hFile, FileInformationClass, lpFileInformation, dwBufferSize));
}
