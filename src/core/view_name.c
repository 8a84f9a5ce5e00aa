/* SPDX-License-Identifier: MIT */
/* The name of the file behind an address, as the kernel knows it. */
#include <string.h>

#include "maps.h"
#include "os.h"
#include "status.h"
#include "view.h"

/* Ours to answer without looking at the kernel's map? */
static fm_status check_region(uintptr_t address)
{
	unsigned token = grace_enter();
	struct region *region = region_find(address);
	fm_status status = FM_OK;

	if (region && region->kind != REGION_VIEW)
		status = FM_E_INVALID_ADDRESS;
	else if (region && section_is_memory(region->section))
		status = FM_E_FILE_INVALID;
	grace_leave(token);
	return status;
}

static void strip(char *path, const char *end)
{
	size_t length = strlen(path), extra = strlen(end);

	if (length > extra && strcmp(path + length - extra, end) == 0)
		path[length - extra] = 0;
}

fm_status view_file_name(const void *address, char path[PATH_MAX])
{
	fm_status status = check_region((uintptr_t)address);
	struct os_map map;
	struct stat st;

	if (status_failed(status))
		return status;
	if (os_find_map((uintptr_t)address, &map) < 0 || map.start > (uintptr_t)address || map.path[0] != '/')
		return FM_E_INVALID_ADDRESS;
	if (os.fstatat(AT_FDCWD, map.path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		strip(map.path, " (deleted)"); /* the name that it had */
	memcpy(path, map.path, PATH_MAX);
	return FM_OK;
}
