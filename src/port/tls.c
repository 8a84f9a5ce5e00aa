/* SPDX-License-Identifier: MIT */
/*
 * TLS indexes. A thread's value counts while the index has the generation in which the value was set, so
 * that freeing an index clears it in all threads without touching them.
 */
#include <stdatomic.h>

#include <pthread.h>

#include "port.h"

enum { TLS_LOW = 64, TLS_COUNT = 1088 };

struct value {
	uint32_t generation;
	void *value;
};

/* Odd: allocated. */
static _Atomic(uint32_t) generations[TLS_COUNT];

/* The first values are in the thread's own storage, the others in memory that is freed with the thread. */
static _Thread_local struct value low[TLS_LOW];
static _Thread_local struct value *high;
static pthread_key_t high_key;
static pthread_once_t high_once = PTHREAD_ONCE_INIT;
static bool high_freed_at_end;

static void free_high(void *memory)
{
	high = NULL; /* other destructors may still ask */
	os_free(memory);
}

static void make_key(void)
{
	high_freed_at_end = pthread_key_create(&high_key, free_high) == 0;
}

static struct value *value_at(DWORD index, bool make)
{
	if (index < TLS_LOW)
		return &low[index];
	if (!high && make) {
		(void)pthread_once(&high_once, make_key); /* cannot fail */
		high = os_allocate((TLS_COUNT - TLS_LOW) * sizeof(*high));
		if (high && high_freed_at_end)
			(void)pthread_setspecific(high_key, high); /* else it is lost with the thread */
	}
	return high ? &high[index - TLS_LOW] : NULL;
}

DWORD WINAPI TlsAlloc(VOID)
{
	for (DWORD index = 0; index < TLS_COUNT; index++) {
		uint32_t present = atomic_load_explicit(&generations[index], memory_order_relaxed);

		if (!(present & 1) && atomic_compare_exchange_strong(&generations[index], &present, present + 1))
			return index;
	}
	SetLastError(ERROR_NO_MORE_ITEMS);
	return TLS_OUT_OF_INDEXES;
}

BOOL WINAPI TlsFree(DWORD dwTlsIndex)
{
	uint32_t present = dwTlsIndex < TLS_COUNT ? atomic_load(&generations[dwTlsIndex]) : 0;

	if (!(present & 1) || !atomic_compare_exchange_strong(&generations[dwTlsIndex], &present, present + 1))
		return finish(FM_E_INVALID_PARAMETER);
	return TRUE;
}

LPVOID WINAPI TlsGetValue(DWORD dwTlsIndex)
{
	const struct value *value;

	if (dwTlsIndex >= TLS_COUNT)
		return finish_pointer(FM_E_INVALID_PARAMETER, NULL);
	SetLastError(ERROR_SUCCESS);
	value = value_at(dwTlsIndex, false);
	if (!value || value->generation != atomic_load_explicit(&generations[dwTlsIndex], memory_order_relaxed))
		return NULL;
	return value->value;
}

BOOL WINAPI TlsSetValue(DWORD dwTlsIndex, LPVOID lpTlsValue)
{
	struct value *value = dwTlsIndex < TLS_COUNT ? value_at(dwTlsIndex, true) : NULL;

	if (!value)
		return finish(dwTlsIndex < TLS_COUNT ? FM_E_NO_MEMORY : FM_E_INVALID_PARAMETER);
	value->generation = atomic_load_explicit(&generations[dwTlsIndex], memory_order_relaxed);
	value->value = lpTlsValue;
	return TRUE;
}
