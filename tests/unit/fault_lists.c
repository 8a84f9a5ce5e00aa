/* SPDX-License-Identifier: MIT */
/* The list of functions that a signal handler reads, and the probes below the Win32 face. */
#include <errno.h>

#include "faulting.h"
#include "fault.h"
#include "lock.h"
#include "vm_make.h"

static void one(void) {}
static void two(void) {}
static void three(void) {}

static fault_function *functions[FAULT_LIST_MOST];

static void list_is(struct fault_list *list, fault_function *a, fault_function *b, fault_function *c)
{
	fault_function *want[] = { a, b, c };
	unsigned count = fault_list_copy(list, functions), expected = !a ? 0 : !b ? 1 : !c ? 2 : 3;

	CHECK_EQ(count, expected);
	for (unsigned i = 0; i < count && i < expected; i++)
		CHECK(functions[i] == want[i]);
}

TEST(order_and_removal)
{
	static struct fault_list list;
	void *a, *b, *c;

	REQUIRE_EQ(lock_ready(), FM_OK);
	list_is(&list, NULL, NULL, NULL);
	CHECK(!fault_list_remove(&list, &list));
	a = fault_list_add(&list, one, false);
	b = fault_list_add(&list, two, false);
	c = fault_list_add(&list, three, true);
	list_is(&list, three, one, two);
	CHECK(fault_list_remove(&list, a));
	list_is(&list, three, two, NULL);
	CHECK(!fault_list_remove(&list, a));
	CHECK(!fault_list_remove(&list, NULL));
	CHECK(fault_list_remove(&list, b));
	CHECK(fault_list_remove(&list, c));
	list_is(&list, NULL, NULL, NULL);
}

TEST(a_list_has_an_end)
{
	static struct fault_list list;
	void *last = NULL;

	REQUIRE_EQ(lock_ready(), FM_OK);
	for (int i = 0; i < FAULT_LIST_MOST; i++)
		REQUIRE((last = fault_list_add(&list, one, i % 2)) != NULL);
	CHECK(fault_list_add(&list, two, true) == NULL);
	CHECK_EQ(fault_list_copy(&list, functions), FAULT_LIST_MOST);
	CHECK(fault_list_remove(&list, last));
	CHECK(fault_list_add(&list, two, true) != NULL);
}

TEST(without_memory_nothing_is_added_and_all_can_be_removed)
{
	static struct fault_list list;
	void *a, *b;

	REQUIRE_EQ(lock_ready(), FM_OK);
	for (unsigned nth = 1; nth <= 2; nth++) {
		fault_arm_allocation(nth, FAULT_ONCE);
		CHECK(fault_list_add(&list, one, false) == NULL);
		CHECK(fault_disarm());
		list_is(&list, NULL, NULL, NULL);
	}
	a = fault_list_add(&list, one, false);
	b = fault_list_add(&list, two, false);
	fault_arm_allocation(1, FAULT_FROM);
	CHECK(fault_list_remove(&list, a));
	list_is(&list, two, NULL, NULL);
	CHECK(!fault_list_remove(&list, a));
	CHECK(fault_list_remove(&list, b));
	CHECK(fault_disarm());
	list_is(&list, NULL, NULL, NULL);
	CHECK(fault_list_add(&list, three, false) != NULL);
	list_is(&list, three, NULL, NULL);
}

TEST(probes_tell_what_a_touch_would_have_had)
{
	char *memory = make_private(2 * UNIT, VM_RESERVE, FM_NOACCESS), text[] = "text";

	REQUIRE_EQ(allocate_at(memory, PAGE, VM_COMMIT, RW), FM_OK);
	for (int handled = 0; handled < 2; handled++) {
		check_row("%s", handled ? "faults handled" : "nothing installed");
		CHECK_EQ(fault_probe(memory, PAGE, true), FM_OK);
		CHECK_EQ(fault_probe(memory + PAGE - 1, 2, false), FM_E_ACCESS_VIOLATION);
		CHECK_EQ(fault_probe(memory, 0, true), FM_OK);
		CHECK_EQ(fault_probe(NULL, 1, false), FM_E_ACCESS_VIOLATION);
		CHECK_EQ(fault_probe((void *)UINTPTR_MAX, 2, false), FM_E_ACCESS_VIOLATION);
		CHECK_EQ(fault_probe_text(text, SIZE_MAX, 1), FM_OK);
		CHECK_EQ(fault_probe_text(NULL, 0, 1), FM_OK);
		CHECK_EQ(protect_at(memory, PAGE, FM_READ), FM_OK);
		CHECK_EQ(fault_probe(memory, 1, true), FM_E_ACCESS_VIOLATION);
		CHECK_EQ(protect_at(memory, PAGE, RW | FM_GUARD), FM_OK);
		CHECK_EQ(fault_probe(memory, 1, true), FM_E_GUARD_PAGE);
		CHECK_EQ(fault_probe(memory, 1, true), FM_OK);
		REQUIRE_EQ(fm_fault_enable(0), FM_OK);
	}
}

TEST(older_kernels_probe_by_writing_a_byte_back)
{
	char *memory = make_private(UNIT, VM_RESERVE | VM_COMMIT, RW);

	memory[7] = 5;
	fault_arm("madvise", 1, FAULT_FROM, EINVAL);
	CHECK_EQ(fault_probe(memory + 7, 1, true), FM_OK);
	CHECK_EQ(fault_probe(memory, 1, true), FM_OK);
	CHECK(fault_disarm());
	CHECK_EQ(memory[7], 5);
}
