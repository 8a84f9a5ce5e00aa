/* SPDX-License-Identifier: MIT */
/* The terminal's size and colours. */
#include <stdatomic.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "file.h"

enum { DEFAULT_COLOURS = FOREGROUND_RED | FOREGROUND_GREEN | FOREGROUND_BLUE };

static _Atomic WORD colours = DEFAULT_COLOURS; /* as far as this process has set them */

static fm_status enter_terminal(HANDLE handle, struct winsize *ret_size, struct handle **ret_handle)
{
	fm_status status = file_enter(handle, 0, ret_handle);

	if (!status_failed(status) && os.ioctl((*ret_handle)->number, TIOCGWINSZ, ret_size) < 0) {
		fm_internal_handle_leave(*ret_handle);
		status = FM_E_INVALID_HANDLE;
	}
	return status;
}

BOOL WINAPI GetConsoleScreenBufferInfo(HANDLE hConsoleOutput, PCONSOLE_SCREEN_BUFFER_INFO lpConsoleScreenBufferInfo)
{
	struct winsize size;
	struct handle *handle;
	COORD extent;

	if (!finish(lpConsoleScreenBufferInfo ? enter_terminal(hConsoleOutput, &size, &handle) : FM_E_ACCESS_VIOLATION))
		return FALSE;
	fm_internal_handle_leave(handle);
	extent = (COORD){ (SHORT)size.ws_col, (SHORT)size.ws_row };
	*lpConsoleScreenBufferInfo = (CONSOLE_SCREEN_BUFFER_INFO){
		.dwSize = extent,
		.wAttributes = atomic_load_explicit(&colours, memory_order_relaxed),
		.srWindow = { 0, 0, (SHORT)(extent.X - 1), (SHORT)(extent.Y - 1) },
		.dwMaximumWindowSize = extent,
	};
	return TRUE;
}

/* Windows' bits are blue, green, red; a terminal's numbers have red lowest. */
static unsigned colour_of(unsigned bits)
{
	return (bits & 1 ? 4 : 0) + (bits & 2 ? 2u : 0) + (bits & 4 ? 1 : 0);
}

static int describe(WORD attributes, char *text, size_t size)
{
	if (attributes == DEFAULT_COLOURS)
		return snprintf(text, size, "\033[0m");
	return snprintf(text, size, "\033[0;%u;%um", colour_of(attributes) + (attributes & FOREGROUND_INTENSITY ? 90 : 30),
			colour_of(attributes >> 4) + (attributes & BACKGROUND_INTENSITY ? 100 : 40));
}

BOOL WINAPI SetConsoleTextAttribute(HANDLE hConsoleOutput, WORD wAttributes)
{
	struct winsize size;
	struct handle *handle;
	char text[32];
	ssize_t put;

	if (!finish(enter_terminal(hConsoleOutput, &size, &handle)))
		return FALSE;
	put = OS_RETRY(os.write(handle->number, text, (size_t)describe(wAttributes, text, sizeof(text))));
	fm_internal_handle_leave(handle);
	if (put < 0)
		return finish(fm_internal_status_of(OP_TRANSFER, (int)put));
	atomic_store_explicit(&colours, wAttributes, memory_order_relaxed);
	return TRUE;
}
