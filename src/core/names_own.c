/* SPDX-License-Identifier: MIT */
/*
 * How many handles of each name this process has, so that closing one of several need not ask the
 * kernel whether it was the last. Counting too few costs a question; too many (a host closed a handle's
 * descriptor itself) leaves a dead entry to the next call in the namespace. What does not fit is not
 * counted.
 */
#include "lock.h"
#include "names_internal.h"

/* FNV-1a; a chance collision costs what counting too many costs. */
static uint64_t key_of(const char *file)
{
	uint64_t key = 0xcbf29ce484222325u;

	for (; *file; file++)
		key = (key ^ (unsigned char)*file) * 0x100000001b3u;
	return key;
}

/* The way of the set that has the key, else a free one, else NAME_OWN_WAYS. */
static unsigned find_way(const struct name_own *own, unsigned set, uint64_t key)
{
	unsigned found = NAME_OWN_WAYS;

	for (unsigned way = 0; way < NAME_OWN_WAYS; way++) {
		if (own->count[set][way] == 0)
			found = way;
		else if (own->key[set][way] == key)
			return way;
	}
	return found;
}

void name_own_add(struct name_dir *dir, const char *file, ino_t inode)
{
	uint64_t key = key_of(file);
	unsigned set = (unsigned)(key >> 32) % NAME_OWN_SETS, way;
	LOCK_SCOPE(LOCK_NAMESPACE);

	way = find_way(&dir->own, set, key);
	if (way == NAME_OWN_WAYS)
		return;
	dir->own.key[set][way] = key;
	dir->own.inode[set][way] = inode;
	dir->own.count[set][way]++;
}

bool name_own_drop(struct name_dir *dir, const char *file, ino_t *ret_inode)
{
	uint64_t key = key_of(file);
	unsigned set = (unsigned)(key >> 32) % NAME_OWN_SETS, way;
	LOCK_SCOPE(LOCK_NAMESPACE);

	*ret_inode = 0;
	way = find_way(&dir->own, set, key);
	if (way == NAME_OWN_WAYS || dir->own.count[set][way] == 0)
		return false;
	*ret_inode = dir->own.inode[set][way];
	return --dir->own.count[set][way] > 0;
}
