/* SPDX-License-Identifier: MIT */
#include "section.h"

#include <sys/mman.h>

#include "backing.h"
#include "filemark.h"
#include "lock.h"
#include "names.h"
#include "os.h"
#include "protect.h"
#include "status.h"

struct section *section_new(void)
{
	struct section *section = os_allocate(sizeof(*section));

	if (!section)
		return NULL;
	section->references = 1;
	section->handles = 1;
	section->map_fd = -1;
	return section;
}

void section_get(struct section *section)
{
	atomic_fetch_add_explicit(&section->references, 1, memory_order_relaxed);
}

bool section_owns(const struct section *section, int fd)
{
	struct stat st;
	int error = fd < 0 ? -EBADF : os.fstat(fd, &st);

	if (error < 0)
		return error != -EBADF; /* open, and no reason to think otherwise */
	return !section->inode || (st.st_dev == section->device && st.st_ino == section->inode);
}

void section_put(struct section *section)
{
	int map_fd;

	if (!section || atomic_fetch_sub_explicit(&section->references, 1, memory_order_acq_rel) > 1)
		return;
	map_fd = atomic_load_explicit(&section->map_fd, memory_order_relaxed);
	if (section_owns(section, map_fd))
		os_close(map_fd);
	if (section->commit_map)
		(void)os.munmap((void *)section->commit_map, commit_map_size(section->commit_pages)); /* whole */
	os_free(section->name);
	os_free(section);
}

struct fm_section *section_handle_new(struct section *section, int fd, uint32_t access)
{
	struct fm_section *handle = os_allocate(sizeof(*handle));

	if (!handle)
		return NULL;
	handle->section = section;
	handle->access = access;
	handle->fd = fd;
	handle_init(&handle->handle, &section_kind);
	return handle;
}

bool section_only_viewed(const struct section *section)
{
	return atomic_load_explicit(&section->handles, memory_order_relaxed) == 0 &&
	       atomic_load_explicit(&section->map_fd, memory_order_relaxed) >= 0;
}

/* Views of a reserved section keep what commits need, those of a paged one the only way to it; and where a mapping
 * does not keep its description, the views of a file keep the descriptor that marks it as mapped. */
static bool views_keep_descriptor(const struct section *section, int map_fd)
{
	if (section->attributes & (SECTION_RESERVE | SECTION_PAGED))
		return true;
	return section->backing == FM_BACKING_FILE && map_fd >= 0 &&
	       atomic_load_explicit(&section->references, memory_order_relaxed) > 1 && filemark_needs_descriptor(map_fd);
}

/* The descriptors of a handle that goes away. */
static void drop_descriptors(struct section *section, int fd)
{
	struct object_name name;
	bool last;
	int map_fd;

	{
		LOCK_SCOPE(lock_stripe(LOCK_SECTION, section));
		map_fd = atomic_load_explicit(&section->map_fd, memory_order_relaxed);
		last = atomic_fetch_sub_explicit(&section->handles, 1, memory_order_acq_rel) == 1;
		if (last && views_keep_descriptor(section, map_fd)) {
			last = false;
			(void)os.setfd(map_fd, FD_CLOEXEC); /* no handle's any more; cannot fail while open */
		}
		if (last)
			atomic_store_explicit(&section->map_fd, -1, memory_order_relaxed);
	}
	if (last && map_fd != fd)
		os_close(map_fd);
	if (!last && map_fd == fd) { /* still mapped through: closed with the last handle, or by section_put() */
		(void)os.setfd(fd, FD_CLOEXEC); /* no handle any more, see adopt_handle(); cannot fail while open */
		return;
	}
	if (section->named && !status_failed(name_parse(section->name, &name)))
		name_release(&name, fd);
	else
		os_close(fd);
}

/* The handle_kind's three: a section's handle begins with its struct handle. */
static void close_handle(struct handle *base)
{
	struct fm_section *handle = (struct fm_section *)base;

	drop_descriptors(handle->section, handle->fd);
	section_put(handle->section);
}

static void forget_handle(struct handle *base)
{
	struct fm_section *handle = (struct fm_section *)base;
	struct section *section = handle->section;

	if (section->map_fd == handle->fd || (section->backing == FM_BACKING_FILE && !section->named))
		section->map_fd = -1; /* the other handle's too */
	section_put(section);
	os_free(handle);
}

/* Exec leaves open what is inheritable only, so anything else is a descriptor of our own, or one that is
 * closed as a handle but in use still. */
static fm_status adopt_handle(int number, struct handle **ret_handle)
{
	struct fm_section *handle;
	fm_status status = section_adopt(number, &handle);
	int flags;

	if (status_failed(status))
		return status;
	flags = os.getfd(number);
	if (flags < 0 || (flags & FD_CLOEXEC)) {
		forget_handle(&handle->handle);
		return FM_E_INVALID_HANDLE;
	}
	*ret_handle = &handle->handle;
	return FM_OK;
}

static fm_status duplicate_handle(struct handle *source, const uint32_t *access, struct handle **ret_handle,
				  int *ret_number)
{
	struct fm_section *from = (struct fm_section *)source, *copy;
	fm_status status = section_duplicate(from, access ? section_rights(*access) : from->access, &copy);

	if (status_failed(status))
		return status;
	*ret_handle = &copy->handle;
	*ret_number = copy->fd;
	return FM_OK;
}

static fm_status set_handle_inheritable(struct handle *base, bool inheritable)
{
	return section_set_inheritable((struct fm_section *)base, inheritable);
}

static bool same_object(const struct handle *a, const struct handle *b)
{
	return section_same((const struct fm_section *)a, (const struct fm_section *)b);
}

const struct handle_kind section_kind = {
	.name = "section",
	.close = close_handle,
	.adopt = adopt_handle,
	.forget = forget_handle,
	.duplicate = duplicate_handle,
	.set_inheritable = set_handle_inheritable,
	.same = same_object,
	.pack = section_pack,
	.unpack = section_unpack,
};

void section_close(struct fm_section *handle)
{
	if (!handle)
		return;
	close_handle(&handle->handle);
	os_free(handle);
}

/* Wrap what a maker has filled in; on failure it is all undone. */
fm_status section_finish(struct section *section, int fd, uint32_t access, struct fm_section **ret_handle)
{
	struct fm_section *handle = NULL;
	fm_status status = FM_OK;

	if (section->attributes & SECTION_RESERVE)
		status = section_map_commit(section, section->named ? section->map_fd : fd, access & FM_WRITE);
	if (!status_failed(status)) {
		handle = section_handle_new(section, fd, access);
		if (!handle)
			status = FM_E_NO_MEMORY;
	}
	if (status_failed(status)) {
		drop_descriptors(section, fd);
		section_put(section);
		return status;
	}
	*ret_handle = handle;
	return FM_OK;
}

uint32_t section_default_access(const struct section_request *request)
{
	return request->access ? request->access
			       : FM_QUERY | (request->protection & (FM_READ | FM_WRITE | FM_EXEC));
}

static fm_status check_request(const struct section_request *request, uint64_t *ret_size)
{
	uint64_t size = request->size;

	if (size > INT64_MAX)
		return FM_E_SECTION_TOO_BIG;
	if (request->file < 0) {
		if (size == 0)
			return FM_E_INVALID_PARAMETER_4;
		size = (size + OS_PAGE - 1) & ~(uint64_t)(OS_PAGE - 1);
		if (size >= (uint64_t)1 << 47)
			return FM_E_SECTION_TOO_BIG; /* more than an address space */
		if ((request->attributes & SECTION_RESERVE) && size > (uint64_t)1 << 42)
			return FM_E_INSUFFICIENT_RESOURCES; /* the map of committed pages alone is a GiB by then */
	}
	*ret_size = size;
	return FM_OK;
}

fm_status section_create(const struct section_request *request, struct fm_section **ret_handle)
{
	struct section_request checked = *request;
	fm_status status = check_request(request, &checked.size);
	struct object_name name;

	if (!status_failed(status))
		status = lock_ready();
	if (status_failed(status))
		return status;
	checked.access = section_default_access(request);
	if (checked.file >= 0)
		checked.attributes &= ~(uint32_t)(SECTION_RESERVE | SECTION_LAZY); /* no effect on files */
	if (checked.file_rights_known && checked.name) /* the file first, untouched; then who has the name */
		status = file_check(&checked);
	if (status_failed(status))
		return status;
	if (!checked.name)
		return checked.file < 0 ? memory_create(&checked, ret_handle) : file_create(&checked, ret_handle);
	status = name_parse(checked.name, &name);
	return status_failed(status) ? status : named_create(&checked, &name, ret_handle);
}

fm_status section_duplicate(struct fm_section *source, uint32_t access, struct fm_section **ret_handle)
{
	struct section *section = source->section;
	struct fm_section *handle;
	int fd;

	if ((section->attributes & SECTION_SEALED) && (access & ~source->access))
		return FM_E_ACCESS_DENIED;
	if (access != source->access)
		return section_reopen(source, access, ret_handle);
	fd = os.dupfd(source->fd, 0);
	if (fd < 0)
		return status_of(OP_DESCRIPTOR, fd);
	handle = section_handle_new(section, fd, access);
	if (!handle) {
		os_close(fd);
		return FM_E_NO_MEMORY;
	}
	section_get(section);
	atomic_fetch_add_explicit(&section->handles, 1, memory_order_relaxed);
	*ret_handle = handle;
	return FM_OK;
}

bool section_same(const struct fm_section *a, const struct fm_section *b)
{
	struct stat first, second;

	if (a->section == b->section)
		return true;
	if (a->section->backing != b->section->backing || a->section->named != b->section->named)
		return false;
	if (a->section->backing == FM_BACKING_FILE && !a->section->named)
		return a->section->identity == b->section->identity; /* two of one file are two objects */
	return os.fstat(a->fd, &first) == 0 && os.fstat(b->fd, &second) == 0 && first.st_ino == second.st_ino &&
	       first.st_dev == second.st_dev;
}

/* ---- the description behind views ---- */

fm_status section_map_fd(struct fm_section *handle, int *ret_fd)
{
	struct section *section = handle->section;
	int fd = atomic_load_explicit(&section->map_fd, memory_order_acquire);

	if (fd < 0) {
		LOCK_SCOPE(lock_stripe(LOCK_SECTION, section));
		fd = atomic_load_explicit(&section->map_fd, memory_order_relaxed);
		if (fd < 0)
			fd = os_reopen(handle->fd, handle->access & section->protection & FM_WRITE ? O_RDWR : O_RDONLY);
		if (fd < 0)
			return status_of(OP_DESCRIPTOR, fd);
		atomic_store_explicit(&section->map_fd, fd, memory_order_release);
	}
	*ret_fd = fd;
	return FM_OK;
}

fm_status section_live_fd(struct section *section, int *ret_fd)
{
	int fd = -EBADF;

	{
		LOCK_SCOPE(lock_stripe(LOCK_SECTION, section));
		if (atomic_load_explicit(&section->map_fd, memory_order_relaxed) >= 0)
			fd = os.dupfd(atomic_load_explicit(&section->map_fd, memory_order_relaxed), 0);
	}
	if (fd == -EBADF || (fd >= 0 && !section_owns(section, fd))) { /* none, or the program closed it */
		os_close(fd);
		return FM_E_FILE_INVALID;
	}
	if (fd < 0)
		return status_of(OP_DESCRIPTOR, fd);
	*ret_fd = fd;
	return FM_OK;
}

fm_status section_borrow_fd(struct section *section, const void *mapped, int flags, int *ret_fd)
{
	fm_status status = section_live_fd(section, ret_fd);
	int fd;

	if (status != FM_E_FILE_INVALID || section->backing != FM_BACKING_FILE)
		return status;
	fd = file_reopen_mapped(section, mapped, flags);
	if (fd < 0) /* there is none; or there might be, but not now */
		return fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM ? status_of(OP_DESCRIPTOR, fd) : FM_E_FILE_INVALID;
	*ret_fd = fd;
	return FM_OK;
}

/* ---- size ---- */

static uint64_t stored_size(const struct fm_section *handle)
{
	const struct section *section = handle->section;
	struct name_facts facts;
	struct stat st;

	if (section->attributes & SECTION_RESERVE)
		return 0; /* cannot have grown */
	if (section->named)
		return name_inspect(handle->fd, &facts, NULL) == FM_OK ? facts.size : 0;
	if (section_is_memory(section))
		return os.fstat(section->backing == FM_BACKING_MEMORY ? handle->fd : section->map_fd, &st) == 0
			       ? (uint64_t)st.st_size
			       : 0;
	return 0;
}

uint64_t section_size(const struct fm_section *handle)
{
	struct section *section = handle->section;
	uint64_t known = atomic_load_explicit(&section->size, memory_order_relaxed);
	uint64_t stored = stored_size(handle);

	while (stored > known && !atomic_compare_exchange_weak(&section->size, &known, stored))
		;
	return stored > known ? stored : known;
}

static fm_status grow(struct fm_section *handle, int fd, uint64_t old_size, uint64_t size)
{
	struct section *section = handle->section;
	OS_CLEANUP_FD int guard = -1;
	fm_status status;

	if (section->backing == FM_BACKING_FILE) {
		status = file_extend(fd, size);
	} else {
		guard = section->named ? filemark_extend(fd) : -1;
		status = memory_extend(section, fd, guard, old_size, size);
	}
	if (!status_failed(status) && section->named)
		status = name_set_size(handle->fd, size);
	return status;
}

fm_status section_extend(struct fm_section *handle, uint64_t size)
{
	struct section *section = handle->section;
	uint64_t old_size = section_size(handle);
	fm_status status;
	int fd = -1;

	if (!(handle->access & FM_EXTEND) || !(section->protection & FM_WRITE))
		return FM_E_ACCESS_DENIED;
	if (section->attributes & SECTION_RESERVE)
		return FM_E_SECTION_NOT_EXTENDED;
	if (size > INT64_MAX - OS_PAGE)
		return FM_E_SECTION_TOO_BIG;
	if (section_is_memory(section))
		size = (size + OS_PAGE - 1) & ~(uint64_t)(OS_PAGE - 1);
	if (size <= old_size)
		return FM_OK;
	status = section_map_fd(handle, &fd);
	if (!status_failed(status)) {
		LOCK_SCOPE(lock_stripe(LOCK_SECTION, section));
		status = grow(handle, fd, old_size, size);
	}
	if (!status_failed(status))
		while (old_size < size && !atomic_compare_exchange_weak(&section->size, &old_size, size))
			;
	return status;
}
