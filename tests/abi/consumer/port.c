/* SPDX-License-Identifier: MIT */
/* A stranger's Windows program, unedited: <windows.h> and nothing of ours. */
#include <windows.h>

#include <stdio.h>
#include <string.h>

int main(void)
{
	HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 100000, NULL);
	char *view;

	if (!section)
		return 1;
	view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 65536, 8);
	if (!view)
		return 2;
	if (!CloseHandle(section))
		return 3;
	memcpy(view, "mapped", 7);
	printf("windows.h %s 42\n", view);
	return UnmapViewOfFile(view) ? 0 : 4;
}
