/* SPDX-License-Identifier: MIT */
/*
 * Named shared memory, first process: makes it, puts a message in, waits for Enter.
 * Then, in another terminal: share_second
 */
#include <windows.h>
#include <stdio.h>

#define NAME TEXT("Local\\filemap-example")
#define SIZE 256

int main(void)
{
	static const char message[] = "Message from the first process.";
	HANDLE section = CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, SIZE, NAME);
	char *view;

	if (!section) {
		fprintf(stderr, "CreateFileMapping: error %u\n", (unsigned)GetLastError());
		return 1;
	}
	if (GetLastError() == ERROR_ALREADY_EXISTS)
		puts("Another process has made it already; its message is replaced.");
	view = (char *)MapViewOfFile(section, FILE_MAP_ALL_ACCESS, 0, 0, SIZE);
	if (!view) {
		fprintf(stderr, "MapViewOfFile: error %u\n", (unsigned)GetLastError());
		CloseHandle(section);
		return 1;
	}
	CopyMemory(view, message, sizeof(message));
	puts("The message is there. Enter ends this process, and with it the memory.");
	fflush(stdout);
	(void)getchar();
	UnmapViewOfFile(view);
	CloseHandle(section);
	return 0;
}
