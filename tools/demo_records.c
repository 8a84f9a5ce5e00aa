/* SPDX-License-Identifier: MIT */
/* Records at scattered places: each in a stripe of its own, at a random place within. */
#include <string.h>

#include "demo.h"

uint64_t record_place(uint64_t size, uint64_t seed, unsigned k)
{
	uint64_t stripe = size / RECORDS;

	return (k * stripe + mix64(mix64(seed) + k) % (stripe - RECORD_SIZE - 8) + 7) & ~(uint64_t)7;
}

static void make_record(char *record, uint64_t seed, unsigned k)
{
	for (unsigned at = 0; at < RECORD_SIZE; at += 8) {
		uint64_t word = mix64(seed * 0x100000001b3u + k * 8u + at / 8);

		memcpy(record + at, &word, 8);
	}
}

void records_write(char *view, uint64_t size, uint64_t seed)
{
	char record[RECORD_SIZE];

	for (unsigned k = 0; k < RECORDS; k++) {
		make_record(record, seed, k);
		memcpy(view + record_place(size, seed, k), record, RECORD_SIZE);
	}
}

unsigned records_check(const char *view, uint64_t size, uint64_t seed)
{
	char record[RECORD_SIZE];
	unsigned right = 0;

	for (unsigned k = 0; k < RECORDS; k++) {
		make_record(record, seed, k);
		right += memcmp(view + record_place(size, seed, k), record, RECORD_SIZE) == 0;
	}
	return right;
}

void records_remove(char *view, uint64_t size, uint64_t seed)
{
	for (unsigned k = 0; k < RECORDS; k++) {
		uint64_t place = record_place(size, seed, k);

		demo_file_fill(view + place, place, RECORD_SIZE);
	}
}
