/* SPDX-License-Identifier: MIT */
/* The header of an object's file. Whoever may write the file may write anything here. */
#include <string.h>

#include "names_internal.h"
#include "protect.h"
#include "status.h"

#define HEADER_MAGIC "filemap\n"
#define HEADER_VERSION 1u
#define PATH_MAX_BYTES 4095u
#define AT_ONCE 512u /* bytes that most headers and their names need */

struct name_header {
	char magic[8];
	uint32_t version, kind, space, name_length, path_length, backing, protection, attributes;
	uint64_t size, extra_size, device, inode;
	int64_t created;
	int32_t creator;
	uint32_t value[4];
	uint32_t reserved;
	/* the name's bytes, then the path's; neither has a terminator */
};

_Static_assert(sizeof(struct name_header) == 104, "the layout is a format");
_Static_assert(sizeof(struct name_header) + NAME_MAX_BYTES + PATH_MAX_BYTES <= NAME_DATA_START,
	       "header, name and path lie below the data");

fm_status name_file_size(const struct name_facts *facts, uint64_t *ret_size)
{
	uint64_t size = facts->backing == FM_BACKING_FILE ? 0 : facts->size;

	/* The data are whole pages, so that what lies behind them can be mapped. */
	if (__builtin_add_overflow(size, OS_PAGE - 1, &size))
		return FM_E_SECTION_TOO_BIG;
	size &= ~(uint64_t)(OS_PAGE - 1);
	if (__builtin_add_overflow(size, NAME_DATA_START, &size) ||
	    __builtin_add_overflow(size, facts->extra_size, &size) || size > INT64_MAX)
		return FM_E_SECTION_TOO_BIG;
	*ret_size = size;
	return FM_OK;
}

static void header_fill(struct name_header *header, enum fm_namespace space, const struct name_request *request,
			const struct name_facts *facts)
{
	memcpy(header->magic, HEADER_MAGIC, sizeof(header->magic));
	header->version = HEADER_VERSION;
	header->kind = facts->kind;
	header->space = space;
	header->name_length = (uint32_t)request->name.length;
	header->path_length = request->path ? (uint32_t)strlen(request->path) : 0;
	header->backing = facts->backing;
	header->protection = facts->protection;
	header->attributes = facts->attributes;
	header->size = facts->size;
	header->extra_size = facts->extra_size;
	header->device = facts->device;
	header->inode = facts->inode;
	header->created = facts->created;
	header->creator = facts->creator;
	memcpy(header->value, facts->value, sizeof(header->value));
}

/* One call for the usual short texts. */
int name_header_write(int fd, enum fm_namespace space, const struct name_request *request,
		      const struct name_facts *facts)
{
	const size_t start = sizeof(struct name_header);
	size_t length = request->name.length, path_length = request->path ? strlen(request->path) : 0;
	char bytes[AT_ONCE] __attribute__((aligned(8))) = { 0 };
	int error;

	if (path_length > PATH_MAX_BYTES)
		return -ENAMETOOLONG;
	header_fill((struct name_header *)bytes, space, request, facts);
	if (start + length + path_length > sizeof(bytes)) {
		error = os_pwrite_all(fd, bytes, start, 0);
		if (error == 0)
			error = os_pwrite_all(fd, request->name.text, length, start);
		return error < 0 ? error : os_pwrite_all(fd, request->path, path_length, start + length);
	}
	memcpy(bytes + start, request->name.text, length);
	if (path_length > 0)
		memcpy(bytes + start + length, request->path, path_length);
	return os_pwrite_all(fd, bytes, start + length + path_length, 0);
}

/* Is the header in itself a possible one? */
static bool is_plausible(const struct name_header *header)
{
	bool is_section = header->kind == NAME_SECTION;

	if (memcmp(header->magic, HEADER_MAGIC, sizeof(header->magic)) != 0 || header->version != HEADER_VERSION)
		return false;
	if (header->kind < NAME_SECTION || header->kind > NAME_SEMAPHORE || header->space > FM_GLOBAL)
		return false;
	if (header->name_length == 0 || header->name_length > NAME_MAX_BYTES || header->path_length > PATH_MAX_BYTES)
		return false;
	if (header->protection & ~(uint32_t)(PROTECT_BASE | PROTECT_MODIFIERS))
		return false;
	if (header->backing == FM_BACKING_FILE)
		return is_section && header->path_length > 0;
	return (header->backing == FM_BACKING_MEMORY || (!is_section && header->backing == 0)) &&
	       header->path_length == 0;
}

static void facts_fill(struct name_facts *facts, const struct name_header *header, const struct stat *st)
{
	*facts = (struct name_facts){
		.kind = header->kind,
		.protection = header->protection,
		.attributes = header->attributes,
		.backing = header->backing,
		.size = header->size,
		.extra_size = header->extra_size,
		.device = header->device,
		.inode = header->inode,
		.created = header->created,
		.creator = header->creator,
	};
	memcpy(facts->value, header->value, sizeof(facts->value));
	if (facts->backing != FM_BACKING_FILE) {
		facts->device = st->st_dev;
		facts->inode = st->st_ino;
	}
}

/* The object may have grown since @st was taken; the file grows before its header says so. */
static bool fits_file(int fd, const struct name_facts *facts, const struct stat *st)
{
	uint64_t needed;
	struct stat now;

	if (name_file_size(facts, &needed) != FM_OK)
		return false;
	return needed <= (uint64_t)st->st_size || (OS_RETRY(os.fstat(fd, &now)) == 0 && needed <= (uint64_t)now.st_size);
}

/* Does the file carry these @length bytes at @offset? 1, 0 or -errno. */
static int bytes_match(int fd, uint64_t offset, const char *expected, size_t length)
{
	char piece[AT_ONCE];

	while (length > 0) {
		size_t part = length < sizeof(piece) ? length : sizeof(piece);
		int error = os_pread_all(fd, piece, part, offset);

		if (error < 0)
			return error;
		if (memcmp(piece, expected, part) != 0)
			return 0;
		offset += part;
		expected += part;
		length -= part;
	}
	return 1;
}

static int name_matches(int fd, const char *bytes, size_t got, const struct object_name *expected)
{
	const struct name_header *header = (const struct name_header *)bytes;
	size_t here = got - sizeof(*header);

	if (header->space != expected->space || header->name_length != expected->length)
		return 0;
	if (here > expected->length)
		here = expected->length;
	if (memcmp(bytes + sizeof(*header), expected->text, here) != 0)
		return 0;
	return bytes_match(fd, sizeof(*header) + here, expected->text + here, expected->length - here);
}

fm_status name_header_read(int fd, const struct stat *st, const struct object_name *expected,
			   struct name_facts *ret_facts)
{
	char bytes[AT_ONCE] __attribute__((aligned(8)));
	const struct name_header *header = (const struct name_header *)bytes;
	struct name_facts facts;
	int error;

	if (st->st_size < NAME_DATA_START)
		return FM_E_OBJECT_CORRUPT;
	error = os_pread_all(fd, bytes, sizeof(bytes), 0);
	if (error < 0)
		return status_of(OP_OPEN_NAME, error);
	if (!is_plausible(header))
		return FM_E_OBJECT_CORRUPT;
	facts_fill(&facts, header, st);
	if (!fits_file(fd, &facts, st))
		return FM_E_OBJECT_CORRUPT;
	error = expected ? name_matches(fd, bytes, sizeof(bytes), expected) : 1;
	if (error < 0)
		return status_of(OP_OPEN_NAME, error);
	if (error == 0)
		return FM_E_OBJECT_CORRUPT;
	*ret_facts = facts;
	return FM_OK;
}

/* @length bytes of the file after @prefix, as a string. */
static fm_status read_text(int fd, uint64_t offset, uint32_t length, const char *prefix, char **ret_text)
{
	size_t start = strlen(prefix);
	char *text = os_allocate(start + length + 1);
	int error;

	if (!text)
		return FM_E_NO_MEMORY;
	memcpy(text, prefix, start);
	error = os_pread_all(fd, text + start, length, offset);
	if (error < 0 || strlen(text) != start + length) {
		os_free(text);
		return error < 0 ? status_of(OP_OPEN_NAME, error) : FM_E_OBJECT_CORRUPT;
	}
	*ret_text = text;
	return FM_OK;
}

fm_status name_header_text(int fd, char **ret_name, char **ret_path)
{
	struct name_header header;
	struct object_name name;
	char *full = NULL, *path = NULL;
	fm_status status;
	int error = os_pread_all(fd, &header, sizeof(header), 0);

	if (error < 0)
		return status_of(OP_OPEN_NAME, error);
	if (!is_plausible(&header)) /* it was when it was read; who may write it may change it */
		return FM_E_OBJECT_CORRUPT;
	status = read_text(fd, sizeof(header), header.name_length, name_prefix(header.space),
			   &full);
	if (!status_failed(status) && name_parse(full, &name) != FM_OK)
		status = FM_E_OBJECT_CORRUPT;
	if (!status_failed(status) && ret_path && header.path_length > 0) {
		status = read_text(fd, sizeof(header) + header.name_length, header.path_length, "", &path);
		if (!status_failed(status) && path[0] != '/')
			status = FM_E_OBJECT_CORRUPT;
	}
	if (!status_failed(status) && ret_name) {
		*ret_name = full;
		full = NULL;
	}
	if (!status_failed(status) && ret_path) {
		*ret_path = path;
		path = NULL;
	}
	os_free(full);
	os_free(path);
	return status;
}

fm_status name_path(int fd, char **ret_path)
{
	char *path = NULL;
	fm_status status = name_header_text(fd, NULL, &path);

	if (status_failed(status))
		return status;
	if (!path)
		return FM_E_OBJECT_CORRUPT; /* memory has none, and who asks believes it is a file */
	*ret_path = path;
	return FM_OK;
}

fm_status name_inspect(int fd, struct name_facts *ret_facts, char **ret_name)
{
	struct name_facts facts;
	struct stat st;
	fm_status status;
	int error = OS_RETRY(os.fstat(fd, &st));

	if (error < 0)
		return status_of(OP_OPEN_NAME, error);
	if (!S_ISREG(st.st_mode))
		return FM_E_OBJECT_TYPE_MISMATCH;
	status = name_header_read(fd, &st, NULL, &facts);
	if (!status_failed(status) && ret_name)
		status = name_header_text(fd, ret_name, NULL);
	/* A descriptor that cannot be read (O_PATH, O_WRONLY) is no handle of ours either. */
	if (status == FM_E_OBJECT_CORRUPT || status == FM_E_INVALID_HANDLE)
		return FM_E_OBJECT_TYPE_MISMATCH;
	if (status_failed(status))
		return status;
	*ret_facts = facts;
	return FM_OK;
}

fm_status name_set_size(int fd, uint64_t size)
{
	const uint64_t at = offsetof(struct name_header, size);
	uint64_t now;
	int error;

	/* Extensions in several processes: byte 1 is locked while one raises the size, never lowers it. */
	error = name_lock_wait(fd, F_WRLCK, 1);
	if (error < 0)
		return status_of(OP_STORAGE_MEMORY, error);
	error = os_pread_all(fd, &now, sizeof(now), at);
	if (error == 0 && now < size)
		error = os_pwrite_all(fd, &size, sizeof(size), at);
	(void)name_lock_byte(fd, F_UNLCK, 1); /* unlocking what is held cannot fail, and death would do it too */
	return error < 0 ? status_of(OP_STORAGE_MEMORY, error) : FM_OK;
}
