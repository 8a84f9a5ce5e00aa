/* SPDX-License-Identifier: MIT */
/* The protocol: docs/names.md gives the reasons, tests/model/names.c the proof. */
#include <stdio.h>
#include <string.h>

#include "backing.h"
#include "names_internal.h"
#include "status.h"

/* One call of name_acquire(). */
struct attempt {
	const struct name_request *request;
	struct name_dir *dir;
	struct name_wait wait;
	bool full;          /* the directory's file system was full once, and has been swept */
	bool visible;       /* no unlinked files here: make them under a working name */
	char file[NAME_FILE_SIZE];
};

/* Successes that only this file knows: begin again, at once or after a pause. */
enum { AGAIN_NOW = 1, AGAIN_LATER = 2 };

static bool is_again(fm_status status)
{
	return status == AGAIN_NOW || status == AGAIN_LATER;
}

static const int open_flags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

static fm_status open_failure(int error)
{
	switch (-error) {
	case ELOOP:  /* a symbolic link */
	case EISDIR:
	case ENXIO:  /* a socket, a device without driver */
		return FM_E_ACCESS_DENIED;
	default:
		return status_of(OP_OPEN_NAME, error);
	}
}

/* Nobody holds it. Step 2, its second half; takes @fd. */
static fm_status bury_corpse(const struct attempt *attempt, int fd)
{
	int result;

	if (attempt->request->writable) {
		result = name_bury(attempt->dir, attempt->file, fd, 0, NULL);
	} else { /* a write lock needs a description open for writing */
		os_close(fd);
		result = name_bury_entry(attempt->dir, attempt->file, 0, NULL);
	}
	if (result >= 0 || result == -ESTALE)
		return AGAIN_NOW;
	return result == -EAGAIN ? AGAIN_LATER : open_failure(result);
}

/* It is alive and locked by us: is it what the caller wants? */
static fm_status check_locked(const struct attempt *attempt, int fd, const struct stat *st,
			      struct name_facts *ret_facts)
{
	const struct name_request *request = attempt->request;
	struct name_facts facts;
	fm_status status;

	if (!name_entry_acceptable(attempt->dir, st))
		return FM_E_ACCESS_DENIED;
	status = name_header_read(fd, st, &request->name, &facts);
	if (status_failed(status))
		return status;
	if (request->facts.kind && facts.kind != request->facts.kind)
		return FM_E_OBJECT_TYPE_MISMATCH;
	if (!request->may_open)
		return FM_E_NAME_COLLISION;
	*ret_facts = facts;
	return FM_NAME_EXISTS;
}

/* Steps 3 to 5; takes @fd, and hands it on with FM_NAME_EXISTS. */
static fm_status join(const struct attempt *attempt, int fd, int *ret_fd, struct name_facts *ret_facts)
{
	fm_status status;
	struct stat st;
	int error = name_lock_byte(fd, F_RDLCK, 0);

	if (error < 0) {
		os_close(fd);
		return error == -EAGAIN ? AGAIN_LATER : status_of(OP_OPEN_NAME, error);
	}
	error = OS_RETRY(os.fstat(fd, &st));
	if (error == 0 && st.st_nlink == 0) {
		os_close(fd);
		return AGAIN_NOW;
	}
	status = error < 0 ? status_of(OP_OPEN_NAME, error) : check_locked(attempt, fd, &st, ret_facts);
	if (status == FM_NAME_EXISTS) {
		*ret_fd = fd;
		return status;
	}
	/* Our lock may have kept the last holder from burying it, so that duty is ours now. */
	os_close(fd);
	(void)name_bury_entry(attempt->dir, attempt->file, 0, NULL); /* else the next call does it */
	return status;
}

/* Steps 1 to 5. FM_E_NAME_NOT_FOUND: there is no entry. */
static fm_status open_existing(const struct attempt *attempt, int *ret_fd, struct name_facts *ret_facts)
{
	int mode = attempt->request->writable ? O_RDWR : O_RDONLY;
	int fd = os_open(attempt->dir->fd, attempt->file, mode | open_flags, 0);
	int state;

	if (fd < 0)
		return name_dir_verify(attempt->dir) ? open_failure(fd) : AGAIN_NOW;
	state = name_lock_state(fd);
	switch (state) {
	case F_RDLCK:
		return join(attempt, fd, ret_fd, ret_facts);
	case F_UNLCK:
		return bury_corpse(attempt, fd);
	case F_WRLCK:
		os_close(fd);
		return AGAIN_LATER;
	default:
		os_close(fd);
		return status_of(OP_OPEN_NAME, state);
	}
}

/* Everybody's bits matter in the Global directory only; the owner must always be able to bury. */
static unsigned mode_of(const struct name_request *request)
{
	return 0600 | (request->name.space == FM_GLOBAL ? request->mode & 0066 : 0);
}

/* -EOPNOTSUPP would say that there are no unlinked files. */
static int protect_new(const struct name_request *request, int fd, uint32_t now)
{
	const bool listed = request->name.space == FM_GLOBAL && request->acl && request->acl->count > 0;
	unsigned mode = mode_of(request);

	if (listed)
		return acl_set(fd, mode, request->acl);
	return (now & 07777) == mode ? 0 : OS_RETRY(os.fchmod(fd, mode)); /* the umask cut it */
}

/* Mode, size, storage and header of a new file that nobody else can have opened for use. -errno. */
static int furnish(const struct attempt *attempt, int fd, struct name_facts *facts, uint64_t size)
{
	const struct name_request *request = attempt->request;
	struct stat st;
	int error = OS_RETRY(os.fstat(fd, &st));

	if (error == 0 && facts->backing != FM_BACKING_FILE) {
		facts->device = st.st_dev;
		facts->inode = st.st_ino;
	}
	if (error == 0)
		error = protect_new(request, fd, st.st_mode);
	if (error == 0 && !(request->reserve_storage && facts->extra_size == 0 && size > NAME_DATA_START))
		error = os_truncate(fd, size);
	if (error == 0 && request->reserve_storage && status_failed(memory_promise_in(fd, size)))
		error = -ENOSPC;
	if (error == 0 && request->reserve_storage && size - facts->extra_size > NAME_DATA_START)
		error = os_allocate_storage(fd, NAME_DATA_START, size - facts->extra_size - NAME_DATA_START);
	if (error == 0)
		error = name_header_write(fd, request->name.space, request, facts);
	if (error == 0 && request->prepare)
		error = request->prepare(request->context, fd);
	return error;
}

/* Give an unlinked file its name. -EEXIST; -EOPNOTSUPP: this system has no way to. */
static int link_new(const struct attempt *attempt, int fd)
{
	static atomic_bool empty_path_refused; /* before Linux 6.10 it needs a capability */
	char path[OS_FD_PATH];
	int error;

	if (!empty_path_refused) {
		error = OS_RETRY(os.linkat(fd, "", attempt->dir->fd, attempt->file, AT_EMPTY_PATH));
		if (error != -ENOENT && error != -EPERM && error != -EINVAL)
			return error;
	}
	os_fd_path(fd, path);
	error = OS_RETRY(os.linkat(AT_FDCWD, path, attempt->dir->fd, attempt->file, AT_SYMLINK_FOLLOW));
	if (error == 0)
		empty_path_refused = true;
	return error == -ENOENT ? -EOPNOTSUPP : error; /* no /proc */
}

/* Step 6 and 7 with a file that has no name before it is complete. */
static int create_unlinked(const struct attempt *attempt, struct name_facts *facts, uint64_t size,
			  int *ret_fd)
{
	int fd = os_open(attempt->dir->fd, ".", O_TMPFILE | O_RDWR, mode_of(attempt->request));
	int error;

	if (fd == -EISDIR || fd == -EINVAL)
		return -EOPNOTSUPP; /* how file systems and kernels without it answer */
	if (fd < 0)
		return fd;
	error = furnish(attempt, fd, facts, size);
	if (error == 0)
		error = name_lock_byte(fd, F_RDLCK, 0);
	if (error == 0)
		error = link_new(attempt, fd);
	if (error < 0)
		os_close(fd);
	else
		*ret_fd = fd;
	return error;
}

/*
 * The same where that is not to be had: under a working name, which no object's name encodes to. It is
 * locked before anything else, for sweepers; one that came first has unlinked it, and the rename fails.
 */
static int create_visible(const struct attempt *attempt, struct name_facts *facts, uint64_t size,
			  int *ret_fd)
{
	static atomic_uint count;
	char working[64];
	int fd, error;

	(void)snprintf(working, sizeof(working), ".new-%d-%u", (int)os_pid(), count++); /* always fits */
	fd = os_open(attempt->dir->fd, working, O_CREAT | O_EXCL | O_RDWR | open_flags, 0600);
	if (fd < 0)
		return fd == -EEXIST ? -EAGAIN : fd; /* of a dead process with our number: the next one */
	error = name_lock_byte(fd, F_RDLCK, 0);
	if (error == 0)
		error = furnish(attempt, fd, facts, size);
	if (error == 0)
		error = OS_RETRY(os.renameat2(attempt->dir->fd, working, attempt->dir->fd, attempt->file,
					      RENAME_NOREPLACE));
	if (error == 0) {
		*ret_fd = fd;
		return 0;
	}
	(void)os.unlinkat(attempt->dir->fd, working, 0); /* else a sweep does */
	os_close(fd);
	return error == -ENOENT ? -EAGAIN : error;
}

static fm_status create_failure(struct attempt *attempt, int error)
{
	switch (-error) {
	case EEXIST:
		return AGAIN_NOW;
	case EAGAIN:
		return AGAIN_LATER;
	case EOPNOTSUPP:
		if (attempt->visible)
			return FM_E_NOT_SUPPORTED;
		attempt->visible = true;
		return AGAIN_NOW;
	case ENOSPC:
	case EDQUOT:
		if (attempt->full)
			return FM_E_COMMITMENT_LIMIT;
		attempt->full = true;
		(void)name_sweep(attempt->dir, &(struct name_buried){ 0 }); /* the next attempt shows what it gave */
		return AGAIN_NOW;
	case ENOENT: /* the directory has been removed since it was looked at */
		return FM_E_PATH_NOT_FOUND;
	default:
		return status_of(OP_STORAGE_MEMORY, error);
	}
}

/* Steps 6 and 7. */
static fm_status create(struct attempt *attempt, int *ret_fd, struct name_facts *ret_facts)
{
	struct name_facts facts = attempt->request->facts;
	uint64_t size;
	int error;
	fm_status status = name_file_size(&facts, &size);

	if (status_failed(status))
		return status;
	facts.created = os_realtime();
	facts.creator = os_pid();
	error = (attempt->visible ? create_visible : create_unlinked)(attempt, &facts, size, ret_fd);
	if (error < 0)
		return create_failure(attempt, error);
	*ret_facts = facts;
	return FM_OK;
}

/* One round of the protocol, in the directory as it is now. */
static fm_status try_acquire(struct attempt *attempt, int *ret_fd, struct name_facts *ret_facts)
{
	enum fm_namespace space = attempt->request->name.space;
	fm_status status = name_dir_get(space, &attempt->dir);

	if (status_failed(status))
		return status;
	name_look_around(attempt->dir);
	status = open_existing(attempt, ret_fd, ret_facts);
	if (status == FM_E_NAME_NOT_FOUND && attempt->request->may_create)
		status = create(attempt, ret_fd, ret_facts);
	if (!status_failed(status) && !is_again(status))
		name_own_add(attempt->dir, attempt->file, ret_facts->backing == FM_BACKING_FILE ? 0 : ret_facts->inode);
	name_dir_put(attempt->dir);
	return status;
}

/*
 * System calls of an undisturbed call, geteuid and getpid not counted:
 *   open: openat, getlk, setlk, fstat, pread;
 *   create: openat (missing), fstat of the directory, openat, fstat, getrlimit, ftruncate or fallocate,
 *     pwrite, setlk, linkat;
 *   release: close; if this process has no other handle on it, openat, setlk, close; for the last handle
 *     of all fstat and unlinkat before that close;
 *   and ten times a second at most those of name_look_around().
 */
fm_status name_acquire(const struct name_request *request, int *ret_fd, struct name_facts *ret_facts)
{
	struct attempt attempt = { .request = request };
	fm_status status;

	name_encode(&request->name, attempt.file);
	do {
		status = try_acquire(&attempt, ret_fd, ret_facts);
		if (!is_again(status))
			return status;
	} while (name_wait_more(&attempt.wait, status == AGAIN_LATER));
	return FM_E_TIMEOUT;
}

void name_release(const struct object_name *name, int fd)
{
	char file[NAME_FILE_SIZE];
	struct name_dir *dir;
	bool lost = true;
	ino_t known;
	int result;

	os_close(fd);
	name_encode(name, file);
	/* Whatever fails here leaves a dead entry, and the next call in the directory finds it so. */
	for (int tries = 0; lost && tries < 2; tries++) {
		if (status_failed(name_dir_last(name->space, &dir)))
			return;
		result = name_own_drop(dir, file, &known) ? 0 : name_bury_entry(dir, file, known, NULL);
		lost = result < 0 && result != -EAGAIN && !name_dir_verify(dir);
		name_dir_put(dir);
	}
}
