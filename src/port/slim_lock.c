/* SPDX-License-Identifier: MIT */
/* Slim reader/writer locks and condition variables: a pointer's room, of which a few bits are used. */
#include "local.h"

#define WRITER 0x80000000u
#define WAITING 0x40000000u /* somebody sleeps; readers that come are to wait too, so that writers get in */
#define READERS 0x3fffffffu

static _Atomic(uint32_t) *word_of(PSRWLOCK lock)
{
	return (_Atomic(uint32_t) *)&lock->Ptr;
}

static bool try_exclusive(PSRWLOCK lock)
{
	uint32_t value = atomic_load_explicit(word_of(lock), memory_order_relaxed);

	while (!(value & (WRITER | READERS)))
		if (atomic_compare_exchange_weak_explicit(word_of(lock), &value, value | WRITER, memory_order_acquire,
							  memory_order_relaxed))
			return true;
	return false;
}

static bool try_shared(PSRWLOCK lock)
{
	uint32_t value = atomic_load_explicit(word_of(lock), memory_order_relaxed);

	while (!(value & (WRITER | WAITING)))
		if (atomic_compare_exchange_weak_explicit(word_of(lock), &value, value + 1, memory_order_acquire,
							  memory_order_relaxed))
			return true;
	return false;
}

/* Until it is worth another try. */
static void sleep_on(PSRWLOCK lock)
{
	uint32_t value = atomic_load_explicit(word_of(lock), memory_order_relaxed);

	while (!(value & WAITING)) {
		if (value == 0)
			return;
		if (atomic_compare_exchange_weak_explicit(word_of(lock), &value, value | WAITING, memory_order_relaxed,
							  memory_order_relaxed))
			value |= WAITING;
	}
	(void)local_sleep(word_of(lock), value, UINT64_MAX);
}

/* The last one out wakes all that sleep: a writer or any number of readers. */
static void release(PSRWLOCK lock, uint32_t part)
{
	uint32_t value = atomic_load_explicit(word_of(lock), memory_order_relaxed), wanted;

	do {
		wanted = value - part;
		if (!(wanted & (WRITER | READERS)))
			wanted = 0;
	} while (!atomic_compare_exchange_weak_explicit(word_of(lock), &value, wanted, memory_order_release,
							memory_order_relaxed));
	if (wanted == 0 && (value & WAITING))
		local_wake(word_of(lock), INT32_MAX);
}

VOID WINAPI InitializeSRWLock(PSRWLOCK SRWLock)
{
	SRWLock->Ptr = NULL;
}

VOID WINAPI AcquireSRWLockExclusive(PSRWLOCK SRWLock)
{
	while (!try_exclusive(SRWLock))
		sleep_on(SRWLock);
}

VOID WINAPI AcquireSRWLockShared(PSRWLOCK SRWLock)
{
	while (!try_shared(SRWLock))
		sleep_on(SRWLock);
}

BOOLEAN WINAPI TryAcquireSRWLockExclusive(PSRWLOCK SRWLock)
{
	return try_exclusive(SRWLock);
}

BOOLEAN WINAPI TryAcquireSRWLockShared(PSRWLOCK SRWLock)
{
	return try_shared(SRWLock);
}

VOID WINAPI ReleaseSRWLockExclusive(PSRWLOCK SRWLock)
{
	release(SRWLock, WRITER);
}

VOID WINAPI ReleaseSRWLockShared(PSRWLOCK SRWLock)
{
	release(SRWLock, 1);
}

/* ---- condition variables: a count of wake-ups to sleep on, and behind it how many sleep ---- */

static _Atomic(uint32_t) *turn_of(PCONDITION_VARIABLE condition)
{
	return (_Atomic(uint32_t) *)&condition->Ptr;
}

static _Atomic(uint32_t) *sleepers_of(PCONDITION_VARIABLE condition)
{
	return turn_of(condition) + 1;
}

static void wake(PCONDITION_VARIABLE condition, unsigned count)
{
	if (atomic_load(sleepers_of(condition)) == 0)
		return;
	(void)atomic_fetch_add(turn_of(condition), 1);
	local_wake(turn_of(condition), count);
}

VOID WINAPI InitializeConditionVariable(PCONDITION_VARIABLE ConditionVariable)
{
	ConditionVariable->Ptr = NULL;
}

VOID WINAPI WakeConditionVariable(PCONDITION_VARIABLE ConditionVariable)
{
	wake(ConditionVariable, 1);
}

VOID WINAPI WakeAllConditionVariable(PCONDITION_VARIABLE ConditionVariable)
{
	wake(ConditionVariable, INT32_MAX);
}

/* The caller's lock is held when the count is read, so that no wake-up after it is let go is missed. */
static uint32_t join(PCONDITION_VARIABLE condition)
{
	(void)atomic_fetch_add(sleepers_of(condition), 1);
	return atomic_load(turn_of(condition));
}

/* False: the time is over, and nobody has woken anybody. */
static bool sleep_through(PCONDITION_VARIABLE condition, uint32_t turn, uint64_t end)
{
	bool more = true;

	while (more && atomic_load(turn_of(condition)) == turn)
		more = local_sleep(turn_of(condition), turn, end);
	more = atomic_load(turn_of(condition)) != turn;
	(void)atomic_fetch_sub(sleepers_of(condition), 1);
	return more;
}

static BOOL woken_or_late(bool woken)
{
	if (!woken)
		SetLastError(ERROR_TIMEOUT);
	return woken;
}

BOOL WINAPI SleepConditionVariableCS(PCONDITION_VARIABLE ConditionVariable, PCRITICAL_SECTION CriticalSection,
				     DWORD dwMilliseconds)
{
	uint64_t end = local_end(dwMilliseconds);
	uint32_t turn = join(ConditionVariable);
	bool woken;

	LeaveCriticalSection(CriticalSection);
	woken = sleep_through(ConditionVariable, turn, end);
	EnterCriticalSection(CriticalSection);
	return woken_or_late(woken);
}

BOOL WINAPI SleepConditionVariableSRW(PCONDITION_VARIABLE ConditionVariable, PSRWLOCK SRWLock, DWORD dwMilliseconds,
				      ULONG Flags)
{
	uint64_t end = local_end(dwMilliseconds);
	bool shared = Flags & CONDITION_VARIABLE_LOCKMODE_SHARED, woken;
	uint32_t turn;

	if (Flags & ~(ULONG)CONDITION_VARIABLE_LOCKMODE_SHARED)
		return finish(FM_E_INVALID_PARAMETER_4);
	turn = join(ConditionVariable);
	(shared ? ReleaseSRWLockShared : ReleaseSRWLockExclusive)(SRWLock);
	woken = sleep_through(ConditionVariable, turn, end);
	(shared ? AcquireSRWLockShared : AcquireSRWLockExclusive)(SRWLock);
	return woken_or_late(woken);
}
