/* SPDX-License-Identifier: MIT */
/* What descriptors from text come to: permission bits, or a refusal. */
#include <sddl.h>

#include "check.h"
#include "port.h"

static fm_status mode_of(const char *text, bool named, uint32_t *ret_mode)
{
	PSECURITY_DESCRIPTOR descriptor = NULL;
	struct acl acl;
	bool sealed;
	fm_status status;

	REQUIRE(ConvertStringSecurityDescriptorToSecurityDescriptorA(text, SDDL_REVISION_1, &descriptor, NULL));
	status = fm_internal_security_acl(descriptor, SECURED_SECTION, named, &acl, &sealed);
	*ret_mode = acl.mode;
	LocalFree(descriptor);
	return status;
}

TEST(texts_that_can_be_expressed)
{
	static const struct { const char *text; uint32_t mode; } cases[] = {
		{ "O:SY", 0 }, { "D:NO_ACCESS_CONTROL", 0666 }, { "D:(A;;GA;;;WD)", 0666 },
		{ "D:P(A;OICI;GA;;;SY)(A;OICI;GA;;;BA)(A;OICI;GA;;;WD)", 0666 }, { "D:(A;;GA;;;CO)", 0600 },
		{ "D:(A;;GA;;;OW)(A;;GR;;;WD)", 0644 }, { "D:(A;;GA;;;CO)(A;OICIIO;GA;;;WD)", 0600 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t mode = 1;

		check_row("%s", cases[i].text);
		CHECK_EQ(mode_of(cases[i].text, true, &mode), FM_OK);
		CHECK_EQ(mode, cases[i].mode);
	}
}

TEST(texts_that_cannot)
{
	static const char *const cases[] = {
		"D:", "D:(D;;GA;;;WD)(A;;GA;;;CO)", "D:(A;;GA;;;CO)(A;;GA;;;BU)", "D:(A;;GW;;;WD)(A;;GA;;;CO)",
		"D:(A;;GA;;;S-1-5-21-1-2-3-1001)", "D:(A;;GR;;;CO)",
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t mode;

		check_row("%s", cases[i]);
		CHECK_EQ(mode_of(cases[i], true, &mode), FM_E_NOT_SUPPORTED);
	}
}

TEST(texts_that_no_descriptor_says)
{
	static const char *const cases[] = {
		"S:(AU;SAFA;GA;;;WD)", "S:(ML;;NW;;;LW)", "D:(OA;;GA;;;WD)", "D:(XA;;GA;;;WD;(a==1))",
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		PSECURITY_DESCRIPTOR descriptor = NULL;

		check_row("%s", cases[i]);
		SetLastError(0);
		CHECK(!ConvertStringSecurityDescriptorToSecurityDescriptorA(cases[i], 1, &descriptor, NULL));
		CHECK_EQ(GetLastError(), ERROR_NOT_SUPPORTED);
		CHECK(descriptor == NULL);
	}
}

TEST(user_by_number_is_the_owner)
{
	char text[64];
	uint32_t mode = 0;

	snprintf(text, sizeof(text), "D:(A;;GA;;;S-1-22-1-%u)", (unsigned)os_uid());
	CHECK_EQ(mode_of(text, true, &mode), FM_OK);
	CHECK_EQ(mode, 0600);
}
