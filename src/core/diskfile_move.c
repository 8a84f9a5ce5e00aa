/* SPDX-License-Identifier: MIT */
/* New names for files and directories, and durable ones. */
#include <linux/fs.h>

#include "diskfile_internal.h"
#include "diskpath.h"
#include "filemark.h"
#include "os.h"
#include "status.h"

/* The directory of @path, or -errno. */
static int open_directory(const char *path)
{
	char parent[PATH_MAX];

	diskpath_parent(path, parent);
	return os_open(AT_FDCWD, parent, O_RDONLY | O_DIRECTORY, 0);
}

/* 0 where directories cannot be synced and need not. */
static int sync_directory(int fd)
{
	int error = OS_RETRY(os.fsync(fd));

	return error == -EINVAL || error == -EROFS ? 0 : error;
}

/* What has no name, or one in a directory that may not be read, has none to keep; nor is there one without /proc. */
fm_status diskfile_sync_name(int fd)
{
	char path[PATH_MAX];
	OS_CLEANUP_FD int directory = -1;
	struct stat st;
	fm_status status = diskfile_name(fd, path, &st);
	int error;

	if (status == FM_E_FILE_DELETED || status == FM_E_ACCESS_DENIED || status == FM_E_UNSUCCESSFUL)
		return FM_OK;
	if (status_failed(status))
		return status;
	directory = open_directory(path);
	if (directory == -ENOENT || directory == -EACCES)
		return FM_OK;
	if (directory < 0)
		return status_of(OP_OPEN_FILE, directory);
	error = sync_directory(directory);
	return error < 0 ? status_of(OP_FLUSH, error) : FM_OK;
}

static fm_status look(const char *path, struct stat *ret_st)
{
	int error = os.fstatat(AT_FDCWD, path, ret_st, AT_SYMLINK_NOFOLLOW);

	if (error == -ENOENT)
		return diskpath_missing(path);
	return error < 0 ? status_of(OP_OPEN_FILE, error) : FM_OK;
}

/* May what has the new name go? FM_E_NAME_NOT_FOUND: there is nothing. The same file under two names may. */
static fm_status claim_target(const char *path, const struct stat *source, unsigned flags, int *ret_fd)
{
	struct stat st;
	fm_status status = look(path, &st);

	if (status_failed(status))
		return status;
	if (st.st_dev == source->st_dev && st.st_ino == source->st_ino)
		return FM_OK;
	if (!(flags & DISKFILE_MOVE_REPLACE))
		return FM_E_NAME_COLLISION;
	if (S_ISDIR(st.st_mode) || S_ISDIR(source->st_mode) ||
	    (S_ISREG(st.st_mode) && !(st.st_mode & 0222) && !(flags & DISKFILE_MOVE_READONLY)))
		return FM_E_ACCESS_DENIED;
	if (flags & DISKFILE_MOVE_POSIX)
		return FM_OK;
	status = diskfile_claim(path, &st, ret_fd);
	if (!status_failed(status) && *ret_fd >= 0 && filemark_mapped(*ret_fd))
		status = FM_E_ACCESS_DENIED;
	return status;
}

static fm_status rename_failed(const char *to, int error)
{
	switch (error) {
	case -EXDEV:
		return FM_E_NOT_SAME_DEVICE;
	case -ENOENT:
		return diskpath_missing(to);
	case -EINVAL: /* a directory into itself */
	case -ENOTEMPTY:
		return FM_E_ACCESS_DENIED;
	default:
		return status_of(OP_OPEN_FILE, error);
	}
}

static int rename_now(const char *source, const char *target, unsigned exclusive)
{
	int error = os.renameat2(AT_FDCWD, source, AT_FDCWD, target, exclusive);

	if (error == -EINVAL && exclusive) /* a file system that cannot exclude */
		error = os.renameat2(AT_FDCWD, source, AT_FDCWD, target, 0);
	return error;
}

/* What could not be made durable is not begun. The new name first: better two than none. */
static int rename_durably(const char *source, const char *target, unsigned exclusive)
{
	OS_CLEANUP_FD int from = open_directory(source), to = open_directory(target);
	int error = from < 0 ? from : to < 0 ? to : rename_now(source, target, exclusive);

	if (error >= 0)
		error = sync_directory(to);
	return error < 0 ? error : sync_directory(from);
}

/* @st: of @source, which nobody keeps from going. */
static fm_status move(const char *source, const struct stat *st, const char *target, unsigned flags)
{
	OS_CLEANUP_FD int target_fd = -1;
	fm_status status = claim_target(target, st, flags, &target_fd);
	unsigned exclusive = 0;
	int error;

	if (status == FM_E_NAME_NOT_FOUND && !(flags & DISKFILE_MOVE_REPLACE))
		exclusive = RENAME_NOREPLACE;
	else if (status_failed(status) && status != FM_E_NAME_NOT_FOUND)
		return status;
	error = (flags & DISKFILE_MOVE_THROUGH ? rename_durably : rename_now)(source, target, exclusive);
	return error < 0 ? rename_failed(target, error) : FM_OK;
}

fm_status diskfile_move(const char *from, const char *to, unsigned flags)
{
	char source[PATH_MAX], target[PATH_MAX];
	OS_CLEANUP_FD int fd = -1;
	struct stat st;
	fm_status status = diskpath_host(from, source);

	if (!status_failed(status))
		status = diskpath_host(to, target);
	if (!status_failed(status))
		status = look(source, &st);
	if (!status_failed(status))
		status = diskfile_claim(source, &st, &fd);
	return status_failed(status) ? status : move(source, &st, target, flags);
}

fm_status diskfile_rename(int number, const char *to, unsigned flags)
{
	char source[PATH_MAX], target[PATH_MAX];
	struct diskfile *file;
	struct stat st;
	fm_status status = diskfile_enter(number, DISKFILE_DELETE, &file);

	if (status_failed(status))
		return status;
	status = diskpath_host(to, target);
	if (!status_failed(status))
		status = diskfile_name(file->fd, source, &st);
	if (file->flags & DISKFILE_WRITE_THROUGH)
		flags |= DISKFILE_MOVE_THROUGH;
	if (!status_failed(status))
		status = move(source, &st, target, flags);
	diskfile_leave(file);
	return status;
}
