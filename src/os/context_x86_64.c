/* SPDX-License-Identifier: MIT */
#if defined(__x86_64__)
#include "context.h"

#include <ucontext.h>

enum { CAUSE_WRITE = 0x2, CAUSE_FETCH = 0x10, DIRECTION_FLAG = 0x400, RED_ZONE = 128 };

static greg_t *registers(const void *context)
{
	return ((ucontext_t *)(uintptr_t)context)->uc_mcontext.gregs;
}

uintptr_t os_context_pc(const void *context)
{
	return (uintptr_t)registers(context)[REG_RIP];
}

void os_context_set_pc(void *context, uintptr_t pc)
{
	registers(context)[REG_RIP] = (greg_t)pc;
}

enum os_access os_context_access(const void *context)
{
	greg_t cause = registers(context)[REG_ERR];

	if (cause & CAUSE_FETCH)
		return OS_ACCESS_EXECUTE;
	return cause & CAUSE_WRITE ? OS_ACCESS_WRITE : OS_ACCESS_READ;
}

/* As after a call instruction: a return address lies at a stack pointer that is 8 beside a multiple of 16. */
void os_context_call(void *context, void (*function)(void *argument), void *argument)
{
	greg_t *gregs = registers(context);

	gregs[REG_RSP] = ((gregs[REG_RSP] - RED_ZONE) & ~(greg_t)15) - 8;
	gregs[REG_RDI] = (greg_t)(uintptr_t)argument;
	gregs[REG_RIP] = (greg_t)(uintptr_t)function;
	gregs[REG_EFL] &= ~(greg_t)DIRECTION_FLAG;
}
#endif
