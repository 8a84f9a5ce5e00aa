/* SPDX-License-Identifier: MIT */
/* Progress of long work: a line on stderr that is rewritten, and only if people look at a terminal. */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "tool.h"

static struct {
	const char *label;
	uint64_t total;
	double started, shown;
	bool active, visible;
} progress;

void progress_start(const char *label, uint64_t total)
{
	progress.active = isatty(STDERR_FILENO);
	progress.label = label;
	progress.total = total;
	progress.started = seconds_now();
	progress.shown = progress.started;
}

void progress_update(uint64_t done)
{
	double now;

	if (!progress.active || progress.total == 0)
		return;
	now = seconds_now();
	if (now - progress.shown < 0.1)
		return;
	progress.shown = now;
	fprintf(stderr, "\r\033[K%s %3.0f %%  %s", progress.label, 100.0 * (double)done / (double)progress.total,
		rate_text(done, now - progress.started));
	fflush(stderr);
	progress.visible = true;
}

void progress_say(const char *format, ...)
{
	va_list list;

	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r\033[K");
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fflush(stderr);
	progress.visible = true;
	progress.active = false;
}

void progress_end(void)
{
	if (progress.visible)
		fprintf(stderr, "\r\033[K");
	progress.active = false;
	progress.visible = false;
}
