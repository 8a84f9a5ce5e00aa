/* SPDX-License-Identifier: MIT */
/*
 * filemap.h - Windows' file mapping for Linux programs
 *
 * Caveats first:
 *  - A view is memory. Touching it after somebody has cut the file below it, or when the disk under a
 *    hole is full, raises SIGBUS, as with mmap. fm_read() and fm_write() return an error instead.
 *  - A name lives as long as a handle to its object is open in some process, not as long as a view.
 *  - The memory of a named section whose last holder was killed is given back by later creates in
 *    that namespace (each looks at a part of it), by fm_namespace_sweep(), `filemap gc` or the reaper.
 *  - Sections and views may be used from any thread. In a forked child every handle and view of the
 *    parent is valid; shared views stay shared, FM_COPY views are copied.
 *
 * Results are fm_status values (filemap/status.h): negative is a failure, and a failed call has changed
 * nothing. Beside the failures told at each call, any call may give FM_E_NO_MEMORY,
 * FM_E_TOO_MANY_OPENED_FILES, FM_E_INSUFFICIENT_RESOURCES, FM_E_ACCESS_DENIED, FM_E_IO_DEVICE_ERROR,
 * FM_E_NOT_SUPPORTED, FM_E_TIMEOUT (interrupted without end) or FM_E_UNSUCCESSFUL when the system refuses
 * what it normally grants. The library prints nothing, installs no handler and starts no thread unless asked to.
 */
#ifndef FILEMAP_H
#define FILEMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <filemap/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define FM_API __attribute__((visibility("default")))
#else
#define FM_API
#endif

#define FM_VERSION_MAJOR 0
#define FM_VERSION_MINOR 1
#define FM_VERSION_PATCH 0

/* Access to a section and protection of pages. FM_WRITE and FM_COPY include FM_READ for pages. */
enum fm_access {
	FM_NOACCESS = 0x0,
	FM_QUERY = 0x1,    /* always granted by this interface */
	FM_WRITE = 0x2,    /* shared writing */
	FM_READ = 0x4,
	FM_EXEC = 0x8,
	FM_EXTEND = 0x10,  /* grow the section; granted with FM_WRITE by this interface */
	FM_COPY = 0x40,    /* private writing: a written page becomes this view's own copy */
	FM_GUARD = 0x100,  /* pages only: an access faults (Win32 face) */
	FM_NOCACHE = 0x200,
	FM_WRITECOMBINE = 0x400,
};

enum fm_section_flags {
	FM_SECTION_RESERVE = 0x1,     /* memory: pages need fm_view_commit() before use; storage is lazy */
	FM_SECTION_INHERITABLE = 0x2, /* the handle survives exec under its number */
	FM_SECTION_LAZY = 0x4,        /* memory: do not reserve storage; a full tmpfs is then SIGBUS */
	FM_SECTION_PAGED = 0x8,       /* told, not asked for: memory on the disk of FILEMAP_PAGING_DIR */
};

enum fm_backing { FM_BACKING_MEMORY = 1, FM_BACKING_FILE = 2 };

enum fm_map_flags {
	FM_MAP_POPULATE = 0x1, /* fault the pages in before returning */
};

enum fm_flush_level {
	FM_FLUSH_START = 0, /* write-back is started; nothing is waited for */
	FM_FLUSH_WRITE = 1, /* the pages have been handed to the device; its cache may hold them */
	FM_FLUSH_DATA = 2,  /* durable: bytes and what is needed to read them back */
	FM_FLUSH_ALL = 3,   /* durable: bytes and all metadata, times too */
};

enum fm_fault_flags {
	FM_FAULT_BUS = 0x1,    /* SIGBUS */
	FM_FAULT_SEGV = 0x2,   /* SIGSEGV */
	FM_FAULT_HOSTED = 0x4, /* install nothing: the host's handlers call fm_fault_handle() */
};

enum fm_fault_policy {
	FM_FAULT_SIGNAL = 0,    /* as for any memory */
	FM_FAULT_ZERO_PAGE = 1, /* zeros take the place of a page whose storage failed; the view has failed */
};

enum fm_advice { FM_ADVICE_NORMAL = 0, FM_ADVICE_SEQUENTIAL = 1, FM_ADVICE_RANDOM = 2 };

enum fm_namespace { FM_LOCAL = 0, FM_GLOBAL = 1 };

/* A handle on a section. Opaque. */
typedef struct fm_section fm_section;

/*
 * What fm_section_create() makes. Zero everything, then set what differs; a zero field is the default.
 * In C++: fm_section_options options = {};
 */
typedef struct fm_section_options {
	const char *name;    /* UTF-8; NULL or "": unnamed. "Local\x", "x": this user's; "Global\x": machine-wide */
	const char *path;    /* back the section with this file (opened as access demands) ... */
	int fd;              /* ... or with this open descriptor, if use_fd; it is borrowed for the call */
	bool use_fd;
	uint64_t size;       /* bytes; 0: the whole file. Memory is rounded up to pages */
	uint32_t access;     /* maximum protection of views: FM_READ | FM_WRITE | FM_EXEC; 0: READ | WRITE */
	uint32_t flags;      /* enum fm_section_flags */
	uint32_t mode;       /* who may open the name: permission bits, 0: 0600. FM_GLOBAL names only beyond 0600 */
	uint32_t reserved[8];
} fm_section_options;

typedef struct fm_section_info {
	uint64_t size;         /* bytes; exact for files, whole pages for memory */
	uint32_t backing;      /* enum fm_backing */
	uint32_t protection;   /* maximum protection of views */
	uint32_t access;       /* what this handle grants */
	uint32_t flags;        /* enum fm_section_flags */
	uint64_t device;       /* of the backing file */
	uint64_t inode;
	uint32_t reserved[8];
} fm_section_info;

typedef struct fm_map_options {
	uint32_t access;    /* FM_READ, FM_WRITE or FM_COPY, optionally | FM_EXEC; 0: inaccessible pages */
	uint32_t flags;     /* enum fm_map_flags */
	uint64_t offset;    /* any byte */
	size_t length;      /* 0: to the end of the section */
	void *address;      /* NULL: anywhere; else exactly there, never elsewhere and over nothing */
	uint32_t reserved[8];
} fm_map_options;

typedef struct fm_view_info {
	void *base;            /* of the pages of the view */
	size_t size;           /* of the pages of the view */
	uint64_t offset;       /* in the section, of @base */
	uint32_t map_access;   /* protection when mapped: the ceiling of fm_view_protect() */
	uint32_t backing;      /* enum fm_backing */
	void *run_base;        /* the page asked about */
	size_t run_size;       /* bytes from there with the same state */
	uint32_t protection;   /* of the run now; a written FM_COPY page is FM_READ | FM_WRITE */
	bool committed;        /* false: a page of a reserved section that nobody has committed */
	bool private_copy;     /* the run consists of this view's own copies */
	bool failed;           /* storage below this view failed, and zeros took its place (FM_FAULT_ZERO_PAGE) */
	uint32_t reserved[8];
} fm_view_info;

/* ---- status ---- */

/** fm_status_name - the constant's name, "FM_E_..."; NULL if @status is unknown. Static storage. */
FM_API const char *fm_status_name(fm_status status);
/** fm_status_text - a sentence for people; never NULL. Static storage. */
FM_API const char *fm_status_text(fm_status status);
/** fm_status_win32 - the Win32 error number that Windows gives; 317 if @status is unknown. */
FM_API uint32_t fm_status_win32(fm_status status);
/** fm_version - "0.1.0". Static storage. */
FM_API const char *fm_version(void);

/* ---- sections ---- */

/**
 * fm_section_create - make a section, or open the one that has the name
 * @options:     borrowed for the call
 * @ret_section: set on success; release with fm_section_close()
 *
 * With a name that exists, the existing section is opened with the access asked for, its size and
 * backing stay, and FM_NAME_EXISTS (a success) tells it from FM_OK. Exactly one of several callers at
 * once gets FM_OK. A file is extended to @size with allocated storage if access has FM_WRITE; memory is
 * zero. Fails, with nothing made:
 *   FM_E_INVALID_PARAMETER       size 0 without a file; unknown flags or mode; both path and fd; a reserved
 *                                field that is not 0
 *   FM_E_INVALID_PAGE_PROTECTION access has unknown bits
 *   FM_E_NAME_INVALID            malformed UTF-8, control bytes, longer than 32,766 bytes
 *   FM_E_PATH_NOT_FOUND          a backslash beyond the prefix; a part of the path is no directory; there is
 *                                no directory for names
 *   FM_E_OBJECT_TYPE_MISMATCH    the name belongs to something that is not a section
 *   FM_E_OBJECT_CORRUPT          the namespace holds a malformed entry under this name
 *   FM_E_TIMEOUT                 another process stopped while burying this name; try again
 *   FM_E_ACCESS_DENIED           the file, the descriptor's mode, the name's owner or mode forbid it
 *   FM_E_NAME_NOT_FOUND          no such file, or a directory on the way is missing
 *   FM_E_SHARING_VIOLATION       a program that runs, to be opened for writing
 *   FM_E_FILE_LOCK_CONFLICT      another process stopped while cutting the file; try again
 *   FM_E_INVALID_HANDLE          use_fd, and the descriptor is not open
 *   FM_E_FILE_DELETED            a name for a file that has none itself any more
 *   FM_E_FILE_INVALID            the existing name's file is another or shorter one now
 *   FM_E_FILE_IS_A_DIRECTORY, FM_E_INVALID_FILE_FOR_SECTION (pipe, socket, device)
 *   FM_E_MAPPED_FILE_SIZE_ZERO   an empty file with size 0
 *   FM_E_SECTION_TOO_BIG         larger than a file that may not be written, 2^63 or more; memory: 2^47 or more
 *   FM_E_INSUFFICIENT_RESOURCES  reserved memory of more than 2^42
 *   FM_E_DISK_FULL, FM_E_FILE_TOO_LARGE (RLIMIT_FSIZE), FM_E_COMMITMENT_LIMIT (memory),
 *   FM_E_MEDIA_WRITE_PROTECTED, FM_E_TOO_MANY_OPENED_FILES, FM_E_NO_MEMORY, FM_E_IO_DEVICE_ERROR
 * Threads: any. Windows: CreateFileMapping, NtCreateSection.
 */
FM_API fm_status fm_section_create(const fm_section_options *options, fm_section **ret_section);

/**
 * fm_section_create_new - as fm_section_create(), but an existing name is FM_E_NAME_COLLISION
 */
FM_API fm_status fm_section_create_new(const fm_section_options *options, fm_section **ret_section);

/**
 * fm_section_open - open the section that has a name
 * @name:   as in fm_section_options
 * @access: FM_READ, FM_WRITE, FM_EXEC in any mixture; a handle without FM_WRITE reads through a
 *          read-only description, so that not even mprotect() can write
 *
 * FM_E_NAME_NOT_FOUND if there is none; FM_E_INVALID_PARAMETER for unknown bits of @access; else the errors of
 * fm_section_create().
 * Threads: any. Windows: OpenFileMapping, NtOpenSection.
 */
FM_API fm_status fm_section_open(const char *name, uint32_t access, fm_section **ret_section);

/**
 * fm_section_duplicate - another handle on the same section, with the same or less access
 * @access: 0: the same. FM_E_ACCESS_DENIED if it asks for more than @section grants, FM_E_INVALID_PARAMETER
 *          for unknown bits.
 * Windows: DuplicateHandle.
 */
FM_API fm_status fm_section_duplicate(fm_section *section, uint32_t access, fm_section **ret_section);

/** fm_section_close - give the handle back; views stay. NULL is ignored. Windows: CloseHandle. */
FM_API void fm_section_close(fm_section *section);

/** fm_section_query - facts of the section; the size is the current one. Windows: NtQuerySection. */
FM_API fm_status fm_section_query(const fm_section *section, fm_section_info *ret_info);

/**
 * fm_section_extend - grow the section, and its file, in place
 * @size: new size in bytes; not more than now: FM_OK, nothing done
 *
 * Existing views keep their addresses and lengths. Other processes that share an unnamed file-backed
 * section see the new size after an extend of their own.
 *   FM_E_ACCESS_DENIED  no FM_EXTEND      FM_E_SECTION_NOT_EXTENDED  a reserved section
 *   FM_E_DISK_FULL, FM_E_COMMITMENT_LIMIT, FM_E_FILE_TOO_LARGE, FM_E_SECTION_TOO_BIG
 * Windows: NtExtendSection.
 */
FM_API fm_status fm_section_extend(fm_section *section, uint64_t size);

/**
 * fm_section_seal - nobody can write from now on, but through the writable views that there are
 *
 * Unnamed memory only. The kernel refuses new shared views for writing and growth to every process, also to
 * one that opens the descriptor again through /proc: map a writable view first, then seal, then hand out.
 * It cannot be undone. FM_COPY views go on as ever.
 *   FM_E_NOT_SUPPORTED   named, of a file, or paged; a kernel without     FM_E_ACCESS_DENIED  the handle may not write
 * Threads: any. Windows: nothing like it.
 */
FM_API fm_status fm_section_seal(fm_section *section);

/**
 * fm_section_send - send a section over a connected Unix socket
 * @access: what the receiver's handle shall grant; 0: the same. A read-only handle stays read-only.
 * The peer takes it with fm_section_receive(). One message of the socket is used. FM_E_END_OF_FILE: the peer
 * closed; FM_E_TIMEOUT: the socket would block; FM_E_UNSUCCESSFUL: not a connected Unix socket;
 * FM_E_INVALID_HANDLE: not open.
 */
FM_API fm_status fm_section_send(fm_section *section, int socket, uint32_t access);

/**
 * fm_section_receive - take a section sent with fm_section_send()
 * Waits as the socket does. FM_E_END_OF_FILE: the peer closed; FM_E_OBJECT_CORRUPT: the message or its
 * descriptors are not a section (they are closed); FM_E_TIMEOUT: the socket would block; FM_E_UNSUCCESSFUL: not
 * a connected socket; FM_E_INVALID_HANDLE: not open. A named section of a file is opened by its path here too,
 * with the errors of fm_section_open().
 */
FM_API fm_status fm_section_receive(int socket, fm_section **ret_section);

/**
 * fm_section_number - the handle's number: stable over fork, and over exec if inheritable
 * Hand it to a child on its command line; the child calls fm_section_adopt().
 */
FM_API int fm_section_number(const fm_section *section);
/** fm_section_set_inheritable - whether the number survives exec. Windows: SetHandleInformation. */
FM_API fm_status fm_section_set_inheritable(fm_section *section, bool inheritable);
/** fm_section_adopt - take over an inherited number. FM_E_INVALID_HANDLE, FM_E_OBJECT_TYPE_MISMATCH. */
FM_API fm_status fm_section_adopt(int number, fm_section **ret_section);

/* ---- views ---- */

/**
 * fm_view_map - map part of a section into this process
 * @section:  borrowed; the view holds its own reference, so it may be closed at once
 * @access:   FM_READ, FM_WRITE or FM_COPY, optionally | FM_EXEC; at most what the handle grants
 * @offset:   bytes from the section's start; any byte    @length: bytes; 0: to the section's end
 * @ret_base: set on success only: the address of byte @offset; release with fm_view_unmap()
 *
 * A view holds no descriptor, save that those of reserved sections and of files on overlayfs keep one together.
 * Return: FM_OK, or with nothing mapped and no reference kept:
 *   FM_E_INVALID_VIEW_SIZE       @offset + @length passes the section's end
 *   FM_E_ACCESS_DENIED           @access asks for more than the handle grants
 *   FM_E_SECTION_PROTECTION      @access asks for more than the section allows
 *   FM_E_INVALID_PAGE_PROTECTION @access is no meaningful mixture
 *   FM_E_NO_MEMORY               address space or vm.max_map_count exhausted
 *   FM_E_COMMITMENT_LIMIT        FM_COPY of more than the system can promise
 * Threads: any. Fork: the child shares FM_WRITE views and copies FM_COPY ones. Windows: MapViewOfFile.
 */
FM_API fm_status fm_view_map(fm_section *section, uint32_t access, uint64_t offset, size_t length,
			     void **ret_base);

/**
 * fm_view_map_with - as fm_view_map(), with every option
 * More errors: FM_E_CONFLICTING_ADDRESSES if the range at options->address is not free;
 * FM_E_MAPPED_ALIGNMENT if that address and the offset differ within a page.
 * Windows: MapViewOfFileEx, MapViewOfFile3.
 */
FM_API fm_status fm_view_map_with(fm_section *section, const fm_map_options *options, void **ret_base);

/**
 * fm_view_unmap - end a view
 * @address: any address inside it. FM_E_NOT_MAPPED_VIEW if it is in no view; FM_E_INVALID_PARAMETER if its section
 *           was made with SEC_NO_CHANGE by the Win32 face; FM_E_NO_MEMORY. Windows: UnmapViewOfFile.
 */
FM_API fm_status fm_view_unmap(const void *address);

/**
 * fm_view_protect - change the protection of whole pages of one view
 * @ret_old: may be NULL; else receives the former protection of the first page
 *
 * At most the access with which the view was mapped. FM_COPY on pages of a shared view makes later
 * writes private; FM_WRITE shares again those that are not copies by then. On failure nothing changes:
 * FM_E_CONFLICTING_ADDRESSES (not within one view), FM_E_INVALID_PARAMETER (@length 0),
 * FM_E_SECTION_PROTECTION, FM_E_INVALID_PAGE_PROTECTION, FM_E_NOT_COMMITTED, FM_E_NO_MEMORY,
 * FM_E_FILE_INVALID (to share again with no handle open: memory, or a file that has lost its name),
 * FM_E_IN_PAGE_ERROR (pages had to be copied at once and their storage is gone).
 * Windows: VirtualProtect.
 */
FM_API fm_status fm_view_protect(void *address, size_t length, uint32_t protection, uint32_t *ret_old);

/** fm_view_commit - make pages of a FM_SECTION_RESERVE section usable, in every view of every process.
 *  Storage is reserved: FM_E_COMMITMENT_LIMIT instead of a later fault. FM_E_ALREADY_COMMITTED for views of
 *  files, FM_E_ACCESS_DENIED if the section was opened without FM_WRITE, else the errors of fm_view_protect().
 *  Until then a page raises SIGBUS, where the kernel can watch it (man fm_view_commit). Windows:
 *  VirtualAlloc(MEM_COMMIT). */
FM_API fm_status fm_view_commit(void *address, size_t length, uint32_t protection);

/**
 * fm_view_query - the view around an address and the run of equal pages from there
 * FM_E_NOT_MAPPED_VIEW if it is in no view. No system call unless the pages are mapped for FM_COPY; safe in a
 * signal handler. Windows: VirtualQuery.
 */
FM_API fm_status fm_view_query(const void *address, fm_view_info *ret_info);

/**
 * fm_view_flush - write changed pages of a view of a file to storage
 * @length: 0: to the end of the view    @level: enum fm_flush_level
 * Memory: nothing to do, FM_OK. FM_E_NOT_MAPPED_VIEW, FM_E_DISK_FULL, FM_E_IO_DEVICE_ERROR,
 * FM_E_INVALID_PARAMETER (@level), FM_E_FILE_INVALID (FM_FLUSH_ALL, no handle open, the file lost its name),
 * FM_E_IN_PAGE_ERROR (once: zeros took the place of storage that failed; what could be written was).
 * A failed write-back is told once to each view of the section, and to what else has the file open; not twice
 * to a parent and its forked child, which have it open together.
 * Windows: FlushViewOfFile (FM_FLUSH_WRITE), FlushFileBuffers (FM_FLUSH_ALL).
 */
FM_API fm_status fm_view_flush(const void *address, size_t length, unsigned level);

/** fm_view_prefetch - start reading pages in. A hint. Windows: PrefetchVirtualMemory. */
FM_API fm_status fm_view_prefetch(const void *address, size_t length);
/** fm_view_page_out - give the physical pages back; contents stay. A hint. */
FM_API fm_status fm_view_page_out(const void *address, size_t length);
/** fm_view_advise - tell how the range will be used (enum fm_advice). A hint that decides read-ahead. */
FM_API fm_status fm_view_advise(const void *address, size_t length, unsigned advice);

/**
 * fm_read, fm_write - copy out of or into mapped memory, with an error where plain access would fault
 * @ret_done: may be NULL; else the bytes copied, on failure those before the fault
 * FM_E_IN_PAGE_ERROR: the storage of a view's page is gone or full; FM_E_ACCESS_VIOLATION: not mapped that way, or
 * not committed; memory that is no view's.
 * Neither installs anything; once fm_fault_enable() has, they cost what memcpy() does instead of a system
 * call. Threads: any; not atomic.
 */
FM_API fm_status fm_read(void *to, const void *view, size_t length, size_t *ret_done);
FM_API fm_status fm_write(void *view, const void *from, size_t length, size_t *ret_done);

/* ---- faults; filemap/fault.h has the guard block and the call for hosts with handlers of their own ---- */

/**
 * fm_fault_enable - handle faults in mapped memory
 * @flags: enum fm_fault_flags; 0: both signals
 *
 * Needed by guard blocks, by FM_FAULT_ZERO_PAGE, and for guarded copies at the speed of memcpy(). Installs a
 * handler that passes on what is not ours to the handler it found, or to the default action. Handlers
 * that a host installs later must pass on in turn, or the host says FM_FAULT_HOSTED. Counted: each enable is
 * undone by a disable with the same flags.
 *   FM_E_INVALID_PARAMETER  unknown flags, or FM_FAULT_HOSTED with others
 * Threads: any. Fork: the child handles them too; exec ends it. Windows: what structured exceptions are built on.
 */
FM_API fm_status fm_fault_enable(unsigned flags);

/** fm_fault_disable - undo an enable with the same flags; the former handlers are back after the last, unless
 *  somebody has installed others since. Not while a thread is in a guarded copy or a guard block. */
FM_API void fm_fault_disable(unsigned flags);

/**
 * fm_fault_cause - why the storage under an address that gave FM_E_IN_PAGE_ERROR failed
 * Return: FM_E_END_OF_FILE (the file was cut), FM_E_DISK_FULL, FM_E_INSUFFICIENT_RESOURCES (no huge page),
 * FM_E_IO_DEVICE_ERROR; FM_OK if the page can be read and, where the view may, written now;
 * FM_E_NOT_MAPPED_VIEW. A few system calls.
 */
FM_API fm_status fm_fault_cause(const void *address);

/**
 * fm_view_set_fault_policy - what becomes of a page of a view whose storage fails
 * @address: any address inside the view    @policy: enum fm_fault_policy
 *
 * With FM_FAULT_ZERO_PAGE, and faults enabled, a private page of zeros takes its place and the access goes
 * on; fm_view_query() tells that the view has failed, and the next fm_view_flush() of it FM_E_IN_PAGE_ERROR,
 * once for all failures before. Guarded copies return their error all the same.
 *   FM_E_NOT_MAPPED_VIEW, FM_E_INVALID_PARAMETER (@policy)
 * Threads: any. Fork: the child's view has the same policy. Windows: nothing like it.
 */
FM_API fm_status fm_view_set_fault_policy(const void *address, unsigned policy);

/**
 * fm_guard_run - call a function that dereferences views; the guard block of filemap/fault.h as a call
 * @ret_address: may be NULL; the address of the fault
 *
 * FM_OK when @function has returned. After a fault it was left midway: FM_E_IN_PAGE_ERROR,
 * FM_E_ACCESS_VIOLATION, FM_E_GUARD_PAGE. Needs fm_fault_enable(). Windows: __try and __except.
 */
FM_API fm_status fm_guard_run(void (*function)(void *context), void *context, void **ret_address);

/* ---- looking ---- */

typedef struct fm_entry {
	const char *name;      /* as fm_section_open() takes it, with its prefix; valid during the call */
	const char *kind;      /* "section", "mutex", "event", "semaphore" or "unknown" */
	bool alive;            /* some process holds a handle */
	uint32_t backing;      /* enum fm_backing */
	uint64_t size;         /* of the section, bytes */
	uint64_t resident;     /* storage used by memory, bytes */
	int64_t created;       /* seconds since 1970 */
	int32_t creator;       /* process id that made it */
	uint32_t owner;        /* user id */
	uint32_t mode;         /* permission bits */
	uint32_t protection;   /* maximum protection of views */
	uint32_t flags;        /* enum fm_section_flags */
	const char *path;      /* of the backing file, or NULL */
	uint64_t device;       /* of what views map */
	uint64_t inode;
	bool listed;           /* further users or groups may open it; getfacl shows them */
} fm_entry;

/** Return false to stop. */
typedef bool fm_entry_visitor(const fm_entry *entry, void *context);

/** fm_namespace_list - visit every entry of a namespace (enum fm_namespace); dead ones have alive false. */
FM_API fm_status fm_namespace_list(unsigned which, fm_entry_visitor *visit, void *context);
/** fm_namespace_sweep - remove the entries of dead objects and give back their memory. */
FM_API fm_status fm_namespace_sweep(unsigned which, unsigned *ret_removed, uint64_t *ret_bytes);

/* Buries what is killed as it happens. Opaque. */
typedef struct fm_reaper fm_reaper;

/**
 * fm_reaper_open - sweep a namespace, and be told from then on what dies in it
 * @which:      enum fm_namespace
 * @ret_reaper: set on success; release with fm_reaper_close()
 *
 * It keeps a descriptor for each name that this user may read, and an inotify watch; beyond the limit of
 * either it sweeps once a second besides. It makes no object live, and touches no live one.
 * FM_E_INVALID_PARAMETER, FM_E_TOO_MANY_OPENED_FILES (also fs.inotify's limits), FM_E_PATH_NOT_FOUND (no
 * root, no /proc), FM_E_ACCESS_DENIED. Threads: one at a time. Fork: not for the child.
 */
FM_API fm_status fm_reaper_open(unsigned which, fm_reaper **ret_reaper);
/** fm_reaper_fd - becomes readable (poll) when fm_reaper_run() has something to do. Borrowed. */
FM_API int fm_reaper_fd(const fm_reaper *reaper);
/**
 * fm_reaper_run - bury what has died; returns without waiting
 * @ret_removed, @ret_bytes: what fm_reaper_open() and later calls buried and nobody was told yet; may be NULL
 * @ret_wait: milliseconds after which to call again at the latest, -1: not before fm_reaper_fd() is readable
 *
 * FM_E_PATH_NOT_FOUND: the namespace's directory was removed; close the reaper, and open another.
 * FM_E_INVALID_PARAMETER.
 */
FM_API fm_status fm_reaper_run(fm_reaper *reaper, unsigned *ret_removed, uint64_t *ret_bytes, int *ret_wait);
/** fm_reaper_close - NULL is ignored. */
FM_API void fm_reaper_close(fm_reaper *reaper);

/** fm_namespace_directory - where the namespace lies on disk, made or not; @size of @buffer in bytes.
 *  FM_E_BUFFER_TOO_SMALL. */
FM_API fm_status fm_namespace_directory(unsigned which, char *buffer, size_t size);

typedef struct fm_holder {
	int32_t pid;
	unsigned handles;      /* descriptors on the object or its memory */
	unsigned views;        /* mappings */
	uint64_t mapped;       /* bytes of address space */
	uint64_t resident;     /* bytes of it in memory */
	char command[64];
} fm_holder;

typedef bool fm_holder_visitor(const fm_holder *holder, void *context);

/** fm_name_holders - visit the processes that hold a name's section or map it; those of other users are
 *  seen only as far as /proc lets this user look. */
FM_API fm_status fm_name_holders(const char *name, fm_holder_visitor *visit, void *context);

/** @entry: one of the process's sections, as far as it can be told: name and path may be NULL, created and creator 0.
 *  @holder: the process itself, with its descriptors and views of that section. Return false to stop. */
typedef bool fm_section_visitor(const fm_entry *entry, const fm_holder *holder, void *context);

/**
 * fm_process_sections - visit the sections, with and without names, that a process has handles or views of
 * @pid: any process, also this one
 *
 * Told from outside, by what /proc shows of its descriptors and mappings; nothing is asked of the process, and what is
 * told may be past. Backing FM_BACKING_MEMORY with FM_SECTION_PAGED among the flags is memory on a disk, path its
 * directory. Not seen: sections of files that have no name and were not made by the Win32 face, which are plain
 * descriptors; memory on a disk of which only views are left, where FILEMAP_PAGING_DIR here names another directory.
 * FM_E_INVALID_PARAMETER: no such process. FM_E_ACCESS_DENIED: /proc does not let this user look.
 * FM_E_NO_MEMORY, FM_E_TOO_MANY_OPENED_FILES. Threads: any.
 */
FM_API fm_status fm_process_sections(int32_t pid, fm_section_visitor *visit, void *context);

/** fm_view_list - visit the views of this process in address order (one fm_view_info per view; its run
 *  is the first one). */
typedef bool fm_view_visitor(const fm_view_info *view, void *context);
FM_API fm_status fm_view_list(fm_view_visitor *visit, void *context);

#ifdef __cplusplus
}
#endif

#endif
