/* SPDX-License-Identifier: MIT */
/* What the sources about files share. */
#ifndef FM_PORT_FILE_H
#define FM_PORT_FILE_H

#include <sys/stat.h>

#include "internal_file.h"
#include "overlapped.h"
#include "port.h"

/* The end of a call with an OVERLAPPED: its result is stored and its event set, since all is complete. */
BOOL overlapped_complete(fm_status status, size_t done, LPOVERLAPPED overlapped);

/* A file handle in use whose rights include one of @any (0: none needed); its number is the descriptor. */
fm_status file_enter(HANDLE handle, uint32_t any, struct handle **ret_handle);

/* ---- file_facts.c ---- */

/* FILE_ATTRIBUTE_*: of the mode, as far as it tells. */
DWORD attributes_of(const struct statx *st);
FILETIME filetime_of(struct statx_timestamp time);
struct timespec timespec_of(const FILETIME *time);
uint32_t volume_of(const struct statx *st); /* a serial number for its file system */
fm_status file_facts(const char *host_path, struct statx *ret_st);
fm_status handle_facts(int fd, struct statx *ret_st);
/* Set or clear READONLY; FM_E_NOT_SUPPORTED: attributes that nothing here keeps. */
fm_status set_attributes(const char *host_path, DWORD attributes);

/* ---- file_info.c: SetFileInformationByHandle() ---- */

fm_status file_set_basic(HANDLE file, const FILE_BASIC_INFO *info);
/* Storage beyond the end; less than the size cuts the file. */
fm_status file_set_allocation(HANDLE file, uint64_t size);

/* ---- the one behind A and W, paths as UTF-8 ---- */

fm_status disk_space(const char *path, uint64_t *ret_cluster, uint64_t *ret_available, uint64_t *ret_free,
		     uint64_t *ret_total);
BOOL disk_clusters(const char *path, LPDWORD sectors, LPDWORD bytes, LPDWORD free, LPDWORD total);
BOOL disk_bytes(const char *path, PULARGE_INTEGER available, PULARGE_INTEGER total, PULARGE_INTEGER free);
BOOL attributes_get(const char *path, WIN32_FILE_ATTRIBUTE_DATA *ret_data);
BOOL attributes_set(const char *path, DWORD attributes);
BOOL directory_create(const char *path, const SECURITY_ATTRIBUTES *security);
BOOL directory_remove(const char *path);
BOOL file_move(const char *from, const char *to, DWORD flags);
BOOL file_replace(const char *replaced, const char *replacement, const char *backup, DWORD flags);
BOOL file_copy(const char *from, const char *to, BOOL fail_if_exists);

/* full_path.c: @path with the current directory in front, "." and ".." resolved; nothing is looked up. */
fm_status path_full(const char *path, char ret_full[PATH_MAX]);
/* The part after the last separator; NULL: there is none. */
const char *path_last(const char *full);

/* find.c */
struct found {
	struct statx st;
	char name[256]; /* NAME_MAX bytes of UTF-8 */
};
HANDLE find_first(const char *pattern, struct found *ret_found); /* INVALID_HANDLE_VALUE and the last error */
BOOL find_next(HANDLE find, struct found *ret_found);

#endif
