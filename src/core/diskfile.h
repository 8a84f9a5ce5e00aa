/* SPDX-License-Identifier: MIT */
/*
 * Files as Windows' programs see them: a handle with granted rights, a share mode and a position.
 *
 * A file handle is a descriptor in disguise like every other handle. What the library did not open (a
 * descriptor of the program, or one inherited over exec) is adopted under its number with the rights of
 * its mode. Masks, share modes, dispositions and flags are numerically Windows'. docs/files.md explains.
 */
#ifndef FM_CORE_DISKFILE_H
#define FM_CORE_DISKFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl.h"
#include "handle.h"

enum diskfile_access {
	DISKFILE_READ = 0x1,
	DISKFILE_WRITE = 0x2,
	DISKFILE_APPEND = 0x4,
	DISKFILE_EXECUTE = 0x20,
	DISKFILE_READ_ATTRIBUTES = 0x80,
	DISKFILE_WRITE_ATTRIBUTES = 0x100,
	DISKFILE_DELETE = 0x10000,
};

enum diskfile_share { DISKFILE_SHARE_READ = 0x1, DISKFILE_SHARE_WRITE = 0x2, DISKFILE_SHARE_DELETE = 0x4 };

enum diskfile_disposition {
	DISKFILE_CREATE_NEW = 1,
	DISKFILE_CREATE_ALWAYS = 2,
	DISKFILE_OPEN_EXISTING = 3,
	DISKFILE_OPEN_ALWAYS = 4,
	DISKFILE_TRUNCATE_EXISTING = 5,
};

/* Attributes in the low half, flags in the high half; what is not here has no effect. */
enum diskfile_flags {
	DISKFILE_READONLY = 0x1,
	DISKFILE_OVERLAPPED = 0x40000000, /* calls must say their position; they are synchronous all the same */
	DISKFILE_DELETE_ON_CLOSE = 0x04000000,
	DISKFILE_BACKUP_SEMANTICS = 0x02000000, /* directories may be opened */
};
#define DISKFILE_WRITE_THROUGH 0x80000000u

struct diskfile_request {
	const char *path;     /* as the program wrote it, UTF-8 */
	uint32_t access;      /* enum diskfile_access, Windows' standard and generic bits */
	uint32_t share;       /* enum diskfile_share */
	uint32_t disposition; /* enum diskfile_disposition */
	uint32_t flags;       /* enum diskfile_flags */
	bool inheritable;
	const struct acl *acl; /* of a new file; NULL, or with mode 0: 0666 as far as the umask lets it */
};

extern const struct handle_kind file_kind;

/*
 * diskfile_open - open or make a file; the handle is entered under *ret_number
 * FM_NAME_EXISTS (a success): CREATE_ALWAYS or OPEN_ALWAYS found the file. Failures, nothing made:
 *   FM_E_NAME_COLLISION       CREATE_NEW of what exists
 *   FM_E_NAME_NOT_FOUND, FM_E_PATH_NOT_FOUND, FM_E_NAME_INVALID, FM_E_NAME_TOO_LONG, FM_E_BAD_NETWORK_PATH
 *   FM_E_SHARING_VIOLATION    another handle or a writable section does not go with access and share
 *   FM_E_USER_MAPPED_FILE     a section of the file exists that would be cut
 *   FM_E_ACCESS_DENIED, FM_E_FILE_IS_A_DIRECTORY, FM_E_CANNOT_DELETE (read-only, delete on close)
 *   FM_E_INVALID_PARAMETER    unknown disposition or share bits; truncating without the right to write
 *   FM_E_NOT_SUPPORTED        the file system keeps no access lists
 *   FM_E_DISK_FULL, FM_E_MEDIA_WRITE_PROTECTED, FM_E_TOO_MANY_OPENED_FILES, FM_E_NO_MEMORY
 */
fm_status diskfile_open(const struct diskfile_request *request, int *ret_number);

/*
 * diskfile_rights - what the file handle under @number grants: enum diskfile_access and standard bits
 * Generic bits never appear. FM_E_INVALID_HANDLE, FM_E_OBJECT_TYPE_MISMATCH (a handle, but no file's).
 */
fm_status diskfile_rights(int number, uint32_t *ret_access);

/* Remove a name. FM_E_SHARING_VIOLATION, FM_E_CANNOT_DELETE (read-only, or a section exists), and what
 * opening gives. */
fm_status diskfile_delete(const char *path);

enum diskfile_dispose_flags {
	DISKFILE_DISPOSE = 0x1,          /* else it stays */
	DISKFILE_DISPOSE_POSIX = 0x2,    /* though sections of it exist */
	DISKFILE_DISPOSE_ON_CLOSE = 0x8, /* as if it had been opened so, or not */
	DISKFILE_DISPOSE_READONLY = 0x10,
};

/*
 * diskfile_dispose - the name of the file or directory under @number goes with the handle's last duplicate
 * Duplicates that exist already are other handles. What was opened to be deleted on close is so all the same.
 * FM_E_ACCESS_DENIED (no DISKFILE_DELETE), FM_E_CANNOT_DELETE (read-only, or a section exists),
 * FM_E_DIRECTORY_NOT_EMPTY, FM_E_NO_MEMORY.
 */
fm_status diskfile_dispose(int number, unsigned flags);
/* Is the file of a handle in use disposed of? */
bool diskfile_disposed(const struct handle *file);

enum diskfile_move_flags {
	DISKFILE_MOVE_REPLACE = 0x1,
	DISKFILE_MOVE_POSIX = 0x2,     /* what is replaced may be open or mapped */
	DISKFILE_MOVE_READONLY = 0x40, /* ... or read-only */
	DISKFILE_MOVE_THROUGH = 0x100, /* durable when the call returns: the names, not what the file contains */
};

/*
 * diskfile_move - give the file or directory @from the name @to
 * FM_E_NAME_COLLISION (@to exists and is not to be replaced), FM_E_NOT_SAME_DEVICE (another file system),
 * FM_E_SHARING_VIOLATION, FM_E_ACCESS_DENIED (@to is a directory, read-only, or mapped), and what opening gives.
 * FM_E_IO_DEVICE_ERROR with DISKFILE_MOVE_THROUGH: it is done, and may be undone by a power cut.
 */
fm_status diskfile_move(const char *from, const char *to, unsigned flags);
/* The same for what is open under @number. FM_E_ACCESS_DENIED: no DISKFILE_DELETE; FM_E_FILE_DELETED: it has no
 * name any more. */
fm_status diskfile_rename(int number, const char *to, unsigned flags);

#define DISKFILE_APPEND_AT UINT64_MAX /* an @offset: the end of the file */

/*
 * diskfile_read, diskfile_write - one synchronous transfer
 * @offset: NULL: at the handle's position, which moves on. Else there, and the position follows.
 * *ret_done is set on success only; a read at the end of the file is FM_OK and 0 bytes without @offset,
 * FM_E_END_OF_FILE with it. FM_E_ACCESS_DENIED: not granted. FM_E_ACCESS_VIOLATION: @buffer is no memory.
 * FM_E_FILE_LOCK_CONFLICT: a byte-range lock (filelock.h) that is not this handle's, or that is shared.
 */
fm_status diskfile_read(int number, void *buffer, size_t size, const uint64_t *offset, size_t *ret_done);
fm_status diskfile_write(int number, const void *buffer, size_t size, const uint64_t *offset, size_t *ret_done);

enum diskfile_origin { DISKFILE_BEGIN = 0, DISKFILE_CURRENT = 1, DISKFILE_END = 2 };

/* Windows' face tells FM_E_NEGATIVE_SEEK from other bad parameters. @limit: the largest result allowed. */
fm_status diskfile_seek(int number, int64_t distance, unsigned origin, uint64_t limit, uint64_t *ret_position);

/* The end of the file to the handle's position. FM_E_USER_MAPPED_FILE: smaller, and a section exists.
 * Growing allocates storage: FM_E_DISK_FULL. */
fm_status diskfile_set_end(int number);
/* The same to @size, wherever the position is. */
fm_status diskfile_set_size(int number, uint64_t size);
fm_status diskfile_size(int number, uint64_t *ret_size);
/* Durable: bytes and metadata, and if the handle made the file, its name. FM_E_INVALID_HANDLE: not a file's. */
fm_status diskfile_flush(int number);

enum diskfile_type { DISKFILE_TYPE_DISK = 1, DISKFILE_TYPE_CHAR = 2, DISKFILE_TYPE_PIPE = 3 };
fm_status diskfile_type(int number, unsigned *ret_type);

/* The C library's descriptor takes the handle over: whoever closes it with close() closes the handle. */
fm_status diskfile_hand_over(int number);

#endif
