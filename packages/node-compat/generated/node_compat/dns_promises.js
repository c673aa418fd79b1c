(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("dns/promises","ext:deno_node/dns.js","promises");})()
