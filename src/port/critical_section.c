/* SPDX-License-Identifier: MIT */
/* Critical sections: a lock of one process that its thread may enter again. */
#include "local.h"
#include "self.h"

/* LockCount: as Windows starts it, so that a static { 0, -1, 0, 0, 0, 0 } works. */
enum { FREE = -1, HELD = 0, CONTENDED = 1 };

#define SPINS 100u /* where nobody chose a count and there is more than one processor */

static _Atomic(int32_t) *count_of(LPCRITICAL_SECTION section)
{
	return (_Atomic(int32_t) *)&section->LockCount;
}

static _Atomic(uintptr_t) *owner_of(LPCRITICAL_SECTION section)
{
	return (_Atomic(uintptr_t) *)&section->OwningThread;
}

/* A number of this thread; never 0. The page behind it may be missing for a section that is set up statically. */
static uintptr_t me(void)
{
	return status_failed(fm_internal_lock_ready()) ? (uintptr_t)os_tid() : self()->id;
}

static bool try_enter(LPCRITICAL_SECTION section, uintptr_t thread)
{
	int32_t free = FREE;

	if (atomic_load_explicit(owner_of(section), memory_order_relaxed) == thread) {
		section->RecursionCount++;
		return true;
	}
	if (os_single_threaded() && atomic_load_explicit(count_of(section), memory_order_relaxed) == FREE)
		atomic_store_explicit(count_of(section), HELD, memory_order_relaxed);
	else if (!atomic_compare_exchange_strong_explicit(count_of(section), &free, HELD, memory_order_acquire,
							  memory_order_relaxed))
		return false;
	atomic_store_explicit(owner_of(section), thread, memory_order_relaxed);
	section->RecursionCount = 1;
	return true;
}

static bool spin(LPCRITICAL_SECTION section, uintptr_t thread)
{
	for (ULONG_PTR i = 0; i < section->SpinCount; i++) {
		if (atomic_load_explicit(count_of(section), memory_order_relaxed) == FREE && try_enter(section, thread))
			return true;
		__asm__ volatile("" ::: "memory");
	}
	return false;
}

VOID WINAPI EnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
	uintptr_t thread = me();

	if (try_enter(lpCriticalSection, thread) || spin(lpCriticalSection, thread))
		return;
	while (atomic_exchange_explicit(count_of(lpCriticalSection), CONTENDED, memory_order_acquire) != FREE)
		(void)local_sleep((_Atomic(uint32_t) *)count_of(lpCriticalSection), CONTENDED, UINT64_MAX);
	atomic_store_explicit(owner_of(lpCriticalSection), thread, memory_order_relaxed);
	lpCriticalSection->RecursionCount = 1;
}

BOOL WINAPI TryEnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
	return try_enter(lpCriticalSection, me());
}

VOID WINAPI LeaveCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
	if (--lpCriticalSection->RecursionCount > 0)
		return;
	atomic_store_explicit(owner_of(lpCriticalSection), 0, memory_order_relaxed);
	if (os_single_threaded())
		atomic_store_explicit(count_of(lpCriticalSection), FREE, memory_order_relaxed); /* nobody waits */
	else if (atomic_exchange_explicit(count_of(lpCriticalSection), FREE, memory_order_release) == CONTENDED)
		local_wake((_Atomic(uint32_t) *)count_of(lpCriticalSection), 1);
}

BOOL WINAPI InitializeCriticalSectionEx(LPCRITICAL_SECTION lpCriticalSection, DWORD dwSpinCount, DWORD Flags)
{
	if (Flags & ~(DWORD)CRITICAL_SECTION_NO_DEBUG_INFO)
		return finish(FM_E_INVALID_PARAMETER_3);
	*lpCriticalSection = (CRITICAL_SECTION){ .LockCount = FREE };
	(void)SetCriticalSectionSpinCount(lpCriticalSection, dwSpinCount);
	return TRUE;
}

BOOL WINAPI InitializeCriticalSectionAndSpinCount(LPCRITICAL_SECTION lpCriticalSection, DWORD dwSpinCount)
{
	return InitializeCriticalSectionEx(lpCriticalSection, dwSpinCount & 0x00ffffff, 0);
}

VOID WINAPI InitializeCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
	(void)InitializeCriticalSectionEx(lpCriticalSection, SPINS, 0);
}

/* Nobody else runs on a single processor, so there the count is 0 as on Windows. */
DWORD WINAPI SetCriticalSectionSpinCount(LPCRITICAL_SECTION lpCriticalSection, DWORD dwSpinCount)
{
	DWORD before = (DWORD)lpCriticalSection->SpinCount;

	lpCriticalSection->SpinCount = os_processors() > 1 ? dwSpinCount & 0x00ffffff : 0;
	return before;
}

VOID WINAPI DeleteCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
	*lpCriticalSection = (CRITICAL_SECTION){ .LockCount = FREE };
}
