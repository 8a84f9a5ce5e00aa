/* SPDX-License-Identifier: MIT */
/* Guard blocks: a thread's stack of places to go on at. */
#include <filemap.h>

#include "faulting.h"
#include "status.h"

/* Of the initial executable's kind: reading it in a signal handler allocates nothing. */
static _Thread_local fm_guard *innermost __attribute__((tls_model("initial-exec")));

void fm_guard_enter(fm_guard *guard)
{
	guard->outer = innermost;
	atomic_signal_fence(memory_order_seq_cst);
	innermost = guard;
}

void fm_guard_leave(fm_guard *guard)
{
	if (innermost == guard)
		innermost = guard->outer;
}

void fm_guard_enter_all(fm_guard *guard)
{
	guard->everything = 1;
	(void)fault_ready(); /* refused by the kernel alone: then the block has no effect */
	fm_guard_enter(guard);
}

/* Out of the handler: the signal mask and the alternate stack are as they were, so the jump saves neither. */
static void resume(void *argument)
{
	fm_guard *guard = argument;

	siglongjmp(guard->resume, 1);
}

static uint32_t access_of(enum os_access access)
{
	return access == OS_ACCESS_WRITE ? FM_WRITE : access == OS_ACCESS_EXECUTE ? FM_EXEC : FM_READ;
}

bool fault_leave_block(const struct fault *fault)
{
	fm_guard *guard = innermost;

	while (guard && !fault->ours && !guard->everything)
		guard = guard->outer;
	if (!guard)
		return false;
	innermost = guard->outer;
	guard->status = fault->status;
	guard->access = access_of(fault->access);
	guard->address = (void *)fault->address;
	os_context_call(fault->context, resume, guard);
	return true;
}

fm_status fm_guard_run(void (*function)(void *context), void *context, void **ret_address)
{
	FM_GUARD_BEGIN(guard) {
		function(context);
	} FM_GUARD_CAUGHT {
		if (ret_address)
			*ret_address = guard.address;
		return guard.status; /* NOLINT(clang-analyzer-core.StackAddressEscape): fm_guard_leave() is called */
	} FM_GUARD_END
	return FM_OK;
}
