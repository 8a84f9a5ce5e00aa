/* SPDX-License-Identifier: MIT */
/* Paths as Windows' programs write them -> paths of this system. docs/files.md has the rule. */
#ifndef FM_CORE_DISKPATH_H
#define FM_CORE_DISKPATH_H

#include <limits.h>
#include <stdint.h>

#include <filemap/status.h>

/*
 * diskpath_host - the path that @text means
 * FM_E_PATH_NOT_FOUND (empty, NULL, or a drive that is not there), FM_E_NAME_INVALID (a character Windows
 * forbids), FM_E_NAME_TOO_LONG, FM_E_BAD_NETWORK_PATH, FM_E_NAME_NOT_FOUND (a device).
 */
fm_status diskpath_host(const char *text, char ret_path[PATH_MAX]);

/* The directory of what @path names, "." for the current one. */
void diskpath_parent(const char *path, char ret_parent[PATH_MAX]);

/* Why opening @path said ENOENT: FM_E_NAME_NOT_FOUND, or FM_E_PATH_NOT_FOUND if its directory is missing. */
fm_status diskpath_missing(const char *path);

/* The directory for temporary files with a separator at its end, as the program would write it. */
fm_status diskpath_temporary(char ret_path[PATH_MAX]);

/*
 * diskpath_unique - "<directory>/<prefix><hex>.tmp", prefix cut to 3 characters
 * @number: low 16 bits are used; if they are 0, numbers are tried until one makes a new, empty file.
 * *ret_number: what was used. FM_E_NOT_A_DIRECTORY; FM_E_NAME_COLLISION: all 65,535 are taken.
 */
fm_status diskpath_unique(const char *directory, const char *prefix, uint32_t number, char ret_path[PATH_MAX],
			  uint32_t *ret_number);

#endif
