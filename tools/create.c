/* SPDX-License-Identifier: MIT */
/* filemap create - make a named section and keep it while a command runs, or until told. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool.h"

struct create_options {
	fm_section_options section;
	bool read_only, executable, reserve, lazy, must_create, json, ignore_input;
};

static void report(const char *name, fm_section *section, bool made, bool json)
{
	fm_section_info info = { 0 };

	(void)fm_section_query(section, &info); /* of a handle just given: it succeeds */
	if (json) {
		json_object(NULL);
		json_text("name", name);
		json_bool("made", made);
		json_text("backing", info.backing == FM_BACKING_FILE ? "file" : "memory");
		json_number("size", info.size);
		json_text("access", access_text(info.protection));
		json_signed("handle", fm_section_number(section));
		json_end();
	} else {
		printf("%s %s, %s of %s.\n", made ? "Made" : "Opened (it was there already)", clean_text(name),
		       size_text(info.size), info.backing == FM_BACKING_FILE ? "a file" : "memory");
	}
	fflush(stdout);
}

static void child_run(char **command)
{
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	execvp(command[0], command);
	complain("cannot run %s: %s", clean_text(command[0]), strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* As a shell does: the keys that interrupt are for the command; its status is ours. */
static int run_command(fm_section *section, char **command)
{
	char number[16];
	pid_t child;
	int state;

	snprintf(number, sizeof(number), "%d", fm_section_number(section));
	if (setenv("FILEMAP_HANDLE", number, 1) < 0)
		out_of_memory();
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	child = fork();
	if (child == 0)
		child_run(command);
	if (child < 0)
		return complain("cannot start a process: %s", strerror(errno));
	while (waitpid(child, &state, 0) < 0)
		if (errno != EINTR)
			return complain("cannot wait for %s: %s", clean_text(command[0]), strerror(errno));
	return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

static int create_failed(const fm_section_options *want, fm_status status)
{
	char *both;
	int code;

	if (!want->path)
		return complain_status("create", want->name, status);
	if (asprintf(&both, "%s\" over \"%s", want->name, want->path) < 0)
		out_of_memory();
	code = complain_status("create", both, status == FM_E_NAME_NOT_FOUND ? FM_E_NO_SUCH_FILE : status);
	free(both);
	return code;
}

static int create(struct create_options *options, const char *name, char **command)
{
	fm_section_options *want = &options->section;
	fm_section *section;
	fm_status status;
	int code = EXIT_DONE;

	if (!command)
		hold_prepare();
	want->name = name;
	want->access = FM_READ | (options->read_only ? 0u : FM_WRITE) | (options->executable ? FM_EXEC : 0u);
	want->flags = (options->reserve ? FM_SECTION_RESERVE : 0u) | (options->lazy ? FM_SECTION_LAZY : 0u) |
		      (command ? FM_SECTION_INHERITABLE : 0u);
	status = options->must_create ? fm_section_create_new(want, &section) : fm_section_create(want, &section);
	if (status < 0)
		return create_failed(want, status);
	if (!command || options->json)
		report(name, section, status == FM_OK, options->json);
	if (command)
		code = run_command(section, command);
	else
		hold_until_told(options->ignore_input);
	fm_section_close(section);
	return code;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct create_options options = { 0 };
	const struct option_spec specs[] = {
		{ "size", 's', OPTION_SIZE, &options.section.size, "BYTES", "size: 4096, 64K, 1M, 2G; of a file: all of it" },
		{ "file", 'f', OPTION_TEXT, &options.section.path, "FILE", "lie on this file, not on memory" },
		{ "read-only", 'r', OPTION_FLAG, &options.read_only, NULL, "views may only read" },
		{ "exec", 'x', OPTION_FLAG, &options.executable, NULL, "views may be executed too" },
		{ "reserve", 0, OPTION_FLAG, &options.reserve, NULL, "pages need a commit before use" },
		{ "lazy", 0, OPTION_FLAG, &options.lazy, NULL, "do not reserve storage" },
		{ "mode", 'm', OPTION_OCTAL, &options.section.mode, "BITS", "who may open it (octal, 600); Global names" },
		{ "new", 'n', OPTION_FLAG, &options.must_create, NULL, "fail if the name exists (exit code 4)" },
		{ "ignore-input", 'i', OPTION_FLAG, &options.ignore_input, NULL, "do not end with the standard input" },
		{ "json", 'j', OPTION_FLAG, &options.json, NULL, "print JSON" },
		{ 0 },
	};
	int first, code = options_parse(command, specs, argc, argv, 1, argc, &first);

	if (code >= 0)
		return code;
	if (options.section.size == 0 && !options.section.path)
		return usage_error(command, "memory needs --size");
	if (argv[first][0] == '\0')
		return usage_error(command, "an empty NAME would make it unnamed");
	return create(&options, argv[first], argc - first > 1 ? argv + first + 1 : NULL);
}

const struct command command_create = {
	.name = "create",
	.operands = "NAME --size BYTES [OPTION ...] [-- COMMAND [ARGUMENT ...]]",
	.summary = "Make a named section and keep it",
	.details = "With COMMAND the name lives while it runs; it inherits the handle, whose number is in the environment\n"
		   "variable FILEMAP_HANDLE (fm_section_adopt()), and its exit code becomes this one's. Without, until the\n"
		   "standard input ends or SIGINT (Ctrl-C), SIGTERM or SIGHUP comes. A name that exists is opened.\n",
	.run = run,
};
