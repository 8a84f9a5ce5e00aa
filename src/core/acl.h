/* SPDX-License-Identifier: MIT */
/*
 * Who may open what is made: permission bits, and further users and groups in a POSIX access list.
 *
 * With further ones the group's permission bits are the list's mask; the group of the file itself has no
 * more than everybody, since nothing speaks of it that does not name it.
 */
#ifndef FM_CORE_ACL_H
#define FM_CORE_ACL_H

#include <stdbool.h>
#include <stdint.h>

enum { ACL_MOST = 64 }; /* fits into a block of ext4 */

struct acl_entry {
	uint32_t id;
	bool group;             /* else a user */
	uint8_t bits;           /* 4 read, 2 write, 1 execute or look inside */
};

struct acl {
	uint32_t mode;          /* with the sticky bit of a directory; 0: the default */
	unsigned count;
	struct acl_entry entries[ACL_MOST]; /* in the kernel's order: users, then groups, each by id */
};

/* The entry of a user or group, made without rights if it is new; NULL: there is no room for it. */
struct acl_entry *acl_find(struct acl *acl, bool group, uint32_t id);

/*
 * acl_set - give the open file or directory @fd, the caller's own, the bits @mode and the entries of @acl
 * @mode: of @acl->mode, or less; the group's bits limit all entries
 * -ENOSYS: there are entries, and the file system keeps none, or not these; -errno. A failure may have changed the bits of a
 * directory, to less.
 */
int acl_set(int fd, uint32_t mode, const struct acl *acl);

/* Does the open file @fd have a list? The group's bits of *mode then become those of its own group. */
bool acl_look(int fd, uint32_t *mode);

/* Give @to the list of @from. 0: there is none; 1; -errno. */
int acl_copy(int from, int to);

#endif
