/* SPDX-License-Identifier: MIT */
/* One section, several handles: other rights, other processes. */
#include <string.h>

#include "backing.h"
#include "filemark.h"
#include "lock.h"
#include "os.h"
#include "status.h"

uint32_t section_rights(uint32_t access)
{
	static const struct {
		uint32_t generic, rights;
	} map[] = {
		{ 0x80000000, 0x20000 | FM_QUERY | FM_READ }, /* GENERIC_READ */
		{ 0x40000000, 0x20000 | FM_WRITE },
		{ 0x20000000, 0x20000 | FM_EXEC },
		{ 0x12000000, 0xf0000 | FM_QUERY | FM_READ | FM_WRITE | FM_EXEC | FM_EXTEND }, /* all, and the most allowed */
	};
	uint32_t rights = access & ~0xf2000000u;

	for (unsigned i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		if (access & map[i].generic)
			rights |= map[i].rights;
	return rights;
}

static struct section *copy_of(const struct section *source)
{
	struct section *section = section_new();

	if (!section)
		return NULL;
	section->protection = source->protection;
	section->attributes = source->attributes;
	section->backing = source->backing;
	section->named = source->named;
	section->portable = source->portable;
	section->identity = source->identity;
	section->size = source->size;
	section->data_start = source->data_start;
	section->device = source->device;
	section->inode = source->inode;
	if (source->name) {
		size_t size = strlen(source->name) + 1;

		section->name = os_allocate(size);
		if (!section->name) {
			section_put(section);
			return NULL;
		}
		memcpy(section->name, source->name, size);
	}
	return section;
}

/* Own descriptions for a handle with @access. *ret_fd is the handle's. On failure @section holds none. */
static fm_status open_descriptions(struct fm_section *source, uint32_t access, struct section *section, int *ret_fd)
{
	int flags = access & section->protection & FM_WRITE ? O_RDWR : O_RDONLY;
	bool file = section->backing == FM_BACKING_FILE;
	fm_status status = FM_OK;
	int fd, map_fd = -1;

	if (file || (section->attributes & SECTION_RESERVE && section->named)) {
		int from = -1;

		status = section_map_fd(source, &from);
		if (status_failed(status))
			return status;
		map_fd = os_reopen(from, flags);
		if (map_fd < 0)
			return status_of(OP_DESCRIPTOR, map_fd);
		if (file)
			status = filemark_section(map_fd, section->protection & FM_WRITE);
		if (status_failed(status)) {
			os_close(map_fd);
			return status;
		}
	}
	fd = file && !section->named ? os.dupfd(map_fd, 0) : os_reopen(source->fd, flags);
	if (fd < 0)
		status = status_of(OP_DESCRIPTOR, fd);
	else if (section->named)
		status = name_lock(fd);
	if (status_failed(status)) {
		os_close(fd);
		os_close(map_fd);
		return status;
	}
	section->map_fd = file || map_fd >= 0 ? map_fd : section->named ? -1 : fd;
	*ret_fd = fd;
	return FM_OK;
}

fm_status section_reopen(struct fm_section *source, uint32_t access, struct fm_section **ret_handle)
{
	struct section *section = copy_of(source->section);
	fm_status status;
	int fd = -1;

	if (!section)
		return FM_E_NO_MEMORY;
	status = open_descriptions(source, access, section, &fd);
	if (status_failed(status)) {
		section_put(section);
		return status;
	}
	status = section_finish(section, fd, access, ret_handle);
	if (!status_failed(status) && section->portable) {
		status = file_make_record(*ret_handle);
		if (status_failed(status))
			section_close(*ret_handle);
	}
	return status;
}

fm_status section_set_inheritable(struct fm_section *handle, bool inheritable)
{
	struct section *section = handle->section;
	bool record = section->backing == FM_BACKING_FILE && !section->named;
	int flags = inheritable ? 0 : FD_CLOEXEC, error = 0;

	if (inheritable && record && !section->portable) {
		fm_status status = file_make_record(handle);

		if (status_failed(status))
			return status;
	}
	/* What the record names goes along; it stays inheritable where another handle may need it. */
	if (record && (inheritable || atomic_load_explicit(&section->handles, memory_order_relaxed) == 1))
		error = os.setfd(section->map_fd, flags);
	if (error >= 0)
		error = os.setfd(handle->fd, flags);
	return error < 0 ? status_of(OP_DESCRIPTOR, error) : FM_OK;
}

/* What is under number @fd? The three forms, cheapest test first. @ret_access: set if it says so. */
static fm_status recognise(int fd, struct section *section, uint32_t *ret_access)
{
	fm_status status = memory_recognise(fd, section);

	if (status == FM_E_OBJECT_TYPE_MISMATCH)
		status = file_recognise(fd, NULL, NULL, section, ret_access);
	if (status == FM_E_OBJECT_TYPE_MISMATCH)
		status = named_recognise(fd, section);
	return status;
}

/* The rights that the descriptor's mode can carry. */
static uint32_t access_of(const struct section *section, int fd)
{
	int mode = os.getfl(section->map_fd >= 0 ? section->map_fd : fd);
	uint32_t access = FM_QUERY | (section->protection & (FM_READ | FM_EXEC));

	if (mode >= 0 && (mode & O_ACCMODE) == O_RDWR && (section->protection & FM_WRITE))
		access |= FM_WRITE | FM_EXTEND;
	return access;
}

fm_status section_adopt(int fd, struct fm_section **ret_handle)
{
	fm_status status = fd < 0 ? FM_E_INVALID_HANDLE : lock_ready();
	uint32_t access = 0;
	struct fm_section *handle;
	struct section *section;

	if (status_failed(status))
		return status;
	section = section_new();
	handle = section ? section_handle_new(section, fd, 0) : NULL;
	status = handle ? recognise(fd, section, &access) : FM_E_NO_MEMORY;
	if (!status_failed(status)) {
		handle->access = access_of(section, fd);
		if (access)
			handle->access = section_granted(access, handle->access);
		if (section->attributes & SECTION_RESERVE)
			status = section_map_commit(section, section->named ? section->map_fd : fd,
						    handle->access & FM_WRITE);
	}
	if (status_failed(status)) { /* @fd stays the caller's */
		if (section && section->map_fd == fd)
			section->map_fd = -1;
		section_put(section);
		os_free(handle);
		return status;
	}
	*ret_handle = handle;
	return FM_OK;
}

/* The record speaks of a number of the other process; ours speaks of our own. */
static fm_status take_record(int fd, section_fetcher *fetch, void *context, struct fm_section **ret_handle)
{
	struct section *section = section_new();
	struct fm_section *handle = section ? section_handle_new(section, fd, 0) : NULL;
	uint32_t access = 0;
	fm_status status = handle ? file_recognise(fd, fetch, context, section, &access) : FM_E_NO_MEMORY;

	if (status_failed(status)) {
		os_close(fd);
		section_put(section);
		os_free(handle);
		return status;
	}
	handle->access = section_granted(access, access_of(section, fd));
	section->portable = true;
	status = file_make_record(handle);
	if (status_failed(status))
		section_close(handle);
	else
		*ret_handle = handle;
	return status;
}

fm_status section_take(int fd, section_fetcher *fetch, void *context, struct fm_section **ret_handle)
{
	int record = file_is_record(fd);
	fm_status status;

	if (record > 0)
		return take_record(fd, fetch, context, ret_handle);
	status = record < 0 ? status_of(OP_DESCRIPTOR, record) : section_adopt(fd, ret_handle);
	if (status_failed(status))
		os_close(fd);
	return status;
}
