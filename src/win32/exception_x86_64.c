/* SPDX-License-Identifier: MIT */
#if defined(__x86_64__)
#include "exception.h"

#include <string.h>
#include <ucontext.h>

/* FXSAVE's area without its end, where the kernel keeps notes of its own. */
enum { FLOATING_SIZE = 416 };

_Static_assert(sizeof(CONTEXT) == 1232 && offsetof(CONTEXT, Rip) == 248 && offsetof(CONTEXT, FltSave) == 256,
	       "as on Windows");

#define REGISTERS(X)                                                                               \
	X(Rax, RAX) X(Rcx, RCX) X(Rdx, RDX) X(Rbx, RBX) X(Rsp, RSP) X(Rbp, RBP) X(Rsi, RSI) X(Rdi, RDI) \
	X(R8, R8) X(R9, R9) X(R10, R10) X(R11, R11) X(R12, R12) X(R13, R13) X(R14, R14) X(R15, R15) \
	X(Rip, RIP)

void context_get(CONTEXT *context, const void *machine)
{
	const mcontext_t *from = &((const ucontext_t *)machine)->uc_mcontext;
	uint64_t segments = (uint64_t)from->gregs[REG_CSGSFS];

	memset(context, 0, sizeof(*context));
	context->ContextFlags = CONTEXT_FULL | CONTEXT_SEGMENTS; /* NOLINT(misc-redundant-expression): each has the processor's bit */
#define GET(field, number) context->field = (DWORD64)from->gregs[REG_##number];
	REGISTERS(GET)
#undef GET
	context->EFlags = (DWORD)from->gregs[REG_EFL];
	context->SegCs = (WORD)segments;
	context->SegGs = (WORD)(segments >> 16);
	context->SegFs = (WORD)(segments >> 32);
	context->SegSs = (WORD)(segments >> 48);
	if (from->fpregs)
		memcpy(&context->FltSave, from->fpregs, FLOATING_SIZE);
	context->MxCsr = context->FltSave.MxCsr;
}

/* Segments stay as they are: the kernel has use for them. */
void context_put(const CONTEXT *context, void *machine)
{
	mcontext_t *to = &((ucontext_t *)machine)->uc_mcontext;

#define PUT(field, number) to->gregs[REG_##number] = (greg_t)context->field;
	REGISTERS(PUT)
#undef PUT
	to->gregs[REG_EFL] = (greg_t)context->EFlags;
	if (!to->fpregs)
		return;
	memcpy(to->fpregs, &context->FltSave, FLOATING_SIZE);
	to->fpregs->mxcsr = context->MxCsr;
}
#endif
