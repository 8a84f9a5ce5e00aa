/* SPDX-License-Identifier: MIT */
/* Reading, writing, positions, sizes. */
#include "backing.h"
#include "diskfile_internal.h"
#include "filemark.h"
#include "os.h"
#include "status.h"

/* ---- transfers ---- */

/* One transfer of a positioned or of a sequential kind; both may be short. */
static ssize_t read_some(int fd, char *buffer, size_t size, const uint64_t *offset, size_t done)
{
	return offset ? OS_RETRY(os.pread(fd, buffer + done, size - done, *offset + done))
		      : OS_RETRY(os.read(fd, buffer + done, size - done));
}

static ssize_t write_some(int fd, const char *buffer, size_t size, const uint64_t *offset, size_t done)
{
	return offset ? OS_RETRY(os.pwrite(fd, buffer + done, size - done, *offset + done))
		      : OS_RETRY(os.write(fd, buffer + done, size - done));
}

/* A positioned transfer leaves the position after it, except where every call says its own. */
static void follow(struct diskfile *file, const uint64_t *offset, size_t done)
{
	if (!offset || file->flags & DISKFILE_OVERLAPPED)
		return;
	if (diskfile_regular(file) > 0 && atomic_load_explicit(&file->alone, memory_order_relaxed))
		atomic_store_explicit(&file->position, (int64_t)(*offset + done), memory_order_relaxed);
	else
		(void)os.lseek(file->fd, (int64_t)(*offset + done), SEEK_SET); /* a pipe has no position */
}

static fm_status check_offset(const struct diskfile *file, size_t size, const uint64_t *offset)
{
	if (!offset)
		return file->flags & DISKFILE_OVERLAPPED ? FM_E_INVALID_PARAMETER : FM_OK;
	return *offset > INT64_MAX || size > INT64_MAX - *offset ? FM_E_INVALID_PARAMETER : FM_OK;
}

/* Where a transfer begins; -1: nowhere, in what is no regular file and has neither locks nor a limit. */
static fm_status find_start(struct diskfile *file, size_t size, const uint64_t *offset, int64_t *ret_start)
{
	fm_status status = check_offset(file, size, offset);
	int64_t regular = status_failed(status) ? 0 : diskfile_regular(file);

	*ret_start = -1;
	if (regular > 0 && offset) {
		*ret_start = (int64_t)*offset;
	} else if (regular > 0) {
		diskfile_settle(file);
		*ret_start = regular = os.lseek(file->fd, 0, SEEK_CUR);
	}
	return regular < 0 ? status_of(OP_TRANSFER, (int)regular) : status;
}

/* A transfer that fails half way moves no position. */
static void step_back(struct diskfile *file, const uint64_t *offset, int64_t start)
{
	if (!offset && start >= 0)
		(void)os.lseek(file->fd, start, SEEK_SET); /* where it has been */
}

static fm_status read_file(struct diskfile *file, char *buffer, size_t size, const uint64_t *offset, size_t *ret_done)
{
	int64_t start;
	fm_status status = find_start(file, size, offset, &start);
	size_t done = 0;
	ssize_t got = 1;

	if (start >= 0)
		status = filelock_check(file, (uint64_t)start, size, false);
	if (status_failed(status))
		return status;
	while (done < size && got > 0) {
		got = read_some(file->fd, buffer, size, offset, done);
		done += got > 0 ? (size_t)got : 0;
		if (!offset && got > 0 && done < size && os.lseek(file->fd, 0, SEEK_CUR) < 0)
			break; /* a pipe or a terminal: what there is */
	}
	if (got < 0) {
		step_back(file, offset, start);
		return status_of(OP_TRANSFER, (int)got);
	}
	if (offset && size && !done)
		return FM_E_END_OF_FILE;
	follow(file, offset, done);
	*ret_done = done;
	return FM_OK;
}

fm_status diskfile_read(int number, void *buffer, size_t size, const uint64_t *offset, size_t *ret_done)
{
	struct diskfile *file;
	fm_status status = diskfile_enter(number, DISKFILE_READ, &file);

	if (status_failed(status))
		return status;
	status = read_file(file, buffer, size, offset, ret_done);
	diskfile_leave(file);
	return status;
}

/* Does the description append, wherever a write says that it goes? Ours do if that is all they may. */
static bool appends(const struct diskfile *file)
{
	if (!file->foreign && (file->access & (DISKFILE_WRITE | DISKFILE_APPEND)) != DISKFILE_APPEND)
		return false;
	return os.getfl(file->fd) & O_APPEND;
}

/*
 * RLIMIT_FSIZE is an error and not a signal. What was allowed stays so: that the program lowers its own
 * limit below what it has written is not looked for.
 */
static fm_status check_limit(struct diskfile *file, uint64_t start, size_t size)
{
	struct stat st;
	int error = 0;

	if (appends(file)) {
		error = os.fstat(file->fd, &st);
		if (error >= 0)
			start = (uint64_t)st.st_size;
	}
	if (error >= 0 && size > (uint64_t)INT64_MAX - start)
		return FM_E_INVALID_PARAMETER;
	if (error >= 0 && start + size > atomic_load_explicit(&file->allowed, memory_order_relaxed)) {
		error = os_check_size(start + size);
		if (error >= 0)
			atomic_store_explicit(&file->allowed, start + size, memory_order_relaxed);
	}
	return error < 0 ? status_of(OP_STORAGE_FILE, error) : FM_OK;
}

static fm_status write_file(struct diskfile *file, const char *buffer, size_t size, const uint64_t *offset,
			    size_t *ret_done)
{
	int64_t start;
	fm_status status = find_start(file, size, offset, &start);
	size_t done = 0;
	ssize_t put = 1;

	if (start >= 0 && size)
		status = filelock_check(file, (uint64_t)start, size, true);
	if (start >= 0 && size && !status_failed(status))
		status = check_limit(file, (uint64_t)start, size);
	if (status_failed(status))
		return status;
	while (done < size && put > 0) {
		put = write_some(file->fd, buffer, size, offset, done);
		done += put > 0 ? (size_t)put : 0;
	}
	if (put < 0) {
		step_back(file, offset, start);
		return put == -ENOSPC ? FM_E_DISK_FULL : status_of(OP_TRANSFER, (int)put);
	}
	follow(file, offset, done);
	*ret_done = done;
	return FM_OK;
}

fm_status diskfile_write(int number, const void *buffer, size_t size, const uint64_t *offset, size_t *ret_done)
{
	struct diskfile *file;
	fm_status status = diskfile_enter(number, DISKFILE_WRITE | DISKFILE_APPEND, &file);
	uint64_t end;

	if (status_failed(status))
		return status;
	if (offset && *offset == DISKFILE_APPEND_AT) {
		int64_t at = os.lseek(file->fd, 0, SEEK_END);

		end = (uint64_t)at;
		offset = &end;
		if (at < 0)
			status = status_of(OP_TRANSFER, (int)at);
	}
	if (!status_failed(status))
		status = write_file(file, buffer, size, offset, ret_done);
	diskfile_leave(file);
	return status;
}

/* ---- positions and sizes ---- */

static fm_status seek_file(struct diskfile *file, int64_t distance, unsigned origin, uint64_t limit,
			   uint64_t *ret_position)
{
	struct stat st;
	int64_t base = 0, target;

	diskfile_settle(file);
	if (origin == DISKFILE_CURRENT)
		base = os.lseek(file->fd, 0, SEEK_CUR);
	else if (origin == DISKFILE_END && (base = os.fstat(file->fd, &st)) >= 0)
		base = st.st_size;
	if (base < 0)
		return status_of(OP_TRANSFER, (int)base);
	if (__builtin_add_overflow(base, distance, &target))
		return FM_E_INVALID_PARAMETER;
	if (target < 0)
		return FM_E_NEGATIVE_SEEK;
	if ((uint64_t)target > limit)
		return FM_E_INVALID_PARAMETER;
	target = os.lseek(file->fd, target, SEEK_SET);
	if (target < 0)
		return status_of(OP_TRANSFER, (int)target);
	*ret_position = (uint64_t)target;
	return FM_OK;
}

fm_status diskfile_seek(int number, int64_t distance, unsigned origin, uint64_t limit, uint64_t *ret_position)
{
	struct diskfile *file;
	fm_status status = diskfile_enter(number, 0, &file);

	if (status_failed(status))
		return status;
	status = origin > DISKFILE_END ? FM_E_INVALID_PARAMETER
				       : seek_file(file, distance, origin, limit, ret_position);
	diskfile_leave(file);
	return status;
}

/* Smaller: nobody may have the file mapped. Larger: storage first, as everywhere. */
static fm_status set_size(const struct diskfile *file, uint64_t size)
{
	struct stat st;
	fm_status status;
	int error = os.fstat(file->fd, &st);

	if (error < 0)
		return status_of(OP_TRANSFER, error);
	if (size > INT64_MAX)
		return FM_E_INVALID_PARAMETER;
	if ((int64_t)size == st.st_size)
		return FM_OK; /* nothing is cut, so nobody is asked: LMDB does it to a file that others have mapped */
	if ((int64_t)size > st.st_size)
		return file_extend(file->fd, size);
	status = filemark_cut(file->fd);
	if (status_failed(status))
		return status;
	error = OS_RETRY(os.ftruncate(file->fd, size));
	filemark_cut_end(file->fd);
	return error < 0 ? status_of(OP_STORAGE_FILE, error) : FM_OK;
}

static fm_status set_end_work(struct diskfile *file, void *context)
{
	int64_t position;

	(void)context;
	diskfile_settle(file);
	position = os.lseek(file->fd, 0, SEEK_CUR);
	return position < 0 ? status_of(OP_TRANSFER, (int)position) : set_size(file, (uint64_t)position);
}

fm_status diskfile_set_end(int number)
{
	return diskfile_with(number, DISKFILE_WRITE, set_end_work, NULL);
}

static fm_status set_size_work(struct diskfile *file, void *context)
{
	return set_size(file, *(const uint64_t *)context);
}

fm_status diskfile_set_size(int number, uint64_t size)
{
	return diskfile_with(number, DISKFILE_WRITE, set_size_work, &size);
}

static fm_status stat_work(struct diskfile *file, void *context)
{
	int error = os.fstat(file->fd, context);

	return error < 0 ? status_of(OP_DESCRIPTOR, error) : FM_OK;
}

fm_status diskfile_size(int number, uint64_t *ret_size)
{
	struct stat st;
	fm_status status = diskfile_with(number, 0, stat_work, &st);

	if (status_failed(status))
		return status;
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return FM_E_INVALID_DEVICE_REQUEST;
	*ret_size = S_ISDIR(st.st_mode) ? 0 : (uint64_t)st.st_size;
	return FM_OK;
}

fm_status diskfile_type(int number, unsigned *ret_type)
{
	struct stat st;
	fm_status status = diskfile_with(number, 0, stat_work, &st);

	if (status_failed(status))
		return status;
	*ret_type = S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) ? DISKFILE_TYPE_PIPE
		    : S_ISCHR(st.st_mode)			 ? DISKFILE_TYPE_CHAR
								 : DISKFILE_TYPE_DISK;
	return FM_OK;
}

static fm_status flush_work(struct diskfile *file, void *context)
{
	int error = OS_RETRY(os.fsync(file->fd));
	fm_status status;

	(void)context;
	if (error >= 0 && atomic_load_explicit(&file->name_due, memory_order_relaxed)) {
		status = diskfile_sync_name(file->fd);
		atomic_store_explicit(&file->name_due, status_failed(status), memory_order_relaxed);
		return status;
	}
	if (error == -EINVAL || error == -EROFS) /* a terminal, a pipe: nothing is kept back here */
		return FM_E_INVALID_HANDLE;
	return error < 0 ? status_of(OP_FLUSH, error) : FM_OK;
}

fm_status diskfile_flush(int number)
{
	return diskfile_with(number, DISKFILE_WRITE | DISKFILE_APPEND, flush_work, NULL);
}
