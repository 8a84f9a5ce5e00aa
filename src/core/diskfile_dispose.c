/* SPDX-License-Identifier: MIT */
/* Names that go with their handles. */
#include "diskfile_internal.h"
#include "filemark.h"
#include "names_internal.h"
#include "os.h"
#include "status.h"

struct deletion *diskfile_deletion_new(bool on_close)
{
	struct deletion *deletion = os_allocate(sizeof(*deletion));

	if (!deletion)
		return NULL;
	atomic_init(&deletion->handles, 1);
	atomic_init(&deletion->pid, os_pid());
	atomic_init(&deletion->on_close, on_close);
	return deletion;
}

fm_status diskfile_name(int fd, char path[PATH_MAX], struct stat *ret_st)
{
	struct stat named;
	ssize_t length = os_fd_link(fd, path, PATH_MAX);
	int error = length < 0 ? (int)length : os.fstat(fd, ret_st);

	if (error < 0)
		return status_of(OP_DESCRIPTOR, error);
	error = os.fstatat(AT_FDCWD, path, &named, AT_SYMLINK_NOFOLLOW);
	if (error == -ENOENT || error == -ENOTDIR)
		return FM_E_FILE_DELETED;
	if (error < 0)
		return status_of(OP_OPEN_FILE, error);
	return ret_st->st_dev == named.st_dev && ret_st->st_ino == named.st_ino ? FM_OK : FM_E_FILE_DELETED;
}

static void remove_name(int fd)
{
	char path[PATH_MAX];
	struct stat st;

	if (!status_failed(diskfile_name(fd, path, &st)))
		(void)os.unlinkat(AT_FDCWD, path, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0); /* closing reports no error */
}

void diskfile_drop_deletion(struct diskfile *file, bool removes)
{
	struct deletion *deletion = file->deletion;

	if (!deletion || atomic_fetch_sub_explicit(&deletion->handles, 1, memory_order_acq_rel) > 1)
		return;
	if (removes && deletion->pid == os_pid() && (deletion->on_close || deletion->disposed))
		remove_name(file->fd);
	os_free(deletion);
}

static fm_status check_empty(int fd)
{
	struct name_walk walk = { .fd = os_open(fd, ".", O_RDONLY | O_DIRECTORY, 0), .any_type = true };
	const char *entry;
	uint64_t inode;
	int result = walk.fd < 0 ? walk.fd : name_walk_next(&walk, &entry, &inode);

	os_close(walk.fd);
	return result < 0 ? status_of(OP_OPEN_FILE, result) : result > 0 ? FM_E_DIRECTORY_NOT_EMPTY : FM_OK;
}

/* May its name go? Others who have it open share that, or this handle had no right to. */
static fm_status check_file(int fd, unsigned flags)
{
	struct stat st;
	int error = os.fstat(fd, &st);

	if (error < 0)
		return status_of(OP_DESCRIPTOR, error);
	if (S_ISDIR(st.st_mode))
		return check_empty(fd);
	if (!S_ISREG(st.st_mode))
		return FM_OK;
	if (!(st.st_mode & 0222) && !(flags & DISKFILE_DISPOSE_READONLY))
		return FM_E_CANNOT_DELETE;
	return !(flags & DISKFILE_DISPOSE_POSIX) && filemark_mapped(fd) ? FM_E_CANNOT_DELETE : FM_OK;
}

static fm_status deletion_of(struct diskfile *file, struct deletion **ret_deletion)
{
	struct deletion *deletion = file->deletion, *made = NULL;

	if (!deletion) {
		made = diskfile_deletion_new(false);
		if (!made)
			return FM_E_NO_MEMORY;
		if (atomic_compare_exchange_strong(&file->deletion, &deletion, made))
			deletion = made;
		else
			os_free(made);
	}
	*ret_deletion = deletion;
	return FM_OK;
}

static fm_status dispose(struct diskfile *file, void *context)
{
	unsigned flags = *(const unsigned *)context;
	bool goes = flags & DISKFILE_DISPOSE;
	struct deletion *deletion = file->deletion;
	fm_status status = FM_OK;

	if (!goes && !deletion)
		return FM_OK;
	if (goes)
		status = check_file(file->fd, flags);
	if (!status_failed(status))
		status = deletion_of(file, &deletion);
	if (status_failed(status))
		return status;
	if (goes)
		deletion->pid = os_pid();
	atomic_store(flags & DISKFILE_DISPOSE_ON_CLOSE ? &deletion->on_close : &deletion->disposed, goes);
	return FM_OK;
}

fm_status diskfile_dispose(int number, unsigned flags)
{
	return diskfile_with(number, DISKFILE_DELETE, dispose, &flags);
}

bool diskfile_disposed(const struct handle *file)
{
	const struct deletion *deletion = ((const struct diskfile *)file)->deletion;

	return deletion && deletion->disposed;
}
