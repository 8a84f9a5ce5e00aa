/* SPDX-License-Identifier: MIT */
/*
 * Messages to fm_section_receive(): a byte that says how many descriptors, a byte for each one's kind, a
 * byte of flags, then the message's bytes.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filemap.h>

enum { MAGIC = 1, TWICE = 2, STREAM = 4 };
enum { MOST = 4 };

static const char *const memory_names[] = { "filemap:6:0:4000", "filemap:4:1:2000", "filemap:f:3f00:1000",
					     "filemap-file:6:0:7:4000:1:0", "filemap:6:0:", "other" };

static int memory(unsigned which, bool sealed)
{
	int fd = memfd_create(memory_names[which % 6], MFD_CLOEXEC | MFD_ALLOW_SEALING);

	ENSURE(fd >= 0 && ftruncate(fd, 0x4000) == 0);
	if (sealed)
		ENSURE(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0);
	return fd;
}

static int named(uint32_t access)
{
	fm_section_options options = { .name = "sent", .size = 0x4000 };
	fm_section *section;
	int fd;

	ENSURE(fm_section_create(&options, &section) >= 0);
	if (access != (FM_READ | FM_WRITE)) {
		fm_section *narrow;

		ENSURE(fm_section_duplicate(section, access, &narrow) == FM_OK);
		fm_section_close(section);
		section = narrow;
	}
	fd = dup(fm_section_number(section)); /* shares the lock */
	fm_section_close(section);
	return fd;
}

static int descriptor(unsigned kind)
{
	char path[512];
	int pair[2];

	(void)snprintf(path, sizeof(path), "%s/file", fuzz_root());
	switch (kind % 16) {
	case 0:
		return open("/dev/null", O_RDWR | O_CLOEXEC);
	case 1:
		return open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	case 2:
		return open(path, O_PATH | O_CLOEXEC);
	case 3:
		return open(path, O_RDONLY | O_CLOEXEC);
	case 4:
		return open(path, O_WRONLY | O_CLOEXEC);
	case 5:
		ENSURE(pipe(pair) == 0);
		close(pair[1]);
		return pair[0];
	case 6:
		return socket(AF_UNIX, SOCK_STREAM, 0);
	case 7:
		return named(FM_READ);
	case 8:
		return named(FM_READ | FM_WRITE);
	case 9:
		return open(path, O_RDWR | O_CLOEXEC);
	default:
		return memory(kind % 16 - 10, kind & 16);
	}
}

static void post(int socket, struct feed *feed, const int *fds, size_t count, unsigned flags)
{
	char space[CMSG_SPACE(MOST * sizeof(int))] __attribute__((aligned(8))) = { 0 };
	uint8_t message[64];
	struct iovec data = { message, 0 };
	struct msghdr header = { .msg_iov = &data, .msg_iovlen = 1 };
	const uint8_t *bytes = feed_bytes(feed, sizeof(message) - 8, &data.iov_len);

	if (data.iov_len)
		memcpy(message, bytes, data.iov_len);
	if (flags & MAGIC) {
		const uint32_t start[2] = { 0x31584d46u, (uint32_t)count };

		memcpy(message, start, sizeof(start));
		if (data.iov_len < 32) {
			memset(message + data.iov_len, 0, 32 - data.iov_len);
			memcpy(message, start, sizeof(start));
			data.iov_len = 32;
		}
	}
	if (count) {
		struct cmsghdr *part;

		header.msg_control = space;
		header.msg_controllen = CMSG_SPACE(count * sizeof(int));
		part = CMSG_FIRSTHDR(&header);
		part->cmsg_level = SOL_SOCKET;
		part->cmsg_type = SCM_RIGHTS;
		part->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(part), fds, count * sizeof(int));
	}
	(void)sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT); /* one without bytes may be refused */
}

static void prepare(void)
{
	char path[512];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/file", fuzz_root());
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ENSURE(fd >= 0 && ftruncate(fd, 0x4000) == 0);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct feed feed = { data, size };
	unsigned count = feed_byte(&feed) % (MOST + 1), flags, descriptors;
	int fds[MOST], pair[2];
	fm_section *section;

	if (!ready)
		prepare();
	ready = true;
	descriptors = fuzz_descriptors();
	for (unsigned i = 0; i < count; i++) {
		fds[i] = descriptor(feed_byte(&feed));
		ENSURE(fds[i] >= 0);
	}
	flags = feed_byte(&feed);
	ENSURE(socketpair(AF_UNIX, (flags & STREAM ? SOCK_STREAM : SOCK_SEQPACKET) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
			  pair) == 0);
	post(pair[0], &feed, fds, count, flags);
	for (unsigned i = 0; i < count; i++)
		close(fds[i]);
	for (int rounds = flags & TWICE ? 2 : 1; rounds > 0; rounds--)
		if (fm_section_receive(pair[1], &section) == FM_OK)
			fuzz_use(section);
	close(pair[0]);
	close(pair[1]);
	ENSURE(fuzz_descriptors() == descriptors);
	return 0;
}
