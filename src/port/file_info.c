/* SPDX-License-Identifier: MIT */
/* Facts of open files by handle. */
#include "file.h"

BOOL WINAPI GetFileInformationByHandle(HANDLE hFile, LPBY_HANDLE_FILE_INFORMATION lpFileInformation)
{
	struct handle *handle;
	struct statx st;
	fm_status status = lpFileInformation ? file_enter(hFile, 0, &handle) : FM_E_ACCESS_VIOLATION;

	if (status_failed(status))
		return finish(status);
	status = handle_facts(handle->number, &st);
	fm_internal_handle_leave(handle);
	if (!status_failed(status))
		*lpFileInformation = (BY_HANDLE_FILE_INFORMATION){
			.dwFileAttributes = attributes_of(&st),
			.ftCreationTime = filetime_of(st.stx_btime),
			.ftLastAccessTime = filetime_of(st.stx_atime),
			.ftLastWriteTime = filetime_of(st.stx_mtime),
			.dwVolumeSerialNumber = volume_of(&st),
			.nFileSizeHigh = S_ISDIR(st.stx_mode) ? 0 : (DWORD)(st.stx_size >> 32),
			.nFileSizeLow = S_ISDIR(st.stx_mode) ? 0 : (DWORD)st.stx_size,
			.nNumberOfLinks = st.stx_nlink,
			.nFileIndexHigh = (DWORD)(st.stx_ino >> 32),
			.nFileIndexLow = (DWORD)st.stx_ino,
		};
	return finish(status);
}

BOOL WINAPI GetFileTime(HANDLE hFile, LPFILETIME lpCreationTime, LPFILETIME lpLastAccessTime, LPFILETIME lpLastWriteTime)
{
	struct handle *handle;
	struct statx st;
	fm_status status = file_enter(hFile, DISKFILE_READ_ATTRIBUTES, &handle);

	if (status_failed(status))
		return finish(status);
	status = handle_facts(handle->number, &st);
	fm_internal_handle_leave(handle);
	if (!finish(status))
		return FALSE;
	if (lpCreationTime)
		*lpCreationTime = filetime_of(st.stx_btime);
	if (lpLastAccessTime)
		*lpLastAccessTime = filetime_of(st.stx_atime);
	if (lpLastWriteTime)
		*lpLastWriteTime = filetime_of(st.stx_mtime);
	return TRUE;
}

/* A time of 0 is to stay, as is one of all ones, which stops Windows from keeping it for this handle. */
static struct timespec time_to_set(const FILETIME *time)
{
	bool stays = !time || (time->dwLowDateTime == 0 && time->dwHighDateTime == 0) ||
		     (time->dwLowDateTime == 0xffffffff && time->dwHighDateTime == 0xffffffff);

	return stays ? (struct timespec){ 0, UTIME_OMIT } : timespec_of(time);
}

static fm_status set_times(int fd, const FILETIME *access, const FILETIME *write)
{
	const struct timespec times[2] = { time_to_set(access), time_to_set(write) };
	char path[OS_FD_PATH];
	int error;

	if (times[0].tv_nsec == UTIME_OMIT && times[1].tv_nsec == UTIME_OMIT)
		return FM_OK;
	os_fd_path(fd, path);
	error = OS_RETRY(os.utimensat(AT_FDCWD, path, times, 0));
	return error < 0 ? fm_internal_status_of(OP_OPEN_FILE, error) : FM_OK;
}

/* File systems here keep the time of making themselves; Windows' documentation leaves that to them. */
BOOL WINAPI SetFileTime(HANDLE hFile, const FILETIME *lpCreationTime, const FILETIME *lpLastAccessTime,
			const FILETIME *lpLastWriteTime)
{
	struct handle *handle;
	fm_status status = file_enter(hFile, DISKFILE_WRITE_ATTRIBUTES, &handle);

	(void)lpCreationTime;
	if (status_failed(status))
		return finish(status);
	status = set_times(handle->number, lpLastAccessTime, lpLastWriteTime);
	fm_internal_handle_leave(handle);
	return finish(status);
}

fm_status file_set_basic(HANDLE file, const FILE_BASIC_INFO *info)
{
	const FILETIME access = { info->LastAccessTime.LowPart, (DWORD)info->LastAccessTime.HighPart };
	const FILETIME write = { info->LastWriteTime.LowPart, (DWORD)info->LastWriteTime.HighPart };
	char path[OS_FD_PATH];
	struct handle *handle;
	fm_status status = file_enter(file, DISKFILE_WRITE_ATTRIBUTES, &handle);

	if (status_failed(status))
		return status;
	status = set_times(handle->number, &access, &write);
	if (!status_failed(status) && info->FileAttributes) {
		os_fd_path(handle->number, path);
		status = set_attributes(path, info->FileAttributes);
	}
	fm_internal_handle_leave(handle);
	return status;
}

fm_status file_set_allocation(HANDLE file, uint64_t size)
{
	struct handle *handle;
	struct statx st;
	fm_status status = file_enter(file, DISKFILE_WRITE, &handle);
	int error = 0;

	if (status_failed(status))
		return status;
	status = handle_facts(handle->number, &st);
	if (!status_failed(status) && size > st.stx_size)
		error = size > INT64_MAX ? -EINVAL : OS_RETRY(os.fallocate(handle->number, FALLOC_FL_KEEP_SIZE, 0, size));
	fm_internal_handle_leave(handle);
	if (status_failed(status))
		return status;
	if (error < 0)
		return fm_internal_status_of(OP_STORAGE_FILE, error);
	return size < st.stx_size ? fm_internal_file_set_size(number_of(file), size) : FM_OK;
}
