/* SPDX-License-Identifier: MIT */
/* Vectored exception handlers, and the filter of last resort. They run in the signal handler. */
#include "exception.h"

#include "faulting.h"

static struct fault_list handlers, continue_handlers;
static _Atomic(LPTOP_LEVEL_EXCEPTION_FILTER) last_filter;

struct exception {
	EXCEPTION_RECORD record;
	CONTEXT context;
	EXCEPTION_POINTERS pointers;
};

static void describe(const struct fault *fault, struct exception *exception)
{
	exception->record = (EXCEPTION_RECORD){
		.ExceptionCode = (DWORD)fault->status,
		.ExceptionAddress = (PVOID)fault->instruction,
		.NumberParameters = 2,
		.ExceptionInformation = { fault->access, fault->address },
	};
	if (fault->status == FM_E_IN_PAGE_ERROR) {
		exception->record.NumberParameters = 3;
		exception->record.ExceptionInformation[2] = (DWORD)fault_cause(fault);
	}
	context_get(&exception->context, fault->context);
	exception->pointers = (EXCEPTION_POINTERS){ &exception->record, &exception->context };
}

/* Does one of them say to go on? */
static bool call_each(fault_function *const *functions, unsigned count, EXCEPTION_POINTERS *pointers)
{
	for (unsigned i = 0; i < count; i++)
		if (((PVECTORED_EXCEPTION_HANDLER)functions[i])(pointers) == EXCEPTION_CONTINUE_EXECUTION)
			return true;
	return false;
}

static void go_on(const struct fault *fault, struct exception *exception)
{
	fault_function *functions[FAULT_LIST_MOST];
	unsigned count = fault_list_copy(&continue_handlers, functions);

	(void)call_each(functions, count, &exception->pointers); /* it only ends their round */
	context_put(&exception->context, fault->context);
}

static bool ask_handlers(const struct fault *fault)
{
	fault_function *functions[FAULT_LIST_MOST];
	unsigned count = fault_list_copy(&handlers, functions);
	struct exception exception;

	if (count == 0)
		return false;
	describe(fault, &exception);
	if (!call_each(functions, count, &exception.pointers))
		return false;
	go_on(fault, &exception);
	return true;
}

static bool ask_last(const struct fault *fault)
{
	LPTOP_LEVEL_EXCEPTION_FILTER filter = atomic_load_explicit(&last_filter, memory_order_acquire);
	struct exception exception;

	if (!filter)
		return false;
	describe(fault, &exception);
	if (filter(&exception.pointers) != EXCEPTION_CONTINUE_EXECUTION)
		return false;
	go_on(fault, &exception);
	return true;
}

static fm_status ready(void)
{
	fault_set_filters(ask_handlers, ask_last);
	return fault_ready();
}

static PVOID add(struct fault_list *list, ULONG first, PVECTORED_EXCEPTION_HANDLER handler)
{
	fm_status status = handler ? ready() : FM_E_INVALID_PARAMETER;
	void *token = status_failed(status) ? NULL : fault_list_add(list, (fault_function *)handler, first != 0);

	if (!status_failed(status) && !token)
		status = FM_E_NO_MEMORY;
	return finish_pointer(status, token);
}

static ULONG withdraw(struct fault_list *list, PVOID handle)
{
	fm_status status = fault_ready();

	if (!status_failed(status) && !fault_list_remove(list, handle))
		status = FM_E_INVALID_PARAMETER;
	return finish(status) ? 1 : 0;
}

PVOID WINAPI AddVectoredExceptionHandler(ULONG First, PVECTORED_EXCEPTION_HANDLER Handler)
{
	return add(&handlers, First, Handler);
}

ULONG WINAPI RemoveVectoredExceptionHandler(PVOID Handle)
{
	return withdraw(&handlers, Handle);
}

PVOID WINAPI AddVectoredContinueHandler(ULONG First, PVECTORED_EXCEPTION_HANDLER Handler)
{
	return add(&continue_handlers, First, Handler);
}

ULONG WINAPI RemoveVectoredContinueHandler(PVOID Handle)
{
	return withdraw(&continue_handlers, Handle);
}

LPTOP_LEVEL_EXCEPTION_FILTER WINAPI SetUnhandledExceptionFilter(LPTOP_LEVEL_EXCEPTION_FILTER lpTopLevelExceptionFilter)
{
	(void)finish(ready()); /* there is no failure to return */
	return atomic_exchange(&last_filter, lpTopLevelExceptionFilter);
}
