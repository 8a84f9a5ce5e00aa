/* SPDX-License-Identifier: MIT */
/* The terminal: its keys and its colours (libfilemap-port). */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <wincon.h>
#elif !defined(FILEMAP_WIN32_WINCON_H)
#define FILEMAP_WIN32_WINCON_H

#include "minwindef.h"

#define CTRL_C_EVENT 0
#define CTRL_BREAK_EVENT 1
#define CTRL_CLOSE_EVENT 2

#define FOREGROUND_BLUE 0x0001
#define FOREGROUND_GREEN 0x0002
#define FOREGROUND_RED 0x0004
#define FOREGROUND_INTENSITY 0x0008
#define BACKGROUND_BLUE 0x0010
#define BACKGROUND_GREEN 0x0020
#define BACKGROUND_RED 0x0040
#define BACKGROUND_INTENSITY 0x0080

#define SetConsoleCtrlHandler FM_WIN32(SetConsoleCtrlHandler)
#define GetConsoleScreenBufferInfo FM_WIN32(GetConsoleScreenBufferInfo)
#define SetConsoleTextAttribute FM_WIN32(SetConsoleTextAttribute)

FM_WIN32_BEGIN

typedef BOOL(WINAPI *PHANDLER_ROUTINE)(DWORD CtrlType);

typedef struct _COORD {
	SHORT X;
	SHORT Y;
} COORD, *PCOORD;

typedef struct _SMALL_RECT {
	SHORT Left;
	SHORT Top;
	SHORT Right;
	SHORT Bottom;
} SMALL_RECT, *PSMALL_RECT;

typedef struct _CONSOLE_SCREEN_BUFFER_INFO {
	COORD dwSize;
	COORD dwCursorPosition;
	WORD wAttributes;
	SMALL_RECT srWindow;
	COORD dwMaximumWindowSize;
} CONSOLE_SCREEN_BUFFER_INFO, *PCONSOLE_SCREEN_BUFFER_INFO;

/*
 * SIGINT, SIGQUIT and SIGHUP are CTRL_C, CTRL_BREAK and CTRL_CLOSE events. The first call with a handler
 * installs signal handlers and starts the thread that calls it, as Windows does; a NULL handler has
 * SIGINT ignored, by children too.
 */
WINBASEAPI BOOL WINAPI SetConsoleCtrlHandler(PHANDLER_ROUTINE HandlerRoutine, BOOL Add);
/* The window is the buffer; the cursor's place is not told (0, 0). ERROR_INVALID_HANDLE: no terminal. */
WINBASEAPI BOOL WINAPI GetConsoleScreenBufferInfo(HANDLE hConsoleOutput,
	PCONSOLE_SCREEN_BUFFER_INFO lpConsoleScreenBufferInfo);
WINBASEAPI BOOL WINAPI SetConsoleTextAttribute(HANDLE hConsoleOutput, WORD wAttributes);

FM_WIN32_END

#endif
