/* SPDX-License-Identifier: MIT */
/* Which file a program's name means. */
#ifndef FM_PORT_PROGRAM_H
#define FM_PORT_PROGRAM_H

#include "port.h"

/*
 * program_named - the file that CreateProcess is given by its path; nothing is searched
 * program_of_line - the file that a command line begins with, in quotation marks or up to one of its blanks:
 *   with a separator, as a path; else in the directory of this program, the current one and those of PATH
 * The name itself, else without ".exe", else with it. @ret_path is absolute.
 * FM_E_NAME_NOT_FOUND, FM_E_PATH_NOT_FOUND, FM_E_ACCESS_DENIED (a directory), those of paths.
 */
fm_status program_named(const char *name, char ret_path[PATH_MAX]);
fm_status program_of_line(const char *line, char ret_path[PATH_MAX]);

#endif
