/* SPDX-License-Identifier: MIT */
/* The way from a killed holder to free memory. */
#include "bench.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE ((uint64_t)64 << 20)

static char name[64], plain[64];
static fm_reaper *reaper;
static bool present; /* what raw() removes */

static void hold(int told)
{
	(void)bench_section(name, NULL, SIZE);
	MUST(write(told, "x", 1) == 1);
	for (;;)
		pause();
}

static void make_plain(void)
{
	int fd = shm_open(plain, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	MUST(fd >= 0 && posix_fallocate(fd, 0, (off_t)SIZE) == 0 && close(fd) == 0);
	present = true;
}

/* The kernel ends a process at its own pace: that is over when this returns. */
static void kill_holder(void)
{
	int told[2], wait;
	char byte;
	pid_t child;

	if (!present)
		make_plain();
	MUST(pipe(told) == 0);
	child = fork();
	MUST(child >= 0);
	if (child == 0)
		hold(told[1]);
	MUST(read(told[0], &byte, 1) == 1 && close(told[0]) == 0 && close(told[1]) == 0);
	OK(fm_reaper_run(reaper, NULL, NULL, &wait)); /* it has seen the name now */
	MUST(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child);
}

static void reap(void)
{
	struct pollfd ready = { .fd = fm_reaper_fd(reaper), .events = POLLIN };
	uint64_t bytes = 0;
	int wait = 0;

	while (bytes < SIZE) {
		MUST(wait >= 0 && poll(&ready, 1, wait) >= 0);
		OK(fm_reaper_run(reaper, NULL, &bytes, &wait));
	}
}

static void remove_plain(void)
{
	MUST(shm_unlink(plain) == 0);
	present = false;
}

void bench_reaper(void)
{
	static const struct bench_row row = {
		.name = "killed holder of 64 MiB to free memory", .raw_name = "shm_unlink of 64 MiB",
		.prepare = kill_holder, .ours = reap, .raw = remove_plain, .target_us = 10000, .batch = 1,
	};

	bench_heading("reaper");
	MUST(snprintf(name, sizeof(name), "bench-reaper-%d", (int)getpid()) < (int)sizeof(name));
	MUST(snprintf(plain, sizeof(plain), "/%s", name) < (int)sizeof(plain));
	OK(fm_reaper_open(FM_LOCAL, &reaper));
	bench_run(&row);
	fm_reaper_close(reaper);
	if (present)
		remove_plain();
}
