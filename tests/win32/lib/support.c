/* SPDX-License-Identifier: MIT */
#include "support.h"

static const struct {
	const char *module, *name;
} modern_names[] = {
#define NAME(result, field, module, name, parameters) { module, name },
	MODERN(NAME)
#undef NAME
};

FARPROC modern_get(enum modern_number number)
{
	return modern_find(modern_names[number].module, modern_names[number].name);
}

FARPROC modern_find(const char *module, const char *name)
{
	HMODULE handle = GetModuleHandleA(module);
	FARPROC found = handle ? GetProcAddress(handle, name) : NULL;

	if (!found)
		check_fatal(__FILE__, __LINE__, "%s has no %s", module, name);
	return found;
}

const char *path_of(const char *name)
{
	static char ring[4][600];
	static unsigned next;
	char *path = ring[next++ % 4];

	snprintf(path, sizeof(ring[0]), "%s/%s", check_directory(), name);
	return path;
}

HANDLE file_open(const char *name, DWORD access, DWORD share)
{
	return CreateFileA(path_of(name), access, share, NULL, OPEN_EXISTING, 0, NULL);
}

HANDLE file_of(const char *name, DWORD size, DWORD access)
{
	unsigned char *bytes = malloc(size + 1);
	DWORD written = 0;
	HANDLE file = CreateFileA(path_of(name), GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);

	REQUIRE(file != INVALID_HANDLE_VALUE);
	REQUIRE(bytes);
	for (DWORD i = 0; i < size; i++)
		bytes[i] = pattern(i);
	REQUIRE_WORKS(WriteFile(file, bytes, size, &written, NULL));
	REQUIRE_EQ(written, size);
	free(bytes);
	REQUIRE(CloseHandle(file));
	file = file_open(name, access, SHARE_ALL);
	REQUIRE(file != INVALID_HANDLE_VALUE);
	return file;
}

ULONGLONG file_length(HANDLE file)
{
	LARGE_INTEGER size;

	REQUIRE_WORKS(GetFileSizeEx(file, &size));
	return (ULONGLONG)size.QuadPart;
}

unsigned char file_byte(HANDLE file, DWORD offset)
{
	unsigned char byte = 0;
	DWORD done = 0;

	REQUIRE(SetFilePointer(file, (LONG)offset, NULL, FILE_BEGIN) == offset);
	REQUIRE_WORKS(ReadFile(file, &byte, 1, &done, NULL));
	REQUIRE_EQ(done, 1);
	return byte;
}

HANDLE memory_section(DWORD protection, DWORD size)
{
	HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, protection, 0, size, NULL);

	REQUIRE(section != NULL);
	return section;
}

unsigned char *map_all(HANDLE section, DWORD access)
{
	void *view = MapViewOfFile(section, access, 0, 0, 0);

	REQUIRE_WORKS(view != NULL);
	return view;
}

DWORD map_error(HANDLE section, DWORD access)
{
	void *view;

	SetLastError(UNTOUCHED);
	view = MapViewOfFile(section, access, 0, 0, 0);
	if (!view)
		return GetLastError();
	CHECK(UnmapViewOfFile(view));
	return ERROR_SUCCESS;
}

MEMORY_BASIC_INFORMATION query(const void *address)
{
	MEMORY_BASIC_INFORMATION info;

	memset(&info, 0xaa, sizeof(info));
	REQUIRE_EQ(VirtualQuery(address, &info, sizeof(info)), sizeof(info));
	return info;
}

static SECTION_BASIC_INFORMATION basic(HANDLE section)
{
	SECTION_BASIC_INFORMATION info;
	SIZE_T length = 0;

	memset(&info, 0, sizeof(info));
	CHECK_STATUS(CALL(nt_query)(section, SectionBasicInformation, &info, sizeof(info), &length),
		     STATUS_SUCCESS);
	CHECK_EQ(length, sizeof(info));
	return info;
}

ULONGLONG section_size(HANDLE section)
{
	return (ULONGLONG)basic(section).MaximumSize.QuadPart;
}

ULONG section_attributes(HANDLE section)
{
	return basic(section).AllocationAttributes;
}

const WCHAR *wide(const char *text)
{
	static WCHAR ring[4][1024];
	static unsigned next;
	WCHAR *to = ring[next++ % 4];
	size_t n = 0;

	for (const unsigned char *from = (const unsigned char *)text; *from && n < 1023; from++) {
		if (*from >= 0xc0 && from[1]) {
			to[n++] = (WCHAR)((*from & 0x1f) << 6 | (from[1] & 0x3f));
			from++;
		} else {
			to[n++] = (WCHAR)*from;
		}
	}
	to[n] = 0;
	return to;
}

const char *handle_text(HANDLE handle)
{
	static char ring[4][32];
	static unsigned next;
	char *text = ring[next++ % 4];

	snprintf(text, sizeof(ring[0]), "%llu", (unsigned long long)(ULONG_PTR)handle);
	return text;
}

HANDLE handle_of(const char *text)
{
	return (HANDLE)(ULONG_PTR)strtoull(text, NULL, 10);
}
