/* SPDX-License-Identifier: MIT */
/*
 * Faults in mapped memory as errors, for code that dereferences views itself. Needs POSIX names (sigjmp_buf,
 * siginfo_t); filemap.h does not include it. fm_fault_enable() of filemap.h comes first.
 *
 *	FM_GUARD_BEGIN(guard) {
 *		sum = add_up(view, length);
 *	} FM_GUARD_CAUGHT {
 *		return guard.status;            // FM_E_IN_PAGE_ERROR: the file was cut, the disk is full ...
 *	} FM_GUARD_END
 *
 * A block costs a few nanoseconds and no system call. It may be left in any way, by return, break or goto
 * too; blocks nest, and a fault goes to the innermost one of its thread. Limits:
 *  - after a fault, automatic variables of the function that were changed inside the block are
 *    indeterminate unless they are volatile, as after longjmp() (-Wclobbered tells which);
 *  - what the block had taken is not given back: no locks, no allocations in it that must not leak;
 *  - a fault inside a function of the C library or of others leaves that function midway, its locks held;
 *  - it must not be left by longjmp() or by a thread's end;
 *  - only faults in views and in private allocations of this library are caught; others go on to the host.
 */
#ifndef FILEMAP_FAULT_H
#define FILEMAP_FAULT_H

#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef FM_API
#define FM_API __attribute__((visibility("default")))
#endif

typedef struct fm_guard {
	sigjmp_buf resume;
	struct fm_guard *outer;
	uint32_t everything; /* 0: faults in the library's memory; 1: any fault */
	uint32_t access;     /* of the fault: FM_READ, FM_WRITE or FM_EXEC */
	fm_status status;    /* FM_E_IN_PAGE_ERROR, FM_E_ACCESS_VIOLATION or FM_E_GUARD_PAGE */
	void *address;
} fm_guard;

/**
 * fm_guard_enter, fm_guard_leave - what the macros call: the calling thread's innermost block
 * @guard: lives until fm_guard_leave(). Leaving one that a fault has left is right, and does nothing.
 */
FM_API void fm_guard_enter(fm_guard *guard);
FM_API void fm_guard_leave(fm_guard *guard);

#define FM_GUARD_BEGIN(name)                                                                       \
	{                                                                                           \
		__attribute__((cleanup(fm_guard_leave))) fm_guard name;                             \
		name.everything = 0;                                                                \
		fm_guard_enter(&name);                                                              \
		if (sigsetjmp(name.resume, 0) == 0)
#define FM_GUARD_CAUGHT else
#define FM_GUARD_END }

/**
 * fm_guard_enter_all - as fm_guard_enter(), for any fault of the thread, whatever memory it is in
 * Enables faults by itself, for as long as the process lives.
 */
FM_API void fm_guard_enter_all(fm_guard *guard);

/*
 * For ports, in place of __try and __except(EXCEPTION_EXECUTE_HANDLER), with the limits of a guard block:
 *
 *	FM_TRY {
 *		header = *view;
 *	} FM_EXCEPT {
 *		if (FM_EXCEPTION_CODE() == EXCEPTION_IN_PAGE_ERROR) ...
 *	} FM_END_TRY
 *
 * Vectored handlers are asked first. For Microsoft's compiler, in a header of the port's own:
 *	#define FM_TRY __try
 *	#define FM_EXCEPT __except (EXCEPTION_EXECUTE_HANDLER)
 *	#define FM_END_TRY
 *	#define FM_EXCEPTION_CODE() GetExceptionCode()
 */
#define FM_TRY                                                                                     \
	{                                                                                           \
		__attribute__((cleanup(fm_guard_leave))) fm_guard fm_try_block;                     \
		fm_guard_enter_all(&fm_try_block);                                                  \
		if (sigsetjmp(fm_try_block.resume, 0) == 0)
#define FM_EXCEPT else
#define FM_END_TRY }
#define FM_EXCEPTION_CODE() ((uint32_t)fm_try_block.status)

/**
 * fm_fault_handle - for a host that keeps its own handlers: is this fault the library's affair?
 * @info, @context: what the handler of @number (SIGSEGV, SIGBUS) was given
 *
 * Return: true: return from the handler now, the context says where to go on; false: it is the host's.
 * The handler must have been installed with SA_SIGINFO, and fm_fault_enable(FM_FAULT_HOSTED) have been called.
 * Threads, forked children: any. Safe in a signal handler.
 */
FM_API bool fm_fault_handle(int number, siginfo_t *info, void *context);

#ifdef __cplusplus
}
#endif

#endif
