/* SPDX-License-Identifier: MIT */
/* The environment, for either width of text; all text is UTF-8. */
#ifndef FM_PORT_ENVIRONMENT_H
#define FM_PORT_ENVIRONMENT_H

#include "port.h"

/* A copy of the value, to be freed with os_free(); NULL and the last error. */
char *environment_get(const char *name);
BOOL environment_set(const char *name, const char *value);
/* All of it as a block of strings; *ret_size: its bytes with the last, empty one. NULL and the last error. */
char *environment_block(size_t *ret_size);

/* current_directory.c */
BOOL directory_set(const char *path);

/* Copy @text out, as calls do whose result is a length, or the size that is missing. */
DWORD text_out(const char *text, LPSTR buffer, DWORD size);

#endif
