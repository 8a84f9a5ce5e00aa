/* SPDX-License-Identifier: MIT */
/* The port's functions for GetProcAddress. In this file because some have a symbol for each width. */
#include "modules.h"
#include "port.h"

#include <sddl.h>

/* X(name): sorted by name, all that kernel32 exports of what src/port implements. */
#define FUNCTIONS(X)                                                                       \
	X(AcquireSRWLockExclusive)                                                         \
	X(AcquireSRWLockShared)                                                            \
	X(AreFileApisANSI)                                                                 \
	X(CancelIo)                                                                        \
	X(CancelIoEx)                                                                      \
	X(CompareFileTime)                                                                 \
	X(CopyFileA)                                                                       \
	X(CopyFileW)                                                                       \
	X(CreateDirectoryA)                                                                \
	X(CreateDirectoryW)                                                                \
	X(CreateEventA)                                                                    \
	X(CreateEventExA)                                                                  \
	X(CreateEventExW)                                                                  \
	X(CreateEventW)                                                                    \
	X(CreateMutexA)                                                                    \
	X(CreateMutexExA)                                                                  \
	X(CreateMutexExW)                                                                  \
	X(CreateMutexW)                                                                    \
	X(CreateProcessA)                                                                  \
	X(CreateProcessW)                                                                  \
	X(CreateSemaphoreA)                                                                \
	X(CreateSemaphoreExA)                                                              \
	X(CreateSemaphoreExW)                                                              \
	X(CreateSemaphoreW)                                                                \
	X(CreateThread)                                                                    \
	X(DeleteCriticalSection)                                                           \
	X(DeviceIoControl)                                                                 \
	X(EnterCriticalSection)                                                            \
	X(ExitProcess)                                                                     \
	X(ExitThread)                                                                      \
	X(FileTimeToLocalFileTime)                                                         \
	X(FileTimeToSystemTime)                                                            \
	X(FindClose)                                                                       \
	X(FindFirstFileA)                                                                  \
	X(FindFirstFileW)                                                                  \
	X(FindNextFileA)                                                                   \
	X(FindNextFileW)                                                                   \
	X(FlsAlloc)                                                                        \
	X(FlsFree)                                                                         \
	X(FlsGetValue)                                                                     \
	X(FlsSetValue)                                                                     \
	X(FreeEnvironmentStringsA)                                                         \
	X(FreeEnvironmentStringsW)                                                         \
	X(FreeLibrary)                                                                     \
	X(GetACP)                                                                          \
	X(GetCommandLineA)                                                                 \
	X(GetCommandLineW)                                                                 \
	X(GetComputerNameA)                                                                \
	X(GetComputerNameW)                                                                \
	X(GetConsoleScreenBufferInfo)                                                      \
	X(GetCurrentDirectoryA)                                                            \
	X(GetCurrentDirectoryW)                                                            \
	X(GetCurrentThread)                                                                \
	X(GetCurrentThreadId)                                                              \
	X(GetDiskFreeSpaceA)                                                               \
	X(GetDiskFreeSpaceExA)                                                             \
	X(GetDiskFreeSpaceExW)                                                             \
	X(GetDiskFreeSpaceW)                                                               \
	X(GetEnvironmentStringsA)                                                          \
	X(GetEnvironmentStringsW)                                                          \
	X(GetEnvironmentVariableA)                                                         \
	X(GetEnvironmentVariableW)                                                         \
	X(GetExitCodeProcess)                                                              \
	X(GetExitCodeThread)                                                               \
	X(GetFileAttributesA)                                                              \
	X(GetFileAttributesExA)                                                            \
	X(GetFileAttributesExW)                                                            \
	X(GetFileAttributesW)                                                              \
	X(GetFileInformationByHandle)                                                      \
	X(GetFileInformationByHandleEx)                                                    \
	X(GetFileTime)                                                                     \
	X(GetFullPathNameA)                                                                \
	X(GetFullPathNameW)                                                                \
	X(GetLocalTime)                                                                    \
	X(GetModuleFileNameA)                                                              \
	X(GetModuleFileNameW)                                                              \
	X(GetOEMCP)                                                                        \
	X(GetOverlappedResult)                                                             \
	X(GetProcessHeap)                                                                  \
	X(GetProcessId)                                                                    \
	X(GetProcessTimes)                                                                 \
	X(GetStdHandle)                                                                    \
	X(GetSystemTime)                                                                   \
	X(GetSystemTimeAsFileTime)                                                         \
	X(GetSystemTimePreciseAsFileTime)                                                  \
	X(GetThreadId)                                                                     \
	X(GetTickCount)                                                                    \
	X(GetTickCount64)                                                                  \
	X(GetVersion)                                                                      \
	X(GetVersionExA)                                                                   \
	X(GetVersionExW)                                                                   \
	X(GlobalAlloc)                                                                     \
	X(GlobalFree)                                                                      \
	X(GlobalMemoryStatusEx)                                                            \
	X(GlobalReAlloc)                                                                   \
	X(GlobalSize)                                                                      \
	X(HeapAlloc)                                                                       \
	X(HeapCompact)                                                                     \
	X(HeapCreate)                                                                      \
	X(HeapDestroy)                                                                     \
	X(HeapFree)                                                                        \
	X(HeapReAlloc)                                                                     \
	X(HeapSize)                                                                        \
	X(HeapValidate)                                                                    \
	X(InitOnceExecuteOnce)                                                             \
	X(InitOnceInitialize)                                                              \
	X(InitializeConditionVariable)                                                     \
	X(InitializeCriticalSection)                                                       \
	X(InitializeCriticalSectionAndSpinCount)                                           \
	X(InitializeCriticalSectionEx)                                                     \
	X(InitializeSRWLock)                                                               \
	X(IsDBCSLeadByte)                                                                  \
	X(IsDBCSLeadByteEx)                                                                \
	X(IsValidCodePage)                                                                 \
	X(LeaveCriticalSection)                                                            \
	X(LoadLibraryA)                                                                    \
	X(LoadLibraryExA)                                                                  \
	X(LoadLibraryExW)                                                                  \
	X(LoadLibraryW)                                                                    \
	X(LocalAlloc)                                                                      \
	X(LocalFileTimeToFileTime)                                                         \
	X(LocalReAlloc)                                                                    \
	X(LocalSize)                                                                       \
	X(LockFile)                                                                        \
	X(LockFileEx)                                                                      \
	X(MoveFileA)                                                                       \
	X(MoveFileExA)                                                                     \
	X(MoveFileExW)                                                                     \
	X(MoveFileW)                                                                       \
	X(MultiByteToWideChar)                                                             \
	X(OpenEventA)                                                                      \
	X(OpenEventW)                                                                      \
	X(OpenMutexA)                                                                      \
	X(OpenMutexW)                                                                      \
	X(OpenSemaphoreA)                                                                  \
	X(OpenSemaphoreW)                                                                  \
	X(OutputDebugStringA)                                                              \
	X(OutputDebugStringW)                                                              \
	X(PulseEvent)                                                                      \
	X(QueryPerformanceCounter)                                                         \
	X(QueryPerformanceFrequency)                                                       \
	X(ReleaseMutex)                                                                    \
	X(ReleaseSRWLockExclusive)                                                         \
	X(ReleaseSRWLockShared)                                                            \
	X(ReleaseSemaphore)                                                                \
	X(RemoveDirectoryA)                                                                \
	X(RemoveDirectoryW)                                                                \
	X(ReplaceFileA)                                                                    \
	X(ReplaceFileW)                                                                    \
	X(ResetEvent)                                                                      \
	X(ResumeThread)                                                                    \
	X(SetConsoleCtrlHandler)                                                           \
	X(SetConsoleTextAttribute)                                                         \
	X(SetCriticalSectionSpinCount)                                                     \
	X(SetCurrentDirectoryA)                                                            \
	X(SetCurrentDirectoryW)                                                            \
	X(SetEnvironmentVariableA)                                                         \
	X(SetEnvironmentVariableW)                                                         \
	X(SetEvent)                                                                        \
	X(SetFileAttributesA)                                                              \
	X(SetFileAttributesW)                                                              \
	X(SetFileInformationByHandle)                                                      \
	X(SetFileTime)                                                                     \
	X(SetStdHandle)                                                                    \
	X(SignalObjectAndWait)                                                             \
	X(Sleep)                                                                           \
	X(SleepConditionVariableCS)                                                        \
	X(SleepConditionVariableSRW)                                                       \
	X(SleepEx)                                                                         \
	X(SwitchToThread)                                                                  \
	X(SystemTimeToFileTime)                                                            \
	X(TerminateProcess)                                                                \
	X(TlsAlloc)                                                                        \
	X(TlsFree)                                                                         \
	X(TlsGetValue)                                                                     \
	X(TlsSetValue)                                                                     \
	X(TryAcquireSRWLockExclusive)                                                      \
	X(TryAcquireSRWLockShared)                                                         \
	X(TryEnterCriticalSection)                                                         \
	X(UnlockFile)                                                                      \
	X(UnlockFileEx)                                                                    \
	X(VerSetConditionMask)                                                             \
	X(VerifyVersionInfoA)                                                              \
	X(VerifyVersionInfoW)                                                              \
	X(WaitForMultipleObjects)                                                          \
	X(WaitForMultipleObjectsEx)                                                        \
	X(WaitForSingleObject)                                                             \
	X(WaitForSingleObjectEx)                                                           \
	X(WaitOnAddress)                                                                   \
	X(WakeAllConditionVariable)                                                        \
	X(WakeByAddressAll)                                                                \
	X(WakeByAddressSingle)                                                             \
	X(WakeConditionVariable)                                                           \
	X(WideCharToMultiByte)                                                             \
	X(lstrcatA)                                                                        \
	X(lstrcatW)                                                                        \
	X(lstrcpyA)                                                                        \
	X(lstrcpyW)                                                                        \
	X(lstrcpynA)                                                                       \
	X(lstrcpynW)                                                                       \
	X(lstrlenA)                                                                        \
	X(lstrlenW)

#define ANYWHERE (MODULE_BASE | MODULE_ADVAPI)

/* X(modules, name): sorted by name, all that advapi32 exports of it; much of that kernelbase does, too. */
#define SECURITY_FUNCTIONS(X) \
	X(ANYWHERE, AddAccessAllowedAce)                                                   \
	X(ANYWHERE, AddAccessAllowedAceEx)                                                 \
	X(ANYWHERE, AddAccessDeniedAce)                                                    \
	X(ANYWHERE, AddAccessDeniedAceEx)                                                  \
	X(ANYWHERE, AdjustTokenPrivileges)                                                 \
	X(ANYWHERE, AllocateAndInitializeSid)                                              \
	X(MODULE_ADVAPI, ConvertStringSecurityDescriptorToSecurityDescriptorA)             \
	X(MODULE_ADVAPI, ConvertStringSecurityDescriptorToSecurityDescriptorW)             \
	X(ANYWHERE, EqualSid)                                                              \
	X(ANYWHERE, FreeSid)                                                               \
	X(ANYWHERE, GetLengthSid)                                                          \
	X(ANYWHERE, GetSecurityDescriptorControl)                                          \
	X(ANYWHERE, GetSecurityDescriptorDacl)                                             \
	X(ANYWHERE, GetSecurityDescriptorLength)                                           \
	X(ANYWHERE, GetSidLengthRequired)                                                  \
	X(ANYWHERE, GetSidSubAuthority)                                                    \
	X(ANYWHERE, GetSidSubAuthorityCount)                                               \
	X(MODULE_ADVAPI, GetUserNameA)                                                     \
	X(MODULE_ADVAPI, GetUserNameW)                                                     \
	X(ANYWHERE, InitializeAcl)                                                         \
	X(ANYWHERE, InitializeSecurityDescriptor)                                          \
	X(ANYWHERE, InitializeSid)                                                         \
	X(ANYWHERE, IsValidAcl)                                                            \
	X(ANYWHERE, IsValidSecurityDescriptor)                                             \
	X(ANYWHERE, IsValidSid)                                                            \
	X(MODULE_ADVAPI, LookupPrivilegeValueA)                                            \
	X(MODULE_ADVAPI, LookupPrivilegeValueW)                                            \
	X(ANYWHERE, OpenProcessToken)                                                      \
	X(ANYWHERE, RegCloseKey)                                                           \
	X(ANYWHERE, RegOpenKeyExA)                                                         \
	X(ANYWHERE, RegOpenKeyExW)                                                         \
	X(ANYWHERE, RegQueryValueExA)                                                      \
	X(ANYWHERE, RegQueryValueExW)                                                      \
	X(ANYWHERE, SetSecurityDescriptorDacl)

static const struct function functions[] = {
#define ROW(name) { #name, (FARPROC)(void (*)(void))name, MODULE_BASE },
	FUNCTIONS(ROW)
#undef ROW
#define ROW(modules, name) { #name, (FARPROC)(void (*)(void))name, modules },
	SECURITY_FUNCTIONS(ROW)
#undef ROW
};

__attribute__((constructor)) static void load(void)
{
	fm_internal_functions(sizeof(WCHAR), functions, RTL_NUMBER_OF(functions));
}
