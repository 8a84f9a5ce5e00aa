/* SPDX-License-Identifier: MIT */
/* Waiting with something held: until the input ends or a signal asks to stop. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "tool.h"

/* Reading a terminal from the background would stop the process, and there nobody types to it. */
static bool may_read_input(void)
{
	return !isatty(STDIN_FILENO) || tcgetpgrp(STDIN_FILENO) == getpgrp();
}

/* False: the input has ended. */
static bool drain_input(void)
{
	char ignored[4096];
	ssize_t got = read(STDIN_FILENO, ignored, sizeof(ignored));

	return got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
}

static sigset_t signals;

void hold_prepare(void)
{
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
}

void hold_until_told(bool ignore_input)
{
	struct pollfd wait[2] = { { .fd = -1, .events = POLLIN }, { .fd = -1, .events = POLLIN } };

	wait[0].fd = signalfd(-1, &signals, SFD_CLOEXEC);
	if (!ignore_input && may_read_input())
		wait[1].fd = STDIN_FILENO;
	for (;;) {
		if (poll(wait, 2, -1) < 0 && errno != EINTR)
			break;
		if (wait[0].revents)
			break;
		if (wait[1].revents && !drain_input())
			break;
	}
	close(wait[0].fd);
}
