/* SPDX-License-Identifier: MIT */
/*
 * WaitOnAddress: any 1, 2, 4 or 8 bytes. The kernel sleeps on words of four, so addresses share a table of
 * turns; who shares one is woken for the other's sake and looks again, as a caller must anyway.
 */
#include "local.h"

#define PLACES 256u

static struct place {
	_Atomic(uint32_t) turn;
	_Atomic(uint32_t) sleepers;
} places[PLACES];

static struct place *place_of(const volatile void *address)
{
	uint64_t mixed = (uint64_t)(uintptr_t)address * 0x9e3779b97f4a7c15u;

	return &places[mixed >> 56];
}

static bool same(const volatile void *address, const void *compare, size_t size)
{
	switch (size) {
	case 1:
		return __atomic_load_n((const volatile uint8_t *)address, __ATOMIC_SEQ_CST) == *(const uint8_t *)compare;
	case 2:
		return __atomic_load_n((const volatile uint16_t *)address, __ATOMIC_SEQ_CST) == *(const uint16_t *)compare;
	case 4:
		return __atomic_load_n((const volatile uint32_t *)address, __ATOMIC_SEQ_CST) == *(const uint32_t *)compare;
	default:
		return __atomic_load_n((const volatile uint64_t *)address, __ATOMIC_SEQ_CST) == *(const uint64_t *)compare;
	}
}

BOOL WINAPI WaitOnAddress(volatile VOID *Address, PVOID CompareAddress, SIZE_T AddressSize, DWORD dwMilliseconds)
{
	struct place *place = place_of(Address);
	bool more = true;
	uint64_t end;
	uint32_t turn;

	if (AddressSize != 1 && AddressSize != 2 && AddressSize != 4 && AddressSize != 8)
		return finish(FM_E_INVALID_PARAMETER);
	if (!same(Address, CompareAddress, AddressSize))
		return TRUE;
	end = local_end(dwMilliseconds);
	(void)atomic_fetch_add(&place->sleepers, 1);
	turn = atomic_load(&place->turn);
	while (more && same(Address, CompareAddress, AddressSize) && atomic_load(&place->turn) == turn)
		more = local_sleep(&place->turn, turn, end);
	(void)atomic_fetch_sub(&place->sleepers, 1);
	if (!more)
		SetLastError(ERROR_TIMEOUT);
	return more;
}

VOID WINAPI WakeByAddressAll(PVOID Address)
{
	struct place *place = place_of(Address);

	atomic_thread_fence(memory_order_seq_cst); /* the caller's store comes before the look at who sleeps */
	if (atomic_load(&place->sleepers) == 0)
		return;
	(void)atomic_fetch_add(&place->turn, 1);
	local_wake(&place->turn, INT32_MAX);
}

/* One of those who sleep there may wait for another address: all are woken, and the rest sleeps again. */
VOID WINAPI WakeByAddressSingle(PVOID Address)
{
	WakeByAddressAll(Address);
}
