//! The rules of HTTP by tables: what is kept, which headers of it, and what of it answers a request.

use std::time::UNIX_EPOCH;

use http::HeaderMap;
use http::header::{AUTHORIZATION, ETAG, RANGE};

use super::super::conditions::{self, Selected};
use super::super::freshness;
use super::{START, headers};

/// Status and headers of a response, and for how many seconds it is kept.
type Case<'a> = (u16, Vec<(&'a str, &'a str)>, u64);

#[test]
fn what_is_kept_and_for_how_long() {
    let in_a_minute = "Tue, 13 Sep 2022 12:01:00 GMT";
    let a_minute_ago = "Tue, 13 Sep 2022 11:59:00 GMT";
    let ten_minutes_ago = "Tue, 13 Sep 2022 11:50:00 GMT";
    let cc = |text| vec![("cache-control", text)];
    let cases: Vec<Case<'_>> = vec![
        (200, vec![], 0),
        (200, cc("max-age=10"), 10),
        (200, cc("MAX-AGE=10"), 10),
        (200, cc("s-maxage=100, max-age=0"), 100),
        (200, cc("s-maxage=0, max-age=100"), 0),
        (200, cc("max-age=100, no-cache"), 0),
        (200, cc("max-age=100, no-store"), 0),
        (200, cc("max-age=100, private"), 0),
        (200, cc("max-age=100, must-revalidate"), 100),
        (200, cc("public"), 0),
        (200, cc("immutable"), 86_400),
        // Cloudflare: "not supported when using cache.put or cache.match".
        (200, cc("max-age=0, stale-while-revalidate=60"), 0),
        (200, cc("max-age=5, stale-if-error=60"), 5),
        (200, vec![("cache-control", "max-age=9"), ("age", "4")], 5),
        (200, vec![("cache-control", "max-age=9"), ("age", "9")], 0),
        (200, vec![("expires", in_a_minute)], 60),
        (200, vec![("expires", a_minute_ago)], 0),
        (200, vec![("expires", "0")], 0),
        (
            200,
            vec![("expires", in_a_minute), ("date", a_minute_ago)],
            120,
        ),
        (
            200,
            vec![("expires", in_a_minute), ("pragma", "no-cache")],
            0,
        ),
        (
            200,
            vec![("expires", in_a_minute), ("cache-control", "max-age=0")],
            0,
        ),
        (200, vec![("last-modified", ten_minutes_ago)], 60),
        (302, vec![("last-modified", ten_minutes_ago)], 0),
        (302, cc("max-age=10"), 10),
        (404, cc("max-age=10"), 10),
        (500, cc("max-age=10"), 0),
        (201, cc("max-age=10"), 0),
        (206, cc("max-age=10"), 0),
        (
            200,
            vec![("cache-control", "max-age=10"), ("set-cookie", "a=1")],
            0,
        ),
        (
            200,
            vec![
                ("cache-control", "private=set-cookie, max-age=10"),
                ("set-cookie", "a=1"),
            ],
            10,
        ),
        (
            200,
            vec![
                ("cache-control", "private=\"x-a\", max-age=10"),
                ("x-a", "1"),
            ],
            0,
        ),
    ];
    for (status, list, seconds) in cases {
        let keep = freshness::keep(
            &HeaderMap::new(),
            status,
            &headers(&list),
            UNIX_EPOCH + START,
        );
        let ttl = keep.map_or(0, |keep| keep.ttl.as_secs());
        assert_eq!(ttl, seconds, "{status} {list:?}");
    }
}

#[test]
fn an_authorized_answer_is_kept_only_if_it_says_so() {
    let request = headers(&[(AUTHORIZATION.as_str(), "Basic x")]);
    for (directives, kept) in [
        ("max-age=10", false),
        ("public, max-age=10", true),
        ("s-maxage=10", true),
        ("must-revalidate, max-age=10", true),
    ] {
        let response = headers(&[("cache-control", directives)]);
        let keep = freshness::keep(&request, 200, &response, UNIX_EPOCH + START);
        assert_eq!(keep.is_some(), kept, "{directives}");
    }
}

#[test]
fn headers_of_the_connection_and_private_cookies_are_left_out() {
    let response = headers(&[
        ("cache-control", "Private=Set-Cookie, max-age=10"),
        ("set-cookie", "a=1"),
        ("connection", "x-a, close"),
        ("x-a", "1"),
        ("x-b", "1"),
        ("x-b", "2"),
        ("keep-alive", "1"),
        ("transfer-encoding", "chunked"),
        ("age", "1"),
    ]);
    let keep = freshness::keep(&HeaderMap::new(), 200, &response, UNIX_EPOCH + START);
    let keep = keep.expect("it may be kept");
    let expected = headers(&[
        ("x-b", "1"),
        ("x-b", "2"),
        ("cache-control", "max-age=10"),
        ("date", "Tue, 13 Sep 2022 12:00:00 GMT"),
    ]);
    assert_eq!((keep.age, keep.headers), (1, expected));
}

#[test]
fn ranges() {
    let part = |range| Selected::Part(range);
    for (range, expected) in [
        ("bytes=0-", part(0..10)),
        ("bytes=2-4", part(2..5)),
        ("bytes=9-20", part(9..10)),
        ("bytes=-3", part(7..10)),
        ("Bytes = 2 - 4", part(2..5)),
        ("bytes=0-99999999999999999999999", part(0..10)),
        ("bytes=-0", Selected::Whole),
        ("bytes=-10", Selected::Whole),
        ("bytes=-11", Selected::Whole),
        ("bytes=", Selected::Whole),
        ("bytes=0-1,4-5", Selected::Whole),
        ("bytes=10-", Selected::NoSuchPart),
        ("bytes=5-2", Selected::NoSuchPart),
        ("bytes=0-1,20-", Selected::NoSuchPart),
        ("bytes=abc", Selected::NoSuchPart),
        ("bytes=+1-2", Selected::NoSuchPart),
        ("items=0-1", Selected::NoSuchPart),
    ] {
        let request = headers(&[(RANGE.as_str(), range)]);
        let selected = conditions::select(&request, 200, &HeaderMap::new(), 10);
        assert_eq!(selected, expected, "{range}");
    }
    let request = headers(&[(RANGE.as_str(), "bytes=0-")]);
    let of = |status, stored: &[(&str, &str)], length| {
        conditions::select(&request, status, &headers(stored), length)
    };
    assert_eq!(of(200, &[], 0), Selected::NoSuchPart);
    assert_eq!(of(404, &[], 10), Selected::Whole);
    assert_eq!(
        of(200, &[("content-encoding", "gzip")], 10),
        Selected::Whole
    );
}

#[test]
fn conditions_of_a_request() {
    let stored = headers(&[
        (ETAG.as_str(), "\"v1\""),
        ("last-modified", "Tue, 13 Sep 2022 12:00:00 GMT"),
    ]);
    let range = ("range", "bytes=1-2");
    let part = || Selected::Part(1..3);
    for (list, expected) in [
        (vec![("if-none-match", "\"v1\"")], Selected::NotModified),
        (vec![("if-none-match", "W/\"v1\"")], Selected::NotModified),
        (
            vec![("if-none-match", "\"a,\", \"v1\"")],
            Selected::NotModified,
        ),
        (vec![("if-none-match", " * ")], Selected::NotModified),
        (vec![("if-none-match", "v1")], Selected::Whole),
        (vec![("if-none-match", "\"v2\"")], Selected::Whole),
        (
            vec![("if-modified-since", "Tue, 13 Sep 2022 12:00:00 GMT")],
            Selected::NotModified,
        ),
        (
            vec![("if-modified-since", "Tue, 13 Sep 2022 11:59:59 GMT")],
            Selected::Whole,
        ),
        (vec![("if-modified-since", "2022-09-14")], Selected::Whole),
        // The tag decides where there is one.
        (
            vec![
                ("if-none-match", "\"v2\""),
                ("if-modified-since", "Tue, 13 Sep 2022 12:00:00 GMT"),
            ],
            Selected::Whole,
        ),
        (
            vec![range, ("if-none-match", "\"v1\"")],
            Selected::NotModified,
        ),
        (vec![range, ("if-range", "\"v1\"")], part()),
        (vec![range, ("if-range", "\"v2\"")], Selected::Whole),
        (vec![range, ("if-range", "W/\"v1\"")], Selected::Whole),
        (
            vec![range, ("if-range", "Tue, 13 Sep 2022 12:00:00 GMT")],
            part(),
        ),
        (
            vec![range, ("if-range", "Tue, 13 Sep 2022 13:00:00 GMT")],
            Selected::Whole,
        ),
    ] {
        let selected = conditions::select(&headers(&list), 200, &stored, 10);
        assert_eq!(selected, expected, "{list:?}");
        assert_eq!(
            conditions::select(&headers(&list), 404, &stored, 10),
            Selected::Whole
        );
    }
}
