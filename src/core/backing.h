/* SPDX-License-Identifier: MIT */
/* The makers behind section.c: memory, files, names. Internal to section*.c. */
#ifndef FM_CORE_BACKING_H
#define FM_CORE_BACKING_H

#include "names.h"
#include "section.h"

/* A section is filled in, @fd is its handle's descriptor: make the handle, or undo all. */
fm_status section_finish(struct section *section, int fd, uint32_t access, struct fm_section **ret_handle);
struct fm_section *section_handle_new(struct section *section, int fd, uint32_t access); /* NULL: no memory */
uint32_t section_default_access(const struct section_request *request);
/* A second handle with other rights: own descriptions of the same objects. */
fm_status section_reopen(struct fm_section *source, uint32_t access, struct fm_section **ret_handle);

/* The rights @said, as far as they are @possible for a descriptor's mode; transfer.c. */
uint32_t section_granted(uint32_t said, uint32_t possible);

/* What the link of a descriptor under /proc says of a section without a name: the name of a memfd, which goes along
 * through fork, exec and sockets and costs no call. Its words are anybody's. */
struct section_text {
	uint32_t protection, attributes;
	uint64_t size;
	uint64_t identity; /* of a record, as the two that follow */
	uint32_t access;
	int number;        /* of the descriptor of the file */
};
bool memory_text(const char *link, struct section_text *ret_text); /* false: it is no memory of ours */
bool record_text(const char *link, struct section_text *ret_text); /* false: no record */

/* memory.c: memfd, whose name carries what a process after exec must know. */
fm_status memory_create(const struct section_request *request, struct fm_section **ret_handle);
/* @guard: of filemark_extend(), to be kept until all know the new size; -1: not named. */
fm_status memory_extend(struct section *section, int fd, int guard, uint64_t old_size, uint64_t size);
/* Can the system promise so much, or this process's control groups? FM_E_COMMITMENT_LIMIT. */
fm_status memory_promise(uint64_t size);
/* The same where that would be memory: in the file system of @fd, if it is a tmpfs. */
fm_status memory_promise_in(int fd, uint64_t size);
/* cgroup.c: bytes of memory and swap, of which the machine has @total_swap; UINT64_MAX: no limit is known. */
uint64_t cgroup_limit(uint64_t total_swap);
/* Fill @section from descriptor @fd if it is such a memfd; FM_E_OBJECT_TYPE_MISMATCH. */
fm_status memory_recognise(int fd, struct section *section);
/* Is it one that memory_create() or file_create() can have been asked for? */
bool memory_protection_valid(uint32_t protection);
int memory_fd(const char *name, uint32_t protection);

/* paged.c: what memory cannot hold, in an unnamed file of FILEMAP_PAGING_DIR. FM_E_COMMITMENT_LIMIT: there is no such
 * directory, or no room. */
fm_status paged_create(const struct section_request *request, struct fm_section **ret_handle);

/* file.c */
fm_status file_create(const struct section_request *request, struct fm_section **ret_handle);
/* Rights, kind and size of the file that a request names; nothing is touched. */
fm_status file_check(const struct section_request *request);
/* Checks; *ret_fd is an own description with no more rights than the protection needs.
 * Fills backing, size, device, inode. */
fm_status file_prepare(const struct section_request *request, struct section *section, int *ret_fd);
/* Make the file as long as the section, with storage: for a name before it is there, else last of all. */
fm_status file_grow(const struct section_request *request);
fm_status file_extend(int fd, uint64_t size);
int file_reopen_mapped(struct section *section, const void *mapped, int flags);
/* A record: a file-backed handle that another program may meet is a memfd that names its file's descriptor.
 * 1, 0 or -errno: nobody may take what cannot be told for something else, since the number in it is another's. */
int file_is_record(int fd);
/* @fetch: the record is of another process, which has the file's descriptor; NULL: this one has it.
 * @ret_access: what the record grants; its words are anybody's. */
fm_status file_recognise(int fd, section_fetcher *fetch, void *context, struct section *section,
			 uint32_t *ret_access);
fm_status file_make_record(struct fm_section *handle);

/* named.c */
fm_status named_create(const struct section_request *request, const struct object_name *name,
		       struct fm_section **ret_handle);
/* A view has grown the file: tell who opens the name from now on, if the name still lives. */
void named_grown(struct section *section, uint64_t size);
fm_status named_recognise(int fd, struct section *section);

/* commit.c */
static inline size_t commit_map_size(size_t pages)
{
	return (pages + 4095) & ~(size_t)4095;
}

#endif
