/* SPDX-License-Identifier: MIT */
/* filemap demo - the main job on a real file, by two processes, checked. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "demo.h"

static struct demo demo = { .fd = -1, .window = WINDOW_DEFAULT };
static char *temporary; /* a file to remove at the end, also when interrupted */

void demo_heading(const char *text)
{
	printf("\n%s\n", text);
}

void demo_check(struct demo *self, bool holds, const char *format, ...)
{
	const char *cause;
	va_list list;

	printf(holds ? "  ok    " : "  FAIL  ");
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	printf("\n");
	fflush(stdout);
	cause = worker_complaint();
	if (holds) {
		self->passed++;
		return;
	}
	self->failed++;
	if (cause)
		printf("        %s\n", clean_text(cause));
}

/*
 * Names end with their holders, but the storage of the killed stays until a sweep, which is no work for a
 * handler of signals. This program executed anew does it, when the handles of this one are closed.
 */
static void interrupted(int number)
{
	char code[] = { (char)('0' + (128 + number) / 100), (char)('0' + (128 + number) / 10 % 10),
			(char)('0' + (128 + number) % 10), '\0' };

	if (demo_file_unfinished)
		(void)unlink(demo_file_unfinished); /* nothing could be done about it here */
	if (temporary)
		(void)unlink(temporary);
	worker_end(&demo.a);
	worker_end(&demo.b);
	execl("/proc/self/exe", "filemap", "demo", "--sweep", code, (char *)NULL);
	_exit(128 + number);
}

static int make_file(void)
{
	double started = seconds_now();
	int code;

	if (!demo.make)
		demo.make = 1u << 30;
	demo.make = (demo.make + 4095) & ~(uint64_t)4095;
	printf("Making %s, %s of pseudo-random words ...\n", clean_text(demo.path), size_text(demo.make));
	fflush(stdout);
	code = demo_file_make(demo.path, demo.make);
	if (code == EXIT_DONE)
		printf("Made in %.1f s.\n\n", seconds_now() - started);
	return code;
}

/* Without --file: one of its own, where large temporary files belong. */
static int choose_file(void)
{
	const char *directory = getenv("TMPDIR");

	if (demo.path)
		return access(demo.path, F_OK) < 0 && errno == ENOENT && demo.make ? make_file() : EXIT_DONE;
	if (asprintf(&temporary, "%s/filemap-demo-%d", directory && *directory ? directory : "/var/tmp", getpid()) < 0)
		out_of_memory();
	demo.path = temporary;
	return make_file();
}

/* The section over the file: for writing too only if it is the demo's own. */
static int open_file(void)
{
	fm_section_options options = { .name = demo.file_name, .path = demo.path };
	fm_section_info info;
	fm_status status;

	demo.ours = demo_file_is_ours(demo.path);
	options.access = demo.ours ? FM_READ | FM_WRITE : FM_READ;
	status = fm_section_create_new(&options, &demo.file);
	if (status >= 0)
		status = fm_section_query(demo.file, &info);
	if (status < 0)
		return complain_status("map", demo.path, status == FM_E_NAME_NOT_FOUND ? FM_E_NO_SUCH_FILE : status);
	demo.size = info.size;
	if (demo.size < 1u << 20)
		return complain("\"%s\" has only %s; give a file of at least 1 MiB, better 1 GiB", clean_text(demo.path),
				size_text(demo.size));
	demo.fd = open(demo.path, O_RDONLY | O_CLOEXEC);
	return demo.fd < 0 ? complain_errno("open", demo.path) : EXIT_DONE;
}

static int open_board(void)
{
	fm_section_options options = { .name = demo.board_name, .size = BOARD_SIZE };
	fm_status status = fm_section_create_new(&options, &demo.board);

	if (status < 0)
		return complain_status("create", demo.board_name, status);
	status = fm_view_map(demo.board, FM_WRITE, 0, 0, (void **)&demo.board_view);
	return status < 0 ? complain_status("map", demo.board_name, status) : EXIT_DONE;
}

/* What the file holds, as read(2) tells, before anything else. */
static int read_first(void)
{
	double seconds;
	int error;

	progress_start("reading the file", demo.size);
	error = sum_by_read(demo.fd, demo.size, &demo.sum, &seconds);
	progress_end();
	if (error < 0)
		return errno = -error, complain_errno("read", demo.path);
	if (demo.ours && demo.sum != demo_file_sum(demo.size))
		return complain("\"%s\" is of a demo that was broken off; remove it and run this again",
				clean_text(demo.path));
	return EXIT_DONE;
}

static void print_head(void)
{
	struct utsname host;

	if (uname(&host) < 0)
		strcpy(host.release, "?");
	printf("Filemap %s on Linux %s, %ld processors\n\n", fm_version(), host.release, sysconf(_SC_NPROCESSORS_ONLN));
}

static int start_workers(void)
{
	const char *text;

	if (!worker_start(&demo.a, "A", demo.file_name, demo.board_name) ||
	    !worker_start(&demo.b, "B", demo.file_name, demo.board_name))
		return EXIT_FAILED;
	if (!worker_answer(&demo.a, &text) || !worker_ask(&demo.a, &text, "keep whole 0"))
		return complain("A could not start: %s", text);
	if (!worker_answer(&demo.b, &text) || !worker_ask(&demo.b, &text, "keep windows %" PRIu64, demo.window))
		return complain("B could not start: %s", text);
	return EXIT_DONE;
}

static const char *process_name(int32_t pid)
{
	return pid == demo.a.pid ? "A" : pid == demo.b.pid ? "B" : pid == getpid() ? "demo" : NULL;
}

static bool draw(const char *name)
{
	struct name_fact fact = { 0 };
	fm_status status = name_find(name, &fact);
	bool a = false, b = false;

	if (status >= 0)
		status = name_add_holders(&fact, true);
	if (status >= 0)
		draw_relation(&fact, process_name);
	for (size_t i = 0; i < fact.process_count; i++) {
		a = a || (fact.processes[i].holder.pid == demo.a.pid && fact.processes[i].view_count > 0);
		b = b || (fact.processes[i].holder.pid == demo.b.pid && fact.processes[i].view_count > 0);
	}
	name_fact_free(&fact);
	printf("\n");
	return a && b;
}

static void run_parts(void)
{
	bool file, board;

	printf("%s, %s; %s.\n", clean_text(demo.path), size_text(demo.size),
	       demo.ours ? "it is the demo's own and is written too" : "it is only read");
	printf("Two processes, started by exec, know two names. This is what /proc tells of them:\n\n");
	file = draw(demo.file_name);
	board = draw(demo.board_name);
	demo_check(&demo, file && board, "A (process %d) and B (process %d) opened both names and map them", demo.a.pid,
		   demo.b.pid);
	if (demo_measure(&demo) && demo_coherence(&demo) && demo_lifetime(&demo))
		demo_clean(&demo);
	else
		demo_check(&demo, false, "the demo ended early");
	printf("\n%u passed, %u failed\n", demo.passed, demo.failed);
}

static int run_demo(void)
{
	int code;

	snprintf(demo.file_name, sizeof(demo.file_name), "demo-%d-file", getpid());
	snprintf(demo.board_name, sizeof(demo.board_name), "demo-%d-memory", getpid());
	snprintf(demo.last_name, sizeof(demo.last_name), "demo-%d-last", getpid());
	measure_catch_cut();
	print_head();
	code = choose_file();
	code = code == EXIT_DONE ? open_file() : code;
	code = code == EXIT_DONE ? open_board() : code;
	code = code == EXIT_DONE ? read_first() : code;
	code = code == EXIT_DONE ? start_workers() : code;
	if (code == EXIT_DONE) {
		run_parts();
		code = demo.failed ? EXIT_FAILED : EXIT_DONE;
	}
	worker_end(&demo.a); /* if they live still */
	worker_end(&demo.b);
	fm_section_close(demo.file);
	fm_section_close(demo.board);
	if (temporary)
		(void)unlink(temporary); /* it is in a directory for such */
	return code;
}

static int run(const struct command *command, int argc, char **argv)
{
	uint64_t sweep = 0;
	bool worker = false;
	const struct option_spec specs[] = {
		{ "file", 'f', OPTION_TEXT, &demo.path, "FILE", "map this file; it is only read, unless the demo made it" },
		{ "make", 'm', OPTION_SIZE, &demo.make, "BYTES", "make the file, so large (1G), if it is not there" },
		{ "windows", 'w', OPTION_SIZE, &demo.window, "BYTES", "size of windows (64M), a multiple of 4096" },
		{ "sweep", 0, OPTION_COUNT, &sweep, "CODE", NULL },
		{ "worker", 0, OPTION_FLAG, &worker, NULL, NULL },
		{ 0 },
	};
	int first, code = options_parse(command, specs, argc, argv, 0, 3, &first);

	if (code >= 0)
		return code;
	if (worker && argc - first == 3)
		return worker_main(argv[first], argv[first + 1], argv[first + 2]);
	if (sweep) {
		(void)fm_namespace_sweep(FM_LOCAL, NULL, NULL); /* what it leaves the next create takes */
		return (int)(sweep & 0xff);
	}
	if (argc > first)
		return usage_error(command, "it takes no operands; --file FILE names the file");
	if (demo.window == 0 || demo.window % 4096 != 0)
		return usage_error(command, "--windows must be a multiple of 4096");
	signal(SIGINT, interrupted);
	signal(SIGTERM, interrupted);
	signal(SIGHUP, interrupted);
	return run_demo();
}

const struct command command_demo = {
	.name = "demo",
	.operands = "[--file FILE] [--make BYTES] [--windows BYTES]",
	.summary = "Map a large file and named memory in two processes, and check it all",
	.details = "Two new processes map the file through a named section, whole and by windows, in sequence and at\n"
		   "random, and share named memory. One is killed while it writes. Coherence, rights, the life of names\n"
		   "and what is left are checked, and reading is measured beside read(2). Without --file, one of 1 GiB\n"
		   "is made under $TMPDIR or /var/tmp and removed at the end. Exit code 1 if any check fails.\n",
	.run = run,
};
