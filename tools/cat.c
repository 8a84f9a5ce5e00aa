/* SPDX-License-Identifier: MIT */
/* filemap cat - bytes of a named section to stdout. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

enum { PIECE = 1 << 20, WINDOW = 64 << 20 };

static bool write_all(const char *data, size_t length)
{
	while (length > 0) {
		ssize_t put = write(STDOUT_FILENO, data, length);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		data += put;
		length -= (size_t)put;
	}
	return true;
}

/* Who reads may have had enough: that is no failure to tell. */
static int output_failed(void)
{
	if (errno != EPIPE)
		complain("cannot write the output: %s", strerror(errno));
	return EXIT_FAILED;
}

/* Pages that nobody has committed have no bytes, whether or not the kernel would hand out zeros. */
static fm_status usable_from(const char *at, size_t *ret_length)
{
	fm_view_info info;
	fm_status status = fm_view_query(at, &info);

	if (status < 0)
		return status;
	if (!info.committed)
		return FM_E_NOT_COMMITTED;
	*ret_length = info.run_size - (size_t)(at - (const char *)info.run_base);
	return FM_OK;
}

static int copy_window(const char *name, const char *view, size_t length, uint64_t offset, char *buffer)
{
	size_t piece;

	for (size_t at = 0; at < length; at += piece) {
		size_t usable = 0, done = 0;
		fm_status status = usable_from(view + at, &usable);

		piece = length - at < PIECE ? length - at : PIECE;
		piece = piece < usable ? piece : usable;
		if (status >= 0)
			status = fm_read(buffer, view + at, piece, &done);
		if (!write_all(buffer, done))
			return output_failed();
		progress_update(offset + at + done);
		if (status < 0) {
			complain("reading stops at byte %s", bytes_text(offset + at + done));
			return complain_status("read", name, status);
		}
	}
	return EXIT_DONE;
}

static int copy_section(const char *name, fm_section *section, uint64_t offset, uint64_t length)
{
	char *buffer = malloc(PIECE);
	int code = EXIT_DONE;

	if (!buffer)
		out_of_memory();
	progress_start("reading", offset + length);
	while (length > 0 && code == EXIT_DONE) {
		size_t window = length < WINDOW ? (size_t)length : WINDOW;
		void *view;
		fm_status status = fm_view_map(section, FM_READ, offset, window, &view);

		if (status < 0) {
			code = complain_status("map", name, status);
			break;
		}
		code = copy_window(name, view, window, offset, buffer);
		(void)fm_view_unmap(view); /* just mapped, so it is there */
		offset += window;
		length -= window;
	}
	progress_end();
	free(buffer);
	return code;
}

static int run(const struct command *command, int argc, char **argv)
{
	uint64_t offset = 0, length = UINT64_MAX;
	const struct option_spec specs[] = {
		{ "offset", 'o', OPTION_SIZE, &offset, "BYTES", "start there instead of at 0" },
		{ "length", 'n', OPTION_SIZE, &length, "BYTES", "so many instead of all that follow" },
		{ 0 },
	};
	int first, code = options_parse(command, specs, argc, argv, 1, 1, &first);
	fm_section_info info;
	fm_section *section;
	fm_status status;

	if (code >= 0)
		return code;
	status = fm_section_open(argv[first], FM_READ, &section);
	if (status < 0)
		return complain_status("open", argv[first], status);
	status = fm_section_query(section, &info);
	if (status < 0)
		code = complain_status("query", argv[first], status);
	else if (offset > info.size || (length != UINT64_MAX && length > info.size - offset))
		code = complain("cannot read \"%s\" there: it has %s bytes; give a smaller --offset or --length",
				clean_text(argv[first]), bytes_text(info.size));
	else
		code = copy_section(argv[first], section, offset, length != UINT64_MAX ? length : info.size - offset);
	fm_section_close(section);
	return code;
}

const struct command command_cat = {
	.name = "cat",
	.operands = "NAME [--offset BYTES] [--length BYTES]",
	.summary = "Copy bytes of a section to the standard output",
	.details = "Bytes are copied by fm_read(): storage that is gone is an error and not a crash.\n",
	.run = run,
};
