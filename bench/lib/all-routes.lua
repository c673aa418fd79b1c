-- wrk: every route of the worker in turn.
local routes = { "/plain", "/state/get", "/cache/get", "/plain", "/state/list", "/cache/set", "/plain", "/state/put", "/state/update" }
local turn = 0

function request()
  turn = turn % #routes + 1
  return wrk.format("GET", routes[turn])
end
