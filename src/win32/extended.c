/* SPDX-License-Identifier: MIT */
#include "extended.h"

static fm_status read_requirements(const MEM_ADDRESS_REQUIREMENTS *requirements, struct extended *extended)
{
	if (!requirements)
		return FM_E_ACCESS_VIOLATION;
	extended->lowest = (uintptr_t)requirements->LowestStartingAddress;
	extended->highest = (uintptr_t)requirements->HighestEndingAddress;
	extended->alignment = requirements->Alignment;
	extended->required = extended->lowest || extended->highest || extended->alignment;
	return FM_OK;
}

fm_status extended_of(const MEM_EXTENDED_PARAMETER *parameters, ULONG count, struct extended *ret_extended)
{
	struct extended extended = { 0 };
	unsigned seen = 0;
	fm_status status = count && !parameters ? FM_E_INVALID_PARAMETER : FM_OK;

	for (ULONG i = 0; i < count && !status_failed(status); i++) {
		unsigned type = (unsigned)parameters[i].Type;

		if (type >= MemExtendedParameterMax || (seen & 1u << type))
			return FM_E_INVALID_PARAMETER;
		seen |= 1u << type;
		if (type == MemExtendedParameterAddressRequirements)
			status = read_requirements(parameters[i].Pointer, &extended);
		else if (type != MemExtendedParameterNumaNode &&
			 (type != MemExtendedParameterAttributeFlags || parameters[i].ULong64))
			status = FM_E_INVALID_PARAMETER;
	}
	if (!status_failed(status))
		*ret_extended = extended;
	return status;
}
