/* SPDX-License-Identifier: MIT */
/* Burying what is dead: one entry, a whole directory, or a part of it in passing. */
#include <stdio.h>
#include <string.h>

#include "names_internal.h"

#define FIRST_LOOK 1024u /* entries, the first time that this process comes by */
#define NEXT_LOOK 64u    /* and later on */

/* As the kernel writes it. */
struct dirent64 {
	uint64_t inode;
	int64_t next;
	uint16_t size;
	uint8_t type;
	char name[];
};

bool name_entry_acceptable(const struct name_dir *dir, const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return false;
	/* The Global directory is everybody's; there the kernel's check of the mode decides. */
	return dir->space == FM_GLOBAL || (st->st_uid == dir->user && (st->st_mode & 0077) == 0);
}

/*
 * Root burying somebody else's entry: its owner may rename it away and let a live object of another user
 * have the name, between any look and the unlinking. So the name is moved aside first, where nobody
 * else can move it, and what turns out to be another file gets its name back.
 */
static int unlink_foreign(struct name_dir *dir, const char *file, const struct stat *st)
{
	static atomic_uint count;
	char aside[64];
	struct stat moved;
	int error;

	(void)snprintf(aside, sizeof(aside), ".bury-%d-%u", (int)os_pid(), count++); /* always fits */
	error = OS_RETRY(os.renameat2(dir->fd, file, dir->fd, aside, RENAME_NOREPLACE));
	if (error < 0)
		return error;
	error = OS_RETRY(os.fstatat(dir->fd, aside, &moved, AT_SYMLINK_NOFOLLOW));
	if (error == 0 && moved.st_ino == st->st_ino && moved.st_dev == st->st_dev)
		return OS_RETRY(os.unlinkat(dir->fd, aside, 0));
	(void)OS_RETRY(os.renameat2(dir->fd, aside, dir->fd, file, RENAME_NOREPLACE)); /* a newer one keeps the name */
	return error < 0 ? error : -ENOENT;
}

/* The write lock is held. With hard links the count does not tell whether this very name is the file. */
static int unlink_locked(struct name_dir *dir, const char *file, int fd, ino_t known, uint64_t *ret_size)
{
	struct stat st, named;
	int error = OS_RETRY(os.fstat(fd, &st));

	if (error < 0)
		return error;
	if (!name_entry_acceptable(dir, &st))
		return -EACCES;
	if (st.st_nlink == 0)
		return 0;
	/* The inode that this process entered under this name is found in the right directory only. */
	if ((st.st_ino != known || st.st_dev != dir->device) && !name_dir_verify(dir))
		return -ESTALE;
	if (st.st_nlink > 1) {
		error = OS_RETRY(os.fstatat(dir->fd, file, &named, AT_SYMLINK_NOFOLLOW));
		if (error < 0)
			return error == -ENOENT ? 0 : error;
		if (named.st_ino != st.st_ino || named.st_dev != st.st_dev)
			return 0;
	}
	error = st.st_uid == dir->user ? OS_RETRY(os.unlinkat(dir->fd, file, 0)) : unlink_foreign(dir, file, &st);
	if (error < 0)
		return error == -ENOENT ? 0 : error;
	if (ret_size)
		*ret_size = (uint64_t)st.st_blocks * 512;
	return 1;
}

int name_bury(struct name_dir *dir, const char *file, int fd, ino_t known, uint64_t *ret_size)
{
	int result = name_lock_byte(fd, F_WRLCK, 0);

	if (result == 0)
		result = unlink_locked(dir, file, fd, known, ret_size);
	os_close(fd);
	return result;
}

int name_bury_entry(struct name_dir *dir, const char *file, ino_t known, uint64_t *ret_size)
{
	int fd = os_open(dir->fd, file, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	return name_bury(dir, file, fd, known, ret_size);
}

/* The entry at @at of a buffer of @end bytes, or NULL if none is whole. */
static const struct dirent64 *entry_at(const char *buffer, unsigned at, unsigned end)
{
	const struct dirent64 *entry = (const struct dirent64 *)(buffer + at);
	const size_t least = offsetof(struct dirent64, name) + 2;

	if (at > end || end - at < least || entry->size < least || entry->size > end - at || entry->size % 8 != 0)
		return NULL;
	return memchr(entry->name, '\0', entry->size - offsetof(struct dirent64, name)) ? entry : NULL;
}

static bool is_candidate(const struct dirent64 *entry, bool any_type)
{
	enum { TYPE_UNKNOWN = 0, TYPE_REGULAR = 8 }; /* DT_* */

	if (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0)
		return false;
	return any_type || entry->type == TYPE_REGULAR || entry->type == TYPE_UNKNOWN;
}

int name_walk_next(struct name_walk *walk, const char **ret_file, uint64_t *ret_inode)
{
	for (;;) {
		const struct dirent64 *entry = entry_at(walk->buffer, (unsigned)walk->at, (unsigned)walk->end);

		if (entry) {
			walk->at += entry->size;
			walk->next = entry->next;
			if (!is_candidate(entry, walk->any_type))
				continue;
			*ret_file = entry->name;
			*ret_inode = entry->inode;
			return 1;
		}
		walk->at = walk->end = 0;
		walk->end = (int)OS_RETRY(os.getdents64(walk->fd, walk->buffer, sizeof(walk->buffer)));
		if (walk->end <= 0) {
			int result = walk->end;

			walk->end = 0;
			return result;
		}
	}
}

/* Bury the dead among at most @limit entries. 0: there are no more; -errno. */
static int bury_among(struct name_dir *dir, struct name_walk *walk, unsigned limit, struct name_buried *buried)
{
	uint64_t inode;
	const char *file;
	int result = 1;

	while (limit-- > 0 && (result = name_walk_next(walk, &file, &inode)) > 0) {
		uint64_t size = 0;

		if (name_bury_entry(dir, file, 0, &size) != 1) { /* what cannot be buried is not this call's affair */
			walk->stay = walk->next;
			continue;
		}
		buried->count++;
		buried->bytes += size;
	}
	return result;
}

int name_sweep(struct name_dir *dir, struct name_buried *ret_buried)
{
	struct name_walk walk = { .fd = name_dir_open_list(dir) };
	struct name_buried buried = { 0 };
	int result = walk.fd;

	if (result >= 0)
		result = bury_among(dir, &walk, ~0u, &buried);
	os_close(walk.fd);
	if (result < 0)
		return result;
	*ret_buried = buried;
	return 0;
}

uint64_t name_look_pause = 100000000;

/* The next one goes on behind what stays: before Linux 6.6 a position counts the entries of tmpfs that are there. */
static void look(struct name_dir *dir, unsigned limit)
{
	struct name_walk walk = { .fd = name_dir_open_list(dir), .stay = dir->look_on };
	struct name_buried buried = { 0 };
	int result;

	if (walk.fd < 0)
		return;
	if (dir->look_on != 0)
		(void)os.lseek(walk.fd, dir->look_on, SEEK_SET); /* if not, it begins anew */
	result = bury_among(dir, &walk, limit, &buried);
	dir->look_on = result > 0 ? walk.stay : 0;
	os_close(walk.fd);
}

void name_look_around(struct name_dir *dir)
{
	uint64_t now = os_coarse_ns(), last = atomic_load(&dir->looked);

	if (last != 0 && now - last < name_look_pause)
		return;
	if (atomic_compare_exchange_strong(&dir->looked, &last, now)) /* else another thread does */
		look(dir, last == 0 ? FIRST_LOOK : NEXT_LOOK);
}
