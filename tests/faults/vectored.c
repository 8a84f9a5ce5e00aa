/* SPDX-License-Identifier: MIT */
/* The scene as a port meets it. */
#include <windows.h>

#include "scenes.h"

#include <sys/mman.h>

static struct told told;

/* A page of zeros, so that the access can go on. */
static LONG NTAPI note(EXCEPTION_POINTERS *pointers)
{
	const EXCEPTION_RECORD *record = pointers->ExceptionRecord;
	void *page = (void *)(record->ExceptionInformation[1] & ~(ULONG_PTR)4095);

	told.count++;
	told.code = record->ExceptionCode;
	told.parameters = record->NumberParameters;
	told.access = record->ExceptionInformation[0];
	told.address = record->ExceptionInformation[1];
	told.cause = record->ExceptionInformation[2];
	if (mmap(page, 4096, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED &&
	    mmap(page, 2 << 20, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
		return EXCEPTION_CONTINUE_SEARCH;
	return EXCEPTION_CONTINUE_EXECUTION;
}

bool vectored_tells(char *at, bool write, struct told *ret_told)
{
	PVOID handle = AddVectoredExceptionHandler(1, note);

	if (write)
		*(volatile char *)at = 1;
	else
		(void)*(volatile char *)at;
	*ret_told = told;
	return handle && RemoveVectoredExceptionHandler(handle);
}
