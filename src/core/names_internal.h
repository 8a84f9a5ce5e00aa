/* SPDX-License-Identifier: MIT */
/* What the files names*.c and inspect.c share; nobody else includes it. */
#ifndef FM_CORE_NAMES_INTERNAL_H
#define FM_CORE_NAMES_INTERNAL_H

#include <stdatomic.h>

#include "names.h"
#include "os.h"

#define NAME_FILE_SIZE 256u      /* buffer of an encoded name */
#define NAME_DIR_PATH 4096u

/* ---- the directory of a namespace, names_dir.c ---- */

/* Handles of this process by name (names_own.c): exact while none is closed behind our back. A slot is
 * free if its count is 0; the key is written before the count. LOCK_NAMESPACE. */
#define NAME_OWN_SETS 256u
#define NAME_OWN_WAYS 4u
struct name_own {
	uint64_t key[NAME_OWN_SETS][NAME_OWN_WAYS];
	uint32_t count[NAME_OWN_SETS][NAME_OWN_WAYS];
	ino_t inode[NAME_OWN_SETS][NAME_OWN_WAYS]; /* of the entry, 0: not known */
};

struct name_dir {
	atomic_uint users;       /* calls under way, plus one while it is the current one */
	_Atomic uint64_t looked; /* when it was last looked through for the dead, os_coarse_ns(); 0: never */
	_Atomic int64_t look_on; /* where the next look goes on, a position of the directory; any is safe */
	atomic_bool stale;       /* found removed or lost; the next call opens it anew */
	atomic_int fd;           /* O_RDONLY | O_DIRECTORY; -1 once found to be no longer ours (LOCK_NAMESPACE) */
	enum fm_namespace space; /* immutable, as all below but the handles */
	uid_t user;
	dev_t device;
	ino_t inode;
	struct name_own own;
	char root[];
};

/*
 * name_dir_get - the opened and verified directory, made if it is missing; give back with name_dir_put()
 *   FM_E_PATH_NOT_FOUND no root, or a relative one     FM_E_ACCESS_DENIED owner, mode, not a directory
 *   FM_E_TOO_MANY_OPENED_FILES, FM_E_NO_MEMORY, FM_E_COMMITMENT_LIMIT, FM_E_MEDIA_WRITE_PROTECTED
 */
fm_status name_dir_get(enum fm_namespace space, struct name_dir **ret_dir);
void name_dir_put(struct name_dir *dir);
/* The one used last, whatever the environment and the user are now; for a release. Errors as above. */
fm_status name_dir_last(enum fm_namespace space, struct name_dir **ret_dir);
/* Is it still there, and its descriptor still ours (a host may have closed or reused it)? One fstat;
 * asked where something was not found, and before anything is made or removed. If not: get it again. */
bool name_dir_verify(struct name_dir *dir);
/* A description of it with its own position, for reading all entries. -errno. */
int name_dir_open_list(const struct name_dir *dir);

/* ---- the handles of this process, names_own.c ---- */

/* Count a handle in; @file is the encoded name. */
void name_own_add(struct name_dir *dir, const char *file, ino_t inode);
/* Count one out after its descriptor was closed. *ret_inode: as it was counted in, or 0. True: this process has
 * another, and with it the duty to bury. */
bool name_own_drop(struct name_dir *dir, const char *file, ino_t *ret_inode);

/* ---- text, names_text.c ---- */

/* The name that encodes to @file; false if @file is none or only a digest. @buffer: NAME_FILE_SIZE. */
bool name_decode(const char *file, char *buffer);

/* ---- header, names_header.c ---- */

/* Bytes of an object's file. FM_E_SECTION_TOO_BIG. */
fm_status name_file_size(const struct name_facts *facts, uint64_t *ret_size);
/* Write the header of a new object. -errno, -ENAMETOOLONG for the path. */
int name_header_write(int fd, enum fm_namespace space, const struct name_request *request,
		      const struct name_facts *facts);
/*
 * name_header_read - read and check a header against its file
 * @st:       of the file, taken now
 * @expected: the name that it must carry, or NULL for any
 * FM_E_OBJECT_CORRUPT: it is not ours, damaged or of another name. Errors of reading.
 */
fm_status name_header_read(int fd, const struct stat *st, const struct object_name *expected,
			   struct name_facts *ret_facts);
/* The full name with its prefix, and the backing path or NULL, of a file whose header was read.
 * os_free() both. FM_E_OBJECT_CORRUPT, FM_E_NO_MEMORY. Either pointer may be NULL. */
fm_status name_header_text(int fd, char **ret_name, char **ret_path);

/* What the header tells, for who asks from outside; @entry keeps the texts. inspect.c. */
void name_describe(const struct name_facts *facts, const char *name, const char *path, fm_entry *entry);

/* ---- locks and waiting, names_lock.c ---- */

/* F_RDLCK: somebody holds a handle; F_WRLCK: being buried; F_UNLCK: dead. -errno. */
int name_lock_state(int fd);
/* Take the lock @type on byte @start without waiting. -EAGAIN if it conflicts. */
int name_lock_byte(int fd, int type, uint64_t start);
/* The same, waiting at most about a second. */
int name_lock_wait(int fd, int type, uint64_t start);

/* Attempts in a row, about a second in all; start with all zero. */
struct name_wait {
	unsigned attempts;
	uint64_t deadline;
};
/* May there be another attempt? Sleeps before it, longer each time, if @back_off or after a few. */
bool name_wait_more(struct name_wait *wait, bool back_off);

/* ---- burial, names_sweep.c ---- */

/* Is it a file that may be an object of this namespace? */
bool name_entry_acceptable(const struct name_dir *dir, const struct stat *st);

/*
 * name_bury - unlink @file if nobody lives in it
 * @fd:       a description of it open for writing; closed in any case
 * @known:    the inode that this process has under this name, or 0: spares verifying the directory
 * @ret_size: may be NULL; the storage given back
 * Return: 1 unlinked now, 0 it had been unlinked already, -EAGAIN somebody lives or buries, -EACCES not
 * an acceptable entry, -ESTALE the directory is lost, or -errno.
 */
int name_bury(struct name_dir *dir, const char *file, int fd, ino_t known, uint64_t *ret_size);
/* The same by name, on a fresh description. */
int name_bury_entry(struct name_dir *dir, const char *file, ino_t known, uint64_t *ret_size);

struct name_buried {
	unsigned count;
	uint64_t bytes; /* of storage given back */
};
/* Bury all the dead. -errno of reading the directory. */
int name_sweep(struct name_dir *dir, struct name_buried *ret_buried);
/*
 * name_look_around - bury some of the dead in passing; each call in the namespace begins with it
 * Does nothing for name_look_pause after the last time, so that it costs a look at the clock and one walk
 * in a while. A walk looks at 64 entries (1,024 when the process first comes), the next goes on behind them.
 * A courtesy: its failures are not the call's.
 */
void name_look_around(struct name_dir *dir);
extern uint64_t name_look_pause; /* ns; for tests to change */

/* Walk the entries of a directory description. */
struct name_walk {
	int fd;
	bool any_type;  /* else only what may be an object: regular files and unknown types */
	int at, end;
	int64_t next;   /* position behind the entry given last */
	int64_t stay;   /* the same of the last that was not buried */
	char buffer[4096] __attribute__((aligned(8)));
};
/* 1: *ret_file is valid until the next call; 0: the end; -errno. */
int name_walk_next(struct name_walk *walk, const char **ret_file, uint64_t *ret_inode);

#endif
