# SPDX-License-Identifier: Apache-2.0
# An intended repository in directory `dir`: `n` devices behind addresses where
# nothing listens, each with a configuration of its own.
BEGIN {
	for (i = 1; i <= n; i++) {
		name = sprintf("d%05d", i)
		file = dir "/configs/" name ".cfg"
		printf "hostname %s\nip route 10.%d.%d.0/24 192.0.2.1\n", name,
		    i / 250, i % 250 > file
		close(file)
		printf "%s: { hostname: 127.9.%d.%d, port: 9, groups: [leafs], " \
		    "data: { site: dc%d } }\n", name, i / 250, i % 250 + 1, i % 20 \
		    > dir "/inventory/hosts.yaml"
	}
	print "leafs: { platform: arista_eos, data: { role: leaf } }" \
	    > dir "/inventory/groups.yaml"
}
