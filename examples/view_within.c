/* SPDX-License-Identifier: MIT */
/*
 * A view within a file: 1 KiB at 135 KiB of a file. A view may begin only at a multiple of the
 * allocation granularity (64 KiB), so it begins before the place wanted, and is longer by as much.
 *
 * The file holds the numbers 0, 1, 2 ... of 4 bytes each: the one found tells where it was read.
 *
 * view_within [FILE]
 */
#include <windows.h>
#include <stdio.h>

#define WANTED (135 * 1024)
#define LENGTH 1024
#define NUMBERS 65536

static HANDLE make_file(const char *path)
{
	static DWORD numbers[NUMBERS];
	DWORD written = 0;
	HANDLE file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS,
				  FILE_ATTRIBUTE_NORMAL | FILE_FLAG_DELETE_ON_CLOSE, NULL);

	if (file == INVALID_HANDLE_VALUE)
		return file;
	for (DWORD i = 0; i < NUMBERS; i++)
		numbers[i] = i;
	if (WriteFile(file, numbers, sizeof(numbers), &written, NULL) && written == sizeof(numbers))
		return file;
	CloseHandle(file);
	return INVALID_HANDLE_VALUE;
}

static int show(HANDLE section, DWORD granularity)
{
	DWORD start = WANTED / granularity * granularity, delta = WANTED - start, number;
	const char *view = (const char *)MapViewOfFile(section, FILE_MAP_READ, 0, start, delta + LENGTH);

	if (!view) {
		fprintf(stderr, "MapViewOfFile: error %u\n", (unsigned)GetLastError());
		return 1;
	}
	CopyMemory(&number, view + delta, sizeof(number));
	printf("The view begins at %u of the file and has %u bytes; wanted is what lies %u bytes in it.\n",
	       (unsigned)start, (unsigned)(delta + LENGTH), (unsigned)delta);
	printf("The number there is %u, that is byte %u of the file.\n", (unsigned)number,
	       (unsigned)(number * sizeof(number)));
	UnmapViewOfFile(view);
	return number * sizeof(number) != WANTED;
}

int main(int argc, char **argv)
{
	SYSTEM_INFO info;
	HANDLE file = make_file(argc > 1 ? argv[1] : "view_within.tmp"), section;
	int failed = 1;

	GetSystemInfo(&info);
	if (file == INVALID_HANDLE_VALUE) {
		fprintf(stderr, "cannot make the file: error %u\n", (unsigned)GetLastError());
		return 1;
	}
	section = CreateFileMapping(file, NULL, PAGE_READWRITE, 0, WANTED + LENGTH, NULL);
	if (section) {
		failed = show(section, info.dwAllocationGranularity);
		CloseHandle(section);
	} else {
		fprintf(stderr, "CreateFileMapping: error %u\n", (unsigned)GetLastError());
	}
	CloseHandle(file);
	return failed;
}
