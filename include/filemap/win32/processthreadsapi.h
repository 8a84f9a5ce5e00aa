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
#define OpenProcessToken FM_WIN32(OpenProcessToken)

#define CreateProcessA FM_WIN32_WIDE(CreateProcessA)
#define CreateProcessW FM_WIN32_WIDE(CreateProcessW)
#define CreateProcess FM_WIN32_PAIR(CreateProcess)
#define ExitProcess FM_WIN32(ExitProcess)
#define TerminateProcess FM_WIN32(TerminateProcess)
#define GetExitCodeProcess FM_WIN32(GetExitCodeProcess)
#define GetProcessId FM_WIN32(GetProcessId)
#define GetProcessTimes FM_WIN32(GetProcessTimes)
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
/* Of this process only; another's: 5. The handle is for AdjustTokenPrivileges, not inherited nor duplicated. */
WINBASEAPI BOOL WINAPI OpenProcessToken(HANDLE ProcessHandle, DWORD DesiredAccess, PHANDLE TokenHandle);

#define STARTF_USESHOWWINDOW 0x00000001
#define STARTF_USESTDHANDLES 0x00000100

typedef struct _STARTUPINFOA {
	DWORD cb;
	LPSTR lpReserved;
	LPSTR lpDesktop;
	LPSTR lpTitle;
	DWORD dwX;
	DWORD dwY;
	DWORD dwXSize;
	DWORD dwYSize;
	DWORD dwXCountChars;
	DWORD dwYCountChars;
	DWORD dwFillAttribute;
	DWORD dwFlags;
	WORD wShowWindow;
	WORD cbReserved2;
	LPBYTE lpReserved2;
	HANDLE hStdInput;
	HANDLE hStdOutput;
	HANDLE hStdError;
} STARTUPINFOA, *LPSTARTUPINFOA;

typedef struct _STARTUPINFOW {
	DWORD cb;
	LPWSTR lpReserved;
	LPWSTR lpDesktop;
	LPWSTR lpTitle;
	DWORD dwX;
	DWORD dwY;
	DWORD dwXSize;
	DWORD dwYSize;
	DWORD dwXCountChars;
	DWORD dwYCountChars;
	DWORD dwFillAttribute;
	DWORD dwFlags;
	WORD wShowWindow;
	WORD cbReserved2;
	LPBYTE lpReserved2;
	HANDLE hStdInput;
	HANDLE hStdOutput;
	HANDLE hStdError;
} STARTUPINFOW, *LPSTARTUPINFOW;

#ifdef UNICODE
typedef STARTUPINFOW STARTUPINFO;
typedef LPSTARTUPINFOW LPSTARTUPINFO;
#else
typedef STARTUPINFOA STARTUPINFO;
typedef LPSTARTUPINFOA LPSTARTUPINFO;
#endif

typedef struct _PROCESS_INFORMATION {
	HANDLE hProcess;
	HANDLE hThread;
	DWORD dwProcessId;
	DWORD dwThreadId;
} PROCESS_INFORMATION, *PPROCESS_INFORMATION, *LPPROCESS_INFORMATION;

/*
 * A program of this system, its line taken apart by Windows' rules. docs/processes.md: how it is found, what
 * it inherits, exit codes.
 *   2, 3 no such program   5 a directory, or not to be executed   193 no program   267 no such directory
 *   6 a standard handle is none   50 CREATE_SUSPENDED and other flags not defined here   87 neither name nor line
 */
WINBASEAPI BOOL WINAPI CreateProcessA(LPCSTR lpApplicationName, LPSTR lpCommandLine,
	LPSECURITY_ATTRIBUTES lpProcessAttributes, LPSECURITY_ATTRIBUTES lpThreadAttributes, BOOL bInheritHandles,
	DWORD dwCreationFlags, LPVOID lpEnvironment, LPCSTR lpCurrentDirectory, LPSTARTUPINFOA lpStartupInfo,
	LPPROCESS_INFORMATION lpProcessInformation);
WINBASEAPI BOOL WINAPI CreateProcessW(LPCWSTR lpApplicationName, LPWSTR lpCommandLine,
	LPSECURITY_ATTRIBUTES lpProcessAttributes, LPSECURITY_ATTRIBUTES lpThreadAttributes, BOOL bInheritHandles,
	DWORD dwCreationFlags, LPVOID lpEnvironment, LPCWSTR lpCurrentDirectory, LPSTARTUPINFOW lpStartupInfo,
	LPPROCESS_INFORMATION lpProcessInformation);
/* As exit(); the system keeps the low 8 bits. */
WINBASEAPI DECLSPEC_NORETURN VOID WINAPI ExitProcess(UINT uExitCode);
/* SIGKILL. 5: it has ended. The code is told to those who ask this process. */
WINBASEAPI BOOL WINAPI TerminateProcess(HANDLE hProcess, UINT uExitCode);
/* STILL_ACTIVE (259) while it runs. 50: it ended, and this process did not make it. */
WINBASEAPI BOOL WINAPI GetExitCodeProcess(HANDLE hProcess, LPDWORD lpExitCode);
WINBASEAPI DWORD WINAPI GetProcessId(HANDLE Process);
/* The time of the end is not known: always 0. 5: it is gone. */
WINBASEAPI BOOL WINAPI GetProcessTimes(HANDLE hProcess, LPFILETIME lpCreationTime, LPFILETIME lpExitTime,
	LPFILETIME lpKernelTime, LPFILETIME lpUserTime);

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
