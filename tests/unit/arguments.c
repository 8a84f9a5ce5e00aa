/* SPDX-License-Identifier: MIT */
/* The native interface called wrongly, and called first in a process that has no memory left. */
#include <errno.h>

#include "fault.h"
#include "faulting.h"
#include "mailbox.h"
#include "make.h"
#include "peer.h"

static fm_section *section, *reader, *nothing;
static const fm_section_options good = { .size = PAGE };

static fm_status create(const fm_section_options *options)
{
	fm_section *made = NULL;
	fm_status status = fm_section_create(options, &made);

	CHECK_EQ(made != NULL, status == FM_OK);
	fm_section_close(made);
	return status;
}

TEST(options_of_a_section_are_checked)
{
	static const struct {
		fm_section_options options;
		fm_status status;
	} cases[] = {
		{ { .size = PAGE }, FM_OK },
		{ { .size = PAGE, .name = "" }, FM_OK }, /* no name */
		{ { .size = 0 }, FM_E_INVALID_PARAMETER },
		{ { .size = PAGE, .access = 0x80000000 }, FM_E_INVALID_PAGE_PROTECTION },
		{ { .size = PAGE, .flags = 0x80000000 }, FM_E_INVALID_PARAMETER },
		{ { .size = PAGE, .mode = 01000 }, FM_E_INVALID_PARAMETER },
		{ { .size = PAGE, .reserved = { [7] = 1 } }, FM_E_INVALID_PARAMETER },
		{ { .size = PAGE, .path = "/dev/null", .use_fd = true }, FM_E_INVALID_PARAMETER },
		{ { .size = PAGE, .use_fd = true, .fd = -1 }, FM_E_INVALID_HANDLE },
		{ { .path = "/" }, FM_E_FILE_IS_A_DIRECTORY },
		{ { .path = "/", .access = FM_READ }, FM_E_FILE_IS_A_DIRECTORY },
		{ { .path = "/nonexistent" }, FM_E_NAME_NOT_FOUND },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%zu", i);
		CHECK_EQ(create(&cases[i].options), cases[i].status);
	}
}

TEST(a_place_for_the_result_and_a_section_are_needed)
{
	fm_map_options map = { .access = FM_READ };
	fm_section_info info;
	void *base;

	section = make_memory(PAGE, 0);
	CHECK_EQ(fm_section_create(NULL, &nothing), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_section_create(&good, NULL), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_section_open(NULL, FM_READ, &nothing), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_section_open("x", FM_READ, NULL), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_section_open("x", 0x80000000, &nothing), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_section_duplicate(NULL, 0, &nothing), FM_E_INVALID_HANDLE);
	CHECK_EQ(fm_section_duplicate(section, 0, NULL), FM_E_INVALID_HANDLE);
	CHECK_EQ(fm_section_query(NULL, &info), FM_E_INVALID_HANDLE);
	CHECK_EQ(fm_section_query(section, NULL), FM_E_INVALID_HANDLE);
	CHECK_EQ(fm_section_extend(NULL, PAGE), FM_E_INVALID_HANDLE);
	CHECK_EQ(fm_section_send(NULL, 0, 0), FM_E_INVALID_HANDLE);
	CHECK_EQ(fm_section_receive(0, NULL), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_section_number(NULL), -1);
	CHECK_EQ(fm_section_set_inheritable(NULL, true), FM_E_INVALID_HANDLE);
	CHECK_EQ(fm_section_adopt(0, NULL), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_view_map_with(NULL, &map, &base), FM_E_INVALID_HANDLE);
	CHECK_EQ(fm_view_map_with(section, NULL, &base), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_view_map_with(section, &map, NULL), FM_E_INVALID_PARAMETER);
	map.reserved[0] = 1;
	CHECK_EQ(fm_view_map_with(section, &map, &base), FM_E_INVALID_PARAMETER);
	fm_section_close(NULL);
	CHECK(nothing == NULL);
}

TEST(a_handle_gives_no_more_than_it_has)
{
	section = make_memory(PAGE, 0);
	REQUIRE_EQ(fm_section_duplicate(section, FM_READ, &reader), FM_OK);
	CHECK_EQ(fm_section_duplicate(reader, FM_WRITE, &nothing), FM_E_ACCESS_DENIED);
	CHECK_EQ(fm_section_send(reader, 0, FM_WRITE), FM_E_ACCESS_DENIED);
	CHECK_EQ(fm_section_send(reader, 0, 0x80000000), FM_E_INVALID_PARAMETER);
	CHECK_EQ(fm_section_duplicate(section, 0x80000000, &nothing), FM_E_INVALID_PARAMETER);
	CHECK(nothing == NULL);
}

TEST(what_cannot_be_asked_of_a_descriptor_is_told)
{
	static const char *const calls[] = { "fstat", "getfd" };
	fm_section_info info;

	section = make_memory(PAGE, 0);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		check_row("%s", calls[i]);
		fault_arm(calls[i], 1, FAULT_FROM, EBADF);
		CHECK_EQ(fm_section_query(section, &info), FM_E_INVALID_HANDLE);
		CHECK(fault_disarm());
	}
}

/* The page of the locks is mapped by the first call, whichever that is. */
TEST(a_first_call_without_memory_fails)
{
	struct handle *handle = NULL;
	int number = -1;
	char byte = 0;

	fault_arm("mmap", 1, FAULT_FROM, ENOMEM);
	CHECK_EQ(create(&good), FM_E_NO_MEMORY);
	CHECK_EQ(fm_section_open("x", FM_READ, &nothing), FM_E_NO_MEMORY);
	CHECK_EQ(fm_section_adopt(0, &nothing), FM_E_NO_MEMORY);
	CHECK_EQ(fm_section_receive(0, &nothing), FM_E_NO_MEMORY);
	CHECK_EQ(fm_fault_enable(0), FM_E_NO_MEMORY);
	fm_fault_disable(0);
	CHECK_EQ(fm_view_set_fault_policy(&byte, FM_FAULT_SIGNAL), FM_E_NO_MEMORY);
	CHECK_EQ(fault_ready(), FM_E_NO_MEMORY);
	CHECK_EQ(fault_probe(&byte, 1, false), FM_E_NO_MEMORY);
	CHECK_EQ(fault_probe_text(&byte, 1, 1), FM_E_NO_MEMORY);
	CHECK_EQ(handle_enter(0, NULL, &handle), FM_E_NO_MEMORY);
	CHECK_EQ(peer_open(getpid(), PEER_ALL, false, &number), FM_E_NO_MEMORY);
	mailbox_ready();
	CHECK(fault_disarm());
	fault_arm("madvise", 1, FAULT_FROM, EINVAL);
	CHECK_EQ(create(&good), FM_E_NO_MEMORY);
	CHECK(fault_disarm());
	CHECK_EQ(create(&good), FM_OK);
	CHECK(nothing == NULL && handle == NULL);
}
