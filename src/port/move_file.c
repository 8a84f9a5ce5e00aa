/* SPDX-License-Identifier: MIT */
/* New names, replacements and copies of files. */
#include "file.h"

/* ---- copies: with the library's own calls, so that share modes, locks and errors are theirs ---- */

enum { COPY_PIECE = 1 << 20 };

static BOOL copy_bytes(HANDLE from, HANDLE to)
{
	char *buffer = os_allocate(COPY_PIECE);
	DWORD got = 0, put;
	BOOL done = TRUE;

	if (!buffer)
		return finish(FM_E_NO_MEMORY);
	do {
		done = ReadFile(from, buffer, COPY_PIECE, &got, NULL);
		if (done && got)
			done = WriteFile(to, buffer, got, &put, NULL);
	} while (done && got);
	os_free(buffer);
	return done;
}

/* Times and the read-only attribute; the rest of the attributes are none here. */
static BOOL copy_facts(HANDLE from, HANDLE to)
{
	BY_HANDLE_FILE_INFORMATION facts;
	FILE_BASIC_INFO info = { .FileAttributes = 0 };

	if (!GetFileInformationByHandle(from, &facts) || !SetFileTime(to, NULL, &facts.ftLastAccessTime, &facts.ftLastWriteTime))
		return FALSE;
	info.FileAttributes = facts.dwFileAttributes & FILE_ATTRIBUTE_READONLY;
	return !info.FileAttributes || SetFileInformationByHandle(to, FileBasicInfo, &info, sizeof(info));
}

/* Half a copy goes while its handle keeps others away; one system call, as something has just failed. */
static void remove_copy(const char *path)
{
	char host[PATH_MAX];

	if (!status_failed(fm_internal_path_host(path, host)))
		(void)os.unlinkat(AT_FDCWD, host, 0); /* the failure that is reported came first */
}

static BOOL copy_file(const char *from, const char *to, BOOL fail_if_exists, BOOL durable)
{
	HANDLE source = CreateFileA(from, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
	HANDLE target;
	DWORD error;
	BOOL done;

	if (source == INVALID_HANDLE_VALUE)
		return FALSE;
	target = CreateFileA(to, GENERIC_READ | GENERIC_WRITE, 0, NULL, fail_if_exists ? CREATE_NEW : CREATE_ALWAYS, 0,
			     NULL);
	done = target != INVALID_HANDLE_VALUE && copy_bytes(source, target) && copy_facts(source, target) &&
	       (!durable || FlushFileBuffers(target));
	error = GetLastError();
	if (!done && target != INVALID_HANDLE_VALUE)
		remove_copy(to);
	(void)CloseHandle(source);
	if (target != INVALID_HANDLE_VALUE)
		(void)CloseHandle(target);
	if (!done)
		SetLastError(error);
	return done;
}

BOOL file_copy(const char *from, const char *to, BOOL fail_if_exists)
{
	return copy_file(from, to, fail_if_exists, FALSE);
}

BOOL WINAPI CopyFileA(LPCSTR lpExistingFileName, LPCSTR lpNewFileName, BOOL bFailIfExists)
{
	return file_copy(lpExistingFileName, lpNewFileName, bFailIfExists);
}

/* ---- moves ---- */

/*
 * To another file system: a copy, then the old one goes; that it cannot is no failure, but it stays as it was.
 * Directories do not go that way, on Windows neither.
 */
static BOOL move_by_copy(const char *from, const char *to, DWORD flags)
{
	WIN32_FILE_ATTRIBUTE_DATA data;

	if (!attributes_get(from, &data))
		return FALSE;
	if (data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
		return finish(FM_E_ACCESS_DENIED);
	if (!copy_file(from, to, !(flags & MOVEFILE_REPLACE_EXISTING), (flags & MOVEFILE_WRITE_THROUGH) != 0))
		return FALSE;
	if (data.dwFileAttributes & FILE_ATTRIBUTE_READONLY)
		(void)attributes_set(from, FILE_ATTRIBUTE_NORMAL);
	if (!DeleteFileA(from) && data.dwFileAttributes & FILE_ATTRIBUTE_READONLY)
		(void)attributes_set(from, FILE_ATTRIBUTE_READONLY);
	return TRUE;
}

/* As it was, in one system call, as something has just failed. False: it has the backup's name now. */
static bool move_back(const char *backup, const char *host)
{
	char backup_host[PATH_MAX];

	return !status_failed(fm_internal_path_host(backup, backup_host)) &&
	       os.renameat2(AT_FDCWD, backup_host, AT_FDCWD, host, 0) >= 0;
}

BOOL file_move(const char *from, const char *to, DWORD flags)
{
	const DWORD known = MOVEFILE_REPLACE_EXISTING | MOVEFILE_COPY_ALLOWED | MOVEFILE_WRITE_THROUGH;
	fm_status status;

	if (flags & MOVEFILE_DELAY_UNTIL_REBOOT)
		return finish(FM_E_NOT_SUPPORTED);
	if (flags & ~known)
		return finish(FM_E_INVALID_PARAMETER);
	status = fm_internal_file_move(from, to, (flags & MOVEFILE_REPLACE_EXISTING ? DISKFILE_MOVE_REPLACE : 0) |
						 (flags & MOVEFILE_WRITE_THROUGH ? DISKFILE_MOVE_THROUGH : 0));
	if (status == FM_E_NOT_SAME_DEVICE && flags & MOVEFILE_COPY_ALLOWED)
		return move_by_copy(from, to, flags);
	return finish(status);
}

BOOL WINAPI MoveFileA(LPCSTR lpExistingFileName, LPCSTR lpNewFileName)
{
	return file_move(lpExistingFileName, lpNewFileName, MOVEFILE_COPY_ALLOWED);
}

BOOL WINAPI MoveFileExA(LPCSTR lpExistingFileName, LPCSTR lpNewFileName, DWORD dwFlags)
{
	return file_move(lpExistingFileName, lpNewFileName, dwFlags);
}

/* ---- replacing: one file takes the other's name, attributes and permissions ---- */

/* For its permissions. -1: it may not be read. */
static fm_status open_plain(const char *host, int *ret_fd)
{
	int fd = os_open(AT_FDCWD, host, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);

	*ret_fd = fd < 0 ? -1 : fd;
	if (fd == -ENOENT)
		return fm_internal_path_missing(host);
	return fd < 0 && fd != -EACCES ? fm_internal_status_of(OP_OPEN_FILE, fd) : FM_OK;
}

/* @fd gets those of @old: its access list, or @mode. Where its list cannot be told, which @mode may be the mask of,
 * the owner's bits alone. Not the owner's file keeps its own. */
static void keep_permissions(int old, uint32_t mode, int fd)
{
	int copied = old < 0 ? old : fm_internal_acl_copy(old, fd);

	if (copied <= 0)
		(void)OS_RETRY(os.fchmod(fd, mode & (copied < 0 ? 07700 : 07777)));
}

BOOL file_replace(const char *replaced, const char *replacement, const char *backup, DWORD flags)
{
	const DWORD known = REPLACEFILE_WRITE_THROUGH | REPLACEFILE_IGNORE_MERGE_ERRORS | REPLACEFILE_IGNORE_ACL_ERRORS;
	OS_CLEANUP_FD int old = -1, fresh = -1;
	char host[PATH_MAX], new_host[PATH_MAX];
	struct statx st;
	fm_status status = flags & ~known ? FM_E_INVALID_PARAMETER : fm_internal_path_host(replaced, host);

	if (!status_failed(status))
		status = fm_internal_path_host(replacement, new_host);
	if (!status_failed(status))
		status = file_facts(host, &st);
	if (!status_failed(status) && !S_ISREG(st.stx_mode))
		status = FM_E_ACCESS_DENIED;
	if (!status_failed(status))
		status = open_plain(host, &old);
	if (!status_failed(status))
		status = open_plain(new_host, &fresh);
	if (!finish(status))
		return FALSE;
	if (backup && !file_move(replaced, backup, MOVEFILE_REPLACE_EXISTING))
		return FALSE;
	status = fm_internal_file_move(replacement, replaced, DISKFILE_MOVE_REPLACE);
	if (status_failed(status) && backup && !move_back(backup, host)) {
		SetLastError(ERROR_UNABLE_TO_MOVE_REPLACEMENT_2);
		return FALSE;
	}
	if (status_failed(status))
		return finish(status);
	if (fresh >= 0)
		keep_permissions(old, st.stx_mode, fresh);
	return TRUE;
}

BOOL WINAPI ReplaceFileA(LPCSTR lpReplacedFileName, LPCSTR lpReplacementFileName, LPCSTR lpBackupFileName,
			 DWORD dwReplaceFlags, LPVOID lpExclude, LPVOID lpReserved)
{
	if (!lpReplacedFileName || !lpReplacementFileName || lpExclude || lpReserved)
		return finish(FM_E_INVALID_PARAMETER);
	return file_replace(lpReplacedFileName, lpReplacementFileName, lpBackupFileName, dwReplaceFlags);
}
