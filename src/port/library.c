/* SPDX-License-Identifier: MIT */
/* LoadLibrary and its kin: the modules that Windows' programs look up are parts of this library. */
#include "library.h"

#include <string.h>

#include "modules.h"

HMODULE library_load(const char *name, HANDLE file, DWORD flags)
{
	const DWORD known = LOAD_LIBRARY_SEARCH_APPLICATION_DIR | LOAD_LIBRARY_SEARCH_USER_DIRS |
			    LOAD_LIBRARY_SEARCH_SYSTEM32 | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS |
			    LOAD_WITH_ALTERED_SEARCH_PATH;

	if (!name || file || (flags & ~known))
		return finish_pointer(FM_E_INVALID_PARAMETER, NULL);
	return GetModuleHandleA(name);
}

HMODULE WINAPI LoadLibraryA(LPCSTR lpLibFileName)
{
	return library_load(lpLibFileName, NULL, 0);
}

HMODULE WINAPI LoadLibraryExA(LPCSTR lpLibFileName, HANDLE hFile, DWORD dwFlags)
{
	return library_load(lpLibFileName, hFile, dwFlags);
}

BOOL WINAPI FreeLibrary(HMODULE hLibModule)
{
	if (hLibModule && fm_internal_module_of_handle(hLibModule) != MODULE_NONE)
		return TRUE;
	SetLastError(ERROR_MOD_NOT_FOUND);
	return FALSE;
}

bool library_path(HMODULE module, char path[PATH_MAX])
{
	ssize_t length;

	if (fm_internal_module_of_handle(module) != MODULE_PROGRAM) {
		SetLastError(ERROR_MOD_NOT_FOUND);
		return false;
	}
	length = os.readlinkat(AT_FDCWD, "/proc/self/exe", path, PATH_MAX - 1);
	if (!finish(length < 0 ? fm_internal_status_of(OP_OPEN_FILE, (int)length) : FM_OK))
		return false;
	path[length] = 0;
	return true;
}

DWORD WINAPI GetModuleFileNameA(HMODULE hModule, LPSTR lpFilename, DWORD nSize)
{
	char path[PATH_MAX];
	size_t length;

	if (!library_path(hModule, path))
		return 0;
	length = strlen(path);
	if (length >= nSize)
		SetLastError(ERROR_INSUFFICIENT_BUFFER);
	if (nSize == 0)
		return 0;
	length = length < nSize ? length : nSize - 1;
	memcpy(lpFilename, path, length);
	lpFilename[length] = 0;
	return path[length] ? nSize : (DWORD)length;
}
