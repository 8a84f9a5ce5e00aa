/* SPDX-License-Identifier: MIT */
/* filemap reaper - bury the dead as they die. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "tool.h"

static const char *const titles[] = { [FM_LOCAL] = "Local", [FM_GLOBAL] = "Global" };
enum { NAMESPACES = ARRAY_SIZE(titles) };

struct watch {
	fm_reaper *reaper[NAMESPACES];
	bool verbose;
};

/* A descriptor is kept for each name. */
static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit); /* beyond it the reaper sweeps */
	}
}

static fm_status run_one(struct watch *watch, unsigned which, int *ret_wait)
{
	uint64_t bytes = 0;
	unsigned removed = 0;
	fm_status status = fm_reaper_run(watch->reaper[which], &removed, &bytes, ret_wait);

	if (status == FM_E_PATH_NOT_FOUND) { /* the directory was removed: watch the next one */
		fm_reaper_close(watch->reaper[which]);
		watch->reaper[which] = NULL;
		status = fm_reaper_open(which, &watch->reaper[which]);
		*ret_wait = 0;
	}
	if (removed > 0 && watch->verbose) {
		printf("%-6s  %u dead name%s removed, %s given back\n", titles[which], removed, removed == 1 ? "" : "s",
		       size_text(bytes));
		fflush(stdout);
	}
	return status;
}

/* What has died in all that are watched. The milliseconds to wait at most, -1: for ever, -2: failed. */
static int run_all(struct watch *watch, int *ret_code)
{
	int least = -1, wait;

	for (unsigned which = 0; which < NAMESPACES; which++) {
		fm_status status;

		if (!watch->reaper[which])
			continue;
		status = run_one(watch, which, &wait);
		if (status < 0) {
			*ret_code = complain_status("watch the namespace", titles[which], status);
			return -2;
		}
		if (wait >= 0 && (least < 0 || wait < least))
			least = wait;
	}
	return least;
}

static int watch_until_told(struct watch *watch, int signals)
{
	int code = EXIT_DONE, wait;

	while ((wait = run_all(watch, &code)) != -2) {
		struct pollfd ready[NAMESPACES + 1] = { [NAMESPACES] = { .fd = signals, .events = POLLIN } };

		for (unsigned which = 0; which < NAMESPACES; which++)
			ready[which] = (struct pollfd){
				.fd = watch->reaper[which] ? fm_reaper_fd(watch->reaper[which]) : -1,
				.events = POLLIN,
			};
		if (poll(ready, NAMESPACES + 1, wait) < 0 && errno != EINTR)
			return complain_errno("wait for", "events");
		if (ready[NAMESPACES].revents)
			break;
	}
	return code;
}

/* Signals wait until poll sees them, so that none ends it in the midst of a burial. */
static int take_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* A namespace that this user may not use does not keep the other one from being watched, unless asked for. */
static int open_all(struct watch *watch, bool local, bool global)
{
	int code = EXIT_DONE;
	bool any = false;

	for (unsigned which = 0; which < NAMESPACES; which++) {
		bool asked = which == FM_LOCAL ? local : global;
		fm_status status;

		if (!asked && (local || global))
			continue;
		status = fm_reaper_open(which, &watch->reaper[which]);
		if (status >= 0)
			any = true;
		else
			code = complain_status("watch the namespace", titles[which], status);
		if (status < 0 && asked)
			return code;
	}
	return any ? EXIT_DONE : code;
}

static int run(const struct command *command, int argc, char **argv)
{
	bool local = false, global = false, once = false;
	struct watch watch = { 0 };
	const struct option_spec specs[] = {
		{ "local", 'l', OPTION_FLAG, &local, NULL, "only this user's names" },
		{ "global", 'g', OPTION_FLAG, &global, NULL, "only machine-wide names" },
		{ "once", '1', OPTION_FLAG, &once, NULL, "remove what is dead now, and end" },
		{ "verbose", 'v', OPTION_FLAG, &watch.verbose, NULL, "print a line when something was removed" },
		{ 0 },
	};
	int first, signals, code = options_parse(command, specs, argc, argv, 0, 0, &first);

	if (code >= 0)
		return code;
	raise_limit();
	signals = take_signals();
	code = open_all(&watch, local, global);
	if (code == EXIT_DONE && once) {
		(void)run_all(&watch, &code);
	} else if (code == EXIT_DONE) {
		if (watch.verbose) {
			puts("Watching.");
			fflush(stdout);
		}
		code = watch_until_told(&watch, signals);
	}
	for (unsigned which = 0; which < NAMESPACES; which++)
		fm_reaper_close(watch.reaper[which]);
	close(signals);
	return code;
}

const struct command command_reaper = {
	.name = "reaper",
	.operands = "[OPTION ...]",
	.summary = "Remove dead names as they die, until a signal comes",
	.details = "The name of a killed holder is dead at once, but its storage stays until another call in that namespace.\n"
		   "Where that is too late, this gives it back within milliseconds. It waits for the kernel's word, idle\n"
		   "otherwise, until SIGINT (Ctrl-C), SIGTERM or SIGHUP. Live names are never touched.\n",
	.run = run,
};
