/* SPDX-License-Identifier: MIT */
/* A file system whose one file cannot be read: the kernel's FUSE protocol, as little of it as that needs. */
#include "scenes.h"

#include <linux/fuse.h>
#include <sys/prctl.h>

#include "small.h"

enum { FILE_NODE = 2 };

struct request {
	struct fuse_in_header head;
	char body[8192 + 4096];
};

static void answer(int fuse, const struct request *request, int error, const void *body, size_t size)
{
	char reply[512];
	struct fuse_out_header head = { .len = (uint32_t)(sizeof(head) + size), .error = error,
					.unique = request->head.unique };

	memcpy(reply, &head, sizeof(head));
	if (size)
		memcpy(reply + sizeof(head), body, size);
	(void)!write(fuse, reply, head.len);
}

static struct fuse_attr attributes_of(uint64_t node, size_t size)
{
	return (struct fuse_attr){ .ino = node, .size = node == FILE_NODE ? size : 0,
				   .mode = node == FILE_NODE ? S_IFREG | 0666 : S_IFDIR | 0777,
				   .nlink = 1, .uid = geteuid(), .gid = getegid(), .blksize = 4096 };
}

static void serve(int fuse, const struct request *request, size_t size)
{
	struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION,
				      .max_write = 4096, .max_readahead = 4096 };
	struct fuse_entry_out entry = { .nodeid = FILE_NODE, .entry_valid = 60, .attr_valid = 60,
					.attr = attributes_of(FILE_NODE, size) };
	struct fuse_attr_out attr = { .attr_valid = 60, .attr = attributes_of(request->head.nodeid, size) };
	struct fuse_open_out opened = { .fh = 1 };
	struct fuse_statfs_out facts = { .st = { .bsize = 4096, .namelen = 255 } };

	switch (request->head.opcode) {
	case FUSE_INIT: answer(fuse, request, 0, &init, sizeof(init)); break;
	case FUSE_LOOKUP:
		if (strcmp(request->body, "file") == 0)
			answer(fuse, request, 0, &entry, sizeof(entry));
		else
			answer(fuse, request, -ENOENT, NULL, 0);
		break;
	case FUSE_GETATTR: answer(fuse, request, 0, &attr, sizeof(attr)); break;
	case FUSE_OPEN: answer(fuse, request, 0, &opened, sizeof(opened)); break;
	case FUSE_STATFS: answer(fuse, request, 0, &facts, sizeof(facts)); break;
	case FUSE_READ: answer(fuse, request, -EIO, NULL, 0); break;
	case FUSE_RELEASE: case FUSE_FLUSH: case FUSE_FSYNC: answer(fuse, request, 0, NULL, 0); break;
	case FUSE_FORGET: case FUSE_BATCH_FORGET: case FUSE_INTERRUPT: break;
	default: answer(fuse, request, -ENOSYS, NULL, 0);
	}
}

void errors_mount(const char *directory, size_t size)
{
	int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[128];

	if (fuse < 0)
		check_skip("/dev/fuse: %s", strerror(errno));
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=%d,group_id=%d", fuse, (int)geteuid(), (int)getegid());
	if (mount("filemap-test", directory, "fuse", MS_NOSUID | MS_NODEV, options) < 0)
		check_skip("mount fuse: %s", strerror(errno));
	if (fork() == 0) {
		static struct request request;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			ssize_t got = read(fuse, &request, sizeof(request));

			if (got >= (ssize_t)sizeof(request.head))
				serve(fuse, &request, size);
			else if (errno != EINTR && errno != ENOENT)
				_exit(0);
		}
	}
	close(fuse);
}
