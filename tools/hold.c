/* SPDX-License-Identifier: MIT */
/* filemap hold - keep a name alive. */
#include <stdio.h>

#include "tool.h"

static int run(const struct command *command, int argc, char **argv)
{
	bool writable = false, map = false, ignore_input = false;
	const struct option_spec specs[] = {
		{ "write", 'w', OPTION_FLAG, &writable, NULL, "open for writing too" },
		{ "map", 'm', OPTION_FLAG, &map, NULL, "map a view of all of it as well" },
		{ "ignore-input", 'i', OPTION_FLAG, &ignore_input, NULL, "do not end with the standard input" },
		{ 0 },
	};
	int first, code = options_parse(command, specs, argc, argv, 1, 1, &first);
	uint32_t access = writable ? FM_READ | FM_WRITE : FM_READ;
	fm_section *section;
	fm_status status;
	void *view;

	if (code >= 0)
		return code;
	hold_prepare();
	status = fm_section_open(argv[first], access, &section);
	if (status < 0)
		return complain_status("open", argv[first], status);
	if (map) {
		status = fm_view_map(section, writable ? FM_WRITE : FM_READ, 0, 0, &view);
		if (status < 0) {
			fm_section_close(section);
			return complain_status("map", argv[first], status);
		}
	}
	printf("Holding %s.\n", clean_text(argv[first]));
	fflush(stdout);
	hold_until_told(ignore_input);
	fm_section_close(section);
	return EXIT_DONE;
}

const struct command command_hold = {
	.name = "hold",
	.operands = "NAME [OPTION ...]",
	.summary = "Keep a name alive until the input ends or a signal comes",
	.details = "A name lives as long as some process holds a handle to its section. This one does until its standard\n"
		   "input ends, or until SIGINT (Ctrl-C), SIGTERM or SIGHUP.\n",
	.run = run,
};
