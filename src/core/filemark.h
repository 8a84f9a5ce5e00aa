/* SPDX-License-Identifier: MIT */
/*
 * Marks on files, between processes: who uses a file how, what he does not share, whether it is mapped.
 *
 * A mark is an OFD read lock on one byte far beyond any data (docs/files.md has the table). It belongs to
 * an open file description, so it lasts as long as the last descriptor or mapping of that description and
 * vanishes with the process. Where the file system knows no such locks the rules are not kept there, and
 * nothing fails for that reason.
 */
#ifndef FM_CORE_FILEMARK_H
#define FM_CORE_FILEMARK_H

#include <stdbool.h>
#include <stdint.h>

#include <filemap/status.h>

/* Offsets of marks start here; byte-range locks of programs stay below FILEMARK_BASE - 1. */
#define FILEMARK_BASE ((int64_t)1 << 62)

/* The order makes frequent mixtures one range: a writable section is bytes 5 and 6. */
enum filemark {
	FILEMARK_TRYING = 0x01, /* an open is under way: its other marks may go again */
	FILEMARK_NO_READ = 0x02,
	FILEMARK_NO_WRITE = 0x04,
	FILEMARK_NO_DELETE = 0x08,
	FILEMARK_USE_READ = 0x10,
	FILEMARK_USE_WRITE = 0x20,
	FILEMARK_SECTION = 0x40,
	FILEMARK_USE_DELETE = 0x80,
	FILEMARK_ALL = 0xff,
	FILEMARK_EXTENDING = 0x100, /* of a description for nothing else: its holder makes the file longer */
};

/*
 * filemark_open - mark @fd as a new open with the rights @access and the share mode @share (diskfile.h)
 * Of two opens that exclude each other at most one succeeds, and one does. FM_E_SHARING_VIOLATION, with
 * no mark kept. An open without the right to read, write, execute or delete is not counted.
 */
fm_status filemark_open(int fd, uint32_t access, uint32_t share);
/* Take back some of what filemark_open() marked. */
void filemark_drop(int fd, uint32_t marks);
/* Has another description one of these marks? */
bool filemark_held(int fd, uint32_t marks);

/*
 * filemark_section - mark the section whose description @fd is; gone with its last handle and view
 * One system call unless somebody is just cutting the file. FM_E_FILE_LOCK_CONFLICT: he stopped there.
 */
fm_status filemark_section(int fd, bool writable);

/* Must a descriptor of the section stay open while there are views? On overlayfs a mapping is one of the file
 * below, so that it does not keep the description that carries the mark. */
bool filemark_needs_descriptor(int fd);
/* Does a section of the file exist, of another description than @fd? */
bool filemark_mapped(int fd);

/*
 * filemark_cut - begin to cut the file open under @fd; end with filemark_cut_end()
 * No section exists, and none can be made meanwhile. FM_E_USER_MAPPED_FILE: one exists.
 */
fm_status filemark_cut(int fd);
void filemark_cut_end(int fd);

/*
 * filemark_extend - let others know that the file under @fd is being made longer, until the result is closed
 * A descriptor, or -1 where that cannot be told.
 * filemark_extends_alone - may who failed take away the storage beyond the end, before he closes @guard? Nobody else
 * is making the file longer then, and who begins waits. True where others cannot be seen.
 */
int filemark_extend(int fd);
bool filemark_extends_alone(int guard);

#endif
