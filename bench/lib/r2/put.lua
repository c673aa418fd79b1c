-- Puts 1 KiB under one of 1,000 keys in turn.
wrk.method = "PUT"
wrk.body = string.rep("0123456789abcdef", 64)
local count = 0
request = function()
	count = count + 1
	return wrk.format(nil, "/small-" .. (count % 1000))
end
