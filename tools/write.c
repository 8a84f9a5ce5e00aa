/* SPDX-License-Identifier: MIT */
/* filemap write - bytes of stdin into a named section. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

enum { PIECE = 1 << 20 };

struct target {
	const char *name;
	fm_section *section;
	fm_section_info info;
	uint64_t offset;
	bool flush;
};

/* Fill the buffer unless the input ends. -1: it cannot be read. */
static ssize_t read_piece(char *buffer)
{
	size_t filled = 0;

	while (filled < PIECE) {
		ssize_t got = read(STDIN_FILENO, buffer + filled, PIECE - filled);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		filled += (size_t)got;
	}
	return (ssize_t)filled;
}

static fm_status put(const struct target *target, void *view, const char *data, size_t length, size_t *ret_done)
{
	fm_status status = FM_OK;

	*ret_done = 0;
	if (target->info.flags & FM_SECTION_RESERVE)
		status = fm_view_commit(view, length, FM_WRITE);
	if (status >= 0)
		status = fm_write(view, data, length, ret_done);
	if (status >= 0 && target->flush)
		status = fm_view_flush(view, length, FM_FLUSH_DATA);
	return status;
}

/* As much of the piece as fits; *ret_written counts on. */
static int put_piece(const struct target *target, const char *data, size_t length, uint64_t *ret_written)
{
	uint64_t at = target->offset + *ret_written, room = target->info.size - at;
	size_t fits = length < room ? length : (size_t)room, done = 0;
	fm_status status = FM_OK;
	void *view;

	if (fits > 0) {
		status = fm_view_map(target->section, FM_WRITE, at, fits, &view);
		if (status >= 0) {
			status = put(target, view, data, fits, &done);
			(void)fm_view_unmap(view); /* just mapped, so it is there */
		}
	}
	*ret_written += done;
	if (status < 0) {
		complain("writing stops at byte %s", bytes_text(at + done));
		return complain_status("write", target->name, status);
	}
	if (fits < length)
		return complain("\"%s\" ends at byte %s and the input goes on; %s bytes were written",
				clean_text(target->name), bytes_text(target->info.size), bytes_text(*ret_written));
	return EXIT_DONE;
}

static int copy_input(const struct target *target, uint64_t *ret_written)
{
	char *buffer = malloc(PIECE);
	int code = EXIT_DONE;
	ssize_t got;

	if (!buffer)
		out_of_memory();
	progress_start("writing", target->info.size - target->offset);
	while (code == EXIT_DONE && (got = read_piece(buffer)) != 0) {
		if (got < 0) {
			code = complain("cannot read the input: %s", strerror(errno));
			break;
		}
		code = put_piece(target, buffer, (size_t)got, ret_written);
		progress_update(*ret_written);
	}
	progress_end();
	free(buffer);
	return code;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct target target = { 0 };
	uint64_t written = 0;
	const struct option_spec specs[] = {
		{ "offset", 'o', OPTION_SIZE, &target.offset, "BYTES", "start there instead of at 0" },
		{ "flush", 'f', OPTION_FLAG, &target.flush, NULL, "a file: wait until the bytes are durable" },
		{ 0 },
	};
	int first, code = options_parse(command, specs, argc, argv, 1, 1, &first);
	fm_status status;

	if (code >= 0)
		return code;
	target.name = argv[first];
	status = fm_section_open(target.name, FM_READ | FM_WRITE, &target.section);
	if (status < 0)
		return complain_status("open", target.name, status);
	status = fm_section_query(target.section, &target.info);
	if (status < 0)
		code = complain_status("query", target.name, status);
	else if (target.offset > target.info.size)
		code = complain("\"%s\" has %s bytes; give a smaller --offset", clean_text(target.name),
				bytes_text(target.info.size));
	else
		code = copy_input(&target, &written);
	fm_section_close(target.section);
	return code;
}

const struct command command_write = {
	.name = "write",
	.operands = "NAME [--offset BYTES] [--flush]",
	.summary = "Copy the standard input into a section",
	.details = "The section keeps its size: input that goes on beyond its end is an error, after what fits was\n"
		   "written. Pages of a reserved section are committed as needed.\n",
	.run = run,
};
