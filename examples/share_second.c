/* SPDX-License-Identifier: MIT */
/* Named shared memory, second process: opens what share_first made and shows the message. */
#include <windows.h>
#include <stdio.h>

#define NAME TEXT("Local\\filemap-example")
#define SIZE 256

int main(void)
{
	HANDLE section = OpenFileMapping(FILE_MAP_READ, FALSE, NAME);
	const char *view;

	if (!section) {
		fprintf(stderr, "OpenFileMapping: error %u\n", (unsigned)GetLastError());
		return 1;
	}
	view = (const char *)MapViewOfFile(section, FILE_MAP_READ, 0, 0, SIZE);
	if (!view) {
		fprintf(stderr, "MapViewOfFile: error %u\n", (unsigned)GetLastError());
		CloseHandle(section);
		return 1;
	}
	printf("%.*s\n", SIZE, view);
	UnmapViewOfFile(view);
	CloseHandle(section);
	return 0;
}
