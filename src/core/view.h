/* SPDX-License-Identifier: MIT */
/* Views: mapping, unmapping, protection, query, flush. The Win32 face calls these too. */
#ifndef FM_CORE_VIEW_H
#define FM_CORE_VIEW_H

#include <limits.h>

#include "place.h"
#include "region.h"

enum map_request_flags {
	MAP_REQUEST_GRANULAR = 0x1,    /* address and offset must be multiples of 64 KiB */
	MAP_REQUEST_POPULATE = 0x2,
	MAP_REQUEST_GROWABLE = 0x4,    /* the view may pass the end of its (writable) file */
	MAP_REQUEST_PLACEHOLDER = 0x8, /* replace the placeholder at address exactly */
	MAP_REQUEST_TOP_DOWN = 0x10,
	MAP_REQUEST_BOUNDED = 0x20,    /* lowest and highest hold */
	MAP_REQUEST_NATIVE = 0x40,     /* any byte offset; ret_base is the address of that byte */
};

struct map_request {
	uint32_t protection;  /* canonical, with modifiers */
	uint32_t flags;       /* enum map_request_flags */
	uint64_t offset;
	uint64_t length;      /* 0: to the end of the section */
	uintptr_t address;    /* 0: anywhere */
	uintptr_t lowest, highest; /* inclusive */
	uint64_t commit;      /* reserved section: bytes to commit at once */
};

/* @ret_size may be NULL; it gets whole pages. */
fm_status view_map(struct fm_section *handle, const struct map_request *request, void **ret_base, size_t *ret_size);

/* FM_E_NOT_MAPPED_VIEW; FM_E_CONFLICTING_ADDRESSES: @keep_placeholder of one that did not replace one. */
fm_status view_unmap(const void *address, bool keep_placeholder);

/* @protection: canonical. @ret_old may be NULL. */
fm_status view_protect(void *address, size_t length, uint32_t protection, uint32_t *ret_old);
fm_status view_commit(void *address, size_t length, uint32_t protection);
fm_status view_flush(const void *address, size_t length, unsigned level);

/* The path of the file mapped at @address, by us or by others. FM_E_FILE_INVALID: a view of memory;
 * FM_E_INVALID_ADDRESS: no file is mapped there. view_name.c. */
fm_status view_file_name(const void *address, char path[PATH_MAX]);

struct page_run {
	uintptr_t base;       /* the queried page */
	size_t size;
	uint32_t protection;  /* canonical, modifiers included; private copies already as written */
	bool committed;
	bool private_copy;
};

/* The run of equal pages from @address, which lies in @region; @limit: whole pages, bytes to look at.
 * Within a grace period. */
void view_run(const struct region *region, uintptr_t address, size_t limit, struct page_run *ret_run);

#endif
