/* SPDX-License-Identifier: MIT */
/* filemap gc - bury the dead. */
#include <stdio.h>

#include "tool.h"

static const char *const titles[] = { [FM_LOCAL] = "Local", [FM_GLOBAL] = "Global" };

static int sweep(unsigned which, bool json)
{
	unsigned removed = 0;
	uint64_t bytes = 0;
	fm_status status = fm_namespace_sweep(which, &removed, &bytes);

	if (status < 0 && status != FM_E_PATH_NOT_FOUND && status != FM_E_NAME_NOT_FOUND)
		return complain_status("sweep the namespace", titles[which], status);
	if (json) {
		json_object(titles[which]);
		json_number("removed", removed);
		json_number("bytes", bytes);
		json_end();
	} else {
		printf("%-6s  %u dead name%s removed, %s given back\n", titles[which], removed, removed == 1 ? "" : "s",
		       size_text(bytes));
	}
	return EXIT_DONE;
}

static int run(const struct command *command, int argc, char **argv)
{
	bool local = false, global = false, json = false;
	const struct option_spec specs[] = {
		{ "local", 'l', OPTION_FLAG, &local, NULL, "only this user's names" },
		{ "global", 'g', OPTION_FLAG, &global, NULL, "only machine-wide names" },
		{ "json", 'j', OPTION_FLAG, &json, NULL, "print JSON" },
		{ 0 },
	};
	int first, code = options_parse(command, specs, argc, argv, 0, 0, &first);

	if (code >= 0)
		return code;
	code = EXIT_DONE;
	if (json)
		json_object(NULL);
	if (local || !global)
		code = sweep(FM_LOCAL, json);
	if (global || !local) {
		int global_code = sweep(FM_GLOBAL, json);

		code = code == EXIT_DONE ? global_code : code;
	}
	if (json)
		json_end();
	return code;
}

const struct command command_gc = {
	.name = "gc",
	.operands = "[OPTION ...]",
	.summary = "Remove dead names and give their storage back",
	.details = "A name whose last holder was killed cannot be opened any more, but its storage stays until the next\n"
		   "create in that namespace, or this. Live names are never touched.\n",
	.run = run,
};
