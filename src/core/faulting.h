/* SPDX-License-Identifier: MIT */
/*
 * Faults as errors: what a SIGSEGV or SIGBUS means, and who is asked about it, in this order: the guarded
 * copies, the policy of the view, the filters (vectored handlers of the Win32 face), the innermost guard
 * block of the thread, the last resort, and whoever handled the signal before.
 *
 * All of it runs in a signal handler. A fault belongs to the instruction that the thread was at, so it
 * interrupts the library only where the library touches views, which it does in guarded copies alone.
 */
#ifndef FM_CORE_FAULTING_H
#define FM_CORE_FAULTING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <filemap/fault.h>

#include "context.h"
#include "region.h"

struct fault {
	uintptr_t address;      /* UINTPTR_MAX: the processor does not tell */
	uintptr_t instruction;
	enum os_access access;
	fm_status status;       /* FM_E_ACCESS_VIOLATION, FM_E_IN_PAGE_ERROR or FM_E_GUARD_PAGE */
	bool ours;              /* in a view or a private allocation */
	bool poisoned;          /* the hardware lost the page */
	void *context;          /* ucontext_t */
};

/* True: go on where the context says. Set once, before faults are handled; may be NULL. */
typedef bool fault_filter(const struct fault *fault);
void fault_set_filters(fault_filter *first, fault_filter *last);

/* Faults are handled from here on, by a host or by handlers of our own for as long as the process lives. */
fm_status fault_ready(void);

/* Are both signals handled, so that a copy may simply begin? */
extern atomic_bool fault_guards_copies;

/*
 * fault_cause - why the storage of a page failed: FM_E_END_OF_FILE (cut), FM_E_DISK_FULL,
 * FM_E_INSUFFICIENT_RESOURCES (no huge page), FM_E_IO_DEVICE_ERROR. Not for addresses that can be had.
 */
fm_status fault_cause(const struct fault *fault);

/* ---- fault_repair.c; within a grace period ---- */

enum repair { REPAIR_NONE, REPAIR_AGAIN /* the access will do now */, REPAIR_GUARD /* it took a guard away */ };

/* Zeros in place of a page of a view that asks for it. */
enum repair fault_zero_page(struct region *region, uintptr_t address);
/* Take the guard of a page away; REPAIR_AGAIN: the access is allowed by now, since another thread did. */
enum repair fault_take_guard(struct region *region, const struct fault *fault);
/* Put it back: nobody wanted to know. */
void fault_return_guard(uintptr_t address);

/* ---- fault_guard.c ---- */

/* Leave the thread's innermost guard block, if it wants the fault. */
bool fault_leave_block(const struct fault *fault);

/* ---- fault_probe.c ---- */

/* Can the byte be read, or written, now? By the kernel's answer, whatever is installed. */
bool fault_had(uintptr_t address, bool write);
/* May each byte be used? FM_OK, or the status that a touch would have had. */
fm_status fault_probe(const void *address, size_t size, bool write);
/* The characters of a text, of @width bytes each, to its terminator, at most @most. */
fm_status fault_probe_text(const void *text, size_t most, unsigned width);

/* ---- fault_list.c: functions of a face, to be asked in turn ---- */

enum { FAULT_LIST_MOST = 64 };
typedef void fault_function(void);
struct fault_list {
	_Atomic(struct fault_entries *) entries; /* LOCK_FAULT for writers */
};

/* A token for fault_list_remove(), NULL: no memory, or there are FAULT_LIST_MOST. */
void *fault_list_add(struct fault_list *list, fault_function *function, bool first);
bool fault_list_remove(struct fault_list *list, const void *token);
/* The functions now, in order; returns how many. Safe in a signal handler. */
unsigned fault_list_copy(struct fault_list *list, fault_function *functions[FAULT_LIST_MOST]);

#endif
