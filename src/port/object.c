/* SPDX-License-Identifier: MIT */
/* Handles of objects: made, opened, inherited, duplicated. */
#include "object.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>

#include "mutex.h"
#include "tokens.h"

#define MODIFY_STATE 0x0002u /* EVENT_MODIFY_STATE, SEMAPHORE_MODIFY_STATE */
#define OBJECT_ALL_ACCESS (STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | 3u)

static const struct handle_kind *kind_of(enum name_kind kind)
{
	return kind == NAME_MUTEX ? &mutex_kind : kind == NAME_EVENT ? &event_kind : &semaphore_kind;
}

/* Generic rights become this kind's. */
static uint32_t rights_of(enum name_kind kind, DWORD access)
{
	uint32_t rights = access & 0x0fffffffu;

	if (access & GENERIC_READ)
		rights |= STANDARD_RIGHTS_READ | 1u;
	if (access & GENERIC_WRITE)
		rights |= STANDARD_RIGHTS_WRITE | (kind == NAME_MUTEX ? 0 : MODIFY_STATE);
	if (access & GENERIC_EXECUTE)
		rights |= STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE;
	if (access & (GENERIC_ALL | MAXIMUM_ALLOWED))
		rights |= STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | (kind == NAME_MUTEX ? 1u : 3u);
	return rights;
}

uint32_t object_granted(const struct handle *handle)
{
	return ((const struct object_handle *)handle)->access;
}

void object_note(struct object *object)
{
	uint32_t now = fm_internal_lock_generation();

	if (atomic_load_explicit(&object->generation, memory_order_relaxed) == now)
		return;
	state_share(object);
	atomic_store_explicit(&object->slot, 0, memory_order_relaxed); /* it was the parent's ... */
	atomic_store_explicit(&object->owner, 0, memory_order_relaxed); /* ... and so was the owner */
	atomic_store_explicit(&object->generation, now, memory_order_relaxed);
}

fm_status object_enter(HANDLE handle, const struct handle_kind *kind, uint32_t access,
		       struct object_handle **ret_handle)
{
	struct handle *entered;
	fm_status status = enter(handle, kind, &entered);

	if (status_failed(status))
		return status;
	if ((object_granted(entered) & access) != access) {
		fm_internal_handle_leave(entered);
		return FM_E_ACCESS_DENIED;
	}
	*ret_handle = (struct object_handle *)entered;
	object_note((*ret_handle)->object);
	return FM_OK;
}

/* ---- the handle_kind's ---- */

/* A handle on @object, whose reference it takes over, with descriptor @fd. NULL: no memory. */
static struct object_handle *handle_new(struct object *object, int fd, uint32_t access)
{
	struct object_handle *handle = os_allocate(sizeof(*handle));

	assert(object);
	if (!handle)
		return NULL;
	handle_init(&handle->handle, kind_of(object->kind));
	handle->object = object;
	handle->fd = fd;
	handle->access = access;
	return handle;
}

static void release_descriptor(const char *name, int fd)
{
	struct object_name parsed;

	if (name && !status_failed(fm_internal_name_parse(name, &parsed)))
		fm_internal_name_release(&parsed, fd);
	else
		os_close(fd);
}

static void close_handle(struct handle *base)
{
	struct object_handle *handle = (struct object_handle *)base;

	release_descriptor(handle->object->name, handle->fd);
	object_put(handle->object);
}

static void forget_handle(struct handle *base)
{
	object_put(((struct object_handle *)base)->object);
	os_free(base);
}

/* Where in the file of descriptor @fd an object's page lies; *ret_name as object.name. */
static fm_status recognise(int fd, uint64_t *ret_start, char **ret_name)
{
	struct name_facts facts;
	struct stat st;
	fm_status status;
	int seals;

	*ret_name = NULL;
	if (os.fstat(fd, &st) < 0)
		return FM_E_INVALID_HANDLE;
	if (!S_ISREG(st.st_mode))
		return FM_E_OBJECT_TYPE_MISMATCH;
	*ret_start = 0;
	if (st.st_nlink == 0 && st.st_size == OS_PAGE) {
		seals = os.get_seals(fd);
		return seals >= 0 && (seals & F_SEAL_SHRINK) ? FM_OK : FM_E_OBJECT_TYPE_MISMATCH;
	}
	status = fm_internal_name_inspect(fd, &facts, ret_name);
	if (!status_failed(status) && facts.kind == NAME_SECTION) {
		os_free(*ret_name);
		*ret_name = NULL;
		return FM_E_OBJECT_TYPE_MISMATCH;
	}
	*ret_start = NAME_DATA_START;
	return status;
}

static fm_status take_handle(int number, struct handle **ret_handle)
{
	struct object_handle *handle;
	struct object *object;
	uint64_t start;
	char *name;
	fm_status status = recognise(number, &start, &name);

	if (status_failed(status))
		return status;
	status = object_bind(number, start, 0, NULL, &object);
	if (status == FM_E_OBJECT_CORRUPT)
		status = FM_E_OBJECT_TYPE_MISMATCH;
	if (status_failed(status)) {
		os_free(name);
		return status;
	}
	object_name_take(object, name);
	handle = handle_new(object, number, OBJECT_ALL_ACCESS);
	if (!handle) {
		object_put(object);
		return FM_E_NO_MEMORY;
	}
	*ret_handle = &handle->handle;
	return FM_OK;
}

/* As sections: what exec left open is inheritable; anything else is closed as a handle, and in use still. */
static fm_status adopt_handle(int number, struct handle **ret_handle)
{
	fm_status status = take_handle(number, ret_handle);
	int flags;

	if (status_failed(status))
		return status;
	flags = os.getfd(number);
	if (flags >= 0 && !(flags & FD_CLOEXEC))
		return FM_OK;
	forget_handle(*ret_handle);
	return FM_E_INVALID_HANDLE;
}

static fm_status narrowed(const struct object_handle *source, const uint32_t *access, uint32_t *ret_access)
{
	uint32_t rights = access ? rights_of(source->object->kind, *access) : source->access;

	if (source->object->sealed && (rights & ~source->access))
		return FM_E_ACCESS_DENIED;
	*ret_access = rights;
	return FM_OK;
}

static fm_status duplicate_handle(struct handle *base, const uint32_t *access, struct handle **ret_handle,
				  int *ret_number)
{
	struct object_handle *source = (struct object_handle *)base, *copy;
	uint32_t rights;
	fm_status status = narrowed(source, access, &rights);
	int fd;

	if (status_failed(status))
		return status;
	fd = os.dupfd(source->fd, 0);
	if (fd < 0)
		return fm_internal_status_of(OP_DESCRIPTOR, fd);
	copy = handle_new(source->object, fd, rights);
	if (!copy) {
		os_close(fd);
		return FM_E_NO_MEMORY;
	}
	object_get(source->object);
	*ret_handle = &copy->handle;
	*ret_number = fd;
	return FM_OK;
}

static fm_status pack_handle(struct handle *base, const uint32_t *access, struct parcel *ret_parcel)
{
	struct object_handle *source = (struct object_handle *)base;
	uint32_t rights;
	fm_status status = narrowed(source, access, &rights);
	int fd;

	if (status_failed(status))
		return status;
	fd = os.dupfd(source->fd, 0);
	if (fd < 0)
		return fm_internal_status_of(OP_DESCRIPTOR, fd);
	*ret_parcel = (struct parcel){ .words = { rights }, .fds = { fd }, .count = 1 };
	return FM_OK;
}

static fm_status unpack_handle(const struct parcel *parcel, int number, struct handle **ret_handle)
{
	int fd = parcel->count ? os.dupfd(parcel->fds[0], number) : -EBADF;
	fm_status status = fd == number ? take_handle(fd, ret_handle) : FM_E_INVALID_HANDLE;

	for (uint32_t i = 0; i < parcel->count; i++)
		os_close(parcel->fds[i]);
	if (status_failed(status))
		os_close(fd);
	else
		((struct object_handle *)*ret_handle)->access = parcel->words[0];
	return status;
}

/* There is one object for each inode. */
static bool same_object(const struct handle *a, const struct handle *b)
{
	return object_of(a) == object_of(b);
}

#define OBJECT_KIND(text, adopts)                                                                  \
	{ .name = text, .close = close_handle, .adopt = adopts ? adopt_handle : NULL,               \
	  .take = adopts ? take_handle : NULL, .forget = forget_handle, .duplicate = duplicate_handle, \
	  .same = same_object, .pack = pack_handle, .unpack = unpack_handle }

/* One of them recognises all three. */
const struct handle_kind mutex_kind = OBJECT_KIND("mutex", true);
const struct handle_kind event_kind = OBJECT_KIND("event", false);
const struct handle_kind semaphore_kind = OBJECT_KIND("semaphore", false);

/* ---- made and opened ---- */

/* A maker's doings that come before others can see the object. */
struct making {
	const struct object_call *call;
	uint64_t start;
	struct object *object; /* with a reference */
	fm_status status;      /* why prepare() gave up */
};

static void unmake(struct making *making)
{
	if (!making->object)
		return;
	if (making->call->owned)
		mutex_disown(making->object);
	object_put(making->object);
	making->object = NULL;
}

static int prepare(void *context, int fd)
{
	struct making *making = context;

	unmake(making); /* the file before this one came to nothing */
	making->status = object_bind(fd, making->start, making->call->kind, making->call, &making->object);
	if (!status_failed(making->status) && making->call->owned)
		making->status = mutex_own(making->object);
	return status_failed(making->status) ? -ECANCELED : 0;
}

static fm_status make_unnamed(struct making *making, int *ret_fd)
{
	int fd = os.memfd_create("filemap-object", MFD_CLOEXEC | MFD_ALLOW_SEALING), error;

	if (fd < 0)
		return fm_internal_status_of(OP_DESCRIPTOR, fd);
	error = os_allocate_storage(fd, 0, OS_PAGE);
	if (error >= 0)
		error = os.add_seals(fd, F_SEAL_SHRINK | F_SEAL_GROW);
	if (error >= 0)
		error = prepare(making, fd);
	if (error >= 0) {
		*ret_fd = fd;
		return FM_OK;
	}
	unmake(making);
	os_close(fd);
	return error == -ECANCELED ? making->status : fm_internal_status_of(OP_STORAGE_MEMORY, error);
}

static fm_status acquire_named(struct making *making, struct name_request *request, int *ret_fd)
{
	struct name_facts facts;
	char *name = fm_internal_name_full(&request->name); /* to find its entry when its handles are closed */
	fm_status status, bound = FM_OK;

	if (!name)
		return FM_E_NO_MEMORY;
	status = fm_internal_name_acquire(request, ret_fd, &facts);
	if (status != FM_OK)
		unmake(making);
	if (status_failed(status)) {
		os_free(name);
		return status_failed(making->status) ? making->status : status;
	}
	if (status == FM_NAME_EXISTS) {
		bound = object_bind(*ret_fd, NAME_DATA_START, request->facts.kind, NULL, &making->object);
		if (status_failed(bound)) {
			fm_internal_name_release(&request->name, *ret_fd);
			os_free(name);
			return bound;
		}
	}
	object_name_take(making->object, name);
	return status;
}

static fm_status make(struct making *making, int *ret_fd, bool *ret_sealed)
{
	const struct object_call *call = making->call;
	struct name_request request = { .facts = { .kind = call->kind, .backing = FM_BACKING_MEMORY, .size = OS_PAGE },
					.writable = true, .reserve_storage = true, .may_open = true,
					.may_create = true, .prepare = prepare, .context = making };
	const void *descriptor = call->security ? call->security->lpSecurityDescriptor : NULL;
	bool named = call->name && call->name[0];
	struct acl acl;
	fm_status status = fm_internal_security_acl(descriptor, call->kind == NAME_MUTEX ? SECURED_MUTEX : SECURED_STATE,
						    named, &acl, ret_sealed);

	if (status_failed(status))
		return status;
	request.mode = acl.mode;
	request.acl = &acl;
	if (!named)
		return make_unnamed(making, ret_fd);
	making->start = NAME_DATA_START;
	status = fm_internal_name_parse(call->name, &request.name);
	return status_failed(status) ? status : acquire_named(making, &request, ret_fd);
}

/* The last step of both ways to a handle; on failure all is undone. */
static fm_status publish(struct object *object, int fd, uint32_t access, bool inherit, HANDLE *ret_handle)
{
	struct object_handle *handle = handle_new(object, fd, access);
	fm_status status = handle ? FM_OK : FM_E_NO_MEMORY;

	assert(object);
	if (!handle) {
		release_descriptor(object->name, fd);
		object_put(object);
		return status;
	}
	handle->handle.number = fd;
	if (inherit)
		status = fm_internal_handle_set_inheritable(&handle->handle, true);
	if (!status_failed(status))
		status = fm_internal_handle_publish(&handle->handle, fd);
	if (status_failed(status)) {
		fm_internal_handle_discard(&handle->handle);
		return status;
	}
	fm_internal_handles_ready();
	*ret_handle = handle_of(fd);
	return FM_OK;
}

HANDLE object_create(const struct object_call *call)
{
	struct making making = { .call = call };
	bool inherit = call->security && call->security->bInheritHandle, sealed = false;
	uint32_t access = rights_of(call->kind, call->access);
	HANDLE handle = NULL;
	fm_status made, status = fm_internal_lock_ready();
	int fd = -1;

	if (!status_failed(status))
		status = mutex_ready(call->kind);
	if (!status_failed(status))
		status = made = make(&making, &fd, &sealed);
	if (!status_failed(status)) {
		if (sealed)
			making.object->sealed = true; /* unnamed, and nobody else knows it yet */
		object_get(making.object);
		status = publish(making.object, fd, access, inherit, &handle);
		if (status_failed(status) && made == FM_OK)
			unmake(&making);
		else
			object_put(making.object);
	}
	if (status_failed(status))
		return finish_pointer(status, NULL);
	SetLastError(fm_status_win32(made)); /* 0 or 183: also a success says which */
	return handle;
}

HANDLE object_open(enum name_kind kind, DWORD access, BOOL inherit, const char *name)
{
	const struct object_call call = { .kind = kind };
	struct making making = { .call = &call };
	struct name_request request = { .facts = { .kind = kind }, .writable = true, .may_open = true };
	fm_status status = fm_internal_lock_ready();
	HANDLE handle = NULL;
	int fd = -1;

	if (!status_failed(status) && !name)
		status = FM_E_INVALID_PARAMETER;
	else if (!status_failed(status) && !name[0])
		status = FM_E_OBJECT_TYPE_MISMATCH; /* the directory itself */
	if (!status_failed(status))
		status = fm_internal_name_parse(name, &request.name);
	if (!status_failed(status))
		status = mutex_ready(kind);
	if (!status_failed(status))
		status = acquire_named(&making, &request, &fd);
	if (!status_failed(status))
		status = publish(making.object, fd, rights_of(kind, access), inherit, &handle);
	return finish_pointer(status, handle);
}

bool object_name_fits(LPCSTR name)
{
	if (!name || fm_internal_text_widened_length(name, 2) <= MAX_PATH)
		return true;
	SetLastError(ERROR_FILENAME_EXCED_RANGE);
	return false;
}
