/* SPDX-License-Identifier: MIT */
/* A registry without settings, as programs read it before they take their defaults. */
#include "support.h"

static const HKEY keys[] = {
	HKEY_CLASSES_ROOT, HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE, HKEY_USERS, HKEY_CURRENT_CONFIG,
};

TEST(predefined_keys_open_as_themselves)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		HKEY key = NULL;

		check_row("%u, no sub key", (unsigned)i);
		CHECK_EQ(RegOpenKeyExA(keys[i], NULL, 0, KEY_READ, &key), ERROR_SUCCESS);
		CHECK(key == keys[i]);
		key = NULL;
		check_row("%u, an empty one", (unsigned)i);
		CHECK_EQ(RegOpenKeyExW(keys[i], wide(""), 0, KEY_READ, &key), ERROR_SUCCESS);
		CHECK(key == keys[i]);
		CHECK_EQ(RegCloseKey(key), ERROR_SUCCESS);
	}
}

TEST(predefined_keys_are_empty)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		DWORD type = UNTOUCHED, value = UNTOUCHED, size = sizeof(value);
		HKEY key = NULL;

		check_row("%u", (unsigned)i);
		CHECK_EQ(RegOpenKeyExA(keys[i], "Filemap no such key", 0, KEY_READ, &key), ERROR_FILE_NOT_FOUND);
		CHECK_EQ(RegOpenKeyExW(keys[i], wide("Filemap no such key"), 0, KEY_READ, &key), ERROR_FILE_NOT_FOUND);
		CHECK(key == NULL);
		CHECK_EQ(RegQueryValueExA(keys[i], "Filemap no such value", NULL, &type, (BYTE *)&value, &size),
			 ERROR_FILE_NOT_FOUND);
		CHECK_EQ(RegQueryValueExW(keys[i], wide("Filemap no such value"), NULL, NULL, NULL, NULL),
			 ERROR_FILE_NOT_FOUND);
		CHECK_EQ(value, UNTOUCHED);
	}
}

TEST(other_handles_are_no_keys)
{
	HKEY key;

	CHECK_EQ(RegOpenKeyExA(NULL, "Software", 0, KEY_READ, &key), ERROR_INVALID_HANDLE);
	CHECK_EQ(RegQueryValueExA(NULL, "x", NULL, NULL, NULL, NULL), ERROR_INVALID_HANDLE);
	CHECK_EQ(RegCloseKey(NULL), ERROR_INVALID_HANDLE);
}

TEST(wrong_arguments_are_refused)
{
	DWORD reserved = 0;
	BYTE value;

	check_row("reserved");
	CHECK_EQ(RegQueryValueExA(HKEY_CURRENT_USER, "x", &reserved, NULL, NULL, NULL), ERROR_INVALID_PARAMETER);
	check_row("data without a size");
	CHECK_EQ(RegQueryValueExA(HKEY_CURRENT_USER, "x", NULL, NULL, &value, NULL), ERROR_INVALID_PARAMETER);
	check_row("no place for the key");
	CHECK_EQ(RegOpenKeyExA(HKEY_CURRENT_USER, NULL, 0, KEY_READ, NULL), ERROR_INVALID_PARAMETER);
}

TEST(last_error_is_left_alone)
{
	HKEY key;

	SetLastError(UNTOUCHED);
	CHECK_EQ(RegOpenKeyExA(HKEY_CURRENT_USER, "Filemap no such key", 0, KEY_READ, &key), ERROR_FILE_NOT_FOUND);
	CHECK_EQ(GetLastError(), UNTOUCHED);
}
