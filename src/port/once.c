/* SPDX-License-Identifier: MIT */
/* One-time initialisation: what a successful first caller did is there for all that come after. */
#include "local.h"

/* In the low bits of the pointer, above which is the context. */
enum { NEW = 0, RUNNING = 1, DONE = 2, MASK = 3 };

static _Atomic(uintptr_t) *state_of(PINIT_ONCE once)
{
	return (_Atomic(uintptr_t) *)&once->Ptr;
}

VOID WINAPI InitOnceInitialize(PINIT_ONCE InitOnce)
{
	InitOnce->Ptr = NULL;
}

static BOOL run(PINIT_ONCE once, PINIT_ONCE_FN function, PVOID parameter)
{
	PVOID context = NULL;
	BOOL worked = function(once, parameter, &context);

	atomic_store(state_of(once), worked ? ((uintptr_t)context & ~(uintptr_t)MASK) | DONE : (uintptr_t)NEW);
	WakeByAddressAll(once);
	return worked;
}

BOOL WINAPI InitOnceExecuteOnce(PINIT_ONCE InitOnce, PINIT_ONCE_FN InitFn, PVOID Parameter, LPVOID *Context)
{
	uintptr_t state = atomic_load(state_of(InitOnce));

	while ((state & MASK) != DONE) {
		if (state == NEW) {
			if (!atomic_compare_exchange_strong(state_of(InitOnce), &state, RUNNING))
				continue;
			if (!run(InitOnce, InitFn, Parameter))
				return FALSE; /* the next caller tries */
		} else {
			(void)WaitOnAddress(InitOnce, &state, sizeof(state), INFINITE);
		}
		state = atomic_load(state_of(InitOnce));
	}
	if (Context)
		*Context = (LPVOID)(state & ~(uintptr_t)MASK);
	return TRUE;
}
