/* SPDX-License-Identifier: MIT */
/* File handles: adopting, closing, rights. */
#include "diskfile.h"

#include "diskfile_internal.h"
#include "os.h"
#include "status.h"

enum {
	GENERIC_READ_RIGHTS = 0x120089,
	GENERIC_WRITE_RIGHTS = 0x120116,
	GENERIC_EXECUTE_RIGHTS = 0x1200a0,
	ALL_RIGHTS = 0x1f01ff,
};

uint32_t diskfile_expand(uint32_t access)
{
	uint32_t rights = access & ALL_RIGHTS;

	if (access & 0x80000000)
		rights |= GENERIC_READ_RIGHTS;
	if (access & 0x40000000)
		rights |= GENERIC_WRITE_RIGHTS;
	if (access & 0x20000000)
		rights |= GENERIC_EXECUTE_RIGHTS;
	if (access & 0x10000000)
		rights |= ALL_RIGHTS;
	return rights;
}

/* What a descriptor's mode can carry; executing is a right that descriptors do not know. */
static uint32_t rights_of_mode(int mode)
{
	if (mode & O_PATH)
		return 0x100000 | DISKFILE_READ_ATTRIBUTES;
	switch (mode & O_ACCMODE) {
	case O_RDONLY:
		return GENERIC_READ_RIGHTS;
	case O_WRONLY:
		return GENERIC_WRITE_RIGHTS;
	default:
		return GENERIC_READ_RIGHTS | GENERIC_WRITE_RIGHTS;
	}
}

static int identify(int fd, struct diskfile *file)
{
	struct stat st;
	int error = os.fstat(fd, &st);

	file->mode = error < 0 ? error : os.getfl(fd);
	if (file->mode < 0)
		return file->mode;
	file->device = st.st_dev;
	file->inode = st.st_ino;
	return 0;
}

struct diskfile *diskfile_new(int fd, uint32_t access, uint32_t flags, struct deletion *deletion)
{
	struct diskfile *file = os_allocate(sizeof(*file));

	if (!file)
		return NULL;
	atomic_init(&file->fd, fd);
	file->access = access;
	file->flags = flags;
	atomic_init(&file->deletion, deletion);
	atomic_init(&file->position, -1);
	handle_init(&file->handle, &file_kind);
	return file;
}

static fm_status adopt_file(int number, struct handle **ret_handle)
{
	struct diskfile *file = diskfile_new(number, 0, 0, NULL);

	if (!file)
		return FM_E_NO_MEMORY;
	if (identify(number, file) < 0) {
		os_free(file);
		return FM_E_INVALID_HANDLE;
	}
	file->access = rights_of_mode(file->mode);
	file->foreign = true;
	*ret_handle = &file->handle;
	return FM_OK;
}

/* ---- closing ---- */

static void close_file(struct handle *handle)
{
	struct diskfile *file = (struct diskfile *)handle;

	diskfile_drop_deletion(file, true);
	filelock_leave(file->locks);
	os_close(file->fd);
}

static void forget_file(struct handle *handle)
{
	struct diskfile *file = (struct diskfile *)handle;

	diskfile_drop_deletion(file, false);
	filelock_leave(file->locks);
	os_free(file);
}

static bool file_lost(struct handle *handle)
{
	struct diskfile *file = (struct diskfile *)handle, now;

	if (!atomic_load_explicit(&file->foreign, memory_order_acquire))
		return false;
	if (identify(file->fd, &now) == 0 && now.device == file->device && now.inode == file->inode &&
	    !((now.mode ^ file->mode) & (O_ACCMODE | O_PATH)))
		return false;
	file->fd = -1;
	return true;
}

/* ---- duplicates, here and in other processes ---- */

static fm_status duplicate_file(struct handle *source, const uint32_t *access, struct handle **ret_handle,
				int *ret_number)
{
	struct diskfile *file = (struct diskfile *)source, *copy;
	uint32_t rights = access ? diskfile_expand(*access) : file->access;
	struct deletion *deletion = file->deletion;
	struct filelocks *locks;
	fm_status status;
	int fd;

	if (rights & ~file->access)
		return FM_E_ACCESS_DENIED; /* files give no more than they have */
	status = filelock_share(file, &locks);
	if (status_failed(status))
		return status;
	fd = os.dupfd(file->fd, 0);
	copy = fd < 0 ? NULL : diskfile_new(fd, rights, file->flags, deletion);
	if (!copy) {
		filelock_leave(locks);
		os_close(fd);
		return fd < 0 ? status_of(OP_DESCRIPTOR, fd) : FM_E_NO_MEMORY;
	}
	diskfile_share(file);
	copy->locks = locks;
	copy->name_due = atomic_load_explicit(&file->name_due, memory_order_relaxed);
	if (deletion)
		atomic_fetch_add_explicit(&deletion->handles, 1, memory_order_relaxed);
	*ret_handle = &copy->handle;
	*ret_number = fd;
	return FM_OK;
}

static fm_status pack_file(struct handle *source, const uint32_t *access, struct parcel *ret_parcel)
{
	struct diskfile *file = (struct diskfile *)source;
	uint32_t rights = access ? diskfile_expand(*access) : file->access;
	int fd;

	if (rights & ~file->access)
		return FM_E_ACCESS_DENIED;
	fd = os.dupfd(file->fd, 0);
	if (fd < 0)
		return status_of(OP_DESCRIPTOR, fd);
	diskfile_share(file);
	ret_parcel->words[0] = rights;
	ret_parcel->words[1] = file->flags;
	ret_parcel->fds[0] = fd;
	ret_parcel->count = 1;
	return FM_OK;
}

static fm_status set_inheritable_file(struct handle *handle, bool inheritable)
{
	int error = os.setfd(handle->number, inheritable ? 0 : FD_CLOEXEC);

	if (inheritable)
		diskfile_share((struct diskfile *)handle);
	return error < 0 ? status_of(OP_DESCRIPTOR, error) : FM_OK;
}

/* What a hostile sender says counts only as far as the mode of the descriptor he sent. */
static fm_status unpack_file(const struct parcel *parcel, int number, struct handle **ret_handle)
{
	const uint32_t by_mode = GENERIC_READ_RIGHTS | GENERIC_WRITE_RIGHTS;
	struct diskfile *file;
	int mode = parcel->count == 1 ? os.getfl(parcel->fds[0]) : -EBADF;
	int fd = mode < 0 ? mode : os.dupfd(parcel->fds[0], number);

	for (uint32_t i = 0; i < parcel->count; i++)
		os_close(parcel->fds[i]);
	if (fd != number) { /* somebody else has it by now */
		os_close(fd);
		return fd < 0 ? status_of(OP_DESCRIPTOR, fd) : FM_E_INVALID_HANDLE;
	}
	file = diskfile_new(number, parcel->words[0] & ALL_RIGHTS & (rights_of_mode(mode) | ~by_mode),
			    parcel->words[1] & ~(uint32_t)DISKFILE_DELETE_ON_CLOSE, NULL);
	if (!file) {
		os_close(number);
		return FM_E_NO_MEMORY;
	}
	*ret_handle = &file->handle;
	return FM_OK;
}

const struct handle_kind file_kind = {
	.name = "file",
	.close = close_file,
	.adopt = adopt_file,
	.forget = forget_file,
	.duplicate = duplicate_file,
	.set_inheritable = set_inheritable_file,
	.pack = pack_file,
	.unpack = unpack_file,
	.lost = file_lost,
};

/* ---- use ---- */

fm_status diskfile_enter(int number, uint32_t any, struct diskfile **ret_file)
{
	struct handle *handle;
	fm_status status = handle_enter(number, &file_kind, &handle);

	if (status_failed(status))
		return status;
	if (any && !(((struct diskfile *)handle)->access & any)) {
		handle_leave(handle);
		return FM_E_ACCESS_DENIED;
	}
	*ret_file = (struct diskfile *)handle;
	return FM_OK;
}

void diskfile_leave(struct diskfile *file)
{
	handle_leave(&file->handle);
}

fm_status diskfile_with(int number, uint32_t any, diskfile_work *work, void *context)
{
	struct diskfile *file;
	fm_status status = diskfile_enter(number, any, &file);

	if (status_failed(status))
		return status;
	status = work(file, context);
	diskfile_leave(file);
	return status;
}

void diskfile_settle(struct diskfile *file)
{
	int64_t position = atomic_load_explicit(&file->position, memory_order_relaxed);

	if (position >= 0 && atomic_compare_exchange_strong(&file->position, &position, -1))
		(void)os.lseek(file->fd, position, SEEK_SET); /* the file has a position, or it had none before */
}

void diskfile_share(struct diskfile *file)
{
	atomic_store(&file->alone, false);
	diskfile_settle(file);
}

int diskfile_regular(struct diskfile *file)
{
	signed char regular = atomic_load_explicit(&file->regular, memory_order_relaxed);
	struct stat st;
	int error;

	if (!regular) {
		error = os.fstat(file->fd, &st);
		if (error < 0)
			return error;
		regular = S_ISREG(st.st_mode) ? 1 : -1;
		atomic_store_explicit(&file->regular, regular, memory_order_relaxed);
	}
	return regular > 0;
}

fm_status diskfile_rights(int number, uint32_t *ret_access)
{
	struct diskfile *file;
	fm_status status = diskfile_enter(number, 0, &file);

	if (status_failed(status))
		return status;
	*ret_access = file->access;
	diskfile_leave(file);
	return FM_OK;
}

fm_status diskfile_hand_over(int number)
{
	struct diskfile *file;
	fm_status status = diskfile_enter(number, 0, &file);

	if (status_failed(status))
		return status;
	if (!file->foreign && identify(number, file) < 0)
		status = FM_E_INVALID_HANDLE;
	else
		atomic_store_explicit(&file->foreign, true, memory_order_release);
	diskfile_share(file);
	diskfile_leave(file);
	return status;
}
