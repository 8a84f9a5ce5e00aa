/* SPDX-License-Identifier: MIT */
/*
 * Unnamed memory that is larger than memory: a file without a name, on a disk. To the rest of the core it is a
 * section of a file, and to who asks, memory. It ends with its last handle and view, however they end.
 */
#include "backing.h"
#include "os.h"
#include "status.h"

static fm_status open_file(int *ret_fd)
{
	const char *directory = os_environment("FILEMAP_PAGING_DIR");
	int fd;

	if (!directory || directory[0] != '/')
		return FM_E_COMMITMENT_LIMIT;
	fd = os_open(AT_FDCWD, directory, O_TMPFILE | O_RDWR | O_EXCL, 0600); /* no name can be given to it later */
	if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM)
		return status_of(OP_DESCRIPTOR, fd);
	*ret_fd = fd;
	return fd < 0 ? FM_E_COMMITMENT_LIMIT : FM_OK;
}

fm_status paged_create(const struct section_request *request, struct fm_section **ret_handle)
{
	struct section_request paged = *request;
	OS_CLEANUP_FD int fd = -1;
	fm_status status = open_file(&fd);

	if (!status_failed(status))
		status = file_extend(fd, request->size);
	if (status_failed(status))
		return status == FM_E_DISK_FULL ? FM_E_COMMITMENT_LIMIT : status;
	paged.file = fd;
	paged.file_rights_known = false;
	paged.attributes |= SECTION_PAGED;
	paged.portable = true; /* a handle on memory is worth something to other processes by its number alone */
	return file_create(&paged, ret_handle);
}
