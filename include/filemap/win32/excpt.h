/* SPDX-License-Identifier: MIT */
/* Structured exceptions: only their answers' names; no compiler for ELF has __try. FM_TRY of filemap/fault.h
 * stands in for it. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <excpt.h>
#elif !defined(FILEMAP_WIN32_EXCPT_H)
#define FILEMAP_WIN32_EXCPT_H

#define EXCEPTION_EXECUTE_HANDLER 1
#define EXCEPTION_CONTINUE_SEARCH 0
#define EXCEPTION_CONTINUE_EXECUTION (-1)

#endif
