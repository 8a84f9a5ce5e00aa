/* SPDX-License-Identifier: MIT */
/* How much memory the machine has, and how much of it is left. */
#include <stdlib.h>
#include <string.h>

#include "port.h"

#define USER_SPACE ((uint64_t)1 << 47) /* what a process may address */

/* Bytes of one line of @text; 0: it is not there. */
static uint64_t line_of(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtoull(at + strlen(name), NULL, 10) * 1024 : 0;
}

static fm_status read_file(const char *path, char text[4096])
{
	int fd = os_open(AT_FDCWD, path, O_RDONLY, 0);
	ssize_t length = fd < 0 ? fd : OS_RETRY(os.read(fd, text, 4095));

	os_close(fd);
	if (length < 0)
		return fm_internal_status_of(OP_OPEN_FILE, (int)length);
	text[length] = 0;
	return FM_OK;
}

BOOL WINAPI GlobalMemoryStatusEx(LPMEMORYSTATUSEX lpBuffer)
{
	char text[4096];
	uint64_t total, available, swap, mapped = 0;
	fm_status status = lpBuffer && lpBuffer->dwLength == sizeof(*lpBuffer) ? FM_OK : FM_E_INVALID_PARAMETER;

	if (!status_failed(status))
		status = read_file("/proc/self/statm", text);
	if (!status_failed(status)) {
		mapped = strtoull(text, NULL, 10) * OS_PAGE;
		status = read_file("/proc/meminfo", text);
	}
	if (!finish(status))
		return FALSE;
	total = line_of(text, "MemTotal:");
	available = line_of(text, "MemAvailable:");
	swap = line_of(text, "SwapFree:");
	*lpBuffer = (MEMORYSTATUSEX){
		.dwLength = sizeof(*lpBuffer),
		.dwMemoryLoad = total ? (DWORD)((total - available) * 100 / total) : 0,
		.ullTotalPhys = total,
		.ullAvailPhys = available,
		.ullTotalPageFile = total + line_of(text, "SwapTotal:"),
		.ullAvailPageFile = available + swap,
		.ullTotalVirtual = USER_SPACE,
		.ullAvailVirtual = USER_SPACE - mapped,
	};
	return TRUE;
}
