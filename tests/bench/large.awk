# SPDX-License-Identifier: Apache-2.0
# One configuration of 20,000 sections: 120,001 lines and 2.3 MB; -v sections=N
# for others. With -v changed=1 one line in a hundred differs.
BEGIN {
	if (!sections)
		sections = 20000
	print "hostname core1"
	for (i = 1; i <= sections; i++) {
		printf "interface Ethernet%d/%d\n   description customer %d%s\n",
		    i / 48 + 1, i % 48, i, changed && i % 17 == 0 ? " moved" : ""
		printf "   mtu 9214\n   no switchport\n   ip address 10.%d.%d.1/24\n!\n",
		    i / 250, i % 250
	}
}
