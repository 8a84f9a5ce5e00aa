/* SPDX-License-Identifier: MIT */
#if defined(__aarch64__)
#include "context.h"

#include <signal.h> /* the records of the kernel as well */
#include <ucontext.h>

/* Of the exception syndrome: its class, and of data aborts whether they wrote. */
enum { CLASS_SHIFT = 26, FETCH_LOWER = 0x20, FETCH_SAME = 0x21, WROTE = 0x40 };

static mcontext_t *machine(const void *context)
{
	return &((ucontext_t *)(uintptr_t)context)->uc_mcontext;
}

uintptr_t os_context_pc(const void *context)
{
	return machine(context)->pc;
}

void os_context_set_pc(void *context, uintptr_t pc)
{
	machine(context)->pc = pc;
}

/* The kernel appends records, each with its size; one of them is the syndrome. */
static uint64_t syndrome(const void *context)
{
	const char *at = (const char *)machine(context)->__reserved;
	const char *end = at + sizeof(machine(context)->__reserved);

	while (at + sizeof(struct esr_context) <= end) {
		const struct _aarch64_ctx *head = (const struct _aarch64_ctx *)at;

		if (head->magic == ESR_MAGIC)
			return ((const struct esr_context *)at)->esr;
		if (head->magic == 0 || head->size == 0)
			break;
		at += head->size;
	}
	return 0;
}

enum os_access os_context_access(const void *context)
{
	uint64_t esr = syndrome(context);

	if (esr >> CLASS_SHIFT == FETCH_LOWER || esr >> CLASS_SHIFT == FETCH_SAME)
		return OS_ACCESS_EXECUTE;
	return esr & WROTE ? OS_ACCESS_WRITE : OS_ACCESS_READ;
}

void os_context_call(void *context, void (*function)(void *argument), void *argument)
{
	machine(context)->regs[0] = (uintptr_t)argument;
	machine(context)->pc = (uintptr_t)function;
}
#endif
