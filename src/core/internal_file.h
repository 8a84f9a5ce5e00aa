/* SPDX-License-Identifier: MIT */
/* What libfilemap-port may use of files and paths; as internal.h, which says what these are. */
#ifndef FM_CORE_INTERNAL_FILE_H
#define FM_CORE_INTERNAL_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include <filemap.h>

#include "diskfile.h"
#include "filelock.h"

/* filelock_take() and filelock_release() */
FM_API fm_status fm_internal_file_lock(int number, uint64_t offset, uint64_t length, unsigned flags);
FM_API fm_status fm_internal_file_unlock(int number, uint64_t offset, uint64_t length);
FM_API fm_status fm_internal_file_rights(int number, uint32_t *ret_access);
FM_API fm_status fm_internal_file_set_size(int number, uint64_t size);
FM_API fm_status fm_internal_file_rename(int number, const char *to, unsigned flags);
FM_API fm_status fm_internal_file_dispose(int number, unsigned flags);
FM_API bool fm_internal_file_disposed(const struct handle *file);
FM_API fm_status fm_internal_file_move(const char *from, const char *to, unsigned flags);
/* diskpath_host() and diskpath_missing() */
FM_API fm_status fm_internal_path_host(const char *text, char ret_path[PATH_MAX]);
FM_API fm_status fm_internal_path_missing(const char *path);
FM_API int fm_internal_acl_set(int fd, uint32_t mode, const struct acl *acl);
FM_API int fm_internal_acl_copy(int from, int to);

#endif
