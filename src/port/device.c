/* SPDX-License-Identifier: MIT */
/* Requests to files: holes. */
#include <windows.h>

#include <winioctl.h>

#include "file.h"

/* Bytes within the file become zeros; whole blocks of them a hole. */
static fm_status zero(int fd, const FILE_ZERO_DATA_INFORMATION *range)
{
	struct statx st;
	uint64_t from = (uint64_t)range->FileOffset.QuadPart, to = (uint64_t)range->BeyondFinalZero.QuadPart;
	fm_status status;
	int error;

	if (range->FileOffset.QuadPart < 0 || from > to || range->BeyondFinalZero.QuadPart < 0)
		return FM_E_INVALID_PARAMETER;
	status = handle_facts(fd, &st);
	if (status_failed(status))
		return status;
	if (to > st.stx_size)
		to = st.stx_size;
	if (from >= to)
		return FM_OK;
	error = OS_RETRY(os.fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, from, to - from));
	return error < 0 ? fm_internal_status_of(OP_STORAGE_FILE, error) : FM_OK;
}

/* Every file here may have holes; that one may not is a wish nothing keeps. */
static fm_status set_sparse(const FILE_SET_SPARSE_BUFFER *wish, DWORD size)
{
	if (wish && size < sizeof(*wish))
		return FM_E_INVALID_PARAMETER;
	return wish && !wish->SetSparse ? FM_E_NOT_SUPPORTED : FM_OK;
}

static fm_status control(int fd, DWORD code, const void *in, DWORD size)
{
	struct statx st;
	fm_status status = handle_facts(fd, &st);

	if (!status_failed(status) && !S_ISREG(st.stx_mode))
		status = FM_E_INVALID_DEVICE_REQUEST;
	if (status_failed(status))
		return status;
	if (code == FSCTL_SET_SPARSE)
		return set_sparse(in, size);
	return in && size >= sizeof(FILE_ZERO_DATA_INFORMATION) ? zero(fd, in) : FM_E_INVALID_PARAMETER;
}

BOOL WINAPI DeviceIoControl(HANDLE hDevice, DWORD dwIoControlCode, LPVOID lpInBuffer, DWORD nInBufferSize,
			    LPVOID lpOutBuffer, DWORD nOutBufferSize, LPDWORD lpBytesReturned, LPOVERLAPPED lpOverlapped)
{
	struct handle *handle;
	bool known = dwIoControlCode == FSCTL_SET_SPARSE || dwIoControlCode == FSCTL_SET_ZERO_DATA;
	fm_status status = file_enter(hDevice, known ? DISKFILE_WRITE : 0, &handle);

	(void)lpOutBuffer; /* what is served here answers nothing */
	(void)nOutBufferSize;
	if (!status_failed(status)) {
		status = known ? control(handle->number, dwIoControlCode, lpInBuffer, nInBufferSize)
			       : FM_E_INVALID_DEVICE_REQUEST;
		fm_internal_handle_leave(handle);
	}
	if (lpBytesReturned)
		*lpBytesReturned = 0;
	return lpOverlapped ? overlapped_complete(status, 0, lpOverlapped) : finish(status);
}
