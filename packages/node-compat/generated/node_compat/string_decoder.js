(function(){const nodeHost=__bootstrap.core.loadExtScript("ext:cellhouse_runtime/node_host.js");return nodeHost.expose("string_decoder","ext:deno_node/string_decoder.js");})()
