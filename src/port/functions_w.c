/* SPDX-License-Identifier: MIT */
/* The port's functions for GetProcAddress. In this file because some have a symbol for each width. */
#include "modules.h"
#include "port.h"

/* X(name): sorted by name, all that kernel32 exports of what src/port implements. */
#define FUNCTIONS(X)                                                                       \
	X(AcquireSRWLockExclusive)                                                         \
	X(AcquireSRWLockShared)                                                            \
	X(CreateEventA)                                                                    \
	X(CreateEventExA)                                                                  \
	X(CreateEventExW)                                                                  \
	X(CreateEventW)                                                                    \
	X(CreateMutexA)                                                                    \
	X(CreateMutexExA)                                                                  \
	X(CreateMutexExW)                                                                  \
	X(CreateMutexW)                                                                    \
	X(CreateSemaphoreA)                                                                \
	X(CreateSemaphoreExA)                                                              \
	X(CreateSemaphoreExW)                                                              \
	X(CreateSemaphoreW)                                                                \
	X(DeleteCriticalSection)                                                           \
	X(EnterCriticalSection)                                                            \
	X(InitOnceExecuteOnce)                                                             \
	X(InitOnceInitialize)                                                              \
	X(InitializeConditionVariable)                                                     \
	X(InitializeCriticalSection)                                                       \
	X(InitializeCriticalSectionAndSpinCount)                                           \
	X(InitializeCriticalSectionEx)                                                     \
	X(InitializeSRWLock)                                                               \
	X(LeaveCriticalSection)                                                            \
	X(OpenEventA)                                                                      \
	X(OpenEventW)                                                                      \
	X(OpenMutexA)                                                                      \
	X(OpenMutexW)                                                                      \
	X(OpenSemaphoreA)                                                                  \
	X(OpenSemaphoreW)                                                                  \
	X(PulseEvent)                                                                      \
	X(ReleaseMutex)                                                                    \
	X(ReleaseSRWLockExclusive)                                                         \
	X(ReleaseSRWLockShared)                                                            \
	X(ReleaseSemaphore)                                                                \
	X(ResetEvent)                                                                      \
	X(SetCriticalSectionSpinCount)                                                     \
	X(SetEvent)                                                                        \
	X(SignalObjectAndWait)                                                             \
	X(Sleep)                                                                           \
	X(SleepConditionVariableCS)                                                        \
	X(SleepConditionVariableSRW)                                                       \
	X(SleepEx)                                                                         \
	X(SwitchToThread)                                                                  \
	X(TryAcquireSRWLockExclusive)                                                      \
	X(TryAcquireSRWLockShared)                                                         \
	X(TryEnterCriticalSection)                                                         \
	X(WaitForMultipleObjects)                                                          \
	X(WaitForMultipleObjectsEx)                                                        \
	X(WaitForSingleObject)                                                             \
	X(WaitForSingleObjectEx)                                                           \
	X(WaitOnAddress)                                                                   \
	X(WakeAllConditionVariable)                                                        \
	X(WakeByAddressAll)                                                                \
	X(WakeByAddressSingle)                                                             \
	X(WakeConditionVariable)

static const struct function functions[] = {
#define ROW(name) { #name, (FARPROC)(void (*)(void))name, MODULE_BASE },
	FUNCTIONS(ROW)
#undef ROW
};

__attribute__((constructor)) static void load(void)
{
	fm_internal_functions(sizeof(WCHAR), functions, RTL_NUMBER_OF(functions));
}
