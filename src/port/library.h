/* SPDX-License-Identifier: MIT */
/* Modules, for either width of text. */
#ifndef FM_PORT_LIBRARY_H
#define FM_PORT_LIBRARY_H

#include "port.h"

/* LoadLibraryEx() of a name as UTF-8. */
HMODULE library_load(const char *name, HANDLE file, DWORD flags);
/* The file of @module. Errors: the last error, and false. */
bool library_path(HMODULE module, char path[PATH_MAX]);

#endif
