/* SPDX-License-Identifier: MIT */
/* The native interface: arguments checked and handed to the core. */
#include "lock.h"
#include "os.h"
#include "protect.h"
#include "status.h"
#include "view.h"

#define SECTION_FLAGS (FM_SECTION_RESERVE | FM_SECTION_INHERITABLE | FM_SECTION_LAZY)

static bool all_zero(const uint32_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (words[i])
			return false;
	return true;
}

static fm_status request_of(const fm_section_options *options, bool must_create, struct section_request *request)
{
	uint32_t protection = options->access ? options->access : FM_READ | FM_WRITE;

	if (protection & ~(uint32_t)(FM_QUERY | FM_READ | FM_WRITE | FM_EXEC | FM_EXTEND))
		return FM_E_INVALID_PAGE_PROTECTION;
	if ((options->flags & ~(uint32_t)SECTION_FLAGS) || (options->mode & ~0777u) ||
	    (options->path && options->use_fd) || (!options->size && !options->path && !options->use_fd) || !all_zero(options->reserved, 8))
		return FM_E_INVALID_PARAMETER;
	protection &= FM_READ | FM_WRITE | FM_EXEC;
	*request = (struct section_request){
		.name = options->name && options->name[0] ? options->name : NULL,
		.file = -1,
		.size = options->size,
		.protection = protection | FM_READ,
		.attributes = options->flags & (FM_SECTION_RESERVE | FM_SECTION_LAZY),
		.access = FM_QUERY | FM_READ | protection | (protection & FM_WRITE ? FM_EXTEND : 0),
		.mode = options->mode,
		.inheritable = options->flags & FM_SECTION_INHERITABLE,
		.must_create = must_create,
	};
	return FM_OK;
}

static fm_status open_path(const char *path, uint32_t protection, int *ret_fd)
{
	struct stat st;
	int fd = os_open(AT_FDCWD, path, (protection & FM_WRITE ? O_RDWR : O_RDONLY) | O_NOCTTY | O_NONBLOCK, 0);

	if (fd < 0)
		return status_of(OP_OPEN_FILE, fd);
	if (os.fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		os_close(fd);
		return FM_E_FILE_IS_A_DIRECTORY;
	}
	*ret_fd = fd;
	return FM_OK;
}

static fm_status create(const fm_section_options *options, bool must_create, fm_section **ret_section)
{
	struct section_request request;
	OS_CLEANUP_FD int opened = -1;
	fm_status status;

	if (!options || !ret_section)
		return FM_E_INVALID_PARAMETER;
	status = request_of(options, must_create, &request);
	if (!status_failed(status) && options->path) {
		status = open_path(options->path, request.protection, &opened);
		request.file = opened;
	} else if (options->use_fd) {
		request.file = options->fd;
		if (options->fd < 0)
			status = FM_E_INVALID_HANDLE;
	}
	return status_failed(status) ? status : section_create(&request, ret_section);
}

fm_status fm_section_create(const fm_section_options *options, fm_section **ret_section)
{
	return create(options, false, ret_section);
}

fm_status fm_section_create_new(const fm_section_options *options, fm_section **ret_section)
{
	return create(options, true, ret_section);
}

/* What a native handle with these rights may do. 0 with known rights is an error of the caller's. */
static fm_status rights_of(uint32_t access, uint32_t *ret_rights)
{
	if (access & ~(uint32_t)(FM_QUERY | FM_READ | FM_WRITE | FM_EXEC | FM_EXTEND))
		return FM_E_INVALID_PARAMETER;
	*ret_rights = FM_QUERY | FM_READ | access | (access & FM_WRITE ? FM_EXTEND : 0);
	return FM_OK;
}

fm_status fm_section_open(const char *name, uint32_t access, fm_section **ret_section)
{
	uint32_t rights;
	fm_status status = rights_of(access, &rights);

	if (!name || !ret_section)
		return FM_E_INVALID_PARAMETER;
	return status_failed(status) ? status : section_open(name, rights, false, ret_section);
}

static fm_status narrower(const fm_section *section, uint32_t access, uint32_t *ret_rights)
{
	uint32_t rights;
	fm_status status;

	if (access == 0) {
		*ret_rights = section->access;
		return FM_OK;
	}
	status = rights_of(access, &rights);
	if (!status_failed(status) && (rights & ~section->access))
		status = FM_E_ACCESS_DENIED;
	if (!status_failed(status))
		*ret_rights = rights;
	return status;
}

fm_status fm_section_duplicate(fm_section *section, uint32_t access, fm_section **ret_section)
{
	uint32_t rights;
	fm_status status;

	if (!section || !ret_section)
		return FM_E_INVALID_HANDLE;
	status = narrower(section, access, &rights);
	return status_failed(status) ? status : section_duplicate(section, rights, ret_section);
}

void fm_section_close(fm_section *section)
{
	section_close(section);
}

fm_status fm_section_query(const fm_section *section, fm_section_info *ret_info)
{
	const struct section *facts;
	struct stat st;
	int error;

	if (!section || !ret_info)
		return FM_E_INVALID_HANDLE;
	facts = section->section;
	*ret_info = (fm_section_info){
		.size = section_size(section),
		.backing = section_is_memory(facts) ? FM_BACKING_MEMORY : FM_BACKING_FILE,
		.protection = facts->protection,
		.access = section->access,
		.flags = facts->attributes & (FM_SECTION_RESERVE | FM_SECTION_LAZY | FM_SECTION_PAGED),
		.device = facts->device,
		.inode = facts->inode,
	};
	if (facts->backing == FM_BACKING_MEMORY) {
		error = os.fstat(section->fd, &st);
		if (error < 0)
			return status_of(OP_DESCRIPTOR, error);
		ret_info->device = st.st_dev;
		ret_info->inode = st.st_ino;
	}
	error = os.getfd(section->fd);
	if (error >= 0 && !(error & FD_CLOEXEC))
		ret_info->flags |= FM_SECTION_INHERITABLE;
	return error < 0 ? status_of(OP_DESCRIPTOR, error) : FM_OK;
}

fm_status fm_section_extend(fm_section *section, uint64_t size)
{
	return section ? section_extend(section, size) : FM_E_INVALID_HANDLE;
}

fm_status fm_section_send(fm_section *section, int socket, uint32_t access)
{
	uint32_t rights;
	fm_status status = section ? narrower(section, access, &rights) : FM_E_INVALID_HANDLE;

	return status_failed(status) ? status : section_send(section, socket, rights);
}

fm_status fm_section_receive(int socket, fm_section **ret_section)
{
	return ret_section ? section_receive(socket, ret_section) : FM_E_INVALID_PARAMETER;
}

int fm_section_number(const fm_section *section)
{
	return section ? section->fd : -1;
}

fm_status fm_section_set_inheritable(fm_section *section, bool inheritable)
{
	return section ? section_set_inheritable(section, inheritable) : FM_E_INVALID_HANDLE;
}

fm_status fm_section_adopt(int number, fm_section **ret_section)
{
	return ret_section ? section_adopt(number, ret_section) : FM_E_INVALID_PARAMETER;
}

/* ---- views ---- */

fm_status fm_view_map_with(fm_section *section, const fm_map_options *options, void **ret_base)
{
	struct map_request request;
	uint32_t protection;
	fm_status status;

	if (!section)
		return FM_E_INVALID_HANDLE;
	if (!options || !ret_base || (options->flags & ~(uint32_t)FM_MAP_POPULATE) || !all_zero(options->reserved, 8))
		return FM_E_INVALID_PARAMETER;
	if (options->access & ~(uint32_t)PROTECT_BASE)
		return FM_E_INVALID_PAGE_PROTECTION;
	status = protect_normalize(options->access, &protection);
	if (status_failed(status))
		return status;
	request = (struct map_request){
		.protection = protection & FM_EXEC ? protection | FM_READ : protection,
		.flags = MAP_REQUEST_NATIVE | (options->flags & FM_MAP_POPULATE ? MAP_REQUEST_POPULATE : 0),
		.offset = options->offset,
		.length = options->length,
		.address = (uintptr_t)options->address,
	};
	return view_map(section, &request, ret_base, NULL);
}

fm_status fm_view_map(fm_section *section, uint32_t access, uint64_t offset, size_t length, void **ret_base)
{
	fm_map_options options = { .access = access, .offset = offset, .length = length };

	return fm_view_map_with(section, &options, ret_base);
}

fm_status fm_view_unmap(const void *address)
{
	return view_unmap(address, false);
}

fm_status fm_view_protect(void *address, size_t length, uint32_t protection, uint32_t *ret_old)
{
	uint32_t canonical;

	if (status_failed(protect_normalize(protection, &canonical)))
		return FM_E_INVALID_PAGE_PROTECTION;
	return view_protect(address, length, canonical, ret_old);
}

fm_status fm_view_commit(void *address, size_t length, uint32_t protection)
{
	uint32_t canonical;

	if (status_failed(protect_normalize(protection, &canonical)))
		return FM_E_INVALID_PAGE_PROTECTION;
	return view_commit(address, length, canonical);
}
