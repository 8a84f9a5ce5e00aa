/* SPDX-License-Identifier: MIT */
#include "status.h"

#include <errno.h>

#include <filemap.h>

struct status_row {
	fm_status status;
	uint32_t win32;
	const char *name, *text;
};

static const struct status_row rows[] = {
#define ROW(status, nt, win32, text) { status, win32, #status, text },
	FM_STATUS_MAP(ROW)
#undef ROW
};

static const struct status_row *find(fm_status status)
{
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].status == status)
			return &rows[i];
	return NULL;
}

const char *fm_status_name(fm_status status)
{
	const struct status_row *row = find(status);

	return row ? row->name : NULL;
}

const char *fm_status_text(fm_status status)
{
	const struct status_row *row = find(status);

	return row ? row->text : "unknown status";
}

uint32_t fm_status_win32(fm_status status)
{
	const struct status_row *row = find(status);

	return row ? row->win32 : 317; /* ERROR_MR_MID_NOT_FOUND, as Windows gives */
}

const char *fm_version(void)
{
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
	return TEXT(FM_VERSION_MAJOR) "." TEXT(FM_VERSION_MINOR) "." TEXT(FM_VERSION_PATCH);
}

static fm_status full(enum operation operation)
{
	return operation == OP_STORAGE_MEMORY || operation == OP_OPEN_NAME ? FM_E_COMMITMENT_LIMIT
									   : FM_E_DISK_FULL;
}

static fm_status invalid(enum operation operation)
{
	switch (operation) {
	case OP_STORAGE_FILE:
		return FM_E_SECTION_TOO_BIG; /* sizes are all that can be wrong there */
	case OP_STORAGE_MEMORY:
		return FM_E_COMMITMENT_LIMIT;
	case OP_MAP:
		return FM_E_CONFLICTING_ADDRESSES;
	default:
		return FM_E_INVALID_PARAMETER;
	}
}

static fm_status missing(enum operation operation)
{
	return operation == OP_OPEN_NAME || operation == OP_OPEN_FILE ? FM_E_NAME_NOT_FOUND
								      : FM_E_UNSUCCESSFUL;
}

fm_status status_of(enum operation operation, int error)
{
	switch (-error) {
	case EACCES:
	case EPERM:
		return FM_E_ACCESS_DENIED;
	case EROFS:
		return FM_E_MEDIA_WRITE_PROTECTED;
	case ENOENT:
		return missing(operation);
	case ENOTDIR:
	case ELOOP:
		return FM_E_PATH_NOT_FOUND;
	case ENAMETOOLONG:
		return FM_E_NAME_INVALID;
	case EISDIR:
		return operation == OP_TRANSFER ? FM_E_INVALID_DEVICE_REQUEST : FM_E_FILE_IS_A_DIRECTORY;
	case ENXIO:
	case ENODEV:
	case ESPIPE:
	case ENOTTY:
		return operation == OP_TRANSFER ? FM_E_INVALID_DEVICE_REQUEST : FM_E_INVALID_FILE_FOR_SECTION;
	case EEXIST:
		return operation == OP_MAP ? FM_E_CONFLICTING_ADDRESSES : FM_E_NAME_COLLISION;
	case ENOSPC:
	case EDQUOT:
		return full(operation);
	case EFBIG:
		return FM_E_FILE_TOO_LARGE;
	case EOVERFLOW:
		return FM_E_SECTION_TOO_BIG;
	case ENOMEM:
		return operation == OP_STORAGE_MEMORY ? FM_E_COMMITMENT_LIMIT : FM_E_NO_MEMORY;
	case EMFILE:
	case ENFILE:
		return FM_E_TOO_MANY_OPENED_FILES;
	case ENOLCK:
		return FM_E_INSUFFICIENT_RESOURCES;
	case EBADF:
		return FM_E_INVALID_HANDLE;
	case EFAULT:
		return operation == OP_COPY ? FM_E_IN_PAGE_ERROR : FM_E_ACCESS_VIOLATION;
	case EIO:
		return FM_E_IO_DEVICE_ERROR;
	case EAGAIN:
	case EINTR:
		return FM_E_TIMEOUT;
	case ETXTBSY:
		return FM_E_SHARING_VIOLATION;
	case EINVAL:
		return invalid(operation);
	case EOPNOTSUPP:
	case ENOSYS:
		return FM_E_NOT_SUPPORTED;
	default:
		return FM_E_UNSUCCESSFUL;
	}
}
