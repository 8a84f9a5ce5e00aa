/* SPDX-License-Identifier: MIT */
/* Mutexes, events, semaphores and waiting for them; locks of one process; sleeping. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <synchapi.h>
#elif !defined(FILEMAP_WIN32_SYNCHAPI_H)
#define FILEMAP_WIN32_SYNCHAPI_H

#include "minwinbase.h"

#ifndef INFINITE
#define INFINITE 0xFFFFFFFF
#endif
#define MAXIMUM_WAIT_OBJECTS 64
#define WAIT_IO_COMPLETION ((DWORD)0x000000C0)

#define MUTANT_QUERY_STATE 0x0001
#define MUTANT_ALL_ACCESS (STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | MUTANT_QUERY_STATE)
#define MUTEX_MODIFY_STATE MUTANT_QUERY_STATE
#define MUTEX_ALL_ACCESS MUTANT_ALL_ACCESS
#define EVENT_MODIFY_STATE 0x0002
#define EVENT_ALL_ACCESS (STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | 0x3)
#define SEMAPHORE_MODIFY_STATE 0x0002
#define SEMAPHORE_ALL_ACCESS (STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | 0x3)
#define CREATE_MUTEX_INITIAL_OWNER 0x00000001
#define CREATE_EVENT_MANUAL_RESET 0x00000001
#define CREATE_EVENT_INITIAL_SET 0x00000002

#define CreateMutexA FM_WIN32(CreateMutexA)
#define CreateMutexW FM_WIN32_WIDE(CreateMutexW)
#define CreateMutex FM_WIN32_PAIR(CreateMutex)
#define CreateMutexExA FM_WIN32(CreateMutexExA)
#define CreateMutexExW FM_WIN32_WIDE(CreateMutexExW)
#define CreateMutexEx FM_WIN32_PAIR(CreateMutexEx)
#define OpenMutexA FM_WIN32(OpenMutexA)
#define OpenMutexW FM_WIN32_WIDE(OpenMutexW)
#define OpenMutex FM_WIN32_PAIR(OpenMutex)
#define ReleaseMutex FM_WIN32(ReleaseMutex)
#define CreateEventA FM_WIN32(CreateEventA)
#define CreateEventW FM_WIN32_WIDE(CreateEventW)
#define CreateEvent FM_WIN32_PAIR(CreateEvent)
#define CreateEventExA FM_WIN32(CreateEventExA)
#define CreateEventExW FM_WIN32_WIDE(CreateEventExW)
#define CreateEventEx FM_WIN32_PAIR(CreateEventEx)
#define OpenEventA FM_WIN32(OpenEventA)
#define OpenEventW FM_WIN32_WIDE(OpenEventW)
#define OpenEvent FM_WIN32_PAIR(OpenEvent)
#define SetEvent FM_WIN32(SetEvent)
#define ResetEvent FM_WIN32(ResetEvent)
#define PulseEvent FM_WIN32(PulseEvent)
#define CreateSemaphoreA FM_WIN32(CreateSemaphoreA)
#define CreateSemaphoreW FM_WIN32_WIDE(CreateSemaphoreW)
#define CreateSemaphore FM_WIN32_PAIR(CreateSemaphore)
#define CreateSemaphoreExA FM_WIN32(CreateSemaphoreExA)
#define CreateSemaphoreExW FM_WIN32_WIDE(CreateSemaphoreExW)
#define CreateSemaphoreEx FM_WIN32_PAIR(CreateSemaphoreEx)
#define OpenSemaphoreA FM_WIN32(OpenSemaphoreA)
#define OpenSemaphoreW FM_WIN32_WIDE(OpenSemaphoreW)
#define OpenSemaphore FM_WIN32_PAIR(OpenSemaphore)
#define ReleaseSemaphore FM_WIN32(ReleaseSemaphore)
#define WaitForSingleObject FM_WIN32(WaitForSingleObject)
#define WaitForSingleObjectEx FM_WIN32(WaitForSingleObjectEx)
#define WaitForMultipleObjects FM_WIN32(WaitForMultipleObjects)
#define WaitForMultipleObjectsEx FM_WIN32(WaitForMultipleObjectsEx)
#define SignalObjectAndWait FM_WIN32(SignalObjectAndWait)
#define InitializeCriticalSection FM_WIN32(InitializeCriticalSection)
#define InitializeCriticalSectionAndSpinCount FM_WIN32(InitializeCriticalSectionAndSpinCount)
#define InitializeCriticalSectionEx FM_WIN32(InitializeCriticalSectionEx)
#define SetCriticalSectionSpinCount FM_WIN32(SetCriticalSectionSpinCount)
#define EnterCriticalSection FM_WIN32(EnterCriticalSection)
#define TryEnterCriticalSection FM_WIN32(TryEnterCriticalSection)
#define LeaveCriticalSection FM_WIN32(LeaveCriticalSection)
#define DeleteCriticalSection FM_WIN32(DeleteCriticalSection)
#define InitializeSRWLock FM_WIN32(InitializeSRWLock)
#define AcquireSRWLockExclusive FM_WIN32(AcquireSRWLockExclusive)
#define AcquireSRWLockShared FM_WIN32(AcquireSRWLockShared)
#define TryAcquireSRWLockExclusive FM_WIN32(TryAcquireSRWLockExclusive)
#define TryAcquireSRWLockShared FM_WIN32(TryAcquireSRWLockShared)
#define ReleaseSRWLockExclusive FM_WIN32(ReleaseSRWLockExclusive)
#define ReleaseSRWLockShared FM_WIN32(ReleaseSRWLockShared)
#define InitializeConditionVariable FM_WIN32(InitializeConditionVariable)
#define SleepConditionVariableCS FM_WIN32(SleepConditionVariableCS)
#define SleepConditionVariableSRW FM_WIN32(SleepConditionVariableSRW)
#define WakeConditionVariable FM_WIN32(WakeConditionVariable)
#define WakeAllConditionVariable FM_WIN32(WakeAllConditionVariable)
#define InitOnceInitialize FM_WIN32(InitOnceInitialize)
#define InitOnceExecuteOnce FM_WIN32(InitOnceExecuteOnce)
#define WaitOnAddress FM_WIN32(WaitOnAddress)
#define WakeByAddressSingle FM_WIN32(WakeByAddressSingle)
#define WakeByAddressAll FM_WIN32(WakeByAddressAll)
#define Sleep FM_WIN32(Sleep)
#define SleepEx FM_WIN32(SleepEx)
#define SwitchToThread FM_WIN32(SwitchToThread)

FM_WIN32_BEGIN

/* Free while LockCount is -1. LockSemaphore and DebugInfo are unused, SpinCount is kept. */
typedef struct _RTL_CRITICAL_SECTION {
	PVOID DebugInfo;
	LONG LockCount;
	LONG RecursionCount;
	HANDLE OwningThread;
	HANDLE LockSemaphore;
	ULONG_PTR SpinCount;
} RTL_CRITICAL_SECTION, *PRTL_CRITICAL_SECTION, CRITICAL_SECTION, *PCRITICAL_SECTION, *LPCRITICAL_SECTION;

#define CRITICAL_SECTION_NO_DEBUG_INFO 0x01000000

typedef struct _RTL_SRWLOCK {
	PVOID Ptr;
} RTL_SRWLOCK, *PRTL_SRWLOCK, SRWLOCK, *PSRWLOCK;

#define RTL_SRWLOCK_INIT { 0 }
#define SRWLOCK_INIT RTL_SRWLOCK_INIT

typedef struct _RTL_CONDITION_VARIABLE {
	PVOID Ptr;
} RTL_CONDITION_VARIABLE, *PRTL_CONDITION_VARIABLE, CONDITION_VARIABLE, *PCONDITION_VARIABLE;

#define RTL_CONDITION_VARIABLE_INIT { 0 }
#define CONDITION_VARIABLE_INIT RTL_CONDITION_VARIABLE_INIT
#define CONDITION_VARIABLE_LOCKMODE_SHARED 0x1

typedef union _RTL_RUN_ONCE {
	PVOID Ptr;
} RTL_RUN_ONCE, *PRTL_RUN_ONCE, INIT_ONCE, *PINIT_ONCE, *LPINIT_ONCE;

#define RTL_RUN_ONCE_INIT { 0 }
#define INIT_ONCE_STATIC_INIT RTL_RUN_ONCE_INIT

typedef BOOL(WINAPI *PINIT_ONCE_FN)(PINIT_ONCE InitOnce, PVOID Parameter, PVOID *Context);

/* ---- objects with handles ---- */

WINBASEAPI HANDLE WINAPI CreateMutexA(LPSECURITY_ATTRIBUTES lpMutexAttributes, BOOL bInitialOwner, LPCSTR lpName);
WINBASEAPI HANDLE WINAPI CreateMutexW(LPSECURITY_ATTRIBUTES lpMutexAttributes, BOOL bInitialOwner, LPCWSTR lpName);
WINBASEAPI HANDLE WINAPI CreateMutexExA(LPSECURITY_ATTRIBUTES lpMutexAttributes, LPCSTR lpName, DWORD dwFlags,
	DWORD dwDesiredAccess);
WINBASEAPI HANDLE WINAPI CreateMutexExW(LPSECURITY_ATTRIBUTES lpMutexAttributes, LPCWSTR lpName, DWORD dwFlags,
	DWORD dwDesiredAccess);
WINBASEAPI HANDLE WINAPI OpenMutexA(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCSTR lpName);
WINBASEAPI HANDLE WINAPI OpenMutexW(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCWSTR lpName);
WINBASEAPI BOOL WINAPI ReleaseMutex(HANDLE hMutex);

WINBASEAPI HANDLE WINAPI CreateEventA(LPSECURITY_ATTRIBUTES lpEventAttributes, BOOL bManualReset, BOOL bInitialState,
	LPCSTR lpName);
WINBASEAPI HANDLE WINAPI CreateEventW(LPSECURITY_ATTRIBUTES lpEventAttributes, BOOL bManualReset, BOOL bInitialState,
	LPCWSTR lpName);
WINBASEAPI HANDLE WINAPI CreateEventExA(LPSECURITY_ATTRIBUTES lpEventAttributes, LPCSTR lpName, DWORD dwFlags,
	DWORD dwDesiredAccess);
WINBASEAPI HANDLE WINAPI CreateEventExW(LPSECURITY_ATTRIBUTES lpEventAttributes, LPCWSTR lpName, DWORD dwFlags,
	DWORD dwDesiredAccess);
WINBASEAPI HANDLE WINAPI OpenEventA(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCSTR lpName);
WINBASEAPI HANDLE WINAPI OpenEventW(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCWSTR lpName);
WINBASEAPI BOOL WINAPI SetEvent(HANDLE hEvent);
WINBASEAPI BOOL WINAPI ResetEvent(HANDLE hEvent);
WINBASEAPI BOOL WINAPI PulseEvent(HANDLE hEvent);

WINBASEAPI HANDLE WINAPI CreateSemaphoreA(LPSECURITY_ATTRIBUTES lpSemaphoreAttributes, LONG lInitialCount,
	LONG lMaximumCount, LPCSTR lpName);
WINBASEAPI HANDLE WINAPI CreateSemaphoreW(LPSECURITY_ATTRIBUTES lpSemaphoreAttributes, LONG lInitialCount,
	LONG lMaximumCount, LPCWSTR lpName);
WINBASEAPI HANDLE WINAPI CreateSemaphoreExA(LPSECURITY_ATTRIBUTES lpSemaphoreAttributes, LONG lInitialCount,
	LONG lMaximumCount, LPCSTR lpName, DWORD dwFlags, DWORD dwDesiredAccess);
WINBASEAPI HANDLE WINAPI CreateSemaphoreExW(LPSECURITY_ATTRIBUTES lpSemaphoreAttributes, LONG lInitialCount,
	LONG lMaximumCount, LPCWSTR lpName, DWORD dwFlags, DWORD dwDesiredAccess);
WINBASEAPI HANDLE WINAPI OpenSemaphoreA(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCSTR lpName);
WINBASEAPI HANDLE WINAPI OpenSemaphoreW(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCWSTR lpName);
WINBASEAPI BOOL WINAPI ReleaseSemaphore(HANDLE hSemaphore, LONG lReleaseCount, LPLONG lpPreviousCount);

/* Mutexes, events, semaphores, processes and threads. */
WINBASEAPI DWORD WINAPI WaitForSingleObject(HANDLE hHandle, DWORD dwMilliseconds);
WINBASEAPI DWORD WINAPI WaitForSingleObjectEx(HANDLE hHandle, DWORD dwMilliseconds, BOOL bAlertable);
WINBASEAPI DWORD WINAPI WaitForMultipleObjects(DWORD nCount, const HANDLE *lpHandles, BOOL bWaitAll,
	DWORD dwMilliseconds);
WINBASEAPI DWORD WINAPI WaitForMultipleObjectsEx(DWORD nCount, const HANDLE *lpHandles, BOOL bWaitAll,
	DWORD dwMilliseconds, BOOL bAlertable);
WINBASEAPI DWORD WINAPI SignalObjectAndWait(HANDLE hObjectToSignal, HANDLE hObjectToWaitOn, DWORD dwMilliseconds,
	BOOL bAlertable);

/* ---- locks of one process ---- */

WINBASEAPI VOID WINAPI InitializeCriticalSection(LPCRITICAL_SECTION lpCriticalSection);
WINBASEAPI BOOL WINAPI InitializeCriticalSectionAndSpinCount(LPCRITICAL_SECTION lpCriticalSection, DWORD dwSpinCount);
WINBASEAPI BOOL WINAPI InitializeCriticalSectionEx(LPCRITICAL_SECTION lpCriticalSection, DWORD dwSpinCount, DWORD Flags);
WINBASEAPI DWORD WINAPI SetCriticalSectionSpinCount(LPCRITICAL_SECTION lpCriticalSection, DWORD dwSpinCount);
WINBASEAPI VOID WINAPI EnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection);
WINBASEAPI BOOL WINAPI TryEnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection);
WINBASEAPI VOID WINAPI LeaveCriticalSection(LPCRITICAL_SECTION lpCriticalSection);
WINBASEAPI VOID WINAPI DeleteCriticalSection(LPCRITICAL_SECTION lpCriticalSection);

WINBASEAPI VOID WINAPI InitializeSRWLock(PSRWLOCK SRWLock);
WINBASEAPI VOID WINAPI AcquireSRWLockExclusive(PSRWLOCK SRWLock);
WINBASEAPI VOID WINAPI AcquireSRWLockShared(PSRWLOCK SRWLock);
WINBASEAPI BOOLEAN WINAPI TryAcquireSRWLockExclusive(PSRWLOCK SRWLock);
WINBASEAPI BOOLEAN WINAPI TryAcquireSRWLockShared(PSRWLOCK SRWLock);
WINBASEAPI VOID WINAPI ReleaseSRWLockExclusive(PSRWLOCK SRWLock);
WINBASEAPI VOID WINAPI ReleaseSRWLockShared(PSRWLOCK SRWLock);

WINBASEAPI VOID WINAPI InitializeConditionVariable(PCONDITION_VARIABLE ConditionVariable);
WINBASEAPI BOOL WINAPI SleepConditionVariableCS(PCONDITION_VARIABLE ConditionVariable,
	PCRITICAL_SECTION CriticalSection, DWORD dwMilliseconds);
WINBASEAPI BOOL WINAPI SleepConditionVariableSRW(PCONDITION_VARIABLE ConditionVariable, PSRWLOCK SRWLock,
	DWORD dwMilliseconds, ULONG Flags);
WINBASEAPI VOID WINAPI WakeConditionVariable(PCONDITION_VARIABLE ConditionVariable);
WINBASEAPI VOID WINAPI WakeAllConditionVariable(PCONDITION_VARIABLE ConditionVariable);

WINBASEAPI VOID WINAPI InitOnceInitialize(PINIT_ONCE InitOnce);
WINBASEAPI BOOL WINAPI InitOnceExecuteOnce(PINIT_ONCE InitOnce, PINIT_ONCE_FN InitFn, PVOID Parameter, LPVOID *Context);

WINBASEAPI BOOL WINAPI WaitOnAddress(volatile VOID *Address, PVOID CompareAddress, SIZE_T AddressSize,
	DWORD dwMilliseconds);
WINBASEAPI VOID WINAPI WakeByAddressSingle(PVOID Address);
WINBASEAPI VOID WINAPI WakeByAddressAll(PVOID Address);

WINBASEAPI VOID WINAPI Sleep(DWORD dwMilliseconds);
WINBASEAPI DWORD WINAPI SleepEx(DWORD dwMilliseconds, BOOL bAlertable);
WINBASEAPI BOOL WINAPI SwitchToThread(VOID);

FM_WIN32_END

#endif
