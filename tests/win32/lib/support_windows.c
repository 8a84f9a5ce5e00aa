/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <setjmp.h>

static jmp_buf back;
static volatile bool watching; /* volatile: the touch between its two writes is all that matters */

/* gcc has no __try: a vectored handler jumps out of the instruction. */
static LONG CALLBACK caught(EXCEPTION_POINTERS *pointers)
{
	if (!watching)
		return EXCEPTION_CONTINUE_SEARCH;
	watching = false;
	longjmp(back, (int)pointers->ExceptionRecord->ExceptionCode);
}

/* setjmp with a NULL frame: longjmp then does not unwind, which it may not do out of a handler. */
static NTSTATUS touch(volatile unsigned char *address, bool write)
{
	void *handler = AddVectoredExceptionHandler(1, caught);
	volatile int code = _setjmp(back, NULL);

	if (!code) {
		watching = true;
		unsigned char byte = *address;

		if (write)
			*address = byte;
	}
	watching = false;
	RemoveVectoredExceptionHandler(handler);
	return code;
}

NTSTATUS touch_read(const volatile void *address)
{
	return touch((volatile unsigned char *)(ULONG_PTR)address, false);
}

NTSTATUS touch_write(volatile void *address)
{
	return touch(address, true);
}

bool reserved_pages_fault(void)
{
	return true;
}

void limit_locked_memory(void)
{
}

struct child {
	PROCESS_INFORMATION process;
	HANDLE to, from;
};

struct child *child_start(const char *name, const char *first, const char *second)
{
	char program[MAX_PATH], line[1024];
	SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };
	STARTUPINFOA startup = { .cb = sizeof(startup), .dwFlags = STARTF_USESTDHANDLES };
	struct child *child = calloc(1, sizeof(*child));

	REQUIRE(child && GetModuleFileNameA(NULL, program, sizeof(program)));
	REQUIRE(CreatePipe(&startup.hStdInput, &child->to, &inherit, 0));
	REQUIRE(CreatePipe(&child->from, &startup.hStdOutput, &inherit, 0));
	startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
	SetHandleInformation(child->to, HANDLE_FLAG_INHERIT, 0);
	SetHandleInformation(child->from, HANDLE_FLAG_INHERIT, 0);
	snprintf(line, sizeof(line), "\"%s\" --child %s %s %s", program, name, first ? first : "",
		 second ? second : "");
	REQUIRE(CreateProcessA(program, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &child->process));
	CloseHandle(startup.hStdInput);
	CloseHandle(startup.hStdOutput);
	return child;
}

char child_hear(struct child *child)
{
	char byte = 0;
	DWORD done = 0;

	return ReadFile(child->from, &byte, 1, &done, NULL) && done == 1 ? byte : 0;
}

void child_tell(struct child *child, char byte)
{
	DWORD done = 0;

	CHECK(WriteFile(child->to, &byte, 1, &done, NULL) && done == 1);
}

DWORD child_id(const struct child *child)
{
	return child->process.dwProcessId;
}

int child_end(struct child *child)
{
	DWORD code = 1;

	CloseHandle(child->to);
	REQUIRE(WaitForSingleObject(child->process.hProcess, INFINITE) == WAIT_OBJECT_0);
	GetExitCodeProcess(child->process.hProcess, &code);
	CloseHandle(child->from);
	CloseHandle(child->process.hThread);
	CloseHandle(child->process.hProcess);
	free(child);
	return (int)code;
}

void child_kill(struct child *child)
{
	TerminateProcess(child->process.hProcess, 137);
	(void)child_end(child);
}

char parent_hear(void)
{
	char byte = 0;
	DWORD done = 0;

	return ReadFile(GetStdHandle(STD_INPUT_HANDLE), &byte, 1, &done, NULL) && done == 1 ? byte : 0;
}

void parent_tell(char byte)
{
	DWORD done = 0;

	CHECK(WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), &byte, 1, &done, NULL) && done == 1);
}
