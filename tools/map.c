/* SPDX-License-Identifier: MIT */
/* filemap map - a file through views: checksum, and throughput beside read(2). */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure.h"

enum { WAYS = 3, PASSES_MOST = 101 };
enum way { BY_READ, BY_VIEW, BY_WINDOWS };

struct map_job {
	const char *path;
	int fd;
	fm_section *section;
	uint64_t size, window, passes;
	bool cold, json;
	uint32_t crc;
	double cached_before, cached_in_passes, crc_seconds;
	double seconds[WAYS][PASSES_MOST];
	uint64_t sum;
};

static int checksum(struct map_job *job)
{
	double started = seconds_now();

	progress_start("checksum", job->size);
	for (uint64_t at = 0; at < job->size; at += job->window) {
		size_t length = job->size - at < job->window ? (size_t)(job->size - at) : (size_t)job->window;
		void *view;
		fm_status status = fm_view_map(job->section, FM_READ, at, length, &view);

		if (status < 0)
			return complain_status("map", job->path, status);
		for (size_t done = 0; done < length; done += READ_PIECE) {
			size_t piece = length - done < READ_PIECE ? length - done : READ_PIECE;

			job->crc = crc32_add(job->crc, (const char *)view + done, piece);
			progress_update(at + done);
		}
		(void)fm_view_unmap(view); /* just mapped, so it is there */
	}
	progress_end();
	job->crc_seconds = seconds_now() - started;
	return EXIT_DONE;
}

static int one_way(struct map_job *job, enum way way, double *ret_seconds)
{
	static const char *const labels[] = { "read(2)", "one view", "windows" };
	fm_status status = FM_OK;
	uint64_t sum = 0;
	int error = 0;

	if (job->cold) {
		(void)posix_fadvise(job->fd, 0, 0, POSIX_FADV_DONTNEED); /* a wish; what it gave is measured next */
		job->cached_in_passes += cached_part(job->section, job->fd, job->size);
	}
	progress_start(labels[way], job->size);
	if (way == BY_READ)
		error = sum_by_read(job->fd, job->size, &sum, ret_seconds);
	else
		status = sum_by_views(job->section, job->size, way == BY_VIEW ? 0 : job->window, &sum, ret_seconds);
	progress_end();
	if (error < 0)
		return errno = -error, complain_errno("read", job->path);
	if (status < 0)
		return complain_status("map", job->path, status);
	if (job->sum == 0)
		job->sum = sum;
	if (job->sum != sum)
		return complain("\"%s\" changed while it was read; run it again when nobody writes to it",
				clean_text(job->path));
	return EXIT_DONE;
}

static int measure(struct map_job *job)
{
	for (uint64_t pass = 0; pass < job->passes; pass++)
		for (unsigned turn = 0; turn < WAYS; turn++) {
			enum way way = (enum way)((turn + pass) % WAYS); /* none is always first */
			int code = one_way(job, way, &job->seconds[way][pass]);

			if (code != EXIT_DONE)
				return code;
		}
	if (job->cold)
		job->cached_in_passes /= (double)(WAYS * job->passes);
	else
		job->cached_in_passes = cached_part(job->section, job->fd, job->size);
	return EXIT_DONE;
}

static const char *cached_text(double part)
{
	static char texts[2][16];
	static unsigned next;
	char *text = texts[next++ % 2];

	if (part < 0)
		return "unknown (not this user's file)";
	snprintf(text, sizeof(texts[0]), "%.0f %%", 100 * part);
	return text;
}

static const char *way_label(const struct map_job *job, enum way way)
{
	static char label[64];

	if (way == BY_VIEW)
		return "one view of the whole file";
	snprintf(label, sizeof(label), way == BY_READ ? "read(2), %s at a time" : "views of %s, one after another",
		 size_text(way == BY_READ ? READ_PIECE : job->window));
	return label;
}

static void print_text(struct map_job *job)
{
	static const char *const headings[] = { "<", ">MEDIAN", ">BEST", ">TO READ(2)" };
	struct table *table = table_new(headings, ARRAY_SIZE(headings));
	double base = median_of(job->seconds[BY_READ], job->passes);
	char ratio[16];

	printf("file      %s\n", clean_text(job->path));
	printf("size      %s (%" PRIu64 " bytes)\n", size_text(job->size), job->size);
	printf("CRC-32    %08" PRIx32 ", through views, %s\n", job->crc, rate_text(job->size, job->crc_seconds));
	printf("cached    %s before the first pass, %s %s\n\n", cached_text(job->cached_before),
	       cached_text(job->cached_in_passes), job->cold ? "before each pass, dropped on purpose" : "after the last");
	for (enum way way = BY_READ; way <= BY_WINDOWS; way++) {
		double seconds = median_of(job->seconds[way], job->passes);

		table_cell(table, way_label(job, way));
		table_cell(table, rate_text(job->size, seconds));
		table_cell(table, rate_text(job->size, job->seconds[way][0]));
		snprintf(ratio, sizeof(ratio), "%.2f x", base / seconds);
		table_cell(table, ratio);
	}
	table_print(table);
	printf("\n%" PRIu64 " pass%s of each in turn; each maps or reads all bytes and sums them. All sums are equal.\n",
	       job->passes, job->passes == 1 ? "" : "es");
}

static void print_json(struct map_job *job)
{
	static const char *const keys[] = { "read", "one_view", "windows" };
	char crc[16];

	snprintf(crc, sizeof(crc), "%08" PRIx32, job->crc);
	json_object(NULL);
	json_text("file", job->path);
	json_number("size", job->size);
	json_text("crc32", crc);
	json_number("window", job->window);
	json_number("passes", job->passes);
	json_bool("cold", job->cold);
	json_real("cached_before", job->cached_before < 0 ? (double)NAN : job->cached_before);
	json_real("cached_in_passes", job->cached_in_passes < 0 ? (double)NAN : job->cached_in_passes);
	json_object("bytes_per_second");
	for (enum way way = BY_READ; way <= BY_WINDOWS; way++)
		json_real(keys[way], (double)job->size / median_of(job->seconds[way], job->passes));
	json_end();
	json_end();
}

static int map_file(struct map_job *job)
{
	fm_section_options options = { .path = job->path, .access = FM_READ };
	fm_section_info info;
	fm_status status = fm_section_create(&options, &job->section);
	int code;

	if (status < 0) /* of a path, not of a name */
		return complain_status("map", job->path, status == FM_E_NAME_NOT_FOUND ? FM_E_NO_SUCH_FILE : status);
	job->fd = open(job->path, O_RDONLY | O_CLOEXEC);
	if (job->fd < 0)
		return complain_errno("open", job->path);
	status = fm_section_query(job->section, &info);
	if (status < 0)
		return complain_status("query", job->path, status);
	job->size = info.size;
	if (job->passes == 0)
		job->passes = job->size <= 2ull << 30 ? 5 : job->size <= 8ull << 30 ? 3 : 1;
	job->cached_before = cached_part(job->section, job->fd, job->size);
	measure_catch_cut();
	code = checksum(job);
	if (code == EXIT_DONE)
		code = measure(job);
	if (code != EXIT_DONE)
		return code;
	if (job->json)
		print_json(job);
	else
		print_text(job);
	return EXIT_DONE;
}

static int run(const struct command *command, int argc, char **argv)
{
	static struct map_job job = { .fd = -1, .window = WINDOW_DEFAULT };
	const struct option_spec specs[] = {
		{ "window", 'w', OPTION_SIZE, &job.window, "BYTES", "size of the windows (64M), a multiple of 32" },
		{ "passes", 'p', OPTION_COUNT, &job.passes, "N", "measure so often; else 5, of large files 3 or 1" },
		{ "cold", 'c', OPTION_FLAG, &job.cold, NULL, "drop the file from the cache before each pass" },
		{ "json", 'j', OPTION_FLAG, &job.json, NULL, "print JSON" },
		{ 0 },
	};
	int first, code = options_parse(command, specs, argc, argv, 1, 1, &first);

	if (code >= 0)
		return code;
	if (job.window == 0 || job.window % 32 != 0 || job.window > SIZE_MAX)
		return usage_error(command, "--window must be a multiple of 32");
	if (job.passes > PASSES_MOST)
		return usage_error(command, "--passes must be at most %d", PASSES_MOST);
	job.path = argv[first];
	code = map_file(&job);
	fm_section_close(job.section);
	if (job.fd >= 0)
		close(job.fd);
	return code;
}

const struct command command_map = {
	.name = "map",
	.operands = "FILE [OPTION ...]",
	.summary = "Map a file: size, checksum, throughput beside read(2)",
	.details = "The file is read only: through one view of all of it, through windows one after another, and by\n"
		   "read(2), in turn, several times. The CRC-32 is that of zlib, gzip and PNG.\n",
	.run = run,
};
