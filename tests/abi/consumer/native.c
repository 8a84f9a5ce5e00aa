/* SPDX-License-Identifier: MIT */
/* A stranger's C program: a section, a view, a byte. Its own `os` must not meet the library's. */
#include <filemap.h>
#include <stdio.h>
#include <string.h>

int os = 42;

int main(void)
{
	fm_section_options options = { .size = 100000 };
	fm_section *section = NULL;
	void *view = NULL;

	if (fm_section_create(&options, &section) != FM_OK)
		return 1;
	if (fm_view_map(section, FM_WRITE, 70000, 8, &view) != FM_OK)
		return 2;
	fm_section_close(section);
	memcpy(view, "mapped", 7);
	printf("%s %s %d\n", fm_version(), (char *)view, os);
	return fm_view_unmap(view) == FM_OK ? 0 : 3;
}
