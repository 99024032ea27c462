# SPDX-License-Identifier: Apache-2.0
# The configuration of every benchmark switch: 961 lines, which the lab shows
# as about 1,200 lines and 28 kB.
BEGIN {
	print "aaa authorization exec default local"
	print "username admin privilege 15 role network-admin secret admin"
	print "ip name-server 192.0.2.53"
	for (i = 10; i < 110; i++)
		printf "vlan %d\n   name segment-%d\n", i, i
	for (i = 1; i <= 128; i++)
		printf "interface Ethernet%d\n   description server %d in rack %d\n" \
		    "   switchport access vlan %d\n   spanning-tree portfast\n",
		    i, i, i / 4, 10 + i % 100
	print "interface Management1\n   ip address 192.168.0.1/16"
	print "ip access-list MANAGEMENT"
	for (i = 1; i <= 120; i++)
		printf "   %d permit tcp 10.%d.%d.0/24 any eq ssh\n", i * 10, i, i
	print "ip prefix-list CUSTOMERS"
	for (i = 1; i <= 120; i++)
		printf "   seq %d permit 100.%d.0.0/16 le 24\n", i * 10, i
	print "ip route 0.0.0.0/0 192.168.0.254\nip routing"
}
