/* SPDX-License-Identifier: MIT */
/* Sections of files: checks, own descriptions, extension with storage. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "backing.h"
#include "diskfile.h"
#include "filemark.h"
#include "maps.h"
#include "os.h"
#include "status.h"

/*
 * An own description, so that its mode and its marks are ours. The caller's, shared, where /proc cannot
 * reopen the file (its mode was changed, or it came from another user): without a mark, which would stay
 * on the caller's description when the section has gone.
 */
static fm_status own_description(int fd, bool writable, int *ret_fd)
{
	int own = os_reopen(fd, writable ? O_RDWR : O_RDONLY);
	fm_status status;

	if (own == -EACCES || own == -EPERM || own == -ENOENT || own == -ETXTBSY) {
		own = os.dupfd(fd, 0);
		status = FM_OK;
	} else if (own >= 0) {
		status = filemark_section(own, writable);
	}
	if (own < 0)
		return status_of(OP_DESCRIPTOR, own);
	if (status_failed(status)) {
		os_close(own);
		return status;
	}
	*ret_fd = own;
	return FM_OK;
}

static fm_status check_kind(const struct stat *st)
{
	return S_ISREG(st->st_mode) ? FM_OK : FM_E_INVALID_FILE_FOR_SECTION;
}

static fm_status check_mode(int fd, uint32_t protection)
{
	int flags = os.getfl(fd);

	if (flags < 0)
		return FM_E_INVALID_HANDLE;
	if ((flags & O_PATH) || (flags & O_ACCMODE) == O_WRONLY)
		return FM_E_ACCESS_DENIED;
	return (protection & FM_WRITE) && (flags & O_ACCMODE) != O_RDWR ? FM_E_ACCESS_DENIED : FM_OK;
}

/* What the handle grants may be less than its descriptor's mode, and Windows looks at it first. */
static fm_status check_granted(const struct section_request *request)
{
	uint32_t needed = request->protection == FM_EXEC ? 0 : DISKFILE_READ;

	if (request->protection & FM_WRITE)
		needed |= DISKFILE_WRITE;
	if (request->protection & FM_EXEC)
		needed |= DISKFILE_EXECUTE;
	return request->file_rights_known && (needed & ~request->file_access) ? FM_E_ACCESS_DENIED : FM_OK;
}

/* File systems without fallocate: a byte in each block allocates it. Only bytes past the old end are written. */
static int touch_blocks(int fd, uint64_t from, uint64_t to, uint64_t *reached)
{
	int error = 0;

	for (uint64_t at = from; error >= 0 && at < to; at = (at / OS_PAGE + 1) * OS_PAGE) {
		error = os_pwrite_all(fd, "", 1, at);
		if (error >= 0)
			*reached = at + 1;
	}
	return error < 0 ? error : os_pwrite_all(fd, "", 1, to - 1);
}

/*
 * Storage first, beyond the end and invisible; then the size in one step that never shrinks. So neither
 * a failure nor another process that extends at the same time leaves a file of the wrong length.
 */
static int allocate_to(int fd, uint64_t from, uint64_t to, uint64_t *ret_reached)
{
	const uint64_t piece = 64u << 20;
	int error = 0;

	*ret_reached = from;
	for (uint64_t at = from; error >= 0 && at < to; at += piece)
		error = OS_RETRY(os.fallocate(fd, FALLOC_FL_KEEP_SIZE, at, to - at < piece ? to - at : piece));
	if (error == -EOPNOTSUPP)
		return touch_blocks(fd, from, to, ret_reached);
	return error < 0 ? error : OS_RETRY(os.fallocate(fd, 0, to - 1, 1));
}

/* The storage of a failed extension; not if somebody else has made the file longer, or does: it may be his. */
static void give_back(int fd, int guard, uint64_t old_size, uint64_t reached)
{
	struct stat now;

	if (filemark_extends_alone(guard) && os.fstat(fd, &now) == 0 && (uint64_t)now.st_size == reached)
		(void)OS_RETRY(os.ftruncate(fd, old_size)); /* else it stays with the file */
}

fm_status file_extend(int fd, uint64_t size)
{
	OS_CLEANUP_FD int guard = -1;
	struct stat st;
	uint64_t reached;
	int error = os.fstat(fd, &st);

	if (error >= 0 && (uint64_t)st.st_size >= size)
		return FM_OK;
	if (error >= 0) {
		guard = filemark_extend(fd);
		error = os.fstat(fd, &st); /* others may have been quicker */
	}
	if (error >= 0)
		error = os_check_size(size);
	if (error >= 0) {
		error = allocate_to(fd, (uint64_t)st.st_size, size, &reached);
		if (error < 0)
			give_back(fd, guard, (uint64_t)st.st_size, reached);
	}
	return error < 0 ? status_of(OP_STORAGE_FILE, error) : FM_OK;
}

static fm_status choose_size(const struct section_request *request, const struct stat *st, uint64_t *ret_size)
{
	uint64_t present = (uint64_t)st->st_size;

	if (request->size == 0 && present == 0)
		return FM_E_MAPPED_FILE_SIZE_ZERO;
	if (request->size > present && !(request->protection & FM_WRITE))
		return FM_E_SECTION_TOO_BIG;
	*ret_size = request->size ? request->size : present;
	return FM_OK;
}

static fm_status check(const struct section_request *request, struct stat *st, uint64_t *ret_size)
{
	int error = os.fstat(request->file, st);
	fm_status status;

	if (error < 0)
		return status_of(OP_DESCRIPTOR, error);
	status = check_granted(request);
	if (!status_failed(status))
		status = check_kind(st);
	if (!status_failed(status))
		status = check_mode(request->file, request->protection);
	return status_failed(status) ? status : choose_size(request, st, ret_size);
}

fm_status file_check(const struct section_request *request)
{
	struct stat st;
	uint64_t size;

	return check(request, &st, &size);
}

/* The mark stands before the size is looked at: from then on nobody who minds marks makes it smaller. */
static fm_status size_section(const struct section_request *request, int fd, uint64_t *ret_size)
{
	struct stat st;
	int error = os.fstat(fd, &st);

	if (error < 0)
		return status_of(OP_DESCRIPTOR, error);
	return choose_size(request, &st, ret_size);
}

/* Views go through a description that can do no more than the handle may; the mark stays the section's. */
static fm_status narrow(int *fd)
{
	int narrowed = os_reopen(*fd, O_RDONLY);
	fm_status status = narrowed < 0 ? status_of(OP_DESCRIPTOR, narrowed) : filemark_section(narrowed, true);

	if (status_failed(status)) {
		os_close(narrowed);
		return status;
	}
	os_close(*fd);
	*fd = narrowed;
	return FM_OK;
}

fm_status file_prepare(const struct section_request *request, struct section *section, int *ret_fd)
{
	struct stat st;
	uint64_t size = 0;
	fm_status status = check(request, &st, &size);
	int fd = -1;

	if (!status_failed(status))
		status = own_description(request->file, request->protection & FM_WRITE, &fd);
	if (status_failed(status))
		return status;
	status = size_section(request, fd, &size);
	if (!status_failed(status) && (request->protection & FM_WRITE) && !(request->access & FM_WRITE))
		status = narrow(&fd);
	if (status_failed(status)) {
		os_close(fd);
		return status;
	}
	section->backing = FM_BACKING_FILE;
	section->protection = request->protection;
	section->attributes = request->attributes & SECTION_KEPT;
	if (st.st_nlink)
		section->attributes &= ~(uint32_t)SECTION_PAGED; /* whoever says so: a file that others can find */
	section->size = size;
	section->device = st.st_dev;
	section->inode = st.st_ino;
	*ret_fd = fd;
	return FM_OK;
}

fm_status file_grow(const struct section_request *request)
{
	OS_CLEANUP_FD int fd = -1;
	struct stat st;
	fm_status status;
	int error = os.fstat(request->file, &st);

	if (error < 0)
		return status_of(OP_DESCRIPTOR, error);
	if (request->size <= (uint64_t)st.st_size)
		return FM_OK;
	status = own_description(request->file, true, &fd); /* the caller's may append, wherever a write says it goes */
	return status_failed(status) ? status : file_extend(fd, request->size);
}

static int record_of(const struct section *section, uint32_t access)
{
	char name[160];

	(void)snprintf(name, sizeof(name), "filemap-file:%" PRIx32 ":%" PRIx32 ":%" PRIx32 ":%" PRIx64 ":%" PRIx64 ":%d",
		       section->protection, section->attributes, access, section->size, section->identity,
		       section->map_fd); /* always fits */
	return memory_fd(name, 0);
}

/* The handle's number is a duplicate, so that a record can take its place without disturbing who maps. */
fm_status file_create(const struct section_request *request, struct fm_section **ret_handle)
{
	struct section *section = section_new();
	struct fm_section *handle;
	fm_status status;
	int map_fd, fd;

	if (!section)
		return FM_E_NO_MEMORY;
	status = file_prepare(request, section, &map_fd);
	if (status_failed(status)) {
		section_put(section);
		return status;
	}
	section->map_fd = map_fd;
	section->identity = os_monotonic_ns() ^ (uint64_t)os_pid() << 40;
	section->portable = request->portable;
	fd = request->portable ? record_of(section, request->access) : os.dupfd(map_fd, 0);
	if (fd < 0) {
		section_put(section); /* closes map_fd */
		return status_of(OP_DESCRIPTOR, fd);
	}
	status = section_finish(section, fd, request->access, &handle);
	if (status_failed(status))
		return status;
	if (request->inheritable)
		status = section_set_inheritable(handle, true);
	if (!status_failed(status))
		status = file_grow(request); /* last, so that what fails leaves the file as it was */
	if (status_failed(status))
		section_close(handle);
	if (!status_failed(status))
		*ret_handle = handle;
	return status;
}

int file_reopen_mapped(struct section *section, const void *mapped, int flags)
{
	struct os_map map;
	struct stat st;
	int fd, error = os_find_map((uintptr_t)mapped, &map);

	if (error < 0 || map.start > (uintptr_t)mapped)
		return error < 0 ? error : -ENOENT;
	fd = os_open(AT_FDCWD, map.path, flags | O_NOCTTY | O_NONBLOCK, 0);
	if (fd < 0)
		return fd;
	if (os.fstat(fd, &st) == 0 && st.st_dev == section->device && st.st_ino == section->inode)
		return fd;
	os_close(fd);
	return -ESTALE; /* another file has the name now */
}

/* ---- records: what another program finds under the number, after exec or by DuplicateHandle ---- */

#define RECORD_LINK "/memfd:filemap-file:"

fm_status file_make_record(struct fm_section *handle)
{
	int record = record_of(handle->section, handle->access), error;

	if (record < 0)
		return status_of(OP_DESCRIPTOR, record);
	error = os.dup3(record, handle->fd, O_CLOEXEC);
	os_close(record);
	return error < 0 ? status_of(OP_DESCRIPTOR, error) : FM_OK;
}

int file_is_record(int fd)
{
	char link[256];
	ssize_t length = os_fd_link(fd, link, sizeof(link));

	return length < 0 ? (int)length : strncmp(link, RECORD_LINK, sizeof(RECORD_LINK) - 1) == 0;
}

bool record_text(const char *link, struct section_text *ret_text)
{
	return sscanf(link, RECORD_LINK "%" SCNx32 ":%" SCNx32 ":%" SCNx32 ":%" SCNx64 ":%" SCNx64 ":%d",
		      &ret_text->protection, &ret_text->attributes, &ret_text->access, &ret_text->size,
		      &ret_text->identity, &ret_text->number) == 6;
}

/* Also fills device and inode. */
static fm_status check_record(struct section *section)
{
	const uint32_t kept = SECTION_KEPT & ~(uint32_t)(SECTION_RESERVE | SECTION_LAZY); /* those are memory's */
	struct stat st;
	int mode = os.getfl(section->map_fd);

	if (mode < 0 || os.fstat(section->map_fd, &st) < 0 || !S_ISREG(st.st_mode) || (mode & O_ACCMODE) == O_WRONLY ||
	    (section->attributes & ~kept) || (section->attributes & SECTION_PAGED && st.st_nlink) || !memory_protection_valid(section->protection) ||
	    section->size == 0 || section->size > INT64_MAX)
		return FM_E_OBJECT_CORRUPT;
	section->device = st.st_dev;
	section->inode = st.st_ino;
	return FM_OK;
}

fm_status file_recognise(int fd, section_fetcher *fetch, void *context, struct section *section,
			 uint32_t *ret_access)
{
	char link[256];
	struct section_text text;
	int map_fd;
	fm_status status;

	if (os_fd_link(fd, link, sizeof(link)) < 0)
		return FM_E_INVALID_HANDLE;
	if (!record_text(link, &text))
		return FM_E_OBJECT_TYPE_MISMATCH;
	if (text.number < 0)
		return FM_E_OBJECT_CORRUPT; /* nobody's descriptor, and no error of ours */
	map_fd = fetch ? fetch(context, text.number) : text.number;
	if (map_fd < 0)
		return status_of(OP_DESCRIPTOR, map_fd);
	section->protection = text.protection;
	section->attributes = text.attributes;
	section->size = text.size;
	section->identity = text.identity;
	section->map_fd = map_fd;
	section->backing = FM_BACKING_FILE;
	status = check_record(section);
	if (status_failed(status)) {
		section->map_fd = -1;
		if (fetch)
			os_close(map_fd);
		return status;
	}
	*ret_access = text.access;
	return FM_OK;
}
