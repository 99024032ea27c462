# SPDX-License-Identifier: Apache-2.0
# One configuration of 120,001 lines and 2.3 MB; with -v changed=1 it differs
# in 50 of its 20,000 sections.
BEGIN {
	print "hostname core1"
	for (i = 1; i <= 20000; i++) {
		printf "interface Ethernet%d/%d\n   description customer %d%s\n",
		    i / 48 + 1, i % 48, i, changed && i % 400 == 0 ? " moved" : ""
		printf "   mtu 9214\n   no switchport\n   ip address 10.%d.%d.1/24\n!\n",
		    i / 250, i % 250
	}
}
