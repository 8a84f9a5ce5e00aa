/* SPDX-License-Identifier: MIT */
#include "internal_file.h"

#include "diskpath.h"

fm_status fm_internal_file_lock(int number, uint64_t offset, uint64_t length, unsigned flags)
{
	return filelock_take(number, offset, length, flags);
}

fm_status fm_internal_file_unlock(int number, uint64_t offset, uint64_t length)
{
	return filelock_release(number, offset, length);
}

fm_status fm_internal_file_rights(int number, uint32_t *ret_access)
{
	return diskfile_rights(number, ret_access);
}

fm_status fm_internal_file_set_size(int number, uint64_t size)
{
	return diskfile_set_size(number, size);
}

fm_status fm_internal_file_move(const char *from, const char *to, unsigned flags)
{
	return diskfile_move(from, to, flags);
}

fm_status fm_internal_file_rename(int number, const char *to, unsigned flags)
{
	return diskfile_rename(number, to, flags);
}

fm_status fm_internal_file_dispose(int number, unsigned flags)
{
	return diskfile_dispose(number, flags);
}

bool fm_internal_file_disposed(const struct handle *file)
{
	return diskfile_disposed(file);
}

fm_status fm_internal_path_host(const char *text, char ret_path[PATH_MAX])
{
	return diskpath_host(text, ret_path);
}

fm_status fm_internal_path_missing(const char *path)
{
	return diskpath_missing(path);
}

int fm_internal_acl_set(int fd, uint32_t mode, const struct acl *acl)
{
	return acl_set(fd, mode, acl);
}

int fm_internal_acl_copy(int from, int to)
{
	return acl_copy(from, to);
}
