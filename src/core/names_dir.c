/* SPDX-License-Identifier: MIT */
/*
 * The two directories. Opened once, verified, never repaired; a wrong one is an error, not a reason to
 * look elsewhere.
 */
#include <stdio.h>
#include <string.h>

#include "lock.h"
#include "names_internal.h"
#include "status.h"

#define DEFAULT_ROOT "/dev/shm"
#define MODE_LOCAL 0700u
#define MODE_GLOBAL 01777u

static struct name_dir *current[2]; /* LOCK_NAMESPACE; one store changes an entry */

static const char *root_path(void)
{
	const char *root = os_environment("FILEMAP_ROOT");

	return root && *root ? root : DEFAULT_ROOT;
}

bool name_device(uint64_t device)
{
	struct stat st;

	return OS_RETRY(os.fstatat(AT_FDCWD, root_path(), &st, 0)) == 0 && st.st_dev == device;
}

static void leaf_name(enum fm_namespace space, uid_t user, char buffer[48])
{
	if (space == FM_GLOBAL)
		(void)snprintf(buffer, 48, "filemap-global"); /* both fit */
	else
		(void)snprintf(buffer, 48, "filemap-%u", (unsigned)user);
}

/*
 * Make the directory whole and then give it its name, so that nobody sees one with another mode. The
 * working name is fixed: what a killed maker left is used by the next one.
 * 0: somebody has made it, this call or another.
 */
static int make_directory(int root, const char *leaf, enum fm_namespace space, uid_t user)
{
	char working[64];
	struct stat st;
	int error;

	(void)snprintf(working, sizeof(working), ".%s.new-%u", leaf, (unsigned)user); /* always fits */
	error = OS_RETRY(os.mkdirat(root, working, MODE_LOCAL));
	if (error < 0 && error != -EEXIST)
		return error;
	error = OS_RETRY(os.fstatat(root, working, &st, AT_SYMLINK_NOFOLLOW));
	if (error == 0 && (!S_ISDIR(st.st_mode) || st.st_uid != user))
		return -EACCES;
	/* By name, since the umask may have left no right to open it; the name is ours, or the root is
	 * anybody's and nothing in it can be trusted. */
	if (error == 0)
		error = OS_RETRY(os.fchmodat(root, working, space == FM_GLOBAL ? MODE_GLOBAL : MODE_LOCAL));
	if (error == 0)
		error = OS_RETRY(os.renameat2(root, working, root, leaf, RENAME_NOREPLACE));
	if (error == -EEXIST) {
		(void)os.unlinkat(root, working, AT_REMOVEDIR); /* left over, it does no harm */
		return 0;
	}
	return error == -ENOENT ? 0 : error; /* another maker has renamed or removed it */
}

static int open_or_make(int root, const char *leaf, enum fm_namespace space, uid_t user)
{
	for (int tries = 0; tries < 16; tries++) {
		int fd = os_open(root, leaf, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
		int error;

		if (fd != -ENOENT)
			return fd == -ELOOP || fd == -ENOTDIR ? -EACCES : fd;
		error = make_directory(root, leaf, space, user);
		if (error < 0)
			return error;
	}
	return -EAGAIN; /* somebody keeps removing it */
}

static bool is_acceptable(const struct stat *st, enum fm_namespace space, uid_t user)
{
	if (space == FM_LOCAL)
		return st->st_uid == user && (st->st_mode & 0777) == MODE_LOCAL;
	return (st->st_mode & 01777) == MODE_GLOBAL;
}

static fm_status open_directory(const char *root, enum fm_namespace space, uid_t user, int *ret_fd,
				struct stat *ret_st)
{
	OS_CLEANUP_FD int root_fd = -1, fd = -1;
	char leaf[48];
	int error;

	if (root[0] != '/')
		return FM_E_PATH_NOT_FOUND; /* a relative one would move with the working directory */
	root_fd = os_open(AT_FDCWD, root, O_PATH | O_DIRECTORY, 0);
	if (root_fd == -ENOENT)
		return FM_E_PATH_NOT_FOUND;
	if (root_fd < 0)
		return status_of(OP_OPEN_NAME, root_fd);
	leaf_name(space, user, leaf);
	fd = open_or_make(root_fd, leaf, space, user);
	if (fd < 0)
		return status_of(OP_OPEN_NAME, fd);
	error = OS_RETRY(os.fstat(fd, ret_st));
	if (error < 0)
		return status_of(OP_OPEN_NAME, error);
	if (!is_acceptable(ret_st, space, user))
		return FM_E_ACCESS_DENIED;
	*ret_fd = OS_TAKE(fd);
	return FM_OK;
}

static fm_status dir_new(const char *root, enum fm_namespace space, uid_t user, struct name_dir **ret_dir)
{
	size_t size = strlen(root) + 1;
	struct name_dir *dir;
	struct stat st;
	fm_status status;
	int fd = -1;

	if (size > NAME_DIR_PATH)
		return FM_E_PATH_NOT_FOUND;
	dir = os_allocate(sizeof(*dir) + size);
	if (!dir)
		return FM_E_NO_MEMORY;
	status = open_directory(root, space, user, &fd, &st);
	if (status_failed(status)) {
		os_free(dir);
		return status;
	}
	memcpy(dir->root, root, size);
	dir->fd = fd;
	dir->space = space;
	dir->user = user;
	dir->device = st.st_dev;
	dir->inode = st.st_ino;
	dir->users = 1; /* for being current */
	*ret_dir = dir;
	return FM_OK;
}

void name_dir_put(struct name_dir *dir)
{
	if (atomic_fetch_sub(&dir->users, 1) > 1)
		return;
	os_close(dir->fd);
	os_free(dir);
}

bool name_dir_verify(struct name_dir *dir)
{
	struct stat st;
	int error = OS_RETRY(os.fstat(dir->fd, &st));

	if (error == 0 && st.st_dev == dir->device && st.st_ino == dir->inode && st.st_nlink > 0)
		return true;
	if (error == -EBADF || (error == 0 && (st.st_dev != dir->device || st.st_ino != dir->inode)))
		dir->fd = -1; /* no longer ours, so not ours to close */
	dir->stale = true;
	return false;
}

/* With LOCK_NAMESPACE held. The old one lives on until the last call leaves it. */
static fm_status replace_current(const char *root, enum fm_namespace space, uid_t user)
{
	struct name_dir *dir, *old = current[space];
	fm_status status = dir_new(root, space, user, &dir);

	if (status_failed(status))
		return status;
	current[space] = dir;
	if (old)
		name_dir_put(old);
	return FM_OK;
}

fm_status name_dir_get(enum fm_namespace space, struct name_dir **ret_dir)
{
	fm_status status = lock_ready();
	const char *root = root_path();
	uid_t user = os_uid();
	struct name_dir *dir;

	if (status_failed(status))
		return status;
	LOCK_SCOPE(LOCK_NAMESPACE);
	dir = current[space];
	if (!dir || dir->stale || dir->user != user || strcmp(dir->root, root) != 0) {
		status = replace_current(root, space, user);
		if (status_failed(status))
			return status;
	}
	atomic_fetch_add(&current[space]->users, 1);
	*ret_dir = current[space];
	return FM_OK;
}

fm_status name_dir_last(enum fm_namespace space, struct name_dir **ret_dir)
{
	fm_status status = lock_ready();

	if (status_failed(status))
		return status;
	lock_take(LOCK_NAMESPACE);
	*ret_dir = current[space];
	if (*ret_dir && !(*ret_dir)->stale)
		atomic_fetch_add(&(*ret_dir)->users, 1);
	else
		*ret_dir = NULL;
	lock_drop(LOCK_NAMESPACE);
	return *ret_dir ? FM_OK : name_dir_get(space, ret_dir);
}

int name_dir_open_list(const struct name_dir *dir)
{
	return os_open(dir->fd, ".", O_RDONLY | O_DIRECTORY, 0);
}

fm_status fm_namespace_directory(unsigned which, char *buffer, size_t size)
{
	const char *root = root_path();
	char leaf[48];
	size_t length;

	if (which > FM_GLOBAL || !buffer)
		return FM_E_INVALID_PARAMETER;
	leaf_name(which, os_uid(), leaf);
	length = strlen(root) + 1 + strlen(leaf);
	if (length >= size)
		return FM_E_BUFFER_TOO_SMALL;
	(void)snprintf(buffer, size, "%s/%s", root, leaf); /* was measured */
	return FM_OK;
}
