/* SPDX-License-Identifier: MIT */
/*
 * Memory of any kind by address: views, private allocations, placeholders, and what others have mapped
 * (the C library's heap, stacks, code). The Win32 and the Nt face call these; each rule stands here once.
 *
 * Type bits are numbered as Windows numbers its MEM_ constants. A status names the parameter as
 * NtAllocateVirtualMemory and its sisters count them.
 */
#ifndef FM_CORE_VM_H
#define FM_CORE_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <filemap.h>

enum vm_allocation_type {
	VM_COMMIT = 0x1000,
	VM_RESERVE = 0x2000,
	VM_REPLACE_PLACEHOLDER = 0x4000,
	VM_RESERVE_PLACEHOLDER = 0x40000,
	VM_RESET = 0x80000,
	VM_TOP_DOWN = 0x100000,
	VM_WRITE_WATCH = 0x200000,
	VM_PHYSICAL = 0x400000,
	VM_RESET_UNDO = 0x1000000,
	VM_LARGE_PAGES = 0x20000000,
};

enum vm_free_type {
	VM_COALESCE_PLACEHOLDERS = 0x1,
	VM_PRESERVE_PLACEHOLDER = 0x2,
	VM_DECOMMIT = 0x4000,
	VM_RELEASE = 0x8000,
};

struct vm_request {
	uintptr_t address;    /* 0: anywhere; else rounded down to 64 KiB (reserve) or a page (commit) */
	size_t size;          /* bytes */
	uint32_t type;        /* enum vm_allocation_type */
	uint32_t protection;  /* canonical (protect_normalize()) */
	bool extended;        /* of a call that may speak of placeholders (VirtualAlloc2, Nt...Ex) */
	/* Address requirements, 0: none. @highest is inclusive. Only with address 0. */
	uintptr_t lowest, highest;
	size_t alignment;
};

struct vm_range {
	uintptr_t base;       /* whole pages that a call has worked on */
	size_t size;
};

/*
 * vm_allocate - reserve, commit, reset; or replace a placeholder by private memory
 * @ret_range: set on success only
 * FM_E_INVALID_PARAMETER (and its numbered sisters), FM_E_INVALID_PAGE_PROTECTION,
 * FM_E_CONFLICTING_ADDRESSES (occupied; not reserved; across allocations; not exactly a placeholder),
 * FM_E_NO_MEMORY (no such place), FM_E_COMMITMENT_LIMIT, FM_E_PRIVILEGE_NOT_HELD (large pages),
 * FM_E_NOT_SUPPORTED (write watch on a kernel without), FM_E_ALREADY_COMMITTED (view of a file),
 * FM_E_SECTION_PROTECTION, FM_E_USER_MAPPED_FILE (reset of a view of a file).
 */
fm_status vm_allocate(const struct vm_request *request, struct vm_range *ret_range);

/*
 * vm_free - decommit or release private memory; split, coalesce or restore placeholders
 * @size 0: the whole allocation, @address being its first page.
 * FM_E_MEMORY_NOT_ALLOCATED, FM_E_FREE_VM_NOT_AT_BASE, FM_E_UNABLE_TO_FREE_VM (passes the allocation),
 * FM_E_UNABLE_TO_DELETE_SECTION (a view), FM_E_CONFLICTING_ADDRESSES (placeholders),
 * FM_E_INVALID_PARAMETER_3 (size), FM_E_INVALID_PARAMETER_4 (type), FM_E_NO_MEMORY.
 */
fm_status vm_free(uintptr_t address, size_t size, uint32_t type, struct vm_range *ret_range);

/*
 * vm_protect - change the protection of committed pages within one allocation
 * @protection: canonical    @ret_range: may be NULL    @ret_old: of the first page before
 * FM_E_INVALID_PARAMETER (size 0, passes vm_highest()), FM_E_CONFLICTING_ADDRESSES, FM_E_NOT_COMMITTED,
 * FM_E_INVALID_PAGE_PROTECTION (copy-on-write of private memory), FM_E_SECTION_PROTECTION,
 * FM_E_NO_MEMORY, FM_E_NOT_SUPPORTED (a guard over memory that is not ours).
 */
fm_status vm_protect(uintptr_t address, size_t size, uint32_t protection, struct vm_range *ret_range,
		     uint32_t *ret_old);

enum vm_state { VM_FREE, VM_RESERVED, VM_COMMITTED };
enum vm_kind { VM_NOTHING, VM_PRIVATE, VM_MAPPED, VM_IMAGE };

struct vm_info {
	uintptr_t base;                 /* the queried page */
	size_t size;                    /* bytes from there with all the same */
	uintptr_t allocation_base;      /* 0: free */
	uint32_t allocation_protection; /* when made; FM_* with modifiers */
	uint32_t protection;            /* now; meaningless unless committed */
	enum vm_state state;
	enum vm_kind kind;
};

/*
 * vm_query - the run of equal pages from @address
 * FM_E_INVALID_PARAMETER: beyond the address space. No system call for most views and private allocations;
 * safe in a signal handler.
 */
fm_status vm_query(uintptr_t address, struct vm_info *ret_info);

struct vm_region_info {
	uintptr_t base;
	size_t size;                    /* of the whole allocation */
	size_t committed;               /* private: bytes; views: bytes charged for copies */
	uint32_t protection;            /* when made */
	enum vm_kind kind;
	bool file;                      /* VM_MAPPED: of a file, not of memory */
	bool placeholder;
};

/* vm_query_region - the whole allocation around @address; FM_E_INVALID_ADDRESS: free */
fm_status vm_query_region(uintptr_t address, struct vm_region_info *ret_info);

/* The last byte that an allocation may contain. The first is VM_LOWEST. */
uintptr_t vm_highest(void);
#define VM_LOWEST ((uintptr_t)0x10000)
#define VM_LARGE_PAGE ((size_t)2 << 20)

/* ---- contents; ranges of committed private pages, else FM_E_INVALID_PARAMETER ---- */

/* vm_offer - let the kernel drop the contents until vm_reclaim(). Page-aligned. */
fm_status vm_offer(uintptr_t address, size_t size);
/* vm_reclaim - FM_OK: intact; *ret_lost: some contents were dropped, the memory is usable all the same */
fm_status vm_reclaim(uintptr_t address, size_t size, bool *ret_lost);
/* vm_discard - drop the contents of PAGE_READWRITE pages now */
fm_status vm_discard(uintptr_t address, size_t size);

/* ---- residency ---- */

/* vm_lock - keep pages resident. FM_E_GUARD_PAGE (once; the guard is gone), FM_E_WORKING_SET_QUOTA,
 * FM_E_NOT_COMMITTED, FM_E_ACCESS_VIOLATION (free or inaccessible). */
fm_status vm_lock(uintptr_t address, size_t size);
/* vm_unlock - FM_E_NOT_LOCKED, and nothing is unlocked, unless all pages are locked */
fm_status vm_unlock(uintptr_t address, size_t size);
/* vm_prefetch - a hint; what is not mapped is passed by */
void vm_prefetch(uintptr_t address, size_t size);
/* vm_trim - let go of the resident pages of all views and allocations; contents stay */
void vm_trim(void);
/* vm_allow_lock - let vm_lock() lock so many bytes; FM_E_PRIVILEGE_NOT_HELD */
fm_status vm_allow_lock(size_t size);

struct vm_page {
	uint32_t protection;  /* FM_* */
	bool resident, shared, locked;
	bool exclusive;       /* no other process has it mapped */
};
/* vm_query_page - one page, as the kernel has it; a page that is not committed is not resident */
void vm_query_page(uintptr_t address, struct vm_page *ret_page);

/* ---- write watch (regions made with VM_WRITE_WATCH) ---- */

/*
 * vm_written - pages written since they were committed or reset, ascending
 * @pages: room for *@count addresses; *@count gets their number    @reset: reset what is reported
 * FM_E_INVALID_PARAMETER: size 0, no room, or not within one watched region.
 */
fm_status vm_written(uintptr_t address, size_t size, bool reset, void **pages, size_t *count);
fm_status vm_reset_written(uintptr_t address, size_t size);

#endif
