/* SPDX-License-Identifier: MIT */
/* Messages with descriptors, of any form: for tests of what receives them. */
#ifndef POST_H
#define POST_H

#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "check.h"

static inline void post(int socket, const void *message, size_t size, const int *fds, size_t count)
{
	char space[CMSG_SPACE(8 * sizeof(int))] __attribute__((aligned(8))) = { 0 };
	struct iovec data = { (void *)(uintptr_t)message, size };
	struct msghdr header = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = space,
				 .msg_controllen = CMSG_SPACE(count * sizeof(int)) };
	struct cmsghdr *part = CMSG_FIRSTHDR(&header);

	part->cmsg_level = SOL_SOCKET;
	part->cmsg_type = SCM_RIGHTS;
	part->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(part), fds, count * sizeof(int));
	REQUIRE_EQ(sendmsg(socket, &header, MSG_NOSIGNAL), size);
}

#endif
