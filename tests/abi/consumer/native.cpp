/* SPDX-License-Identifier: MIT */
/* The same in C++11: the header must be C++ and its functions must have C linkage. */
#include <cstdio>
#include <cstring>

#include <filemap.h>

int main()
{
	fm_section_options options = {};
	fm_section *section = nullptr;
	void *view = nullptr;

	options.size = 100000;
	if (fm_section_create(&options, &section) != FM_OK)
		return 1;
	if (fm_view_map(section, FM_WRITE, 70000, 8, &view) != FM_OK)
		return 2;
	fm_section_close(section);
	std::memcpy(view, "mapped", 7);
	std::printf("%s %s 42\n", fm_version(), static_cast<char *>(view));
	return fm_view_unmap(view) == FM_OK ? 0 : 3;
}
