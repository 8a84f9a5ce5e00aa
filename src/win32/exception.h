/* SPDX-License-Identifier: MIT */
/* An interrupted thread's registers as Windows' CONTEXT and back: one file a processor. */
#ifndef FM_WIN32_EXCEPTION_H
#define FM_WIN32_EXCEPTION_H

#include "win32.h"

/* @machine: the ucontext_t of a signal handler. */
void context_get(CONTEXT *context, const void *machine);
void context_put(const CONTEXT *context, void *machine);

#endif
