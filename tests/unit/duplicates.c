/* SPDX-License-Identifier: MIT */
/* A section's further handles: made with fewer rights, for children, sent and taken in, each step failed in turn. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "fault.h"
#include "make.h"
#include "section.h"

enum { MEMORY, RESERVED, NAMED, NAMED_RESERVED, NAMED_FILE, FILE_SECTION, RECORD, FORMS };

static fm_section *make_form(int form)
{
	bool file = form == NAMED_FILE || form == FILE_SECTION || form == RECORD;
	bool named = form == NAMED || form == NAMED_RESERVED || form == NAMED_FILE;
	bool reserved = form == RESERVED || form == NAMED_RESERVED;
	fm_section_options options = { .size = PAGE, .flags = reserved ? FM_SECTION_RESERVE : 0,
				       .path = file ? make_file("duplicated", PAGE) : NULL,
				       .name = named ? check_name("duplicates") : NULL };
	fm_section *section = make_section(&options);

	if (form == RECORD)
		REQUIRE_EQ(fm_section_set_inheritable(section, true), FM_OK);
	return section;
}

static fm_status duplicate_reader(fm_section *section)
{
	fm_section *copy = NULL;
	fm_status status = fm_section_duplicate(section, FM_READ, &copy);

	fm_section_close(copy);
	return status;
}

static fm_status duplicate_writer(fm_section *section)
{
	fm_section *copy = NULL;
	fm_status status = fm_section_duplicate(section, 0, &copy);

	fm_section_close(copy);
	return status;
}

static fm_status inherit(fm_section *section)
{
	fm_section *copy = NULL;
	fm_status status = fm_section_duplicate(section, FM_READ, &copy);

	if (status == FM_OK)
		status = fm_section_set_inheritable(copy, true);
	fm_section_close(copy);
	return status;
}

static fm_status adopt(fm_section *section)
{
	int number = dup(fm_section_number(section));
	fm_section *copy = NULL;
	fm_status status = section_adopt(number, &copy);

	if (status != FM_OK)
		close(number);
	else if (copy->section->map_fd == section->section->map_fd)
		copy->section->map_fd = -1; /* a record's is the one that this process has open already */
	fm_section_close(copy);
	return status;
}

static int pair[2];

static fm_status send_and_receive(fm_section *section)
{
	fm_section *copy = NULL;
	fm_status status = fm_section_send(section, pair[0], FM_READ);

	if (status == FM_OK)
		status = fm_section_receive(pair[1], &copy);
	fm_section_close(copy);
	return status;
}

static fm_status (*const ways[])(fm_section *) = { duplicate_reader, duplicate_writer, inherit, adopt, send_and_receive };

static void fail_each_call(fm_section *section, fm_status (*run)(fm_section *), fm_status want)
{
	static const int errors[] = { EINTR, EMFILE, EIO };
	struct fault_world before = fault_world();

	for (size_t e = 0; e < ARRAY_SIZE(errors) * 2; e++) {
		bool fired = true;

		for (unsigned nth = 1; fired; nth++) {
			fault_arm("*", nth, e % 2 ? FAULT_FROM : FAULT_ONCE, errors[e / 2]);
			(void)run(section); /* what it cannot do without fails */
			fired = fault_disarm();
			CHECK_SAME_WORLD(before);
			REQUIRE(nth < 200);
		}
		CHECK_EQ(run(section), want);
	}
}

static void fail_each_allocation(fm_section *section, fm_status (*run)(fm_section *), fm_status want)
{
	struct fault_world before = fault_world();
	bool fired = true;

	for (unsigned nth = 1; fired; nth++) {
		fm_status status;

		fault_arm_allocation(nth, FAULT_ONCE);
		status = run(section);
		fired = fault_disarm();
		CHECK_EQ(status, fired ? FM_E_NO_MEMORY : want);
		CHECK_SAME_WORLD(before);
	}
}

TEST(each_failed_step_of_another_handle_leaves_nothing)
{
	REQUIRE_EQ(setenv("FILEMAP_ROOT", check_directory(), 1), 0);
	warm_up();
	for (int form = 0; form < FORMS; form++)
		for (size_t way = 0; way < ARRAY_SIZE(ways); way++) {
			/* A record speaks of a descriptor, which is not another process's to adopt. */
			fm_status want = ways[way] == adopt && form == FILE_SECTION ? FM_E_OBJECT_TYPE_MISMATCH : FM_OK;
			fm_section *section = make_form(form);

			REQUIRE_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
			check_row("form %d, way %zu", form, way);
			CHECK_EQ(ways[way](section), want);
			fail_each_call(section, ways[way], want);
			fail_each_allocation(section, ways[way], want);
			close(pair[0]);
			close(pair[1]);
			fm_section_close(section);
		}
}

TEST(rights_that_windows_calls_generic_stand_for_sections_own)
{
	static const struct {
		uint32_t asked, rights;
	} cases[] = {
		{ 0x80000000, 0x20000 | FM_QUERY | FM_READ }, { 0x40000000, 0x20000 | FM_WRITE },
		{ 0x20000000, 0x20000 | FM_EXEC }, { 0x10000000, 0xf001f }, { 0x02000000, 0xf001f }, { FM_READ, FM_READ },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%#x", cases[i].asked);
		CHECK_EQ(section_rights(cases[i].asked), cases[i].rights);
	}
}
