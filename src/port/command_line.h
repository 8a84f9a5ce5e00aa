/* SPDX-License-Identifier: MIT */
/* Command lines: one string on Windows, several arguments here. */
#ifndef FM_PORT_COMMAND_LINE_H
#define FM_PORT_COMMAND_LINE_H

#include "port.h"

/*
 * command_line_split - the arguments in @line by the rules of Microsoft's C library
 * The first ends at a blank outside quotation marks, without escapes. In the others 2n backslashes before a
 * mark are n and the mark is one; 2n + 1 are n and the mark is a character; two marks within marks are a
 * character.
 * @ret_arguments: NULL at its end; all of it is one block for os_free(). FM_E_NO_MEMORY.
 */
fm_status command_line_split(const char *line, char ***ret_arguments);

/* The line that split takes apart into @size bytes of arguments, each with its NUL. NULL: no memory. */
char *command_line_join(const char *arguments, size_t size);

/* This process's, made once. NULL: no memory. */
const char *command_line_own(void);

#endif
