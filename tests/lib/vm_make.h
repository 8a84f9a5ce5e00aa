/* SPDX-License-Identifier: MIT */
/* Private memory for tests of the core; each ends the test if it cannot be had. */
#ifndef VM_MAKE_H
#define VM_MAKE_H

#include "make.h"
#include "vm.h"

#define UNIT ((size_t)65536)
#define RW (FM_READ | FM_WRITE)

static inline fm_status allocate_at(void *at, size_t size, uint32_t type, uint32_t protection)
{
	struct vm_request request = { .address = (uintptr_t)at, .size = size, .type = type, .protection = protection,
				      .extended = true };
	struct vm_range range;

	return vm_allocate(&request, &range);
}

static inline char *make_private(size_t size, uint32_t type, uint32_t protection)
{
	struct vm_request request = { .size = size, .type = type, .protection = protection, .extended = true };
	struct vm_range range = { 0, 0 };

	REQUIRE_EQ(vm_allocate(&request, &range), FM_OK);
	return (char *)range.base;
}

/* Asked in a child, so that this process makes its first watch itself. */
static inline void need_watch(void)
{
	pid_t child = fork();

	REQUIRE(child >= 0);
	if (child == 0)
		_exit(allocate_at(NULL, PAGE, VM_RESERVE | VM_COMMIT | VM_WRITE_WATCH, RW) == FM_E_NOT_SUPPORTED);
	if (child_result(child) == 1)
		check_skip("this kernel cannot watch writes, or not for this user");
}

static inline char *make_placeholder(size_t size)
{
	return make_private(size, VM_RESERVE | VM_RESERVE_PLACEHOLDER, FM_NOACCESS);
}

static inline fm_status free_at(const void *at, size_t size, uint32_t type)
{
	return vm_free((uintptr_t)at, size, type, NULL);
}

static inline fm_status protect_at(const void *at, size_t size, uint32_t protection)
{
	uint32_t old;

	return vm_protect((uintptr_t)at, size, protection, NULL, &old);
}

/* Addresses that are free now, with the units beside them. */
static inline uintptr_t free_window(size_t size)
{
	char *memory = make_private(size + 2 * UNIT, VM_RESERVE, FM_NOACCESS);

	REQUIRE_EQ(free_at(memory, 0, VM_RELEASE), FM_OK);
	return (uintptr_t)memory + UNIT;
}

/* Sanitizers make mlock() do nothing. So this tells, too, whether there is one. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LOCKS_ARE_REAL false
#elif defined(__has_feature)
#define LOCKS_ARE_REAL !(__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define LOCKS_ARE_REAL true
#endif

static inline struct vm_info vm_info_of(const void *at)
{
	struct vm_info info = { 0 };

	REQUIRE_EQ(vm_query((uintptr_t)at, &info), FM_OK);
	return info;
}

static inline enum vm_state state_at(const void *at)
{
	return vm_info_of(at).state;
}

#endif
