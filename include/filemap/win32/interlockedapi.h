/* SPDX-License-Identifier: MIT */
/* Interlocked operations: full barriers, compiled in place. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <interlockedapi.h>
#elif !defined(FILEMAP_WIN32_INTERLOCKEDAPI_H)
#define FILEMAP_WIN32_INTERLOCKEDAPI_H

#include "minwindef.h"

#define FM_INTERLOCKED static __inline__ __attribute__((always_inline, unused))

/* Of a type: the name's ending, and the type. What is returned is the value that was there before ... */
#define FM_INTERLOCKED_SET(suffix, type)                                                           \
	FM_INTERLOCKED type InterlockedExchange##suffix(volatile type *target, type value)         \
	{                                                                                           \
		return __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST);                        \
	}                                                                                           \
	FM_INTERLOCKED type InterlockedExchangeAdd##suffix(volatile type *target, type value)      \
	{                                                                                           \
		return __atomic_fetch_add(target, value, __ATOMIC_SEQ_CST);                         \
	}                                                                                           \
	FM_INTERLOCKED type InterlockedAnd##suffix(volatile type *target, type value)              \
	{                                                                                           \
		return __atomic_fetch_and(target, value, __ATOMIC_SEQ_CST);                         \
	}                                                                                           \
	FM_INTERLOCKED type InterlockedOr##suffix(volatile type *target, type value)               \
	{                                                                                           \
		return __atomic_fetch_or(target, value, __ATOMIC_SEQ_CST);                          \
	}                                                                                           \
	FM_INTERLOCKED type InterlockedXor##suffix(volatile type *target, type value)              \
	{                                                                                           \
		return __atomic_fetch_xor(target, value, __ATOMIC_SEQ_CST);                         \
	}                                                                                           \
	FM_INTERLOCKED type InterlockedCompareExchange##suffix(volatile type *target, type value,  \
							       type comparand)                     \
	{                                                                                           \
		__atomic_compare_exchange_n(target, &comparand, value, 0, __ATOMIC_SEQ_CST,         \
					    __ATOMIC_SEQ_CST);                                      \
		return comparand;                                                                   \
	}                                                                                           \
	/* ... but here the new one. */                                                             \
	FM_INTERLOCKED type InterlockedIncrement##suffix(volatile type *target)                    \
	{                                                                                           \
		return __atomic_add_fetch(target, 1, __ATOMIC_SEQ_CST);                             \
	}                                                                                           \
	FM_INTERLOCKED type InterlockedDecrement##suffix(volatile type *target)                    \
	{                                                                                           \
		return __atomic_sub_fetch(target, 1, __ATOMIC_SEQ_CST);                             \
	}                                                                                           \
	FM_INTERLOCKED type InterlockedAdd##suffix(volatile type *target, type value)              \
	{                                                                                           \
		return __atomic_add_fetch(target, value, __ATOMIC_SEQ_CST);                         \
	}

FM_WIN32_BEGIN

FM_INTERLOCKED_SET(, LONG)
FM_INTERLOCKED_SET(64, LONG64)

FM_INTERLOCKED PVOID InterlockedExchangePointer(PVOID volatile *target, PVOID value)
{
	return __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST);
}

FM_INTERLOCKED PVOID InterlockedCompareExchangePointer(PVOID volatile *target, PVOID value, PVOID comparand)
{
	__atomic_compare_exchange_n(target, &comparand, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return comparand;
}

FM_WIN32_END

#define _InterlockedAnd InterlockedAnd
#define _InterlockedCompareExchange InterlockedCompareExchange
#define _InterlockedCompareExchange64 InterlockedCompareExchange64
#define _InterlockedCompareExchangePointer InterlockedCompareExchangePointer
#define _InterlockedDecrement InterlockedDecrement
#define _InterlockedDecrement64 InterlockedDecrement64
#define _InterlockedExchange InterlockedExchange
#define _InterlockedExchange64 InterlockedExchange64
#define _InterlockedExchangeAdd InterlockedExchangeAdd
#define _InterlockedExchangeAdd64 InterlockedExchangeAdd64
#define _InterlockedExchangePointer InterlockedExchangePointer
#define _InterlockedIncrement InterlockedIncrement
#define _InterlockedIncrement64 InterlockedIncrement64
#define _InterlockedOr InterlockedOr
#define _InterlockedXor InterlockedXor

#define MemoryBarrier() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#if defined(__x86_64__)
#define YieldProcessor() __builtin_ia32_pause()
#else
#define YieldProcessor() __asm__ __volatile__("yield")
#endif

#endif
