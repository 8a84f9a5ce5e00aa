/* SPDX-License-Identifier: MIT */
/*
 * Fiber-local storage, for threads: there are no fibers. A thread's values lie in a block that ends with it, and
 * a value that is not NULL then is given to the function that came with its index.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "port.h"

enum { FLS_COUNT = FLS_MAXIMUM_AVAILABLE };

enum state { FREE, GOING, USED };

/* LOCK_PORT guards all but the values, which their thread and FlsFree() exchange. */
static struct {
	PFLS_CALLBACK_FUNCTION function;
	_Atomic(enum state) state;
} slots[FLS_COUNT]; /* the first one is never given */

struct block {
	struct block *next;
	uint32_t generation; /* of the process whose thread it is */
	_Atomic(void *) values[FLS_COUNT];
};

/* The list is whole after each single store: a child may be forked at any moment. */
static struct block *blocks;
static _Thread_local struct block *mine;
static pthread_key_t key;
static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static bool ends_are_told;

static PFLS_CALLBACK_FUNCTION function_of(DWORD index)
{
	PORT_LOCK_SCOPE(LOCK_PORT);
	return atomic_load(&slots[index].state) != FREE ? slots[index].function : NULL;
}

static void end(void *memory)
{
	struct block *block = memory, **link = &blocks;

	for (DWORD index = 1; index < FLS_COUNT; index++) {
		PFLS_CALLBACK_FUNCTION function = block->values[index] ? function_of(index) : NULL;
		void *value = function ? atomic_exchange(&block->values[index], NULL) : NULL;

		if (value)
			function(value);
	}
	mine = NULL;
	PORT_LOCK_SCOPE(LOCK_PORT);
	while (*link && *link != block)
		link = &(*link)->next;
	if (*link)
		*link = block->next;
	os_free(block);
}

static void make_key(void)
{
	ends_are_told = pthread_key_create(&key, end) == 0;
}

/* This thread's block, made when first wanted. NULL: no memory. */
static struct block *own(void)
{
	struct block *block = mine;

	if (block)
		return block;
	block = os_allocate(sizeof(*block));
	if (!block)
		return NULL;
	if (pthread_setspecific(key, block)) {
		os_free(block);
		return NULL;
	}
	block->generation = fm_internal_lock_generation();
	PORT_LOCK_SCOPE(LOCK_PORT);
	block->next = blocks;
	blocks = block;
	mine = block;
	return block;
}

DWORD WINAPI FlsAlloc(PFLS_CALLBACK_FUNCTION lpCallback)
{
	fm_status status = fm_internal_lock_ready();

	(void)pthread_once(&key_once, make_key); /* cannot fail */
	if (!status_failed(status) && ends_are_told) {
		PORT_LOCK_SCOPE(LOCK_PORT);
		for (DWORD index = 1; index < FLS_COUNT; index++) {
			if (atomic_load(&slots[index].state) != FREE)
				continue;
			slots[index].function = lpCallback;
			atomic_store(&slots[index].state, USED);
			return index;
		}
	}
	SetLastError(ERROR_NOT_ENOUGH_MEMORY);
	return FLS_OUT_OF_INDEXES;
}

/* Some thread's value under an index that goes, taken; NULL: there is none left. */
static void *take_value(DWORD index)
{
	uint32_t now = fm_internal_lock_generation();
	void *value = NULL;

	PORT_LOCK_SCOPE(LOCK_PORT);
	for (struct block *block = blocks; block && !value; block = block->next) {
		value = atomic_exchange(&block->values[index], NULL);
		if (block != mine && block->generation != now)
			value = NULL; /* of a thread that this child of fork has not */
	}
	return value;
}

BOOL WINAPI FlsFree(DWORD dwFlsIndex)
{
	enum state used = USED;
	PFLS_CALLBACK_FUNCTION function;
	void *value;

	if (dwFlsIndex == 0 || dwFlsIndex >= FLS_COUNT ||
	    !atomic_compare_exchange_strong(&slots[dwFlsIndex].state, &used, GOING))
		return finish(FM_E_INVALID_PARAMETER);
	function = slots[dwFlsIndex].function;
	while ((value = take_value(dwFlsIndex)) != NULL)
		if (function)
			function(value);
	atomic_store(&slots[dwFlsIndex].state, FREE);
	return TRUE;
}

PVOID WINAPI FlsGetValue(DWORD dwFlsIndex)
{
	if (dwFlsIndex == 0 || dwFlsIndex >= FLS_COUNT)
		return finish_pointer(FM_E_INVALID_PARAMETER, NULL);
	SetLastError(ERROR_SUCCESS);
	return mine ? atomic_load(&mine->values[dwFlsIndex]) : NULL;
}

BOOL WINAPI FlsSetValue(DWORD dwFlsIndex, PVOID lpFlsData)
{
	struct block *block;

	if (dwFlsIndex == 0 || dwFlsIndex >= FLS_COUNT || atomic_load(&slots[dwFlsIndex].state) != USED)
		return finish(FM_E_INVALID_PARAMETER);
	block = own();
	if (!block)
		return finish(FM_E_NO_MEMORY);
	atomic_store(&block->values[dwFlsIndex], lpFlsData);
	return TRUE;
}
