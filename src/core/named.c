/* SPDX-License-Identifier: MIT */
/* Sections with names: an entry of the namespace holds the bytes (memory) or says where they are (file). */
#include <limits.h>
#include <string.h>

#include "backing.h"
#include "filemark.h"
#include "lock.h"
#include "os.h"
#include "protect.h"
#include "status.h"

static void fill(struct section *section, const struct name_facts *facts)
{
	section->named = true;
	section->backing = facts->backing;
	section->protection = facts->protection;
	section->attributes = facts->attributes;
	section->size = facts->size;
	section->data_start = facts->backing == FM_BACKING_MEMORY ? NAME_DATA_START : 0;
	section->device = facts->device;
	section->inode = facts->inode;
}

static fm_status check_facts(const struct name_facts *facts)
{
	uint64_t pages = facts->size / OS_PAGE;
	uint32_t protection;

	if (facts->kind != NAME_SECTION)
		return FM_E_OBJECT_TYPE_MISMATCH;
	if (status_failed(protect_normalize(facts->protection, &protection)) || protection != facts->protection ||
	    (facts->attributes & ~(uint32_t)SECTION_KEPT) || facts->size == 0)
		return FM_E_OBJECT_CORRUPT;
	if (facts->backing == FM_BACKING_MEMORY && facts->size % OS_PAGE)
		return FM_E_OBJECT_CORRUPT;
	if (facts->attributes & SECTION_PAGED)
		return FM_E_OBJECT_CORRUPT; /* what has a name is not paged */
	if ((facts->attributes & SECTION_RESERVE) &&
	    (facts->backing != FM_BACKING_MEMORY || facts->extra_size < commit_map_size(pages)))
		return FM_E_OBJECT_CORRUPT;
	return FM_OK;
}

/* The file that a record names, if it is still that file. */
static fm_status open_backing(struct section *section, int record, uint32_t access)
{
	struct stat st;
	char *path;
	fm_status status = name_path(record, &path);
	int fd;

	if (status_failed(status))
		return status;
	fd = os_open(AT_FDCWD, path,
		     (access & section->protection & FM_WRITE ? O_RDWR : O_RDONLY) | O_NOCTTY | O_NONBLOCK, 0);
	os_free(path);
	if (fd < 0)
		return status_of(OP_OPEN_FILE, fd);
	status = filemark_section(fd, section->protection & FM_WRITE);
	if (status_failed(status)) {
		os_close(fd);
		return status;
	}
	if (os.fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_dev != section->device || st.st_ino != section->inode ||
	    (uint64_t)st.st_size < section->size) {
		os_close(fd);
		return FM_E_FILE_INVALID;
	}
	section->map_fd = fd;
	return FM_OK;
}

/* What a section needs beside the locked descriptor @fd. */
static fm_status complete(struct section *section, int fd, uint32_t access)
{
	if (section->map_fd >= 0)
		return FM_OK;
	if (section->backing == FM_BACKING_FILE)
		return open_backing(section, fd, access);
	if (section->attributes & SECTION_RESERVE) { /* kept for commits as long as there are views */
		section->map_fd = os_reopen(fd, access & FM_WRITE ? O_RDWR : O_RDONLY);
		if (section->map_fd < 0)
			return status_of(OP_DESCRIPTOR, section->map_fd);
	}
	return FM_OK;
}

static fm_status give_up(struct section *section, const struct object_name *name, int fd, fm_status status)
{
	if (fd >= 0)
		name_release(name, fd);
	section_put(section);
	return status;
}

static fm_status acquire(struct section *section, const struct name_request *ask, uint32_t access, bool inheritable,
			 struct fm_section **ret_handle)
{
	struct name_facts facts;
	fm_status status, made;
	int fd = -1, error = 0;

	section->name = name_full(&ask->name);
	if (!section->name)
		return give_up(section, &ask->name, -1, FM_E_NO_MEMORY);
	made = name_acquire(ask, &fd, &facts);
	if (status_failed(made))
		return give_up(section, &ask->name, -1, made);
	status = check_facts(&facts);
	if (made == FM_NAME_EXISTS) {
		os_close(section->map_fd); /* of the file that the name turned out not to need */
		section->map_fd = -1;
	}
	if (!status_failed(status)) {
		fill(section, &facts);
		status = complete(section, fd, access);
	}
	if (!status_failed(status) && inheritable)
		error = os.setfd(fd, 0);
	if (error < 0)
		status = status_of(OP_DESCRIPTOR, error);
	if (status_failed(status))
		return give_up(section, &ask->name, fd, status);
	status = section_finish(section, fd, access, ret_handle);
	return status_failed(status) ? status : made;
}

static fm_status path_of(int fd, char path[PATH_MAX])
{
	static const char gone[] = " (deleted)";
	ssize_t length = os_fd_link(fd, path, PATH_MAX);
	struct stat st;
	int error;

	if (length < 0)
		return status_of(OP_DESCRIPTOR, (int)length);
	error = os.fstat(fd, &st);
	if (error < 0)
		return status_of(OP_DESCRIPTOR, error);
	if (st.st_nlink == 0)
		return FM_E_FILE_DELETED;
	if ((size_t)length > sizeof(gone) && strcmp(path + length + 1 - sizeof(gone), gone) == 0)
		return FM_E_FILE_DELETED; /* this link of it; another may exist, but not under a name known here */
	return FM_OK;
}

static void ask_memory(const struct section_request *request, struct name_request *ask)
{
	bool reserve = request->attributes & SECTION_RESERVE;

	ask->facts.backing = FM_BACKING_MEMORY;
	ask->facts.size = request->size;
	ask->facts.extra_size = reserve ? commit_map_size(request->size / OS_PAGE) : 0;
	ask->reserve_storage = !reserve && !(request->attributes & SECTION_LAZY);
}

/* The file is touched only when no section has the name: whoever opens an existing one must not extend it. Who finds
 * the new one finds a file that is long enough; so the file stays long if the name cannot be had after that. */
static fm_status prepare_file(const struct section_request *request, struct section *section, struct name_request *ask,
			      char path[PATH_MAX])
{
	fm_status status;
	int fd;

	status = file_prepare(request, section, &fd);
	if (status_failed(status))
		return status;
	section->map_fd = fd;
	status = path_of(fd, path);
	if (!status_failed(status))
		status = file_grow(request);
	ask->facts.backing = FM_BACKING_FILE;
	ask->facts.size = section->size;
	ask->facts.device = section->device;
	ask->facts.inode = section->inode;
	ask->path = path;
	return status;
}

fm_status named_create(const struct section_request *request, const struct object_name *name,
		       struct fm_section **ret_handle)
{
	struct name_request ask = { .name = *name, .mode = request->mode, .acl = request->acl, .writable = request->access & FM_WRITE,
				    .may_open = !request->must_create, .may_create = request->file < 0 };
	struct section *section = section_new();
	char path[PATH_MAX];
	fm_status status;

	if (!section)
		return FM_E_NO_MEMORY;
	ask.facts.kind = NAME_SECTION;
	ask.facts.protection = request->protection;
	ask.facts.attributes = request->attributes & SECTION_KEPT;
	if (request->file < 0) {
		ask_memory(request, &ask);
		return acquire(section, &ask, request->access, request->inheritable, ret_handle);
	}
	status = acquire(section, &ask, request->access, request->inheritable, ret_handle);
	if (status != FM_E_NAME_NOT_FOUND)
		return status;
	section = section_new();
	if (!section)
		return FM_E_NO_MEMORY;
	status = prepare_file(request, section, &ask, path);
	if (status_failed(status))
		return give_up(section, name, -1, status);
	ask.may_create = true;
	return acquire(section, &ask, request->access, request->inheritable, ret_handle);
}

fm_status section_open(const char *text, uint32_t access, bool inheritable, struct fm_section **ret_handle)
{
	struct name_request ask = { .may_open = true, .writable = access & FM_WRITE };
	fm_status status = name_parse(text, &ask.name);
	struct section *section;

	if (!status_failed(status))
		status = lock_ready();
	if (status_failed(status))
		return status;
	section = section_new();
	if (!section)
		return FM_E_NO_MEMORY;
	status = acquire(section, &ask, access, inheritable, ret_handle);
	return status == FM_NAME_EXISTS ? FM_OK : status;
}

void named_grown(struct section *section, uint64_t size)
{
	struct name_request ask = { .may_open = true, .writable = true };
	struct name_facts facts;
	int fd;

	if (status_failed(name_parse(section->name, &ask.name)) || name_acquire(&ask, &fd, &facts) != FM_NAME_EXISTS)
		return;
	if (facts.inode == section->inode && facts.device == section->device)
		(void)name_set_size(fd, size); /* refused: the next extend tells it */
	name_release(&ask.name, fd);
}

fm_status named_recognise(int fd, struct section *section)
{
	struct name_facts facts;
	int mode = os.getfl(fd);
	fm_status status = mode < 0 ? FM_E_INVALID_HANDLE : name_inspect(fd, &facts, &section->name);

	if (!status_failed(status))
		status = check_facts(&facts);
	if (status_failed(status))
		return status;
	fill(section, &facts);
	return complete(section, fd, (mode & O_ACCMODE) == O_RDWR ? FM_READ | FM_WRITE : FM_READ);
}
