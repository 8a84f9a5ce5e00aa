/* SPDX-License-Identifier: MIT */
/* filemap - look at sections, make them, read and write them, map files. filemap(1). */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

static const struct command *const commands[] = {
	&command_list, &command_show, &command_create, &command_hold, &command_cat,
	&command_write, &command_map, &command_gc, &command_reaper, &command_demo,
};

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static void print_help(FILE *out)
{
	fprintf(out, "Usage: filemap COMMAND [OPTION ...] [OPERAND ...]\n\n"
		     "Look at shared sections, make them, read and write them, map files.\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
	fprintf(out, "\n`filemap COMMAND --help` tells more; so does `man filemap`. Names without a prefix and\n"
		     "\"Local\\x\" are this user's; \"Global\\x\" is machine-wide.\n");
}

static int run_general(int argc, char **argv)
{
	const struct command *command;

	if (strcmp(argv[1], "--version") == 0) {
		printf("filemap %s\n", fm_version());
		return EXIT_DONE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
		char help[] = "--help", *arguments[] = { argv[0], help, NULL };

		command = argc > 2 ? find_command(argv[2]) : NULL;
		if (command)
			return command->run(command, 2, arguments);
		print_help(stdout);
		return EXIT_DONE;
	}
	complain("there is no command \"%s\"; `filemap --help` lists them", clean_text(argv[1]));
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	const struct command *command;
	int code;

	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	command = find_command(argv[1]);
	code = command ? command->run(command, argc - 1, argv + 1) : run_general(argc, argv);
	if (!output_flush() && code == EXIT_DONE)
		code = EXIT_FAILED;
	return code;
}
