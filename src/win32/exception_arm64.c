/* SPDX-License-Identifier: MIT */
#if defined(__aarch64__)
#include "exception.h"

#include <string.h>
#include <ucontext.h>

/* The floating-point registers stay out of it. */
void context_get(CONTEXT *context, const void *machine)
{
	const mcontext_t *from = &((const ucontext_t *)machine)->uc_mcontext;

	memset(context, 0, sizeof(*context));
	context->ContextFlags = CONTEXT_CONTROL | CONTEXT_INTEGER;
	memcpy(context->X, from->regs, sizeof(context->X));
	context->Sp = from->sp;
	context->Pc = from->pc;
	context->Cpsr = (DWORD)from->pstate;
}

void context_put(const CONTEXT *context, void *machine)
{
	mcontext_t *to = &((ucontext_t *)machine)->uc_mcontext;

	memcpy(to->regs, context->X, sizeof(context->X));
	to->sp = context->Sp;
	to->pc = context->Pc;
	to->pstate = context->Cpsr;
}
#endif
