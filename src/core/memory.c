/* SPDX-License-Identifier: MIT */
/*
 * Unnamed memory sections. A memfd's name is the one thing that goes with it through fork, exec and
 * sockets and costs no call: it says protection, attributes and size.
 */
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "backing.h"
#include "filemark.h"
#include "os.h"
#include "protect.h"
#include "status.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

static atomic_bool plain_flags; /* the kernel is older than MFD_EXEC (6.3) */

int memory_fd(const char *name, uint32_t protection)
{
	unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = -EINVAL;

	if (!atomic_load_explicit(&plain_flags, memory_order_relaxed))
		fd = os.memfd_create(name, flags | (protection & FM_EXEC ? MFD_EXEC : MFD_NOEXEC_SEAL));
	if (fd != -EINVAL)
		return fd;
	fd = os.memfd_create(name, flags);
	if (fd >= 0)
		atomic_store_explicit(&plain_flags, true, memory_order_relaxed);
	return fd;
}

/* Does the kernel refuse what it could not keep (vm.overcommit_memory = 2)? Then storage is the only promise. */
static bool strict_accounting(void)
{
	static atomic_int cached; /* 0: unknown, 1: no, 2: yes */
	int known = atomic_load_explicit(&cached, memory_order_relaxed);
	char mode = '0';
	int fd;

	if (known)
		return known == 2;
	fd = os_open(AT_FDCWD, "/proc/sys/vm/overcommit_memory", O_RDONLY, 0);
	if (fd >= 0 && os.pread(fd, &mode, 1, 0) == 1) /* a failure is not remembered */
		atomic_store_explicit(&cached, mode == '2' ? 2 : 1, memory_order_relaxed);
	os_close(fd);
	return mode == '2';
}

/* From here on it is worth the reading of some files, which cost less than touching the memory does. */
static const uint64_t large = 16u << 20;

fm_status memory_promise(uint64_t size)
{
	static _Atomic uint64_t cached, cached_swap; /* memory and swap of the machine, swap alone */
	uint64_t total = atomic_load_explicit(&cached, memory_order_acquire);
	struct sysinfo info;

	if (!total) {
		int error = os.sysinfo(&info);

		if (error < 0)
			return status_of(OP_STORAGE_MEMORY, error);
		total = ((uint64_t)info.totalram + info.totalswap) * info.mem_unit;
		atomic_store_explicit(&cached_swap, (uint64_t)info.totalswap * info.mem_unit, memory_order_relaxed);
		atomic_store_explicit(&cached, total, memory_order_release);
	}
	if (size > total)
		return FM_E_COMMITMENT_LIMIT;
	return size >= large && size > cgroup_limit(atomic_load_explicit(&cached_swap, memory_order_relaxed))
		       ? FM_E_COMMITMENT_LIMIT
		       : FM_OK;
}

fm_status memory_promise_in(int fd, uint64_t size)
{
	struct statfs fs;
	int error = size < large ? 0 : os.fstatfs(fd, &fs);

	if (error < 0)
		return status_of(OP_STORAGE_MEMORY, error);
	return size >= large && fs.f_type == TMPFS_MAGIC ? memory_promise(size) : FM_OK;
}

static fm_status give_storage(int fd, const struct section *section, uint64_t size)
{
	uint64_t pages = size / OS_PAGE;
	bool reserve = section->attributes & SECTION_RESERVE;
	int error = os_truncate(fd, size + (reserve ? commit_map_size(pages) : 0));

	if (error >= 0 && !reserve && !(section->attributes & SECTION_LAZY) && strict_accounting())
		error = os_allocate_storage(fd, 0, size);
	if (error >= 0)
		error = os.add_seals(fd, F_SEAL_SHRINK | (reserve ? F_SEAL_GROW : 0));
	return error < 0 ? status_of(OP_STORAGE_MEMORY, error) : FM_OK;
}

/* A handle that may not write gets a description that cannot. */
static int narrowed(int fd, uint32_t access)
{
	int narrow;

	if (access & FM_WRITE)
		return fd;
	narrow = os_reopen(fd, O_RDONLY);
	os_close(fd);
	return narrow;
}

fm_status memory_create(const struct section_request *request, struct fm_section **ret_handle)
{
	struct section *section;
	fm_status status = FM_OK;
	char name[96];
	int fd;

	if (!(request->attributes & (SECTION_RESERVE | SECTION_LAZY)))
		status = memory_promise(request->size);
	if (status == FM_E_COMMITMENT_LIMIT)
		return paged_create(request, ret_handle);
	if (status_failed(status))
		return status;
	section = section_new();
	if (!section)
		return FM_E_NO_MEMORY;
	section->backing = FM_BACKING_MEMORY;
	section->protection = request->protection;
	section->attributes = request->attributes & SECTION_KEPT;
	section->size = request->size;
	(void)snprintf(name, sizeof(name), "filemap:%" PRIx32 ":%" PRIx32 ":%" PRIx64, section->protection,
		       section->attributes, request->size); /* always fits */
	fd = memory_fd(name, request->protection);
	if (fd < 0) {
		section_put(section);
		return status_of(OP_DESCRIPTOR, fd);
	}
	status = give_storage(fd, section, request->size);
	if (!status_failed(status)) {
		fd = narrowed(fd, request->access);
		if (fd < 0)
			status = status_of(OP_DESCRIPTOR, fd);
	}
	if (status_failed(status)) {
		os_close(fd);
		section_put(section);
		return status;
	}
	section->map_fd = fd;
	if (request->inheritable) {
		int error = os.setfd(fd, 0);

		if (error < 0) {
			os_close(fd);
			section_put(section);
			return status_of(OP_DESCRIPTOR, error);
		}
	}
	return section_finish(section, fd, request->access, ret_handle);
}

/* The storage that a failed extension has got, if nobody has been told that the section is larger by now, or will. */
static void give_back(const struct section *section, int fd, int guard, uint64_t old_size, uint64_t size)
{
	struct name_facts facts;

	if (filemark_extends_alone(guard) && name_inspect(fd, &facts, NULL) == FM_OK && facts.size == old_size)
		(void)os.fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, section->data_start + old_size,
				   size - old_size); /* else it stays with the section */
}

fm_status memory_extend(struct section *section, int fd, int guard, uint64_t old_size, uint64_t size)
{
	fm_status status = section->named ? memory_promise_in(fd, size) : memory_promise(size);
	int error = 0;

	if (status_failed(status))
		return status;
	/* fallocate never shrinks what another process may have extended further meanwhile; ftruncate would. */
	if (section->named && !(section->attributes & SECTION_LAZY)) {
		error = os_allocate_storage(fd, section->data_start + old_size, size - old_size);
		if (error < 0)
			give_back(section, fd, guard, old_size, size);
	} else {
		error = os_allocate_storage(fd, section->data_start + size - 1, 1);
	}
	return error < 0 ? status_of(OP_STORAGE_MEMORY, error) : FM_OK;
}

bool memory_protection_valid(uint32_t protection)
{
	uint32_t normal;

	return !(protection & ~(uint32_t)PROTECT_BASE) && !status_failed(protect_normalize(protection, &normal)) &&
	       normal == protection;
}

bool memory_text(const char *link, struct section_text *ret_text)
{
	return sscanf(link, "/memfd:filemap:%" SCNx32 ":%" SCNx32 ":%" SCNx64, &ret_text->protection,
		      &ret_text->attributes, &ret_text->size) == 3;
}

fm_status memory_recognise(int fd, struct section *section)
{
	const uint32_t kept = SECTION_KEPT & ~(uint32_t)SECTION_PAGED; /* that is a file's */
	char link[160];
	struct section_text text;
	struct stat st;
	ssize_t length = os_fd_link(fd, link, sizeof(link));
	int seals;

	if (length < 0)
		return length == -ENOENT || length == -EBADF ? FM_E_INVALID_HANDLE : status_of(OP_DESCRIPTOR, (int)length);
	if (!memory_text(link, &text))
		return FM_E_OBJECT_TYPE_MISMATCH;
	if (os.fstat(fd, &st) < 0)
		return FM_E_INVALID_HANDLE; /* closed meanwhile, as below */
	seals = os.get_seals(fd);
	if (seals == -EBADF)
		return FM_E_INVALID_HANDLE;
	if (text.size == 0 || text.size % OS_PAGE || (text.attributes & ~kept) ||
	    !memory_protection_valid(text.protection))
		return FM_E_OBJECT_CORRUPT;
	if (seals < 0 || !(seals & F_SEAL_SHRINK) || (uint64_t)st.st_size < text.size ||
	    ((text.attributes & SECTION_RESERVE) &&
	     (uint64_t)st.st_size - text.size < commit_map_size(text.size / OS_PAGE)))
		return FM_E_OBJECT_CORRUPT; /* views, and our own look at the commit map, would fault */
	section->backing = FM_BACKING_MEMORY;
	section->protection = text.protection;
	section->attributes = text.attributes;
	section->size = text.attributes & SECTION_RESERVE ? text.size : (uint64_t)st.st_size;
	section->map_fd = fd;
	return FM_OK;
}
