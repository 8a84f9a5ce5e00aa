/* SPDX-License-Identifier: MIT */
/*
 * Byte-range locks of file handles, as LockFile makes them.
 *
 * A lock belongs to an open file: to a handle and its duplicates in this process. Two handles that were
 * opened apart exclude each other, in one process or in two. Transfers mind the locks of others, views do
 * not. The kernel holds them as OFD locks on a description of their own, so they are gone when the last of
 * those handles is closed or the process has died. docs/files.md tells which ranges the kernel sees.
 */
#ifndef FM_CORE_FILELOCK_H
#define FM_CORE_FILELOCK_H

#include <stdbool.h>
#include <stdint.h>

#include <filemap/status.h>

enum filelock_flags { FILELOCK_EXCLUSIVE = 0x1, FILELOCK_WAIT = 0x2 };

/*
 * filelock_take - lock @length bytes from @offset, beyond the end of the file as well
 * An exclusive range overlaps no other, not even of the same handle; shared ranges overlap each other, and
 * an exclusive one of the same handle. A range of no bytes lies between two bytes and minds only locks of
 * the same handle.
 * Return: FM_OK, or with nothing locked:
 *   FM_E_LOCK_NOT_GRANTED     somebody's lock stands in the way, and FILELOCK_WAIT was not given, or the handle is
 *                             one for overlapped calls, which do not wait
 *   FM_E_INVALID_LOCK_RANGE   the range passes the last offset there is
 *   FM_E_ACCESS_DENIED        neither reading nor writing is granted; exclusive, and the file may not be written
 *   FM_E_INVALID_PARAMETER    a directory      FM_E_INVALID_DEVICE_REQUEST   not a regular file
 *   FM_E_NOT_SUPPORTED        the file system has no such locks
 * Threads: any; who waits holds nothing. Fork: the child's handle begins without locks.
 */
fm_status filelock_take(int number, uint64_t offset, uint64_t length, unsigned flags);

/* Release a range exactly as it was locked; of several the exclusive one first. FM_E_RANGE_NOT_LOCKED;
 * FM_E_INSUFFICIENT_RESOURCES: the system has no memory for locks, and the range stays locked. */
fm_status filelock_release(int number, uint64_t offset, uint64_t length);

struct diskfile;

/* May @file transfer these bytes? FM_E_FILE_LOCK_CONFLICT: another's lock, or writing and a shared one of its own. */
fm_status filelock_check(struct diskfile *file, uint64_t offset, uint64_t size, bool writes);

/* A duplicate is made of @file: the record that both share from now on; FM_E_NO_MEMORY. */
struct filelocks;
fm_status filelock_share(struct diskfile *file, struct filelocks **ret_locks);
/* A handle leaves; the last one drops all locks. NULL is ignored. */
void filelock_leave(struct filelocks *locks);

#endif
