/* SPDX-License-Identifier: MIT */
/* Vectored handlers of faults in views and private memory, and the probes. */
#include "support.h"

/* What the last exception was, and how many there were. */
static struct {
	volatile LONG count;
	EXCEPTION_RECORD record;
	DWORD64 instruction;
} seen;
static char order[16];
static volatile LONG turns;

/* Go on at the instruction after the three-byte read or write that `poke` and `peek` make. */
static LONG note(EXCEPTION_POINTERS *pointers)
{
	seen.count++;
	seen.record = *pointers->ExceptionRecord;
#if defined(__x86_64__)
	seen.instruction = pointers->ContextRecord->Rip;
	pointers->ContextRecord->Rip += 3;
#else
	seen.instruction = pointers->ContextRecord->Pc;
	pointers->ContextRecord->Pc += 4;
#endif
	return EXCEPTION_CONTINUE_EXECUTION;
}

static LONG NTAPI skip_it(EXCEPTION_POINTERS *pointers)
{
	return note(pointers);
}

#if defined(__x86_64__)
static void peek(const volatile void *at)
{
	__asm__ volatile(".byte 0x48, 0x8b, 0x01" : : "c"(at) : "rax", "memory"); /* mov rax, [rcx] */
}

static void poke(volatile void *at)
{
	__asm__ volatile(".byte 0x48, 0x89, 0x09" : : "c"(at) : "memory"); /* mov [rcx], rcx */
}
#else
static void peek(const volatile void *at)
{
	__asm__ volatile("ldr x9, [%0]" : : "r"(at) : "x9", "memory");
}

static void poke(volatile void *at)
{
	__asm__ volatile("str %0, [%0]" : : "r"(at) : "memory");
}
#endif

static void forget(void)
{
	memset(&seen, 0, sizeof(seen));
}

static void expect(DWORD code, ULONG_PTR access, const void *address)
{
	CHECK_EQ(seen.count, 1);
	CHECK_EQ(seen.record.ExceptionCode, code);
	CHECK_EQ(seen.record.NumberParameters, code == (DWORD)STATUS_IN_PAGE_ERROR ? 3 : 2);
	CHECK_EQ(seen.record.ExceptionInformation[0], access);
	CHECK_EQ(seen.record.ExceptionInformation[1], (ULONG_PTR)address);
	CHECK_EQ((ULONG_PTR)seen.record.ExceptionAddress, seen.instruction);
	CHECK_EQ(seen.record.ExceptionFlags, 0);
	forget();
}

static unsigned char *memory_of(DWORD type, DWORD protection)
{
	unsigned char *memory = VirtualAlloc(NULL, GRANULE, type, protection);

	CHECK(memory != NULL);
	return memory;
}

TEST(access_violations_have_two_parameters)
{
	PVOID handle = AddVectoredExceptionHandler(1, skip_it);
	unsigned char *reserved = memory_of(MEM_RESERVE, PAGE_NOACCESS);
	unsigned char *readonly = memory_of(MEM_COMMIT, PAGE_READONLY);

	CHECK(handle != NULL);
	peek(reserved + 8);
	expect((DWORD)STATUS_ACCESS_VIOLATION, 0, reserved + 8);
	poke(readonly + 16);
	expect((DWORD)STATUS_ACCESS_VIOLATION, 1, readonly + 16);
	peek(NULL);
	expect((DWORD)STATUS_ACCESS_VIOLATION, 0, NULL);
	peek(readonly);
	CHECK_EQ(seen.count, 0);
	CHECK(RemoveVectoredExceptionHandler(handle) != 0);
	CHECK_EQ(RemoveVectoredExceptionHandler(handle), 0);
}

TEST(view_that_is_read_only_is_not_written)
{
	PVOID handle = AddVectoredExceptionHandler(1, skip_it);
	HANDLE section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, GRANULE, NULL);
	unsigned char *view = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);

	poke(view + 32);
	expect((DWORD)STATUS_ACCESS_VIOLATION, 1, view + 32);
	CHECK_EQ(view[32], 0);
	CHECK(UnmapViewOfFile(view));
	peek(view);
	expect((DWORD)STATUS_ACCESS_VIOLATION, 0, view);
	CHECK(CloseHandle(section));
	CHECK(RemoveVectoredExceptionHandler(handle) != 0);
}

TEST(uncommitted_page_of_a_reserved_section_is_an_access_violation)
{
	PVOID handle = AddVectoredExceptionHandler(1, skip_it);
	HANDLE section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | SEC_RESERVE, 0, GRANULE, NULL);
	unsigned char *view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);

	peek(view + PAGE);
	if (seen.count == 0)
		check_skip("the kernel refuses userfaultfd");
	expect((DWORD)STATUS_ACCESS_VIOLATION, 0, view + PAGE);
	poke(view + 8);
	expect((DWORD)STATUS_ACCESS_VIOLATION, 1, view + 8);
	CHECK(VirtualAlloc(view, PAGE, MEM_COMMIT, PAGE_READWRITE) != NULL);
	poke(view + 8);
	CHECK_EQ(seen.count, 0);
	CHECK(UnmapViewOfFile(view));
	CHECK(CloseHandle(section));
	CHECK(RemoveVectoredExceptionHandler(handle) != 0);
}

/* The oldest use of all: memory that comes when it is touched. */
static LONG NTAPI commit_it(EXCEPTION_POINTERS *pointers)
{
	const EXCEPTION_RECORD *record = pointers->ExceptionRecord;

	seen.count++;
	if (record->ExceptionCode != (DWORD)STATUS_ACCESS_VIOLATION)
		return EXCEPTION_CONTINUE_SEARCH;
	if (!VirtualAlloc((PVOID)record->ExceptionInformation[1], PAGE, MEM_COMMIT, PAGE_READWRITE))
		return EXCEPTION_CONTINUE_SEARCH;
	return EXCEPTION_CONTINUE_EXECUTION;
}

TEST(a_handler_commits_what_was_touched)
{
	PVOID handle = AddVectoredExceptionHandler(0, commit_it);
	volatile unsigned char *memory = memory_of(MEM_RESERVE, PAGE_NOACCESS);

	for (unsigned i = 0; i < GRANULE; i += PAGE / 2)
		memory[i] = (unsigned char)(i / PAGE + 1);
	for (unsigned i = 0; i < GRANULE; i += PAGE / 2)
		CHECK_EQ(memory[i], i / PAGE + 1);
	CHECK_EQ(seen.count, GRANULE / PAGE);
	CHECK(RemoveVectoredExceptionHandler(handle) != 0);
}

TEST(guard_page_is_raised_once)
{
	PVOID handle = AddVectoredExceptionHandler(1, skip_it);
	HANDLE section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, GRANULE, NULL);
	unsigned char *view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
	unsigned char *memory = memory_of(MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD);
	DWORD old;

	peek(memory + PAGE + 8);
	expect((DWORD)STATUS_GUARD_PAGE_VIOLATION, 0, memory + PAGE + 8);
	peek(memory + PAGE + 16);
	CHECK_EQ(seen.count, 0);
	CHECK_EQ(query(memory).Protect, PAGE_READWRITE | PAGE_GUARD);
	CHECK_EQ(query(memory + PAGE).Protect, PAGE_READWRITE);
	CHECK(VirtualProtect(view, PAGE, PAGE_READONLY | PAGE_GUARD, &old));
	poke(view);
	expect((DWORD)STATUS_GUARD_PAGE_VIOLATION, 1, view);
	poke(view);
	expect((DWORD)STATUS_ACCESS_VIOLATION, 1, view);
	CHECK(UnmapViewOfFile(view));
	CHECK(CloseHandle(section));
	CHECK(RemoveVectoredExceptionHandler(handle) != 0);
}

static LONG NTAPI go_on(EXCEPTION_POINTERS *pointers)
{
	(void)pointers;
	seen.count++;
	return EXCEPTION_CONTINUE_EXECUTION;
}

TEST(access_to_a_guard_page_may_go_on_at_once)
{
	PVOID handle = AddVectoredExceptionHandler(1, go_on);
	volatile unsigned char *memory = memory_of(MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD);

	memory[5] = 7;
	CHECK_EQ(memory[5], 7);
	CHECK_EQ(seen.count, 1);
	CHECK(RemoveVectoredExceptionHandler(handle) != 0);
}

static LONG pass(char name)
{
	order[turns++] = name;
	return EXCEPTION_CONTINUE_SEARCH;
}

static LONG NTAPI pass_a(EXCEPTION_POINTERS *pointers)
{
	(void)pointers;
	return pass('a');
}

static LONG NTAPI pass_b(EXCEPTION_POINTERS *pointers)
{
	(void)pointers;
	return pass('b');
}

static LONG NTAPI end_c(EXCEPTION_POINTERS *pointers)
{
	(void)pass('c');
	return note(pointers);
}

TEST(handlers_are_asked_in_order)
{
	unsigned char *reserved = memory_of(MEM_RESERVE, PAGE_NOACCESS);
	PVOID last = AddVectoredExceptionHandler(0, end_c);
	PVOID second = AddVectoredExceptionHandler(1, pass_b);
	PVOID first = AddVectoredExceptionHandler(1, pass_a);
	PVOID behind = AddVectoredExceptionHandler(0, pass_b);

	peek(reserved);
	order[turns] = 0;
	CHECK(strcmp(order, "abc") == 0);
	CHECK(RemoveVectoredExceptionHandler(first) != 0);
	turns = 0;
	peek(reserved);
	order[turns] = 0;
	CHECK(strcmp(order, "bc") == 0);
	CHECK(RemoveVectoredExceptionHandler(second) != 0);
	CHECK(RemoveVectoredExceptionHandler(last) != 0);
	CHECK(RemoveVectoredExceptionHandler(behind) != 0);
}

TEST(continue_handlers_follow_who_goes_on)
{
	unsigned char *reserved = memory_of(MEM_RESERVE, PAGE_NOACCESS);
	PVOID handle = AddVectoredExceptionHandler(0, end_c);
	PVOID second = AddVectoredContinueHandler(0, pass_b);
	PVOID first = AddVectoredContinueHandler(1, pass_a);

	peek(reserved);
	order[turns] = 0;
	CHECK(strcmp(order, "cab") == 0);
	CHECK(RemoveVectoredContinueHandler(first) != 0);
	CHECK_EQ(RemoveVectoredContinueHandler(handle), 0);
	CHECK(RemoveVectoredContinueHandler(second) != 0);
	CHECK(RemoveVectoredExceptionHandler(handle) != 0);
}

#if defined(__x86_64__)
static LONG NTAPI give_value(EXCEPTION_POINTERS *pointers)
{
	pointers->ContextRecord->Rax = pointers->ContextRecord->Rcx + 1;
	return note(pointers);
}

TEST(registers_are_seen_and_changed)
{
	unsigned char *reserved = memory_of(MEM_RESERVE, PAGE_NOACCESS);
	PVOID handle = AddVectoredExceptionHandler(1, give_value);
	ULONG_PTR value = 0;

	__asm__ volatile(".byte 0x48, 0x8b, 0x01" : "=a"(value) : "c"(reserved + 64) : "memory");
	CHECK_EQ(value, (ULONG_PTR)reserved + 65);
	CHECK(RemoveVectoredExceptionHandler(handle) != 0);
}
#endif

#if defined(__x86_64__)
/* As if the function had returned. */
static LONG NTAPI return_from_it(EXCEPTION_POINTERS *pointers)
{
	CONTEXT *context = pointers->ContextRecord;

	seen.count++;
	seen.record = *pointers->ExceptionRecord;
	seen.instruction = context->Rip;
	context->Rip = *(DWORD64 *)(ULONG_PTR)context->Rsp;
	context->Rsp += 8;
	return EXCEPTION_CONTINUE_EXECUTION;
}

TEST(execution_without_the_right_is_number_8)
{
	unsigned char *memory = memory_of(MEM_COMMIT, PAGE_READWRITE);
	PVOID handle = AddVectoredExceptionHandler(1, return_from_it);
	void (*function)(void);

	memory[0] = 0xc3; /* ret */
	memcpy(&function, &memory, sizeof(function));
	function();
	CHECK_EQ(seen.instruction, (ULONG_PTR)memory);
	expect((DWORD)STATUS_ACCESS_VIOLATION, 8, memory);
	CHECK(RemoveVectoredExceptionHandler(handle) != 0);
}

TEST(address_that_none_can_be_is_told_as_minus_one)
{
	PVOID handle = AddVectoredExceptionHandler(1, skip_it);

	peek((void *)(ULONG_PTR)0x8000000000000000);
	expect((DWORD)STATUS_ACCESS_VIOLATION, 0, (void *)~(ULONG_PTR)0);
	CHECK(RemoveVectoredExceptionHandler(handle) != 0);
}
#endif

TEST(filter_of_last_resort_is_the_last)
{
	unsigned char *reserved = memory_of(MEM_RESERVE, PAGE_NOACCESS);
	PVOID handle;
	LPTOP_LEVEL_EXCEPTION_FILTER former = SetUnhandledExceptionFilter(skip_it);

	peek(reserved + 8);
	expect((DWORD)STATUS_ACCESS_VIOLATION, 0, reserved + 8);
	handle = AddVectoredExceptionHandler(1, skip_it);
	peek(reserved + 8);
	expect((DWORD)STATUS_ACCESS_VIOLATION, 0, reserved + 8);
	CHECK(SetUnhandledExceptionFilter(former) == skip_it);
	CHECK(RemoveVectoredExceptionHandler(handle) != 0);
}

/* ---- probes ---- */

TEST(probes_of_memory)
{
	unsigned char *reserved = memory_of(MEM_RESERVE, PAGE_NOACCESS);
	unsigned char *readonly = memory_of(MEM_COMMIT, PAGE_READONLY);
	unsigned char *both = memory_of(MEM_RESERVE, PAGE_NOACCESS);

	CHECK(VirtualAlloc(both, PAGE, MEM_COMMIT, PAGE_READWRITE) != NULL);
	CHECK(!IsBadReadPtr(readonly, GRANULE));
	CHECK(IsBadWritePtr(readonly, 1));
	CHECK(IsBadReadPtr(reserved, 1));
	CHECK(!IsBadReadPtr(reserved, 0));
	CHECK(IsBadReadPtr(NULL, 1));
	CHECK(!IsBadReadPtr(both + PAGE - 4, 4));
	CHECK(IsBadReadPtr(both + PAGE - 4, 5));
	CHECK(!IsBadWritePtr(both, PAGE));
	CHECK(IsBadWritePtr(both, PAGE + 1));
	CHECK(IsBadCodePtr((FARPROC)(ULONG_PTR)reserved));
	CHECK(!IsBadCodePtr((FARPROC)(ULONG_PTR)readonly));
}

TEST(probes_of_texts_end_at_the_terminator)
{
	unsigned char *both = memory_of(MEM_RESERVE, PAGE_NOACCESS);
	char *end;

	CHECK(VirtualAlloc(both, PAGE, MEM_COMMIT, PAGE_READWRITE) != NULL);
	memset(both, 'x', PAGE);
	end = (char *)both + PAGE;
	CHECK(!IsBadStringPtrA(end - 8, 8));
	CHECK(IsBadStringPtrA(end - 8, 9));
	end[-1] = 0;
	CHECK(!IsBadStringPtrA(end - 8, 1000));
	CHECK(!IsBadStringPtrA((char *)both, PAGE));
	CHECK(IsBadStringPtrA(NULL, 1));
	memset(end - 2 * sizeof(WCHAR), 0, 2 * sizeof(WCHAR));
	CHECK(!IsBadStringPtrW((WCHAR *)both, PAGE));
	memset(end - 2 * sizeof(WCHAR), 'x', 2 * sizeof(WCHAR));
	CHECK(IsBadStringPtrW((WCHAR *)both, PAGE));
}

TEST(probe_takes_the_guard)
{
	unsigned char *memory = memory_of(MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD);

	CHECK(IsBadReadPtr(memory, 1));
	CHECK(!IsBadReadPtr(memory, 1));
	CHECK_EQ(query(memory).Protect, PAGE_READWRITE);
	CHECK(IsBadWritePtr(memory + PAGE, 1));
	CHECK(!IsBadWritePtr(memory + PAGE, 1));
}
