/* SPDX-License-Identifier: MIT */
/*
 * Times of Win32 calls. One source, built for Linux against Filemap and with mingw for Wine; prints a
 * line a row, "<nanoseconds> <name>". bench/wine runs both in turn and compares.
 */
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define VIEW 65536u

static HANDLE section;
static char *view;

#define MUST(condition)                                                                            \
	do {                                                                                        \
		if (!(condition)) {                                                                 \
			fprintf(stderr, "line %d: %s failed: %lu\n", __LINE__, #condition,          \
				(unsigned long)GetLastError());                                     \
			exit(1);                                                                    \
		}                                                                                   \
	} while (0)

static double now_ns(void)
{
	struct timespec now;

	MUST(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static HANDLE create(const char *name)
{
	HANDLE made = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, VIEW, name);

	MUST(made != NULL);
	return made;
}

static void create_unnamed(void)
{
	MUST(CloseHandle(create(NULL)));
}

static void create_named(void)
{
	MUST(CloseHandle(create("Local\\bench-new")));
}

static void open_live(void)
{
	HANDLE opened = OpenFileMappingA(FILE_MAP_ALL_ACCESS, FALSE, "Local\\bench-live");

	MUST(opened != NULL && CloseHandle(opened));
}

static void open_missing(void)
{
	MUST(OpenFileMappingA(FILE_MAP_ALL_ACCESS, FALSE, "Local\\bench-missing") == NULL);
}

static void map_view(void)
{
	void *base = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, VIEW);

	MUST(base != NULL && UnmapViewOfFile(base));
}

static void protect(void)
{
	DWORD old;

	MUST(VirtualProtect(view, 4096, PAGE_READONLY, &old));
	MUST(VirtualProtect(view, 4096, PAGE_READWRITE, &old));
}

static void query(void)
{
	MEMORY_BASIC_INFORMATION info;

	MUST(VirtualQuery(view + 4096, &info, sizeof(info)) == sizeof(info));
}

static void duplicate(void)
{
	HANDLE copy;

	MUST(DuplicateHandle(GetCurrentProcess(), section, GetCurrentProcess(), &copy, 0, FALSE,
			     DUPLICATE_SAME_ACCESS));
	MUST(CloseHandle(copy));
}

static void allocate(void)
{
	void *memory = VirtualAlloc(NULL, VIEW, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

	MUST(memory != NULL && VirtualFree(memory, 0, MEM_RELEASE));
}

static void measure(const char *name, void (*call)(void), unsigned count)
{
	double start;

	call();
	start = now_ns();
	for (unsigned i = 0; i < count; i++)
		call();
	printf("%.1f %s\n", (now_ns() - start) / count, name);
}

int main(void)
{
	HANDLE live = create("Local\\bench-live");

	section = create(NULL);
	view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, VIEW);
	MUST(view != NULL);
	measure("CreateFileMapping + CloseHandle", create_unnamed, 500);
	measure("CreateFileMapping of a new name + CloseHandle", create_named, 500);
	measure("OpenFileMapping of a live name + CloseHandle", open_live, 1000);
	measure("OpenFileMapping of a missing name", open_missing, 1000);
	measure("MapViewOfFile + UnmapViewOfFile, 64 KiB", map_view, 1000);
	measure("VirtualProtect, there and back", protect, 1000);
	measure("VirtualQuery", query, 10000);
	measure("DuplicateHandle + CloseHandle", duplicate, 1000);
	measure("VirtualAlloc + VirtualFree, 64 KiB", allocate, 1000);
	MUST(UnmapViewOfFile(view) && CloseHandle(section) && CloseHandle(live));
	return 0;
}
