/* SPDX-License-Identifier: MIT */
/* CRC-32 as of zlib, gzip and PNG (eight bytes at a time), and a sum fast enough to measure memory. */
#include <string.h>

#include "tool.h"

static uint32_t crc_table[8][256];

static void make_crc_table(void)
{
	for (uint32_t byte = 0; byte < 256; byte++) {
		uint32_t crc = byte;

		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
		crc_table[0][byte] = crc;
	}
	for (size_t slice = 1; slice < 8; slice++)
		for (size_t byte = 0; byte < 256; byte++) {
			uint32_t crc = crc_table[slice - 1][byte];

			crc_table[slice][byte] = crc >> 8 ^ crc_table[0][crc & 0xff];
		}
}

static uint32_t add_eight(uint32_t crc, const unsigned char *data)
{
	uint32_t low = crc ^ ((uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 |
			      (uint32_t)data[3] << 24);

	return crc_table[7][low & 0xff] ^ crc_table[6][low >> 8 & 0xff] ^ crc_table[5][low >> 16 & 0xff] ^
	       crc_table[4][low >> 24] ^ crc_table[3][data[4]] ^ crc_table[2][data[5]] ^ crc_table[1][data[6]] ^
	       crc_table[0][data[7]];
}

uint32_t crc32_add(uint32_t crc, const void *data, size_t length)
{
	const unsigned char *at = data;

	if (crc_table[0][1] == 0)
		make_crc_table();
	crc = ~crc;
	for (; length >= 8; at += 8, length -= 8)
		crc = add_eight(crc, at);
	for (; length > 0; at++, length--)
		crc = crc >> 8 ^ crc_table[0][(crc ^ *at) & 0xff];
	return ~crc;
}

static void add_block(struct quick_sum *sum, const void *block)
{
	uint64_t words[4];

	memcpy(words, block, sizeof(words));
	for (int lane = 0; lane < 4; lane++) {
		sum->a[lane] += words[lane];
		sum->b[lane] += sum->a[lane];
	}
}

void quick_sum_add(struct quick_sum *sum, const void *data, size_t length)
{
	struct quick_sum local = *sum;
	const char *at = data;

	for (; length >= 32; at += 32, length -= 32)
		add_block(&local, at);
	if (length > 0) {
		char last[32] = { 0 };

		memcpy(last, at, length);
		add_block(&local, last);
	}
	*sum = local;
}

uint64_t quick_sum_value(const struct quick_sum *sum)
{
	uint64_t value = 0;

	for (int lane = 0; lane < 4; lane++)
		value = mix64(mix64(value + sum->a[lane]) + sum->b[lane]);
	return value;
}

uint64_t mix64(uint64_t value)
{
	value += 0x9E3779B97F4A7C15u;
	value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9u;
	value = (value ^ value >> 27) * 0x94D049BB133111EBu;
	return value ^ value >> 31;
}
