/* SPDX-License-Identifier: MIT */
/*
 * Named objects without a daemon: a directory, a file per object, a lock per handle.
 * docs/names.md tells the protocol. Nothing here knows what a section is: the header carries a kind
 * and a few numbers for the layer above.
 */
#ifndef FM_CORE_NAMES_H
#define FM_CORE_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include <filemap.h>

#include "acl.h"

#define NAME_MAX_BYTES 32766u
#define NAME_DATA_START 0x10000u /* the header and the full names lie below; views stay congruent */

enum name_kind { NAME_SECTION = 1, NAME_MUTEX, NAME_EVENT, NAME_SEMAPHORE };

/* A name taken apart. @text points into the caller's string. */
struct object_name {
	enum fm_namespace space;
	const char *text;   /* after the prefix */
	size_t length;      /* 1 .. NAME_MAX_BYTES */
};

/* FM_E_NAME_INVALID, FM_E_PATH_NOT_FOUND (backslash), FM_E_INVALID_PARAMETER (NULL). "" is the caller's
 * affair: FM_E_NAME_INVALID here. */
fm_status name_parse(const char *name, struct object_name *ret_name);

/* What stands before a name of namespace @space (FM_LOCAL, FM_GLOBAL). */
static inline const char *name_prefix(unsigned space)
{
	return space == FM_GLOBAL ? "Global\\" : "Local\\";
}

/* The name with its prefix, to be freed with os_free(); NULL: no memory. */
char *name_full(const struct object_name *name);
/* The file name for it: reversible by eye, at most 255 bytes. @buffer has 256. */
void name_encode(const struct object_name *name, char *buffer);

/* What the header of an object says; all of it was checked against the file. */
struct name_facts {
	enum name_kind kind;
	uint32_t protection;      /* of a section, canonical */
	uint32_t attributes;      /* enum section_attribute */
	enum fm_backing backing;
	uint64_t size;            /* of the section, bytes */
	uint64_t extra_size;      /* bytes behind the data (commit map) */
	uint64_t device, inode;   /* of the file whose bytes these are: FM_BACKING_FILE's, else the entry's */
	int64_t created;
	int32_t creator;
	uint32_t value[4];        /* for kinds other than sections */
};

struct name_request {
	struct object_name name;
	struct name_facts facts;  /* of the object to make; of one that exists only kind counts, 0: any */
	const char *path;         /* FM_BACKING_FILE: absolute */
	uint32_t mode;            /* permission bits; 0: 0600 */
	const struct acl *acl;    /* further users and groups, or NULL; as @mode in the Global directory only */
	bool writable;            /* open mode of an existing one: O_RDWR, else O_RDONLY */
	bool reserve_storage;     /* fallocate the data of a new one */
	bool may_open, may_create;
	/* Ready a new object's data before anybody can see it; NULL: all zero. -errno gives up. May be called
	 * again with another file, when the one before came to nothing. The header is written. */
	int (*prepare)(void *context, int fd);
	void *context;
};

/*
 * name_acquire - steps 1 to 7 of the protocol
 * @ret_fd: the locked descriptor, which is the handle; O_RDWR when it was created
 * Return: FM_OK created, FM_NAME_EXISTS opened, or
 *   FM_E_NAME_NOT_FOUND, FM_E_NAME_COLLISION (exists, may_open false), FM_E_TIMEOUT, FM_E_ACCESS_DENIED,
 *   FM_E_OBJECT_TYPE_MISMATCH, FM_E_OBJECT_CORRUPT, FM_E_COMMITMENT_LIMIT (tmpfs full), ...
 */
fm_status name_acquire(const struct name_request *request, int *ret_fd, struct name_facts *ret_facts);

/* Close one handle's descriptor; the last handle of all buries the name. @name: to find it on disk. */
void name_release(const struct object_name *name, int fd);

/* Read and check the header of an open descriptor (inherited, received). FM_E_OBJECT_TYPE_MISMATCH if it
 * is not one of ours. @ret_name: "Local\x" or "Global\x", to be freed with os_free(); NULL: the name is not
 * looked at. */
fm_status name_inspect(int fd, struct name_facts *ret_facts, char **ret_name);
/* Do the namespaces lie on this device? Nothing elsewhere is an object's file, whatever it contains. */
bool name_device(uint64_t device);
/* The backing path in the header of a FM_BACKING_FILE record; os_free(). */
fm_status name_path(int fd, char **ret_path);
/* Store a new size in the header (the section grew; the file has grown already). */
fm_status name_set_size(int fd, uint64_t size);
/* The read lock of a handle on a second description of the same file (a handle with fewer rights). */
fm_status name_lock(int fd);

#endif
