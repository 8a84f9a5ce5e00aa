/* SPDX-License-Identifier: MIT */
/* What the kernel has mapped at an address of this process. */
#ifndef FM_OS_MAPS_H
#define FM_OS_MAPS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct os_map {
	uintptr_t start, end;
	int prot;             /* PROT_ bits */
	bool shared;
	uint64_t offset, inode;
	uint64_t device;      /* as makedev() */
	char path[PATH_MAX];  /* as in /proc/self/maps; "" for anonymous memory */
};

/* The mapping containing @address, or the next one above it. -ENOENT: none. */
int os_find_map(uintptr_t address, struct os_map *ret_map);

#endif
