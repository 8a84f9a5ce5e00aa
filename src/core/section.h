/* SPDX-License-Identifier: MIT */
/*
 * Sections and the handles on them.
 *
 * A struct section is what this process knows of one section: facts, the description that views are
 * mapped through, the shared commit map. It is kept by handles and views; the description is closed
 * with the last handle, so that a view holds none. A struct fm_section is one handle: a descriptor in
 * disguise (the number), and the rights granted on it.
 */
#ifndef FM_CORE_SECTION_H
#define FM_CORE_SECTION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <filemap.h>

#include "acl.h"
#include "handle.h"

/* Attributes beyond enum fm_section_flags, kept for the Win32 face and reported back as given. */
enum section_attribute {
	SECTION_RESERVE = FM_SECTION_RESERVE,
	SECTION_LAZY = FM_SECTION_LAZY,
	SECTION_PAGED = FM_SECTION_PAGED, /* memory, of which the core knows a file without a name */
	SECTION_NOCACHE = 0x100,
	SECTION_WRITECOMBINE = 0x200,
	SECTION_NO_CHANGE = 0x400,
	SECTION_SEALED = 0x2000, /* a duplicate gets no right that its source lacks */
	SECTION_KEPT = SECTION_RESERVE | SECTION_LAZY | SECTION_PAGED | SECTION_NOCACHE | SECTION_WRITECOMBINE |
		       SECTION_NO_CHANGE | SECTION_SEALED, /* what a name or an exec carries on */
};

struct section {
	atomic_uint references;     /* handles and views */
	atomic_uint handles;        /* only handles */
	uint32_t protection;        /* canonical maximum; immutable */
	uint32_t attributes;        /* enum section_attribute; immutable */
	enum fm_backing backing;    /* immutable */
	bool named;                 /* immutable */
	bool portable;              /* unnamed file: its handles' descriptors are records (file.c); immutable */
	uint64_t identity;          /* unnamed file: tells the sections of one file apart, in all processes */
	_Atomic uint64_t size;      /* bytes; grows under LOCK_SECTION */
	uint64_t data_start;        /* of byte 0 in the backing file; immutable */
	uint64_t device, inode;     /* of the backing file; 0: not asked yet, memory without a name; immutable then */
	_Atomic int map_fd;         /* what views are mapped through, or -1; may be a handle's; LOCK_SECTION */
	_Atomic uint8_t *commit_map;/* SECTION_RESERVE: a byte a page, shared by all processes; immutable */
	size_t commit_pages;
	bool commit_writable;       /* immutable */
	char *name;                 /* "Local\x" or "Global\x"; NULL if unnamed; immutable */
	atomic_uint failures;       /* write-backs that failed; each view is told (view_flush.c) */
	_Atomic fm_status failure;  /* the last of them; set before it is counted */
};

/* What is told of the section; .backing is where its bytes lie. */
static inline bool section_is_memory(const struct section *section)
{
	return section->backing == FM_BACKING_MEMORY || (section->attributes & SECTION_PAGED);
}

struct fm_section {
	struct handle handle;       /* first */
	struct section *section;
	uint32_t access;            /* FM_QUERY | FM_READ | ...; immutable */
	int fd;                     /* the number; carries the lock of a name */
};

/* What to make; the faces fill it. */
struct section_request {
	const char *name;           /* NULL: unnamed */
	int file;                   /* borrowed descriptor, or -1: memory */
	bool file_rights_known;     /* else they are the descriptor's mode */
	uint32_t file_access;       /* enum diskfile_access that the caller's file handle grants */
	uint64_t size;
	uint32_t protection;        /* canonical */
	uint32_t attributes;        /* enum section_attribute */
	uint32_t access;            /* of the handle; 0: what protection implies */
	uint32_t mode;              /* of a named one; 0: 0600 */
	const struct acl *acl;      /* further users and groups of a named one, borrowed; or NULL */
	bool inheritable;
	bool must_create;           /* an existing name is FM_E_NAME_COLLISION */
	bool portable;              /* unnamed file: another process may take the handle by its number */
};

/* Create, or open by name: FM_OK or FM_NAME_EXISTS. Errors as fm_section_create(). */
fm_status section_create(const struct section_request *request, struct fm_section **ret_handle);
fm_status section_open(const char *name, uint32_t access, bool inheritable, struct fm_section **ret_handle);
/* Generic bits of a mask as rights on a section (win32-semantics 5.4). */
uint32_t section_rights(uint32_t access);
/* @access may exceed the source's here (win32-semantics 5.7); the section's protection still limits. */
fm_status section_duplicate(struct fm_section *source, uint32_t access, struct fm_section **ret_handle);
void section_close(struct fm_section *handle);
/* Sections in the table of numbers; see handle.h. */
extern const struct handle_kind section_kind;
fm_status section_extend(struct fm_section *handle, uint64_t size);
uint64_t section_size(const struct fm_section *handle);
fm_status section_set_inheritable(struct fm_section *handle, bool inheritable);
/* Recognise descriptor @fd as a section's handle and take it over. */
fm_status section_adopt(int fd, struct fm_section **ret_handle);
/* Take another process's handle over whose descriptor was fetched as @fd. @fetch gives a duplicate of that
 * process's descriptor of a number, or -errno. @fd is taken over, or closed. share.c. */
typedef int section_fetcher(void *context, int number);
fm_status section_take(int fd, section_fetcher *fetch, void *context, struct fm_section **ret_handle);
/* Give the handle's descriptor the number @number, which is free. transfer.c. */
fm_status section_move(struct fm_section *handle, int number);
/* handle_kind.pack and .unpack, transfer.c */
fm_status section_pack(struct handle *source, const uint32_t *access, struct parcel *ret_parcel);
fm_status section_unpack(const struct parcel *parcel, int number, struct handle **ret_handle);
/* One message of a connected Unix socket. @access as section_duplicate(). transfer.c. */
fm_status section_send(struct fm_section *handle, int socket, uint32_t access);
fm_status section_receive(int socket, struct fm_section **ret_handle);
/* Are both handles on one object? */
bool section_same(const struct fm_section *a, const struct fm_section *b);

/* Is a descriptor kept open for the views alone? */
bool section_only_viewed(const struct section *section);
/* References for views. section_get() needs a live reference to start from. */
void section_get(struct section *section);
void section_put(struct section *section);

/*
 * section_map_fd - the description that views are mapped through, borrowed while the handle is open
 * Its mode is what the handle's rights and the section's protection need, no more.
 */
fm_status section_map_fd(struct fm_section *handle, int *ret_fd);

/* A duplicate of what views are mapped through, to be closed; FM_E_FILE_INVALID if no handle keeps it open. */
fm_status section_live_fd(struct section *section, int *ret_fd);
/*
 * section_borrow_fd - a description of the backing file for a view whose handles may be gone; to be closed
 * The live one, else another, by the path that the kernel knows for @mapped, verified by device and inode.
 * FM_E_FILE_INVALID: nothing leads to the file any more.
 */
fm_status section_borrow_fd(struct section *section, const void *mapped, int flags, int *ret_fd);

/* Mark whole pages of a reserved section committed, storage first. FM_E_COMMITMENT_LIMIT,
 * FM_E_ACCESS_DENIED (no right to write), FM_E_FILE_INVALID (the program closed the descriptor). Pages whose storage was made before a failure stay reserved. */
fm_status section_commit(struct section *section, uint64_t offset, uint64_t length);
/* Is the page at @offset committed, and for how many bytes (at most @limit) does that hold? */
bool section_committed(const struct section *section, uint64_t offset, uint64_t limit, uint64_t *ret_run);

/* Internal to section*.c */
/* Is @fd still a descriptor of the section's file? A program that closes all it finds open closes those that
 * views need, and their numbers come again. */
bool section_owns(const struct section *section, int fd);
struct section *section_new(void);                      /* one reference, one handle; NULL: no memory */
fm_status section_map_commit(struct section *section, int fd, bool writable);

#endif
