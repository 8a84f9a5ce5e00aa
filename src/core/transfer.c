/* SPDX-License-Identifier: MIT */
/* Sections over Unix sockets: one message, one or two descriptors. All that arrives is hostile. */
#include <string.h>

#include "backing.h"
#include "lock.h"
#include "os.h"
#include "status.h"

#define TRANSFER_MAGIC 0x31584d46u /* "FMX1" */

struct transfer {
	uint32_t magic;
	uint32_t descriptors;
	uint32_t access;
	uint32_t protection;  /* the rest: unnamed files only */
	uint32_t attributes;
	uint32_t zero;
	uint64_t size;
};

union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(2 * sizeof(int))];
};

static fm_status send_message(int socket, struct transfer *message, const int *fds)
{
	union control control = { .space = { 0 } };
	struct iovec data = { message, sizeof(*message) };
	size_t size = message->descriptors * sizeof(int);
	struct msghdr header = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control,
				 .msg_controllen = CMSG_SPACE(size) };
	struct cmsghdr *part = CMSG_FIRSTHDR(&header);
	ssize_t sent;

	part->cmsg_level = SOL_SOCKET;
	part->cmsg_type = SCM_RIGHTS;
	part->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(part), fds, size);
	sent = OS_RETRY(os.sendmsg(socket, &header, MSG_NOSIGNAL));
	if (sent < 0)
		return sent == -EPIPE || sent == -ECONNRESET ? FM_E_END_OF_FILE : status_of(OP_SOCKET, (int)sent);
	return sent == (ssize_t)sizeof(*message) ? FM_OK : FM_E_UNSUCCESSFUL;
}

fm_status section_send(struct fm_section *handle, int socket, uint32_t access)
{
	struct fm_section *copy;
	fm_status status = section_duplicate(handle, access, &copy);
	struct section *section;
	int fds[2], map_fd = -1;

	if (status_failed(status))
		return status;
	section = copy->section;
	struct transfer message = { .magic = TRANSFER_MAGIC, .descriptors = 1, .access = access,
				    .protection = section->protection, .attributes = section->attributes,
				    .size = section_size(copy) };
	fds[0] = copy->fd;
	if (section->backing == FM_BACKING_FILE) {
		status = section_map_fd(copy, &map_fd);
		fds[section->named] = map_fd; /* beside a record it only proves that the sender has the file open */
		message.descriptors += section->named;
	}
	if (!status_failed(status))
		status = send_message(socket, &message, fds);
	section_close(copy); /* what travels keeps the object alive */
	return status;
}

static void close_all(const int *fds, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		os_close(fds[i]);
}

/* Every descriptor that came is in @fds, also when the message is refused. */
static fm_status take_message(int socket, struct transfer *message, int *fds, unsigned *ret_count)
{
	union control control;
	struct iovec data = { message, sizeof(*message) };
	struct msghdr header = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control,
				 .msg_controllen = sizeof(control) };
	ssize_t got = OS_RETRY(os.recvmsg(socket, &header, MSG_CMSG_CLOEXEC));

	*ret_count = 0;
	if (got < 0)
		return status_of(OP_SOCKET, (int)got);
	for (struct cmsghdr *part = CMSG_FIRSTHDR(&header); part; part = CMSG_NXTHDR(&header, part))
		if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS) {
			size_t size = part->cmsg_len - CMSG_LEN(0);

			memcpy(fds + *ret_count, CMSG_DATA(part), size); /* the buffer holds at most two in all */
			*ret_count += (unsigned)(size / sizeof(int));
		}
	if (got == 0 && *ret_count == 0)
		return FM_E_END_OF_FILE;
	if (got != (ssize_t)sizeof(*message) || (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) ||
	    message->magic != TRANSFER_MAGIC || message->descriptors != *ret_count || *ret_count == 0)
		return FM_E_OBJECT_CORRUPT;
	return FM_OK;
}

/* An unnamed section of a file: the message's words, held against the descriptor. Takes @fd over. */
static fm_status adopt_file(const struct transfer *message, int fd, struct fm_section **ret_handle)
{
	struct section_request request = { .file = fd, .size = message->size, .protection = message->protection,
					   .attributes = message->attributes, .access = message->access };
	struct stat st;
	fm_status status = FM_E_OBJECT_CORRUPT;

	if (os.fstat(fd, &st) == 0 && message->size > 0 && message->size <= (uint64_t)st.st_size &&
	    !(message->attributes & ~(uint32_t)SECTION_KEPT) &&
	    !(message->protection & ~(uint32_t)(FM_READ | FM_WRITE | FM_EXEC | FM_COPY))) {
		int mode = os.getfl(fd);

		if (mode >= 0 && (mode & O_ACCMODE) != O_RDWR) /* sent with fewer rights than the section has */
			request.protection &= ~(uint32_t)FM_WRITE;
		status = section_create(&request, ret_handle);
	}
	os_close(fd);
	return status;
}

fm_status section_receive(int socket, struct fm_section **ret_handle)
{
	struct transfer message;
	int fds[2] = { -1, -1 };
	unsigned count;
	fm_status status = lock_ready();

	if (status_failed(status))
		return status;
	status = take_message(socket, &message, fds, &count);
	if (status_failed(status)) {
		close_all(fds, count);
		return status;
	}
	status = section_adopt(fds[0], ret_handle);
	if (status == FM_E_OBJECT_TYPE_MISMATCH && count == 1)
		return adopt_file(&message, fds[0], ret_handle);
	if (count == 2)
		os_close(fds[1]); /* a record leads to its file by the path, which asks for the receiver's right */
	if (status_failed(status))
		os_close(fds[0]);
	else
		(*ret_handle)->access &= message.access | FM_QUERY; /* may only narrow */
	return status;
}
