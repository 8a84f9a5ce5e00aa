/* SPDX-License-Identifier: MIT */
/* How many system calls a library call makes, counted in the library's own table (tests/lib/fault.h). */
#include "bench.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fault.h"
#include "os.h"

static void print_counts(const char *what)
{
	unsigned sum = 0;
	char list[512] = "";

#define ADD(type, name, params, args, expression)                                                  \
	if (fault_count(#name) > 0) {                                                               \
		size_t used = strlen(list);                                                         \
		sum += fault_count(#name);                                                          \
		(void)snprintf(list + used, sizeof(list) - used, " %s", #name);                     \
		used = strlen(list);                                                                \
		if (fault_count(#name) > 1)                                                         \
			(void)snprintf(list + used, sizeof(list) - used, "*%u", fault_count(#name)); \
	}
	OS_CALLS(ADD)
#undef ADD
	printf("%-42s %3u%s%s\n", what, sum, list[0] ? " " : "", list);
}

static void count_memory(void)
{
	fm_section *section, *copy;
	fm_view_info info;
	void *base;

	fault_count_reset();
	section = bench_section(NULL, NULL, 65536);
	print_counts("create, unnamed");
	fault_count_reset();
	OK(fm_section_duplicate(section, 0, &copy));
	print_counts("duplicate");
	fm_section_close(copy);
	OK(fm_view_map(section, FM_WRITE, 0, 0, &base)); /* the first map may open something */
	OK(fm_view_unmap(base));
	fault_count_reset();
	OK(fm_view_map(section, FM_WRITE, 0, 0, &base));
	print_counts("map");
	fault_count_reset();
	OK(fm_view_query(base, &info));
	print_counts("query");
	fault_count_reset();
	OK(fm_view_protect(base, 4096, FM_READ, NULL));
	print_counts("protect");
	fault_count_reset();
	OK(fm_view_unmap(base));
	print_counts("unmap");
	fault_count_reset();
	fm_section_close(section);
	print_counts("close, unnamed");
}

static void count_names(void)
{
	fm_section *section, *opened;
	char name[64];

	(void)snprintf(name, sizeof(name), "bench-count-%d", (int)getpid()); /* always fits */
	fault_count_reset();
	section = bench_section(name, NULL, 65536);
	print_counts("create a name");
	fault_count_reset();
	OK(fm_section_open(name, FM_READ | FM_WRITE, &opened));
	print_counts("open a live name");
	fault_count_reset();
	fm_section_close(opened);
	print_counts("close, others hold the name");
	fault_count_reset();
	fm_section_close(section);
	print_counts("close, the last of the name");
	fault_count_reset();
	MUST(fm_section_open(name, FM_READ, &opened) == FM_E_NAME_NOT_FOUND);
	print_counts("open a missing name");
}

void bench_counts(void)
{
	printf("\n%-42s %s\n", "system calls of one library call", "sum");
	count_memory();
	count_names();
}
