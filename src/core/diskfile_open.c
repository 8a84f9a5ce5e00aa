/* SPDX-License-Identifier: MIT */
/* Opening, making and deleting files. */
#include <stdio.h>

#include "diskfile_internal.h"
#include "diskpath.h"
#include "filemark.h"
#include "lock.h"
#include "os.h"
#include "status.h"

enum { WRITES = DISKFILE_WRITE | DISKFILE_APPEND, COUNTED = 0x10000 | 0x27 /* rights that share modes mind */ };

/* One opening, step by step. */
struct opening {
	const struct diskfile_request *request;
	char path[PATH_MAX];
	uint32_t access;    /* expanded */
	bool cuts;          /* what exists is emptied */
	bool made;          /* it did not exist */
	int fd;
	struct stat st;
};

static fm_status check_request(const struct diskfile_request *request)
{
	bool writes = diskfile_expand(request->access) & DISKFILE_WRITE;

	if (request->disposition < DISKFILE_CREATE_NEW || request->disposition > DISKFILE_TRUNCATE_EXISTING)
		return FM_E_INVALID_PARAMETER;
	if (request->share & ~7u)
		return FM_E_INVALID_PARAMETER;
	if (request->disposition == DISKFILE_TRUNCATE_EXISTING && !writes)
		return FM_E_INVALID_PARAMETER;
	return FM_OK;
}

/* The flags of open(2). An open that only looks needs no right to the data, and has no effect on devices. */
static int mode_of(const struct opening *opening)
{
	uint32_t flags = opening->request->flags;
	int mode = O_NOCTTY | (flags & DISKFILE_WRITE_THROUGH ? O_DSYNC : 0);

	if ((opening->access & WRITES) == DISKFILE_APPEND)
		mode |= O_APPEND;
	if (opening->access & WRITES || opening->cuts)
		return mode | O_RDWR; /* readable too, for the marks */
	return opening->access & COUNTED ? mode | O_RDONLY : O_PATH;
}

static int open_existing(const struct opening *opening)
{
	int mode = mode_of(opening);
	int fd = os_open(AT_FDCWD, opening->path, mode, 0);

	if (fd == -EISDIR && opening->request->flags & DISKFILE_BACKUP_SEMANTICS)
		fd = os_open(AT_FDCWD, opening->path, O_RDONLY | O_DIRECTORY, 0);
	if (fd == -EACCES && (mode & O_ACCMODE) == O_RDWR && !(opening->access & (DISKFILE_READ | DISKFILE_EXECUTE)))
		fd = os_open(AT_FDCWD, opening->path, (mode & ~O_ACCMODE) | O_WRONLY, 0); /* without marks */
	return fd;
}

static int make(struct opening *opening)
{
	const struct acl *acl = opening->request->acl;
	uint32_t bits = opening->request->flags & DISKFILE_READONLY ? 0444 : 0666;
	bool guarded = acl && acl->mode;
	int mode = mode_of(opening), error;
	int fd = os_open(AT_FDCWD, opening->path, (mode & O_PATH ? O_RDONLY : mode) | O_CREAT | O_EXCL,
			 guarded ? bits & 0600 : bits); /* nobody sees it wider than it shall be */

	opening->made = fd >= 0;
	if (fd < 0 || !guarded)
		return fd;
	error = acl_set(fd, acl->mode & bits, acl);
	if (error == 0)
		return fd;
	(void)os.unlinkat(AT_FDCWD, opening->path, 0); /* the failure that is reported came first */
	os_close(fd);
	opening->made = false;
	return error;
}

/* Open or make; -ENOENT and -EEXIST chase each other only while others make and remove the file. */
static int open_or_make(struct opening *opening)
{
	int fd = -ENOENT;

	opening->made = false;
	switch (opening->request->disposition) {
	case DISKFILE_CREATE_NEW:
		return make(opening);
	case DISKFILE_CREATE_ALWAYS:
	case DISKFILE_OPEN_ALWAYS:
		for (int i = 0; i < 16 && (fd == -ENOENT || fd == -EEXIST); i++) {
			fd = open_existing(opening);
			if (fd == -ENOENT)
				fd = make(opening);
		}
		return fd == -EEXIST ? -ENOENT : fd;
	default:
		return open_existing(opening);
	}
}

static fm_status check_kind(const struct opening *opening)
{
	uint32_t flags = opening->request->flags;
	bool read_only = S_ISREG(opening->st.st_mode) && !(opening->st.st_mode & 0222);

	if (opening->made)
		return FM_OK;
	if (S_ISDIR(opening->st.st_mode) && (opening->cuts || !(flags & DISKFILE_BACKUP_SEMANTICS)))
		return FM_E_FILE_IS_A_DIRECTORY;
	if (read_only && (opening->access & WRITES || opening->cuts))
		return FM_E_ACCESS_DENIED; /* to root too: it is the read-only attribute */
	return read_only && flags & DISKFILE_DELETE_ON_CLOSE ? FM_E_CANNOT_DELETE : FM_OK;
}

/* Emptying counts as writing while it lasts. */
static fm_status mark(const struct opening *opening)
{
	uint32_t access = opening->access | (opening->cuts && !opening->made ? DISKFILE_WRITE : 0u);

	if (!S_ISREG(opening->st.st_mode) && !S_ISDIR(opening->st.st_mode))
		return FM_OK;
	return filemark_open(opening->fd, access, opening->request->share);
}

static fm_status cut(const struct opening *opening)
{
	fm_status status;
	int error;

	if (!opening->cuts || opening->made || !S_ISREG(opening->st.st_mode))
		return FM_OK;
	status = filemark_cut(opening->fd);
	if (status_failed(status))
		return status;
	error = opening->request->flags & DISKFILE_READONLY ? os.fchmod(opening->fd, opening->st.st_mode & 0555) : 0;
	if (error >= 0) {
		error = OS_RETRY(os.ftruncate(opening->fd, 0));
		if (error < 0 && opening->request->flags & DISKFILE_READONLY)
			(void)os.fchmod(opening->fd, opening->st.st_mode & 07777); /* as it was a moment ago */
	}
	filemark_cut_end(opening->fd);
	if (error >= 0 && !(opening->access & WRITES))
		filemark_drop(opening->fd, FILEMARK_USE_WRITE);
	return error < 0 ? status_of(OP_STORAGE_FILE, error) : FM_OK;
}

static fm_status open_failed(const struct opening *opening, int error)
{
	return error == -ENOENT ? diskpath_missing(opening->path) : status_of(OP_OPEN_FILE, error);
}

/* FM_E_FILE_DELETED: removed between opening and marking; marked files are only removed by their sharers. */
static fm_status open_once(struct opening *opening)
{
	fm_status status;
	int error;

	opening->fd = open_or_make(opening);
	if (opening->fd < 0)
		return open_failed(opening, opening->fd);
	error = os.fstat(opening->fd, &opening->st);
	status = error < 0 ? status_of(OP_DESCRIPTOR, error) : check_kind(opening);
	if (!status_failed(status))
		status = mark(opening);
	if (!status_failed(status) && opening->st.st_nlink) {
		error = os.fstat(opening->fd, &opening->st);
		if (error < 0)
			status = status_of(OP_DESCRIPTOR, error);
		else if (!opening->st.st_nlink)
			status = FM_E_FILE_DELETED;
	}
	return status;
}

/* A file made a moment ago goes again, unless somebody has opened it since: he is why it is not shared. */
static void undo(struct opening *opening, fm_status status)
{
	if (opening->fd >= 0 && opening->made && status != FM_E_SHARING_VIOLATION)
		(void)os.unlinkat(AT_FDCWD, opening->path, 0); /* the failure that is reported came first */
	os_close(opening->fd);
	opening->fd = -1;
}

/* All that a handle needs, so that nothing but emptying the file is left to fail. */
static fm_status make_handle(const struct opening *opening, struct diskfile **ret_file)
{
	const struct diskfile_request *request = opening->request;
	struct deletion *deletion = NULL;
	struct diskfile *file = NULL;
	fm_status status = FM_E_NO_MEMORY;
	int error;

	if (request->flags & DISKFILE_DELETE_ON_CLOSE) {
		deletion = diskfile_deletion_new(true);
		if (!deletion)
			return FM_E_NO_MEMORY;
	}
	error = request->inheritable ? os.setfd(opening->fd, 0) : 0;
	if (error < 0)
		status = status_of(OP_DESCRIPTOR, error);
	else
		file = diskfile_new(opening->fd, opening->access, request->flags, deletion);
	if (file) {
		atomic_init(&file->alone, !request->inheritable);
		atomic_init(&file->name_due, opening->made && !(request->flags & DISKFILE_WRITE_THROUGH));
		status = handle_reserve(opening->fd);
	}
	if (status_failed(status)) {
		os_free(file);
		os_free(deletion);
	} else {
		*ret_file = file;
	}
	return status;
}

/* The handle is entered last: who is told of a failure finds the file as it was. */
static fm_status publish(const struct opening *opening)
{
	struct diskfile *file;
	fm_status status = make_handle(opening, &file);

	if (status_failed(status))
		return status;
	status = cut(opening);
	if (!status_failed(status))
		return handle_publish(&file->handle, opening->fd); /* it has its place */
	os_free(file->deletion);
	os_free(file);
	return status;
}

fm_status diskfile_open(const struct diskfile_request *request, int *ret_number)
{
	struct opening opening = { .request = request, .access = diskfile_expand(request->access), .fd = -1 };
	fm_status status = check_request(request);

	if (!status_failed(status))
		status = lock_ready();
	if (!status_failed(status))
		status = diskpath_host(request->path, opening.path);
	if (status_failed(status))
		return status;
	if (request->flags & DISKFILE_DELETE_ON_CLOSE)
		opening.access |= DISKFILE_DELETE;
	opening.cuts = request->disposition == DISKFILE_CREATE_ALWAYS ||
		       request->disposition == DISKFILE_TRUNCATE_EXISTING;
	status = open_once(&opening);
	for (int i = 0; i < 16 && status == FM_E_FILE_DELETED; i++) {
		os_close(opening.fd);
		status = open_once(&opening);
	}
	if (!status_failed(status) && opening.made && request->flags & DISKFILE_WRITE_THROUGH)
		status = diskfile_sync_name(opening.fd);
	if (!status_failed(status))
		status = publish(&opening);
	if (status_failed(status)) {
		undo(&opening, status);
		return status;
	}
	*ret_number = opening.fd;
	return !opening.made && (request->disposition == DISKFILE_CREATE_ALWAYS ||
				 request->disposition == DISKFILE_OPEN_ALWAYS) ? FM_NAME_EXISTS : FM_OK;
}

/* ---- deleting ---- */

static int open_to_delete(const char *path)
{
	int fd = os_open(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);

	return fd == -EACCES ? os_open(AT_FDCWD, path, O_PATH | O_NOFOLLOW, 0) : fd;
}

/* The marks stand until its name has gone. */
fm_status diskfile_claim(const char *path, const struct stat *expected, int *ret_fd)
{
	struct stat st;
	OS_CLEANUP_FD int fd = -1;
	fm_status status;
	int error;

	*ret_fd = -1;
	if (!S_ISREG(expected->st_mode))
		return FM_OK;
	fd = open_to_delete(path);
	error = fd < 0 ? fd : os.fstat(fd, &st);
	if (error < 0)
		return status_of(OP_OPEN_FILE, error);
	if (st.st_dev != expected->st_dev || st.st_ino != expected->st_ino)
		return FM_E_SHARING_VIOLATION; /* replaced this moment */
	status = filemark_open(fd, DISKFILE_DELETE, 7);
	if (!status_failed(status))
		*ret_fd = OS_TAKE(fd);
	return status;
}

fm_status diskfile_delete(const char *text)
{
	char path[PATH_MAX];
	struct stat st;
	fm_status status = diskpath_host(text, path);
	OS_CLEANUP_FD int fd = -1;
	int error;

	if (status_failed(status))
		return status;
	error = os.fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW);
	if (error < 0)
		return error == -ENOENT ? diskpath_missing(path) : status_of(OP_OPEN_FILE, error);
	if (S_ISDIR(st.st_mode))
		return FM_E_FILE_IS_A_DIRECTORY;
	if (S_ISREG(st.st_mode) && !(st.st_mode & 0222))
		return FM_E_CANNOT_DELETE;
	status = diskfile_claim(path, &st, &fd);
	if (!status_failed(status) && fd >= 0 && filemark_mapped(fd))
		status = FM_E_CANNOT_DELETE;
	if (status_failed(status))
		return status;
	error = os.unlinkat(AT_FDCWD, path, 0);
	return error < 0 ? status_of(OP_OPEN_FILE, error) : FM_OK;
}
