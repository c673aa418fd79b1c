"""Drives the S3 API with boto3: python3 clients.py ENDPOINT BUCKET. Prints `ok` at the end."""
import io, os, sys, hashlib
import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError
from urllib.request import urlopen, Request

endpoint, bucket = sys.argv[1:3]
def client(**kw):
    config = Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1})
    return boto3.client("s3", endpoint_url=endpoint, region_name="auto", config=config, **kw)
s3 = client()
def code(f):
    try:
        f()
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    return None
def check(found, wanted):
    assert found == wanted, f"{found!r} is not {wanted!r}"

# buckets
assert bucket in [b["Name"] for b in s3.list_buckets()["Buckets"]]
s3.head_bucket(Bucket=bucket)
check(code(lambda: s3.head_bucket(Bucket="no-such-bucket")), ("404", 404))
s3.get_bucket_location(Bucket=bucket)
s3.create_bucket(Bucket="made-by-boto")
check(code(lambda: s3.create_bucket(Bucket="made-by-boto")), ("BucketAlreadyOwnedByYou", 409))
s3.put_object(Bucket="made-by-boto", Key="a", Body=b"x")
check(code(lambda: s3.delete_bucket(Bucket="made-by-boto")), ("BucketNotEmpty", 409))
s3.delete_object(Bucket="made-by-boto", Key="a")
s3.delete_bucket(Bucket="made-by-boto")

# objects
body = bytes(range(256)) * 100
put = s3.put_object(Bucket=bucket, Key="ü/a b+c?", Body=body, ContentType="text/x", Metadata={"a": "1"}, CacheControl="no-store", ContentDisposition="inline")
check(put["ETag"].strip('"'), hashlib.md5(body).hexdigest())
got = s3.get_object(Bucket=bucket, Key="ü/a b+c?")
check(got["Body"].read(), body)
check((got["ContentType"], got["Metadata"], got["CacheControl"], got["ContentDisposition"]), ("text/x", {"a": "1"}, "no-store", "inline"))
got = s3.get_object(Bucket=bucket, Key="ü/a b+c?", Range="bytes=10-19", ResponseContentType="over/ride")
check((got["Body"].read(), got["ContentRange"], got["ContentType"], got["ResponseMetadata"]["HTTPStatusCode"]), (body[10:20], f"bytes 10-19/{len(body)}", "over/ride", 206))
check(s3.get_object(Bucket=bucket, Key="ü/a b+c?", Range="bytes=-7")["Body"].read(), body[-7:])
check(code(lambda: s3.get_object(Bucket=bucket, Key="ü/a b+c?", Range="bytes=99999999-")), ("InvalidRange", 416))
check(code(lambda: s3.get_object(Bucket=bucket, Key="nope")), ("NoSuchKey", 404))
check(code(lambda: s3.head_object(Bucket=bucket, Key="nope")), ("404", 404))
head = s3.head_object(Bucket=bucket, Key="ü/a b+c?")
check(head["ContentLength"], len(body))
check(code(lambda: s3.get_object(Bucket=bucket, Key="ü/a b+c?", IfNoneMatch=put["ETag"])), ("304", 304))
check(code(lambda: s3.get_object(Bucket=bucket, Key="ü/a b+c?", IfMatch='"nope"')), ("PreconditionFailed", 412))
check(code(lambda: s3.get_object(Bucket=bucket, Key="ü/a b+c?", IfModifiedSince=head["LastModified"])), ("304", 304))
s3.get_object(Bucket=bucket, Key="ü/a b+c?", IfUnmodifiedSince=head["LastModified"])
check(code(lambda: s3.put_object(Bucket=bucket, Key="ü/a b+c?", Body=b"", IfNoneMatch="*")), ("PreconditionFailed", 412))
check(code(lambda: s3.put_object(Bucket=bucket, Key="k" * 1025, Body=b"")), ("KeyTooLongError", 400))
check(code(lambda: s3.put_object(Bucket=bucket, Key="wrong", Body=b"x", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==")), ("BadDigest", 400))
for algorithm in ["CRC32", "SHA1", "SHA256"]:
    s3.put_object(Bucket=bucket, Key="sum", Body=b"hello", ChecksumAlgorithm=algorithm)
    check(s3.get_object(Bucket=bucket, Key="sum", ChecksumMode="ENABLED")["Body"].read(), b"hello")
check(code(lambda: s3.put_object(Bucket=bucket, Key="wrong", Body=b"x", ChecksumCRC32="AAAAAA==")), ("BadDigest", 400))
check(code(lambda: s3.put_object(Bucket=bucket, Key="wrong", Body=b"x" * 100000, ChecksumSHA256="A" * 43 + "=")), ("BadDigest", 400))
check(code(lambda: s3.head_object(Bucket=bucket, Key="wrong")), ("404", 404))

# copies
copy = {"Bucket": bucket, "Key": "ü/a b+c?"}
s3.copy_object(Bucket=bucket, Key="copy", CopySource=copy)
check(s3.head_object(Bucket=bucket, Key="copy")["Metadata"], {"a": "1"})
s3.copy_object(Bucket=bucket, Key="copy", CopySource=copy, MetadataDirective="REPLACE", Metadata={"b": "2"}, ContentType="c/d")
head = s3.head_object(Bucket=bucket, Key="copy")
check((head["Metadata"], head["ContentType"]), ({"b": "2"}, "c/d"))
check(code(lambda: s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "copy"})), ("InvalidRequest", 400))
check(code(lambda: s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "nope"})), ("NoSuchKey", 404))

# lists
for key in ["l/a", "l/b/1", "l/b/2", "l/c d", "l/z/1", "l/ü"]:
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
for operation in ["list_objects", "list_objects_v2"]:
    keys, prefixes = [], []
    for page in s3.get_paginator(operation).paginate(Bucket=bucket, Prefix="l/", Delimiter="/", PaginationConfig={"PageSize": 2}):
        keys += [o["Key"] for o in page.get("Contents", [])]
        prefixes += [p["Prefix"] for p in page.get("CommonPrefixes", [])]
    check((keys, prefixes), (["l/a", "l/c d", "l/ü"], ["l/b/", "l/z/"]))
    check([o["Key"] for o in getattr(s3, operation)(Bucket=bucket, Prefix="l/")["Contents"]], ["l/a", "l/b/1", "l/b/2", "l/c d", "l/z/1", "l/ü"])
check([o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix="l/", StartAfter="l/c d")["Contents"]], ["l/z/1", "l/ü"])
check(code(lambda: s3.list_objects_v2(Bucket=bucket, ContinuationToken="?")), ("InvalidArgument", 400))
deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "l/a"}, {"Key": "l/b/1"}, {"Key": "nope"}]})
check(len(deleted["Deleted"]), 3)

# multipart
M = 5 << 20
upload = s3.create_multipart_upload(Bucket=bucket, Key="m", Metadata={"m": "1"})["UploadId"]
parts = [s3.upload_part(Bucket=bucket, Key="m", UploadId=upload, PartNumber=n, Body=bytes([n]) * size)["ETag"] for n, size in [(1, M), (2, M)]]
s3.put_object(Bucket=bucket, Key="source", Body=b"0123456789")
parts.append(s3.upload_part_copy(Bucket=bucket, Key="m", UploadId=upload, PartNumber=3, CopySource={"Bucket": bucket, "Key": "source"}, CopySourceRange="bytes=2-5")["CopyPartResult"]["ETag"])
listed = s3.list_parts(Bucket=bucket, Key="m", UploadId=upload, MaxParts=2)
check(([p["PartNumber"] for p in listed["Parts"]], listed["IsTruncated"], listed["NextPartNumberMarker"]), ([1, 2], True, 2))
check([u["UploadId"] for u in s3.list_multipart_uploads(Bucket=bucket, Prefix="m")["Uploads"] if u["UploadId"] == upload], [upload])
def complete(numbers):
    named = {"Parts": [{"PartNumber": n, "ETag": parts[n - 1]} for n in numbers]}
    return s3.complete_multipart_upload(Bucket=bucket, Key="m", UploadId=upload, MultipartUpload=named)
check(code(lambda: complete([2, 1])), ("InvalidPartOrder", 400))
check(code(lambda: s3.complete_multipart_upload(Bucket=bucket, Key="m", UploadId="nope", MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": "x"}]})), ("NoSuchUpload", 404))
assert complete([1, 2, 3])["ETag"].endswith('-3"')
got = s3.get_object(Bucket=bucket, Key="m", Range=f"bytes={2 * M - 2}-")
check((got["Body"].read(), got["Metadata"]), (b"\x02\x022345", {"m": "1"}))
check(code(lambda: complete([1, 2, 3])), ("NoSuchUpload", 404))
for n, size, content_range in [(1, M, f"bytes 0-{M - 1}/{2 * M + 4}"), (3, 4, f"bytes {2 * M}-{2 * M + 3}/{2 * M + 4}")]:
    got = s3.get_object(Bucket=bucket, Key="m", PartNumber=n)
    check((len(got["Body"].read()), got["ContentRange"], got["PartsCount"], got["ResponseMetadata"]["HTTPStatusCode"]), (size, content_range, 3, 206))
    head = s3.head_object(Bucket=bucket, Key="m", PartNumber=n)
    check((head["ContentLength"], head["PartsCount"]), (size, 3))
check(s3.get_object(Bucket=bucket, Key="source", PartNumber=1)["Body"].read(), b"0123456789")
check(code(lambda: s3.get_object(Bucket=bucket, Key="m", PartNumber=4)), ("InvalidPartNumber", 416))
check(code(lambda: s3.get_object(Bucket=bucket, Key="m", PartNumber=0)), ("InvalidArgument", 400))
check(code(lambda: s3.get_object(Bucket=bucket, Key="m", PartNumber=1, Range="bytes=0-1")), ("InvalidRequest", 400))

# uploads under way, by a delimiter
under_way = {key: s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"] for key in ["u/a", "u/b/1", "u/b/2", "u/c", "u/d/1"]}
keys, prefixes = [], []
for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix="u/", Delimiter="/", PaginationConfig={"PageSize": 2}):
    keys += [u["Key"] for u in page.get("Uploads", [])]
    prefixes += [p["Prefix"] for p in page.get("CommonPrefixes", [])]
check((keys, prefixes), (["u/a", "u/c"], ["u/b/", "u/d/"]))
for key, upload_id in under_way.items():
    s3.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload_id)

# keys of the customer's to encrypt with
sse = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
for call in [
    lambda: s3.put_object(Bucket=bucket, Key="sse", Body=b"x", **sse),
    lambda: s3.get_object(Bucket=bucket, Key="source", **sse),
    lambda: s3.create_multipart_upload(Bucket=bucket, Key="sse", **sse),
    lambda: s3.copy_object(Bucket=bucket, Key="sse", CopySource={"Bucket": bucket, "Key": "source"}, **sse),
    lambda: s3.copy_object(Bucket=bucket, Key="sse", CopySource={"Bucket": bucket, "Key": "source"}, CopySourceSSECustomerAlgorithm="AES256", CopySourceSSECustomerKey="k" * 32),
]:
    check(code(call), ("NotImplemented", 501))
check(code(lambda: s3.head_object(Bucket=bucket, Key="source", **sse))[1], 501)
check(code(lambda: s3.head_object(Bucket=bucket, Key="sse")), ("404", 404))
small = s3.create_multipart_upload(Bucket=bucket, Key="s")["UploadId"]
etags = [s3.upload_part(Bucket=bucket, Key="s", UploadId=small, PartNumber=n, Body=b"x")["ETag"] for n in (1, 2)]
named = {"Parts": [{"PartNumber": n, "ETag": e} for n, e in zip((1, 2), etags)]}
check(code(lambda: s3.complete_multipart_upload(Bucket=bucket, Key="s", UploadId=small, MultipartUpload=named)), ("EntityTooSmall", 400))
s3.abort_multipart_upload(Bucket=bucket, Key="s", UploadId=small)
check(code(lambda: s3.abort_multipart_upload(Bucket=bucket, Key="s", UploadId="nope")), ("NoSuchUpload", 404))
data = os.urandom(17 << 20)
s3.upload_fileobj(io.BytesIO(data), bucket, "big", Config=TransferConfig(multipart_chunksize=8 << 20))
target = io.BytesIO()
s3.download_fileobj(bucket, "big", target)
check(hashlib.md5(target.getvalue()).hexdigest(), hashlib.md5(data).hexdigest())

# presigned
url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "source"})
check(urlopen(url).read(), b"0123456789")
url = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "signed"})
urlopen(Request(url, data=b"by url", method="PUT", headers={"content-type": ""}))
check(s3.get_object(Bucket=bucket, Key="signed")["Body"].read(), b"by url")

# who may not
check(code(lambda: client(aws_secret_access_key="wrong", aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"]).put_object(Bucket=bucket, Key="bad", Body=b"x")), ("SignatureDoesNotMatch", 403))
check(code(lambda: client(aws_secret_access_key="x", aws_access_key_id="nobody").put_object(Bucket=bucket, Key="bad", Body=b"x")), ("InvalidAccessKeyId", 403))
check(code(lambda: s3.head_object(Bucket=bucket, Key="bad")), ("404", 404))
reader = client(aws_access_key_id=os.environ["READ_ID"], aws_secret_access_key=os.environ["READ_SECRET"])
check(reader.get_object(Bucket=bucket, Key="source")["Body"].read(), b"0123456789")
check([b["Name"] for b in reader.list_buckets()["Buckets"]], [bucket])
check(code(lambda: reader.put_object(Bucket=bucket, Key="bad", Body=b"x")), ("AccessDenied", 403))
check(code(lambda: reader.list_objects_v2(Bucket="another-bucket")), ("AccessDenied", 403))
print("ok")
