/* SPDX-License-Identifier: MIT */
/* Processes and threads, and what threads keep for themselves. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <processthreadsapi.h>
#elif !defined(FILEMAP_WIN32_PROCESSTHREADSAPI_H)
#define FILEMAP_WIN32_PROCESSTHREADSAPI_H

#include "minwinbase.h"

#define GetCurrentProcess FM_WIN32(GetCurrentProcess)
#define GetCurrentProcessId FM_WIN32(GetCurrentProcessId)
#define OpenProcess FM_WIN32(OpenProcess)

#define CreateThread FM_WIN32(CreateThread)
#define ResumeThread FM_WIN32(ResumeThread)
#define ExitThread FM_WIN32(ExitThread)
#define GetExitCodeThread FM_WIN32(GetExitCodeThread)
#define GetCurrentThread FM_WIN32(GetCurrentThread)
#define GetCurrentThreadId FM_WIN32(GetCurrentThreadId)
#define GetThreadId FM_WIN32(GetThreadId)
#define TlsAlloc FM_WIN32(TlsAlloc)
#define TlsFree FM_WIN32(TlsFree)
#define TlsGetValue FM_WIN32(TlsGetValue)
#define TlsSetValue FM_WIN32(TlsSetValue)

#define TLS_OUT_OF_INDEXES ((DWORD)0xFFFFFFFF)
#define TLS_MINIMUM_AVAILABLE 64

FM_WIN32_BEGIN

typedef DWORD(WINAPI *PTHREAD_START_ROUTINE)(LPVOID lpThreadParameter);
typedef PTHREAD_START_ROUTINE LPTHREAD_START_ROUTINE;

/* The pseudo handle -1. */
WINBASEAPI HANDLE WINAPI GetCurrentProcess(VOID);
WINBASEAPI DWORD WINAPI GetCurrentProcessId(VOID);
WINBASEAPI HANDLE WINAPI OpenProcess(DWORD dwDesiredAccess, BOOL bInheritHandle, DWORD dwProcessId);

/*
 * A POSIX thread; its handle is signaled when the kernel is done with it, its mutexes abandoned before.
 * @dwStackSize is the least that it gets; with STACK_SIZE_PARAM_IS_A_RESERVATION what it gets. Other flags
 * than that and CREATE_SUSPENDED: 87. 8: there can be no more threads.
 */
WINBASEAPI HANDLE WINAPI CreateThread(LPSECURITY_ATTRIBUTES lpThreadAttributes, SIZE_T dwStackSize,
	LPTHREAD_START_ROUTINE lpStartAddress, LPVOID lpParameter, DWORD dwCreationFlags, LPDWORD lpThreadId);
/* Of a thread that waits to begin: 1; else 0. (DWORD)-1 and 5, 6. */
WINBASEAPI DWORD WINAPI ResumeThread(HANDLE hThread);
/* Runs what pthread_exit() runs. A process ends with its last thread, with exit code 0 then. */
WINBASEAPI DECLSPEC_NORETURN VOID WINAPI ExitThread(DWORD dwExitCode);
/* STILL_ACTIVE (259) while it runs; 0 if it left by pthread_exit(). */
WINBASEAPI BOOL WINAPI GetExitCodeThread(HANDLE hThread, LPDWORD lpExitCode);
/* The pseudo handle -2. */
WINBASEAPI HANDLE WINAPI GetCurrentThread(VOID);
/* The kernel's: gettid(). */
WINBASEAPI DWORD WINAPI GetCurrentThreadId(VOID);
WINBASEAPI DWORD WINAPI GetThreadId(HANDLE Thread);

/* 1088 indexes, as on Windows; beyond: TLS_OUT_OF_INDEXES and 259. A value of a new index is NULL. */
WINBASEAPI DWORD WINAPI TlsAlloc(VOID);
WINBASEAPI BOOL WINAPI TlsFree(DWORD dwTlsIndex);
/* Sets the last error to 0, since NULL may be a value. */
WINBASEAPI LPVOID WINAPI TlsGetValue(DWORD dwTlsIndex);
WINBASEAPI BOOL WINAPI TlsSetValue(DWORD dwTlsIndex, LPVOID lpTlsValue);

FM_WIN32_END

#endif
