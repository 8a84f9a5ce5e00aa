/* SPDX-License-Identifier: MIT */
/* The kernel's form of access lists, in an extended attribute. */
#include "acl.h"

#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <string.h>

#include "os.h"

static const char attribute[] = "system.posix_acl_access";

struct attribute_entry {
	uint16_t tag, bits;
	uint32_t id;
};

/* Owner, the file's group, mask and others are beside the named. */
struct attribute {
	uint32_t version;
	struct attribute_entry entries[ACL_MOST + 4];
};

_Static_assert(sizeof(struct attribute_entry) == sizeof(struct posix_acl_xattr_entry) &&
		       offsetof(struct attribute, entries) == sizeof(struct posix_acl_xattr_header) &&
		       __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "the layout is the kernel's");

struct acl_entry *acl_find(struct acl *acl, bool group, uint32_t id)
{
	unsigned i = 0;

	while (i < acl->count && (acl->entries[i].group < group ||
				  (acl->entries[i].group == group && acl->entries[i].id < id)))
		i++;
	if (i < acl->count && acl->entries[i].group == group && acl->entries[i].id == id)
		return &acl->entries[i];
	if (acl->count == ACL_MOST)
		return NULL;
	memmove(acl->entries + i + 1, acl->entries + i, (acl->count - i) * sizeof(acl->entries[0]));
	acl->entries[i] = (struct acl_entry){ .id = id, .group = group };
	acl->count++;
	return &acl->entries[i];
}

static unsigned put(struct attribute *list, unsigned at, unsigned tag, uint32_t bits, uint32_t id)
{
	list->entries[at] = (struct attribute_entry){ .tag = (uint16_t)tag, .bits = bits & 7, .id = id };
	return at + 1;
}

static unsigned put_named(struct attribute *list, unsigned at, const struct acl *acl, bool group)
{
	for (unsigned i = 0; i < acl->count; i++)
		if (acl->entries[i].group == group)
			at = put(list, at, group ? ACL_GROUP : ACL_USER, acl->entries[i].bits, acl->entries[i].id);
	return at;
}

int acl_set(int fd, uint32_t mode, const struct acl *acl)
{
	const uint32_t none = (uint32_t)ACL_UNDEFINED_ID;
	struct attribute list = { .version = POSIX_ACL_XATTR_VERSION };
	unsigned count;
	int error = 0;

	if (acl->count == 0)
		return OS_RETRY(os.fchmod(fd, mode));
	count = put(&list, 0, ACL_USER_OBJ, mode >> 6, none);
	count = put_named(&list, count, acl, false);
	count = put(&list, count, ACL_GROUP_OBJ, acl->mode, none); /* as everybody */
	count = put_named(&list, count, acl, true);
	count = put(&list, count, ACL_MASK, mode >> 3, none);
	count = put(&list, count, ACL_OTHER, mode, none);
	if (mode & S_ISVTX)
		error = OS_RETRY(os.fchmod(fd, mode & 01700));
	if (error == 0)
		error = OS_RETRY(os.fsetxattr(fd, attribute, &list,
					      offsetof(struct attribute, entries) + count * sizeof(list.entries[0]), 0));
	return error == -EOPNOTSUPP || error == -EINVAL ? -ENOSYS : error; /* none at all, or none for these ids */
}

bool acl_look(int fd, uint32_t *mode)
{
	char bytes[sizeof(struct posix_acl_xattr_header) + 256 * sizeof(struct attribute_entry)];
	ssize_t size = OS_RETRY(os.fgetxattr(fd, attribute, bytes, sizeof(bytes)));
	struct attribute_entry entry;

	for (size_t at = offsetof(struct attribute, entries); size > 0 && at + sizeof(entry) <= (size_t)size; at += sizeof(entry)) {
		memcpy(&entry, bytes + at, sizeof(entry));
		if (entry.tag == ACL_GROUP_OBJ) {
			*mode &= ~0070u | (entry.bits & 7u) << 3;
			return true;
		}
	}
	return false;
}

int acl_copy(int from, int to)
{
	char bytes[4096];
	ssize_t size = OS_RETRY(os.fgetxattr(from, attribute, bytes, sizeof(bytes)));
	int error;

	if (size == -ENODATA || size == -EOPNOTSUPP)
		return 0;
	if (size < 0)
		return (int)size;
	error = OS_RETRY(os.fsetxattr(to, attribute, bytes, (size_t)size, 0));
	return error < 0 ? error : 1;
}
