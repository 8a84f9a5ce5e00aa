/* SPDX-License-Identifier: MIT */
/*
 * The objects of this process by inode: one mapping each, so that a mutex taken through one handle can be
 * released through another.
 */
#include <string.h>
#include <sys/mman.h>

#include "mutex.h"
#include "object.h"

#define OBJECT_MAGIC "fmobject"
#define BUCKETS 256u

static struct object *buckets[BUCKETS]; /* LOCK_PORT */
static unsigned orphans;                /* of them without a reference; LOCK_PORT */

static struct object **bucket_of(ino_t inode)
{
	return &buckets[(inode ^ inode >> 8) % BUCKETS];
}

static void write_page(struct object_page *page, const struct object_call *make)
{
	memcpy(page->magic, OBJECT_MAGIC, sizeof(page->magic));
	page->kind = make->kind;
	page->manual = make->manual;
	page->limit = make->limit;
	atomic_store_explicit(&page->state, make->count, memory_order_relaxed);
}

/* Copy what is immutable, so that it stays what was checked. */
static fm_status read_page(struct object *object, const struct object_page *page, enum name_kind kind)
{
	uint32_t found = *(const volatile uint32_t *)&page->kind;

	if (memcmp(page->magic, OBJECT_MAGIC, sizeof(page->magic)) != 0 || found < NAME_MUTEX ||
	    found > NAME_SEMAPHORE)
		return FM_E_OBJECT_CORRUPT;
	if (kind && found != kind)
		return FM_E_OBJECT_TYPE_MISMATCH;
	object->kind = found;
	object->manual = *(const volatile uint32_t *)&page->manual != 0;
	object->limit = *(const volatile uint32_t *)&page->limit;
	if (found == NAME_SEMAPHORE && (object->limit == 0 || object->limit > INT32_MAX))
		return FM_E_OBJECT_CORRUPT;
	if (found == NAME_EVENT)
		object->limit = 1;
	return FM_OK;
}

/* The file's page, and behind it one of our own. Through a description that is not a handle's: a mapping
 * keeps its description, and with it the lock that is the name's life. */
static fm_status map_page(int fd, uint64_t start, struct object *object)
{
	const size_t size = 2 * OS_PAGE;
	intptr_t at = os.mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), over;
	int plain = start ? os_reopen(fd, O_RDWR) : fd; /* a memfd has no lock */

	over = plain;
	if (at >= 0 && plain >= 0)
		over = os.mmap((void *)at, OS_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, plain, start);
	if (start)
		os_close(plain);
	if (at < 0)
		return fm_internal_status_of(OP_MAP, (int)at);
	if (over < 0) {
		(void)os.munmap((void *)at, size); /* whole and ours: cannot fail */
		return fm_internal_status_of(plain < 0 ? OP_DESCRIPTOR : OP_MAP, (int)over);
	}
	object->page = (struct object_page *)at;
	object->pages = size;
	return FM_OK;
}

static void add_object(struct object *object)
{
	struct object **bucket = bucket_of(object->inode);

	object->next = *bucket;
	*bucket = object;
}

static void object_free(struct object *object)
{
	if (object->page)
		(void)os.munmap(object->page, object->pages); /* whole and ours: cannot fail */
	os_free(object->name);
	os_free(object);
}

static fm_status object_new(int fd, uint64_t start, const struct stat *st, enum name_kind kind,
			    const struct object_call *make, struct object **ret_object)
{
	struct object *object = os_allocate(sizeof(*object));
	fm_status status;

	if (!object)
		return FM_E_NO_MEMORY;
	object->device = st->st_dev;
	object->inode = st->st_ino;
	object->references = 1;
	status = (uint64_t)st->st_size < start + OS_PAGE ? FM_E_OBJECT_CORRUPT : map_page(fd, start, object);
	if (!status_failed(status) && make) {
		write_page(object->page, make);
		atomic_store_explicit(&object->generation, fm_internal_lock_generation(), memory_order_relaxed);
	}
	if (!status_failed(status))
		status = read_page(object, object->page, kind);
	if (status_failed(status)) {
		object_free(object);
		return status;
	}
	*ret_object = object;
	return FM_OK;
}

static void remove_object(struct object *object)
{
	struct object **place = bucket_of(object->inode);

	while (*place != object)
		place = &(*place)->next;
	*place = object->next;
}

/* No call is in it any more. One that was may have taken the mutex after its handles were closed. */
static void object_release(struct retired *self)
{
	struct object *object = (struct object *)self;

	if (mutex_is_ours(object)) {
		PORT_LOCK_SCOPE(LOCK_PORT);

		add_object(object);
		orphans++;
	} else {
		object_free(object);
	}
}

/* Those without handles that no thread owns any more: out of the table, as a list. */
static struct object *take_orphans(void)
{
	struct object *taken = NULL;
	PORT_LOCK_SCOPE(LOCK_PORT);

	for (unsigned i = 0; orphans > 0 && i < BUCKETS; i++)
		for (struct object *object = buckets[i], *next; object; object = next) {
			next = object->next;
			if (object->references > 0 || mutex_is_ours(object))
				continue;
			orphans--;
			remove_object(object);
			object->next = taken;
			taken = object;
		}
	return taken;
}

static void drop_orphans(void)
{
	for (struct object *object = take_orphans(), *next; object; object = next) {
		next = object->next;
		fm_internal_grace_retire(&object->retired, object_release);
	}
}

static struct object *find_object(const struct stat *st)
{
	for (struct object *object = *bucket_of(st->st_ino); object; object = object->next)
		if (object->inode == st->st_ino && object->device == st->st_dev)
			return object;
	return NULL;
}

static fm_status find_or_make(int fd, uint64_t start, const struct stat *st, enum name_kind kind,
			      const struct object_call *make, struct object **ret_object)
{
	struct object *object;
	fm_status status;
	PORT_LOCK_SCOPE(LOCK_PORT);

	object = find_object(st);
	if (!object) {
		status = object_new(fd, start, st, kind, make, &object);
		if (status_failed(status))
			return status;
		add_object(object);
	} else if (kind && object->kind != kind) {
		return FM_E_OBJECT_TYPE_MISMATCH;
	} else {
		orphans -= object->references == 0;
		object->references++;
	}
	*ret_object = object;
	return FM_OK;
}

fm_status object_bind(int fd, uint64_t start, enum name_kind kind, const struct object_call *make,
		      struct object **ret_object)
{
	struct stat st;
	int error = os.fstat(fd, &st);

	if (error < 0)
		return fm_internal_status_of(OP_DESCRIPTOR, error);
	drop_orphans();
	return find_or_make(fd, start, &st, kind, make, ret_object);
}

void object_get(struct object *object)
{
	PORT_LOCK_SCOPE(LOCK_PORT);

	object->references++;
}

/* The last reference to an object that nobody owns: out of the table. */
static bool drop_reference(struct object *object)
{
	PORT_LOCK_SCOPE(LOCK_PORT);

	if (--object->references > 0)
		return false;
	if (mutex_is_ours(object)) {
		orphans++;
		return false;
	}
	remove_object(object);
	return true;
}

void object_put(struct object *object)
{
	if (drop_reference(object))
		fm_internal_grace_retire(&object->retired, object_release);
}

void object_name_take(struct object *object, char *name)
{
	PORT_LOCK_SCOPE(LOCK_PORT);

	if (!name)
		return;
	if (object->name)
		os_free(name);
	else
		object->name = name;
}
