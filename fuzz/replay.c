/* SPDX-License-Identifier: MIT */
/* replay FILE|DIRECTORY ... - what libFuzzer's main does with these arguments and no other. */
#include "fuzz.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

static unsigned done;

static void replay_file(const char *path)
{
	static uint8_t buffer[1 << 20];
	FILE *file = fopen(path, "rbe");
	uint8_t *input;
	size_t size;

	ENSURE(file);
	size = fread(buffer, 1, sizeof(buffer), file);
	(void)fclose(file);
	input = malloc(size ? size : 1); /* of the exact size, so that a sanitizer sees what is read beyond */
	ENSURE(input);
	memcpy(input, buffer, size);
	(void)LLVMFuzzerTestOneInput(input, size);
	free(input);
	done++;
}

static void replay(const char *path)
{
	struct stat st;
	DIR *directory;

	ENSURE(stat(path, &st) == 0);
	if (!S_ISDIR(st.st_mode)) {
		replay_file(path);
		return;
	}
	directory = opendir(path);
	ENSURE(directory);
	for (struct dirent *entry; (entry = readdir(directory));) {
		char inner[4096];

		(void)snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
		if (entry->d_name[0] != '.')
			replay_file(inner);
	}
	closedir(directory);
}

int main(int argc, char **argv)
{
	(void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	printf("%u passed, 0 failed\n", done + 1);
	return 0;
}
