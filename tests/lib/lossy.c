/* SPDX-License-Identifier: MIT */
/* The kernel's FUSE protocol, as much of it as mapped files need. */
#include "lossy.h"

#include <linux/fuse.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>

#include "small.h"

enum { MOST = 64 << 10, ROOT = 1, FIRST = 2 /* the node of file 1 */ };

struct request {
	struct fuse_in_header head;
	char body[MOST + 4096];
};

struct server {
	struct lossy *disk;
	int fuse;
	const struct request *request;
};

/* ---- answers ---- */

static void answer(const struct server *server, int error, const void *body, size_t size)
{
	struct fuse_out_header head = { .len = (uint32_t)(sizeof(head) + size), .error = error,
					.unique = server->request->head.unique };
	struct iovec parts[] = { { &head, sizeof(head) }, { (void *)(uintptr_t)body, size } };

	(void)!writev(server->fuse, parts, 2); /* the asker may have gone */
}

static void answer_error(const struct server *server, int error)
{
	answer(server, error, NULL, 0);
}

static struct lossy_file *file_of(const struct server *server, uint64_t node)
{
	return &server->disk->now.files[node - FIRST];
}

static struct fuse_attr attributes_of(const struct server *server, uint64_t node)
{
	struct fuse_attr attr = { .ino = node, .mode = S_IFDIR | 0777, .nlink = 1, .uid = geteuid(), .gid = getegid(),
				  .blksize = 4096 };

	if (node != ROOT) {
		attr.mode = S_IFREG | 0666;
		attr.size = file_of(server, node)->size;
		attr.mtime = (uint64_t)file_of(server, node)->mtime;
	}
	return attr;
}

static void answer_attributes(const struct server *server, uint64_t node)
{
	struct fuse_attr_out out = { .attr = attributes_of(server, node) };

	answer(server, 0, &out, sizeof(out));
}

/* ---- names ---- */

static struct lossy_name *find(struct lossy_image *image, const char *text)
{
	for (unsigned i = 0; i < LOSSY_NAMES; i++)
		if (image->names[i].file && strcmp(image->names[i].text, text) == 0)
			return &image->names[i];
	return NULL;
}

static struct fuse_entry_out entry_of(const struct server *server, unsigned file)
{
	return (struct fuse_entry_out){ .nodeid = file - 1 + FIRST, .generation = 1,
					.attr = attributes_of(server, file - 1 + FIRST) };
}

static void look_up(const struct server *server, const char *text)
{
	struct lossy_name *name = find(&server->disk->now, text);
	struct fuse_entry_out entry;

	if (!name)
		return answer_error(server, -ENOENT);
	entry = entry_of(server, name->file);
	answer(server, 0, &entry, sizeof(entry));
}

static int set_name(struct lossy_image *image, const char *text, unsigned file)
{
	struct lossy_name *name = find(image, text);

	for (unsigned i = 0; !name && i < LOSSY_NAMES; i++)
		if (!image->names[i].file)
			name = &image->names[i];
	if (!name || strlen(text) >= sizeof(name->text))
		return -ENOSPC;
	strcpy(name->text, text);
	name->file = file;
	return 0;
}

static void create(const struct server *server, const char *text)
{
	struct lossy_image *now = &server->disk->now;
	struct {
		struct fuse_entry_out entry;
		struct fuse_open_out opened;
	} out = { .opened.open_flags = FOPEN_KEEP_CACHE };

	if (now->made == LOSSY_FILES || set_name(now, text, now->made + 1) < 0)
		return answer_error(server, -ENOSPC);
	now->made++;
	out.entry = entry_of(server, now->made);
	answer(server, 0, &out, sizeof(out));
}

static void unlink_name(const struct server *server, const char *text)
{
	struct lossy_name *name = find(&server->disk->now, text);

	if (name)
		name->file = 0;
	answer_error(server, name ? 0 : -ENOENT);
}

static void rename_file(const struct server *server, const char *from, unsigned flags)
{
	struct lossy_image *now = &server->disk->now;
	const char *to = from + strlen(from) + 1;
	struct lossy_name *name = find(now, from);
	unsigned file = name ? name->file : 0;

	if (!name || flags & ~1u)
		return answer_error(server, name ? -EINVAL : -ENOENT);
	if (flags && find(now, to))
		return answer_error(server, -EEXIST);
	name->file = 0;
	answer_error(server, set_name(now, to, file)); /* there is room: of the old name at least */
}

/* ---- contents ---- */

static void read_file(const struct server *server, const struct fuse_read_in *in)
{
	struct lossy_file *file = file_of(server, server->request->head.nodeid);
	size_t size = in->offset >= file->size ? 0 : file->size - in->offset;

	answer(server, 0, file->data + (size ? in->offset : 0), size < in->size ? size : in->size);
}

static void write_file(const struct server *server, const struct fuse_write_in *in)
{
	struct lossy *disk = server->disk;
	struct lossy_file *file = file_of(server, server->request->head.nodeid);
	struct fuse_write_out out = { .size = in->size };

	if (++disk->writes == disk->fail_at)
		return answer_error(server, -disk->fail_error);
	if (in->offset > LOSSY_ROOM || in->size > LOSSY_ROOM - in->offset)
		return answer_error(server, -ENOSPC);
	memcpy(file->data + in->offset, in + 1, in->size);
	if (file->size < in->offset + in->size)
		file->size = in->offset + in->size;
	answer(server, 0, &out, sizeof(out));
}

static void set_size(struct lossy_file *file, uint64_t size)
{
	if (size < file->size)
		memset(file->data + size, 0, file->size - size);
	file->size = size;
}

static void set_attributes(const struct server *server, const struct fuse_setattr_in *in)
{
	uint64_t node = server->request->head.nodeid;

	if (node != ROOT && in->valid & FATTR_SIZE && in->size > LOSSY_ROOM)
		return answer_error(server, -ENOSPC);
	if (node != ROOT && in->valid & FATTR_SIZE)
		set_size(file_of(server, node), in->size);
	if (node != ROOT && in->valid & FATTR_MTIME)
		file_of(server, node)->mtime = (int64_t)in->mtime;
	answer_attributes(server, node);
}

static void allocate(const struct server *server, const struct fuse_fallocate_in *in)
{
	struct lossy_file *file = file_of(server, server->request->head.nodeid);
	uint64_t end = in->offset + in->length;

	if (in->mode & ~(unsigned)FALLOC_FL_KEEP_SIZE)
		return answer_error(server, -EOPNOTSUPP);
	if (end > LOSSY_ROOM)
		return answer_error(server, -ENOSPC);
	if (!in->mode && end > file->size)
		file->size = end;
	answer_error(server, 0);
}

static void sync_file(const struct server *server, const struct fuse_fsync_in *in)
{
	uint64_t number = server->request->head.nodeid - FIRST;
	struct lossy_file *kept = &server->disk->kept.files[number];
	int64_t mtime = kept->mtime;

	*kept = server->disk->now.files[number];
	if (in->fsync_flags & 1)
		kept->mtime = mtime;
	answer_error(server, 0);
}

static void sync_names(const struct server *server)
{
	struct lossy *disk = server->disk;

	memcpy(disk->kept.names, disk->now.names, sizeof(disk->kept.names));
	answer_error(server, 0);
}

/* ---- the cut ---- */

static void settle_file(const struct lossy_file *now, struct lossy_file *kept, uint64_t survivors)
{
	for (size_t at = 0; at < LOSSY_ROOM; at += LOSSY_SECTOR)
		if (survivors >> (at / LOSSY_SECTOR % 64) & 1)
			memcpy(kept->data + at, now->data + at, LOSSY_SECTOR);
	if (survivors & 1)
		kept->size = now->size;
	memset(kept->data + kept->size, 0, LOSSY_ROOM - kept->size); /* nothing appears behind an end */
}

static void settle(struct lossy *disk, uint64_t survivors)
{
	for (unsigned i = 0; i < LOSSY_FILES; i++)
		settle_file(&disk->now.files[i], &disk->kept.files[i], survivors);
	if (survivors & 2)
		memcpy(disk->kept.names, disk->now.names, sizeof(disk->kept.names));
	disk->off = true;
}

static bool changes(uint32_t opcode)
{
	static const uint32_t changing[] = { FUSE_CREATE, FUSE_UNLINK, FUSE_RENAME, FUSE_RENAME2, FUSE_WRITE, FUSE_SETATTR,
					     FUSE_FALLOCATE, FUSE_FSYNC, FUSE_FSYNCDIR };

	for (size_t i = 0; i < ARRAY_SIZE(changing); i++)
		if (changing[i] == opcode)
			return true;
	return false;
}

/* ---- serving ---- */

static void initialise(const struct server *server)
{
	struct fuse_init_out out = { .major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION,
				     .max_readahead = MOST, .max_write = MOST, .flags = FUSE_BIG_WRITES };

	answer(server, 0, &out, sizeof(out));
}

static void serve(const struct server *server)
{
	const char *body = server->request->body;
	const void *in = body;
	struct fuse_open_out opened = { .open_flags = FOPEN_KEEP_CACHE };
	struct fuse_statfs_out facts = { .st = { .bsize = 4096, .namelen = 59 } };
	uint32_t opcode = server->request->head.opcode;

	if (changes(opcode) && ++server->disk->requests == server->disk->cut_at)
		settle(server->disk, server->disk->survivors);
	if (server->disk->off && opcode != FUSE_FORGET && opcode != FUSE_BATCH_FORGET && opcode != FUSE_INTERRUPT)
		return answer_error(server, -EIO);
	switch (opcode) {
	case FUSE_INIT: return initialise(server);
	case FUSE_LOOKUP: return look_up(server, body);
	case FUSE_GETATTR: return answer_attributes(server, server->request->head.nodeid);
	case FUSE_SETATTR: return set_attributes(server, in);
	case FUSE_OPEN: case FUSE_OPENDIR: return answer(server, 0, &opened, sizeof(opened));
	case FUSE_CREATE: return create(server, body + sizeof(struct fuse_create_in));
	case FUSE_UNLINK: return unlink_name(server, body);
	case FUSE_RENAME: return rename_file(server, body + sizeof(struct fuse_rename_in), 0);
	case FUSE_RENAME2:
		return rename_file(server, body + sizeof(struct fuse_rename2_in), ((const struct fuse_rename2_in *)in)->flags);
	case FUSE_READ: return read_file(server, in);
	case FUSE_WRITE: return write_file(server, in);
	case FUSE_FALLOCATE: return allocate(server, in);
	case FUSE_FSYNC: return sync_file(server, in);
	case FUSE_FSYNCDIR: return sync_names(server);
	case FUSE_STATFS: return answer(server, 0, &facts, sizeof(facts));
	case FUSE_RELEASE: case FUSE_RELEASEDIR: case FUSE_FLUSH: return answer_error(server, 0);
	case FUSE_FORGET: case FUSE_BATCH_FORGET: case FUSE_INTERRUPT: return;
	default: return answer_error(server, -ENOSYS);
	}
}

static void serve_all(struct lossy *disk, int fuse)
{
	static struct request request __attribute__((aligned(8)));
	struct server server = { disk, fuse, &request };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		ssize_t got = read(fuse, &request, sizeof(request));

		if (got >= (ssize_t)sizeof(request.head))
			serve(&server);
		else if (got < 0 && errno != EINTR && errno != ENOENT)
			_exit(0); /* unmounted */
	}
}

static void start(struct lossy *disk)
{
	int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[128];
	pid_t server;

	if (fuse < 0)
		check_skip("/dev/fuse: %s", strerror(errno));
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=%d,group_id=%d", fuse, (int)geteuid(), (int)getegid());
	if (mount("filemap-test", disk->path, "fuse", MS_NOSUID | MS_NODEV, options) < 0)
		check_skip("mount fuse: %s", strerror(errno));
	disk->requests = disk->cut_at = disk->fail_at = 0;
	disk->off = false;
	fflush(NULL);
	server = fork();
	if (server == 0)
		serve_all(disk, fuse);
	disk->server = server;
	close(fuse);
}

static void stop(struct lossy *disk)
{
	REQUIRE_EQ(kill(disk->server, SIGKILL), 0);
	REQUIRE_EQ(waitpid(disk->server, NULL, 0), disk->server);
	REQUIRE_EQ(umount2(disk->path, MNT_DETACH), 0);
}

/* ---- for tests ---- */

void lossy_cut(struct lossy *disk, uint64_t survivors)
{
	stop(disk);
	settle(disk, survivors); /* again, that changes nothing */
	disk->kept.made = disk->now.made;
	disk->now = disk->kept;
	start(disk);
}

void lossy_cut_at(struct lossy *disk, unsigned nth, uint64_t survivors)
{
	disk->survivors = survivors;
	disk->cut_at = disk->requests + nth;
}

void lossy_fail_write(struct lossy *disk, unsigned nth, int error)
{
	disk->writes = 0;
	disk->fail_error = error;
	disk->fail_at = nth;
}

void lossy_format(struct lossy *disk)
{
	stop(disk);
	memset(&disk->now, 0, sizeof(disk->now));
	memset(&disk->kept, 0, sizeof(disk->kept));
	start(disk);
}

const char *lossy_path(const struct lossy *disk, const char *name)
{
	static char ring[8][600];
	static unsigned next;
	char *path = ring[next++ % 8];

	snprintf(path, sizeof(ring[0]), "%s/%s", disk->path, name);
	return path;
}

void need_write_backs_that_last(void)
{
	if (!check_kernel(6, 16))
		check_skip("FUSE before Linux 6.16 ends a write-back before its server has answered");
}

void with_lossy(void (*part)(struct lossy *disk))
{
	char path[512];
	pid_t child;
	int result;

	snprintf(path, sizeof(path), "%s/lossy", check_directory());
	REQUIRE_EQ(mkdir(path, 0700), 0);
	fflush(NULL);
	child = fork();
	if (child == 0) {
		struct lossy *disk = mmap(NULL, sizeof(*disk), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

		REQUIRE(disk != MAP_FAILED);
		disk->path = path;
		small_unshare();
		start(disk);
		part(disk);
		stop(disk);
		fflush(NULL);
		_exit(check_failures ? 1 : 0);
	}
	result = child_result(child);
	if (result == 77) /* told why already */
		check_leave(true);
	CHECK_EQ(result, 0);
}
