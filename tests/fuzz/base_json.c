/* SPDX-License-Identifier: Apache-2.0 */
#include "base_doc.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	parse_with_both_limits(doc_parse_json, data, size);
	return 0;
}
