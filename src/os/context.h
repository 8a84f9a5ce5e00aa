/* SPDX-License-Identifier: MIT */
/* What a signal handler is told of the interrupted code, and where that goes on: one file a processor. */
#ifndef FM_OS_CONTEXT_H
#define FM_OS_CONTEXT_H

#include <stdint.h>

/* Numbered as Windows numbers ExceptionInformation[0]. */
enum os_access { OS_ACCESS_READ = 0, OS_ACCESS_WRITE = 1, OS_ACCESS_EXECUTE = 8 };

/* @context: the third argument of a SA_SIGINFO handler. */
uintptr_t os_context_pc(const void *context);
void os_context_set_pc(void *context, uintptr_t pc);
enum os_access os_context_access(const void *context);

/*
 * os_context_call - when the handler returns, go on as if the interrupted code had called @function
 * which must not return. The kernel has restored the signal mask and the alternate stack by then.
 */
void os_context_call(void *context, void (*function)(void *argument), void *argument);

#endif
