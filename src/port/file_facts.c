/* SPDX-License-Identifier: MIT */
/* What a file's inode says, in Windows' words. */
#include "file.h"

#include <stdio.h>

#define FACTS (STATX_BASIC_STATS | STATX_BTIME)
#define EPOCH 116444736000000000 /* 1970 in steps of 100 ns since 1601 */

fm_status file_enter(HANDLE handle, uint32_t any, struct handle **ret_handle)
{
	uint32_t access;
	fm_status status = enter(handle, fm_internal_file_kind(), ret_handle);

	if (status_failed(status) || !any)
		return status;
	status = fm_internal_file_rights((*ret_handle)->number, &access);
	if (!status_failed(status) && !(access & any))
		status = FM_E_ACCESS_DENIED;
	if (status_failed(status))
		fm_internal_handle_leave(*ret_handle);
	return status;
}

DWORD attributes_of(const struct statx *st)
{
	DWORD attributes = 0;

	if (S_ISDIR(st->stx_mode))
		attributes |= FILE_ATTRIBUTE_DIRECTORY;
	else if (S_ISREG(st->stx_mode))
		attributes |= FILE_ATTRIBUTE_ARCHIVE;
	if (S_ISREG(st->stx_mode) && !(st->stx_mode & 0222))
		attributes |= FILE_ATTRIBUTE_READONLY;
	return attributes ? attributes : FILE_ATTRIBUTE_NORMAL;
}

FILETIME filetime_of(struct statx_timestamp time)
{
	uint64_t ticks = (uint64_t)(time.tv_sec * 10000000 + time.tv_nsec / 100 + EPOCH);

	return (FILETIME){ (DWORD)ticks, (DWORD)(ticks >> 32) };
}

struct timespec timespec_of(const FILETIME *time)
{
	int64_t ticks = (int64_t)((uint64_t)time->dwHighDateTime << 32 | time->dwLowDateTime) - EPOCH;
	int64_t seconds = ticks / 10000000, rest = ticks % 10000000;

	if (rest < 0) {
		rest += 10000000;
		seconds--;
	}
	return (struct timespec){ seconds, rest * 100 };
}

uint32_t volume_of(const struct statx *st)
{
	return (uint32_t)(st->stx_dev_major << 20 ^ st->stx_dev_minor);
}

/* Where the file system does not keep the time of making: the oldest time there is. */
static fm_status complete(struct statx *st)
{
	if (!(st->stx_mask & STATX_BTIME))
		st->stx_btime = st->stx_mtime.tv_sec < st->stx_ctime.tv_sec ? st->stx_mtime : st->stx_ctime;
	return FM_OK;
}

fm_status file_facts(const char *host_path, struct statx *ret_st)
{
	int error = OS_RETRY(os.statx(AT_FDCWD, host_path, 0, FACTS, ret_st));

	if (error == -ENOENT) /* a link to nothing is something */
		error = OS_RETRY(os.statx(AT_FDCWD, host_path, AT_SYMLINK_NOFOLLOW, FACTS, ret_st));
	if (error == -ENOENT)
		return fm_internal_path_missing(host_path);
	return error < 0 ? fm_internal_status_of(OP_OPEN_FILE, error) : complete(ret_st);
}

fm_status handle_facts(int fd, struct statx *ret_st)
{
	int error = OS_RETRY(os.statx(fd, "", AT_EMPTY_PATH, FACTS, ret_st));

	return error < 0 ? fm_internal_status_of(OP_DESCRIPTOR, error) : complete(ret_st);
}

/*
 * Of the attributes READONLY is kept; ARCHIVE, NORMAL, TEMPORARY and NOT_CONTENT_INDEXED are hints. Who may
 * write again when READONLY goes: the owner; who else could before is not known any more.
 */
fm_status set_attributes(const char *host_path, DWORD attributes)
{
	const DWORD hints = FILE_ATTRIBUTE_ARCHIVE | FILE_ATTRIBUTE_NORMAL | FILE_ATTRIBUTE_TEMPORARY |
			    FILE_ATTRIBUTE_NOT_CONTENT_INDEXED;
	struct statx st;
	uint32_t mode;
	fm_status status = file_facts(host_path, &st);
	int error;

	if (status_failed(status))
		return status;
	if (attributes & FILE_ATTRIBUTE_DIRECTORY && !S_ISDIR(st.stx_mode))
		return FM_E_INVALID_PARAMETER;
	if (attributes & ~(hints | FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_DIRECTORY))
		return FM_E_NOT_SUPPORTED;
	mode = st.stx_mode & 07777;
	if (!S_ISREG(st.stx_mode) || !(attributes & FILE_ATTRIBUTE_READONLY) == !!(mode & 0222))
		return FM_OK;
	mode = attributes & FILE_ATTRIBUTE_READONLY ? mode & ~0222u : mode | 0200;
	error = OS_RETRY(os.fchmodat(AT_FDCWD, host_path, mode));
	return error < 0 ? fm_internal_status_of(OP_OPEN_FILE, error) : FM_OK;
}
